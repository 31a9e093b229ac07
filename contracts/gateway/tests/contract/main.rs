//! The contract's tests on a simulated chain, one file per verb. They see only messages, queries and events.

mod callback;
mod claim;
mod expire;
mod nodes;
mod projects;
mod publish;
mod queries;
mod request;
mod settings;
mod strangers;
mod tick;
mod world;
