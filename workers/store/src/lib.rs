//! The database of a daemon: entities, migrations and repositories. All SQL of the product lives here.
//!
//! Callers see typed rows and repositories, never an entity or a query. Every write goes through a [`Work`]: a transaction that
//! moves the height cursor together with the work it stands for. This crate connects to no chain and knows no rule of the
//! protocol.

mod backup;
mod claim;
mod convert;
mod entity;
mod error;
mod fence;
mod lock;
mod migration;
mod mode;
mod outbox_store;
mod repo;
mod sqlite;
mod store;
mod tally;

pub use backup::Restored;
pub use claim::{Claim, Owner};
pub use error::{Result, StoreError};
pub use mode::{Mode, Read, Write};
pub use repo::abstentions::{AbstentionRow, Abstentions};
pub use repo::attestations::{AttestationRow, Attestations, Inserted};
pub use repo::bodies::Bodies;
pub use repo::conduct::{Conduct, CountedResult, Counting, EpochConduct, NodeConduct, SeenNode};
pub use repo::cursor::Cursors;
pub use repo::events::{EventFilter, EventRow, Events, NewEvent};
pub use repo::gaps::{Gap, GapKind, Gaps};
pub use repo::jobs::{JobRow, JobState, Jobs};
pub use repo::nodes::Nodes;
pub use repo::outbox::OutboxRows;
pub use repo::received::{Order, Received, ReceivedRow, ReceivedState};
pub use repo::requests::{PublicationMark, RequestFilter, RequestRow, Requests};
pub use repo::results::Results;
pub use repo::retention::Retention;
pub use repo::spending::Spending;
pub use repo::sponsored::{Sponsored, SponsoredRow};
pub use repo::statistics::{RequestCount, Statistics};
pub use store::{Store, Work};

#[cfg(test)]
mod tests;
