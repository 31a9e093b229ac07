//! What the contract keeps, one file per noun. State knows no messages and emits no events.

pub(crate) mod archway;
pub(crate) mod codec;
pub(crate) mod counter;
pub(crate) mod engines;
pub(crate) mod governance;
pub(crate) mod ledger;
pub(crate) mod legacy;
pub(crate) mod nodes;
pub(crate) mod participation;
pub(crate) mod projects;
pub(crate) mod requests;
pub(crate) mod results;
pub(crate) mod schedules;
pub(crate) mod secrets;
pub(crate) mod subscriptions;
pub(crate) mod tallies;
pub(crate) mod vec_map;
