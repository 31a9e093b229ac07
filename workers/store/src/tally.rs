//! What a unit of work adds to the sums that the database maintains, so that querying them reads only a few rows.
//!
//! Sums are written last, right before the commit, and in a fixed order: a unit of work that has locked such a row waits for no
//! other, so two of them never deadlock over sums.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::entity::{conduct, epoch_result, request_count};
use crate::error::{During, Result};

/// Additions of one unit of work.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Sums>);

#[derive(Debug, Default)]
struct Sums {
    /// Requests by status.
    requests: BTreeMap<&'static str, i64>,
    /// Results by epoch, and the expected seats per unit in them, in millionths.
    epochs: BTreeMap<i64, (i64, i64)>,
    /// A node's conduct in an epoch.
    nodes: BTreeMap<(i64, i64), Seen>,
}

/// A node's conduct.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Results that it attested to.
    pub(crate) results: i64,
    /// Those of them that its outcome agreed with.
    pub(crate) agreeing: i64,
    /// Seats that it attested with.
    pub(crate) seats: i64,
}

impl Tally {
    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to the number of requests of a status; subtracts if `number` is negative.
    pub(crate) fn requests(&self, status: &'static str, number: i64) {
        *self.sums().requests.entry(status).or_default() += number;
    }

    /// Adds a result of an epoch with the expected seats per unit, in millionths.
    pub(crate) fn result(&self, epoch: i64, expected: i64) {
        let mut sums = self.sums();
        let (results, seats) = sums.epochs.entry(epoch).or_default();
        *results += 1;
        *seats += expected;
    }

    /// Adds a node's conduct in a result of an epoch.
    pub(crate) fn seen(&self, epoch: i64, node: i64, agrees: bool, seats: i64) {
        let mut sums = self.sums();
        let seen = sums.nodes.entry((epoch, node)).or_default();
        seen.results += 1;
        seen.agreeing += i64::from(agrees);
        seen.seats += seats;
    }

    /// Writes all additions.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub(crate) async fn write(&self, db: &impl ConnectionTrait) -> Result<()> {
        let Sums { requests, epochs, nodes } = std::mem::take(&mut *self.sums());
        for (status, number) in requests.into_iter().filter(|(_, number)| *number != 0) {
            let column = request_count::Column::Number;
            request_count::Entity::update_many()
                .col_expr(column, Expr::col(column).add(number))
                .filter(request_count::Column::Status.eq(status))
                .exec(db)
                .await
                .during("count requests")?;
        }
        for (epoch, (results, expected)) in epochs {
            use epoch_result::{ActiveModel, Column, Entity};
            let model = ActiveModel { epoch: Set(epoch), results: Set(results), expected: Set(expected) };
            let add = |column: Column, number: i64| (column, Expr::col((Entity, column)).add(number));
            let sums = [add(Column::Results, results), add(Column::Expected, expected)];
            Entity::insert(model)
                .on_conflict(OnConflict::column(Column::Epoch).values(sums).to_owned())
                .exec_without_returning(db)
                .await
                .during("count an epoch's results")?;
        }
        for ((epoch, node), Seen { results, agreeing, seats }) in nodes {
            use conduct::{ActiveModel, Column, Entity};
            let (epoch, node) = (Set(epoch), Set(node));
            let model = ActiveModel {
                epoch,
                node,
                results: Set(results),
                agreeing: Set(agreeing),
                seats: Set(seats),
            };
            let add = |column: Column, number: i64| (column, Expr::col((Entity, column)).add(number));
            let sums =
                [add(Column::Results, results), add(Column::Agreeing, agreeing), add(Column::Seats, seats)];
            Entity::insert(model)
                .on_conflict(OnConflict::columns([Column::Epoch, Column::Node]).values(sums).to_owned())
                .exec_without_returning(db)
                .await
                .during("count what was seen of a node")?;
        }
        Ok(())
    }
}
