//! The relay: receives and queues requests, collects attestations, publishes results.
