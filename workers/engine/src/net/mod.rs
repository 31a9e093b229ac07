//! Outgoing connections on behalf of strangers: which addresses may be reached, and a client that cannot be
//! tricked into reaching others.

mod address;
mod client;

pub(crate) use client::{Guard, GuardError, guarded_client, read_bounded, send};
