//! The relay: follows the chain, collects attestations, detects agreement, publishes results, and serves HTTP to nodes
//! and users.
//!
//! The database is its queue: killed at any instant, it resumes where it was. It has no authority: the contract verifies what
//! it publishes, and another relay doing the same work is harmless.

#![allow(
    clippy::result_large_err,
    reason = "a problem document is made once for a refused call, never in a loop"
)]

mod agreement;
mod batches;
mod beacon;
mod beacon_state;
mod config;
mod context;
mod error;
mod feed;
mod fees;
mod gathering;
mod http;
mod intake;
mod mirror;
mod mirror_cache;
mod openings;
mod orders;
mod publication;
mod publisher;
mod receiver;
mod round_tickets;
mod service;
mod sponsor;
mod verify;

pub use config::{PublishConfig, RelayConfig};
pub use error::RelayError;
pub use feed::FeedEvent;
pub use http::{
    AbstentionReceipt, AbstentionView, Accepted, AgreementView, AttestationAnswer, AttestationAnswers,
    AttestationView, Broadcast, ConductView, DifferenceView, EpochView, EpochsView, EvidenceView,
    ExplanationView, HistoryView, HolderView, LatencyView, MissingView, Receipt, ReceivedView, RequestView,
    RoundTicketReceipt, SideView, StatisticsView, StepView, TicketReceipt, openapi,
};
pub use service::run;

#[cfg(test)]
mod tests;
