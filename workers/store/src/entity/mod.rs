//! One entity per table. Private to this crate: callers see the rows of `repo`.
#![allow(unreachable_pub, reason = "the entity derives need and emit public items")]

pub mod abstention;
pub mod attestation;
pub mod binding;
pub mod body;
pub mod conduct;
pub mod counted;
pub mod cursor;
pub mod epoch_result;
pub mod event;
pub mod gap;
pub mod job;
pub mod node;
pub mod outbox;
pub mod outbox_tx;
pub mod received;
pub mod request;
pub mod request_count;
pub mod result;
pub mod spending;
pub mod sponsored;
