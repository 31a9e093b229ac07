//! The chain edge: blocks by height, typed events, queries and the transaction outbox.
