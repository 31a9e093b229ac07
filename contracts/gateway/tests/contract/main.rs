//! The contract's tests on a simulated chain, one file per verb. They see only messages, queries and events.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod archway;
mod attest;
mod attestations;
mod batches;
mod beacon;
mod callback;
mod claim;
mod crafted;
mod depth;
mod dissent;
mod docs;
mod docs_world;
mod engines;
mod evidence;
mod expire;
mod halt;
mod keepers;
mod large;
mod life;
mod model;
mod node_accounts;
mod nodes;
mod overrides;
mod pages;
mod projects;
mod publish;
mod queries;
mod quiet;
mod refund;
mod request;
mod rewards;
mod rogue;
mod schedules;
mod secrets;
mod settings;
mod shapes;
mod silence;
mod stake;
mod steering;
mod strangers;
mod subject;
mod subscriptions;
mod sweep;
mod tick;
mod transfer;
mod upgrade;
mod values;
mod world;
