//! The node's tasks together, on a real database, against an in-memory contract and a relay on loopback.

mod beacon;
mod draws;
mod encryption_key;
mod fallback_submission;
mod faults;
mod fixture;
mod flow;
mod key_guard;
mod private_code;
mod pure;
mod recovery;
mod resend;
mod round_tickets;
mod sealed_secrets;
