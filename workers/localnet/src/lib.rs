//! A whole Gateway network on loopback: a chain, and relay, nodes and global as child processes.
//!
//! The demo and the end-to-end tests are both written against [`Localnet`]. It starts the same binary with the same
//! configuration files that an operator would, and takes no short cut into a daemon; it must never be used for anything but
//! development: on a chain made for it, its keys are derived from public names.

mod account;
pub mod chain;
mod client;
mod config_files;
mod daemon;
mod deploy;
mod error;
mod fault_proxy;
mod lifecycle;
mod network;
mod ports;
mod projects;
mod reading;
mod requests;
mod schedules;
mod wait;

pub use account::DevAccount;
pub use chain::{ChainKind, LocalChain, OTHER_DENOM};
pub use daemon::Daemon;
pub use error::LocalnetError;
pub use fault_proxy::{Fault, FaultProxy};
pub use network::{Localnet, LocalnetConfig};
pub use projects::{Project, example};
pub use reading::Reading;
pub use requests::RequestTicket;
pub use schedules::{Firing, Firings};
