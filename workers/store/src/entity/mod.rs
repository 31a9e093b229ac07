//! One entity a table. Private to this crate: callers see the rows of `repo`.
#![allow(unreachable_pub, reason = "the entity derives need and emit public items")]

pub mod abstention;
pub mod attestation;
pub mod binding;
pub mod body;
pub mod cursor;
pub mod event;
pub mod job;
pub mod node;
pub mod outbox;
pub mod outbox_tx;
pub mod received;
pub mod request;
pub mod result;
pub mod spending;
pub mod sponsored;
