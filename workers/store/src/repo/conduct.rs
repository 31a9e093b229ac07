//! Nodes' conduct by epoch: the results that they attested to, whether they agreed, and the expected seats. Each result is
//! counted once, whatever becomes of its row.

use std::collections::BTreeMap;

use gateway_api::{Epoch, NodeId, RequestId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseExecutor, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::{from_db, to_db};
use crate::entity::{conduct, counted, epoch_result};
use crate::error::{During, Result};
use crate::mode::{Mode, repository};
use crate::repo::ROWS;
use crate::tally::Tally;

/// Most epochs per answer.
const MAX_EPOCHS: u64 = 30;

/// A result as it enters the sums by epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedResult {
    /// The request.
    pub request: RequestId,
    /// The epoch whose units drew it.
    pub epoch: Epoch,
    /// Expected seats per unit, in millionths.
    pub expected: u64,
    /// The nodes that attested to it.
    pub nodes: Vec<SeenNode>,
}

/// A node that attested to a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenNode {
    /// The node.
    pub node: NodeId,
    /// Its seats at the attempt of the agreement.
    pub seats: u32,
    /// Whether its outcome equals the result's.
    pub agrees: bool,
}

/// An epoch's sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochConduct {
    /// The epoch.
    pub epoch: Epoch,
    /// Results of requests that it drew.
    pub results: u64,
    /// Expected seats per unit in them, in millionths.
    pub expected: u64,
    /// Nodes that attested to any of them, by id.
    pub nodes: Vec<NodeConduct>,
}

/// A node's conduct in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeConduct {
    /// The node.
    pub node: NodeId,
    /// Results that it attested to.
    pub results: u64,
    /// Those of them that its outcome agreed with.
    pub agreeing: u64,
    /// Seats that it attested with.
    pub seats: u64,
}

repository! {
    /// Conduct of nodes.
    Conduct
}

impl<M: Mode> Conduct<'_, M> {
    /// Returns the epochs below `before` that have results, the newest first, at most `limit` (capped at 30), by the primary
    /// keys of two small tables.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn epochs(&self, before: Option<Epoch>, limit: u64) -> Result<Vec<EpochConduct>> {
        let mut query = epoch_result::Entity::find();
        if let Some(before) = before {
            query = query.filter(epoch_result::Column::Epoch.lt(to_db("epoch", before.get())?));
        }
        let query = query.order_by_desc(epoch_result::Column::Epoch).limit(limit.min(MAX_EPOCHS));
        let rows = query.all(&self.db).await.during("list epochs")?;
        let seen = conduct::Entity::find()
            .filter(conduct::Column::Epoch.is_in(rows.iter().map(|row| row.epoch)))
            .order_by_asc(conduct::Column::Node)
            .all(&self.db)
            .await
            .during("list what was seen of nodes")?;
        let mut nodes: BTreeMap<i64, Vec<NodeConduct>> = BTreeMap::new();
        for model in seen {
            nodes.entry(model.epoch).or_default().push(node(model)?);
        }
        let epoch = |row: epoch_result::Model| {
            Ok(EpochConduct {
                epoch: Epoch(from_db("epoch", row.epoch)?),
                results: from_db("epoch's results", row.results)?,
                expected: from_db("epoch's expected seats", row.expected)?,
                nodes: nodes.remove(&row.epoch).unwrap_or_default(),
            })
        };
        rows.into_iter().map(epoch).collect()
    }
}

fn node(model: conduct::Model) -> Result<NodeConduct> {
    Ok(NodeConduct {
        node: NodeId(from_db("node", model.node)?),
        results: from_db("node's results", model.results)?,
        agreeing: from_db("node's results", model.agreeing)?,
        seats: from_db("node's seats", model.seats)?,
    })
}

/// Counts results in a unit of work.
pub struct Counting<'a> {
    db: DatabaseExecutor<'a>,
    tally: &'a Tally,
}

impl<'a> Counting<'a> {
    pub(crate) fn new(db: impl Into<DatabaseExecutor<'a>>, tally: &'a Tally) -> Self {
        Self { db: db.into(), tally }
    }

    /// Adds results to the sums, except those already counted.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Range`].
    pub async fn add(&self, mut results: Vec<CountedResult>) -> Result<()> {
        // In one order everywhere: two units of work that wait for each other's rows would not end.
        results.sort_by_key(|result| result.request);
        results.dedup_by_key(|result| result.request);
        for results in results.chunks(ROWS) {
            let mut models = Vec::with_capacity(results.len());
            for result in results {
                models.push(counted::ActiveModel { request: Set(to_db("request", result.request.get())?) });
            }
            let new = counted::Entity::insert_many(models)
                .on_conflict(OnConflict::column(counted::Column::Request).do_nothing().to_owned())
                .exec_with_returning_keys(&self.db)
                .await
                .during("count results")?;
            for result in results {
                if new.contains(&to_db("request", result.request.get())?) {
                    self.tally(result)?;
                }
            }
        }
        Ok(())
    }

    fn tally(&self, result: &CountedResult) -> Result<()> {
        let epoch = to_db("epoch", result.epoch.get())?;
        self.tally.result(epoch, to_db("expected seats", result.expected)?);
        for SeenNode { node, seats, agrees } in &result.nodes {
            self.tally.seen(epoch, node.get().into(), *agrees, (*seats).into());
        }
        Ok(())
    }
}
