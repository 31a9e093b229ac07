//! Messages on their way into transactions, and the transactions that contain them.
//!
//! The rows belong to the outbox of the chain edge; this repository lets a unit of work queue a message in the very transaction
//! that makes it necessary.

use std::collections::BTreeMap;

use gateway_chain::Coin;
use gateway_chain::outbox::{ItemState, NewItem, OutboxItem, OutboxTx, TxEnd};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    TryInsertResult,
};

use crate::convert::{from_db, from_json, now_ms, to_db, to_json};
use crate::entity::{outbox, outbox_tx};
use crate::error::{During, Result, StoreError};
use crate::mode::{Mode, Write, repository};

repository! {
    /// The outbox's rows.
    OutboxRows
}

const fn name(state: ItemState) -> &'static str {
    match state {
        ItemState::Queued => "queued",
        ItemState::Signed => "signed",
        ItemState::Done => "done",
        ItemState::Failed => "failed",
    }
}

fn state(text: &str) -> Result<ItemState> {
    match text {
        "queued" => Ok(ItemState::Queued),
        "signed" => Ok(ItemState::Signed),
        "done" => Ok(ItemState::Done),
        "failed" => Ok(ItemState::Failed),
        _ => Err(StoreError::corrupt("outbox item's state", format!("{text:?} is none"))),
    }
}

fn item(model: outbox::Model) -> Result<OutboxItem> {
    Ok(OutboxItem {
        id: model.id,
        key: model.key,
        msg: model.msg,
        funds: from_json::<Vec<Coin>>("outbox item's funds", &model.funds)?,
        reserved_gas: from_db("outbox item's reserved gas", model.reserved_gas)?,
        state: state(&model.state)?,
        tx_hash: model.tx_hash,
        height: model.height.map(|h| from_db("outbox item's height", h)).transpose()?,
        attempts: from_db("outbox item's attempts", model.attempts)?,
        error: model.error,
        created_ms: model.created_ms,
    })
}

fn transaction(model: outbox_tx::Model) -> Result<OutboxTx> {
    Ok(OutboxTx {
        hash: model.hash,
        bytes: model.bytes,
        sequence: from_db("transaction's sequence", model.sequence)?,
        signed_height: from_db("transaction's height", model.signed_height)?,
        timeout_height: from_db("transaction's time-out", model.timeout_height)?,
        items: from_json("transaction's items", &model.items)?,
    })
}

impl<M: Mode> OutboxRows<'_, M> {
    /// Returns an item by its id.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn item(&self, id: i64) -> Result<Option<OutboxItem>> {
        let found = outbox::Entity::find_by_id(id).one(&self.db).await.during("read an outbox item")?;
        found.map(item).transpose()
    }

    /// Returns items by their ids, in the given order; missing ones are left out. At most 1000 ids.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn items(&self, ids: &[i64]) -> Result<Vec<OutboxItem>> {
        let query = outbox::Entity::find().filter(outbox::Column::Id.is_in(ids.iter().copied()));
        let rows = query.all(&self.db).await.during("read outbox items")?;
        let mut found = rows.into_iter().map(item).collect::<Result<Vec<_>>>()?;
        let place: BTreeMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        found.sort_by_key(|item| place.get(&item.id).copied());
        Ok(found)
    }

    /// Returns the states of items, with the heights of their blocks and their errors, by their ids. At most 1000 ids.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn standing(
        &self,
        ids: &[i64],
    ) -> Result<BTreeMap<i64, (ItemState, Option<u64>, Option<String>)>> {
        let rows: Vec<(i64, String, Option<i64>, Option<String>)> = outbox::Entity::find()
            .select_only()
            .columns([
                outbox::Column::Id,
                outbox::Column::State,
                outbox::Column::Height,
                outbox::Column::Error,
            ])
            .filter(outbox::Column::Id.is_in(ids.iter().copied()))
            .into_tuple()
            .all(&self.db)
            .await
            .during("read where outbox items stand")?;
        let mut standing = BTreeMap::new();
        for (id, name, height, error) in rows {
            let height = height.map(|height| from_db("outbox item's height", height)).transpose()?;
            standing.insert(id, (state(&name)?, height, error));
        }
        Ok(standing)
    }

    /// Returns an item by its key.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn by_key(&self, key: &str) -> Result<Option<OutboxItem>> {
        let query = outbox::Entity::find().filter(outbox::Column::Key.eq(key));
        query.one(&self.db).await.during("find an outbox item")?.map(item).transpose()
    }

    /// Returns the number of unsettled items: what the outbox still has to do.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn depth(&self) -> Result<u64> {
        outbox::Entity::find()
            .filter(outbox::Column::State.is_in(["queued", "signed"]))
            .count(&self.db)
            .await
            .during("count outbox items")
    }

    /// Returns whether an item whose key begins with `prefix` is unsettled.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn has_unsettled(&self, prefix: &str) -> Result<bool> {
        let found = outbox::Entity::find()
            .filter(outbox::Column::State.is_in(["queued", "signed"]))
            .filter(outbox::Column::Key.starts_with(prefix))
            .one(&self.db)
            .await
            .during("look for an unsettled item")?;
        Ok(found.is_some())
    }

    /// Returns the items of one of our transactions, in message order; `None` if it is not ours.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn items_of(&self, hash: &str) -> Result<Option<Vec<i64>>> {
        let found = outbox_tx::Entity::find_by_id(hash.to_owned())
            .one(&self.db)
            .await
            .during("read a transaction")?;
        found.map(|tx| from_json("transaction's items", &tx.items)).transpose()
    }

    pub(crate) async fn queued(&self, after: i64, limit: u32) -> Result<Vec<OutboxItem>> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::State.eq("queued"))
            .filter(outbox::Column::Id.gt(after))
            .order_by_asc(outbox::Column::Id)
            .limit(u64::from(limit))
            .all(&self.db)
            .await
            .during("list queued outbox items")?;
        rows.into_iter().map(item).collect()
    }

    pub(crate) async fn in_flight(&self) -> Result<Vec<OutboxTx>> {
        let rows = outbox_tx::Entity::find()
            .filter(outbox_tx::Column::Settled.eq(false))
            .order_by_asc(outbox_tx::Column::Sequence)
            .order_by_asc(outbox_tx::Column::TimeoutHeight)
            .all(&self.db)
            .await
            .during("list transactions in flight")?;
        rows.into_iter().map(transaction).collect()
    }
}

impl<M: Mode> OutboxRows<'_, M> {
    pub(crate) async fn highest_sequence(&self) -> Result<Option<u64>> {
        let newest = outbox_tx::Entity::find()
            .order_by_desc(outbox_tx::Column::Sequence)
            .one(&self.db)
            .await
            .during("look for the highest sequence")?;
        newest.map(|tx| from_db("transaction's sequence", tx.sequence)).transpose()
    }
}

impl OutboxRows<'_, Write> {
    /// Queues a message, or returns the row already there under its key, unchanged. Nudge the outbox after the commit.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn enqueue(&self, new: &NewItem) -> Result<OutboxItem> {
        // Read first: an insert that meets the key would use up an id.
        if let Some(old) = self.by_key(&new.key).await? {
            return Ok(old);
        }
        let model = outbox::ActiveModel {
            id: NotSet,
            key: Set(new.key.clone()),
            msg: Set(new.msg.clone()),
            funds: Set(to_json("outbox item's funds", &new.funds)?),
            reserved_gas: Set(to_db("reserved gas", new.reserved_gas)?),
            state: Set(name(ItemState::Queued).to_owned()),
            tx_hash: Set(None),
            height: Set(None),
            attempts: Set(0),
            error: Set(None),
            created_ms: NotSet,
        };
        // Another connection may queue the same key at the same moment: one row remains.
        let created_ms = now_ms();
        let inserted = outbox::Entity::insert(outbox::ActiveModel { created_ms: Set(created_ms), ..model })
            .on_conflict_do_nothing_on([outbox::Column::Key])
            .exec(&self.db)
            .await
            .during("queue a message")?;
        if let TryInsertResult::Inserted(row) = inserted {
            return Ok(OutboxItem {
                id: row.last_insert_id,
                key: new.key.clone(),
                msg: new.msg.clone(),
                funds: new.funds.clone(),
                reserved_gas: new.reserved_gas,
                state: ItemState::Queued,
                tx_hash: None,
                height: None,
                attempts: 0,
                error: None,
                created_ms,
            });
        }
        let stored = self.by_key(&new.key).await?;
        stored.ok_or_else(|| StoreError::corrupt("outbox item", "it is gone at once"))
    }

    /// Stores a signed transaction; returns `false`, with nothing changed, if an item is not queued.
    pub(crate) async fn record_signed(&self, tx: &OutboxTx) -> Result<bool> {
        self.record(tx, outbox::Column::State.eq("queued").into()).await
    }

    /// Stores a transaction that replaces `old`; returns `false`, with nothing changed, if `old` does not hold every item.
    pub(crate) async fn record_replacement(&self, old: &str, tx: &OutboxTx) -> Result<bool> {
        let held = outbox::Column::State.eq("signed").and(outbox::Column::TxHash.eq(old));
        self.record(tx, held.into()).await
    }

    async fn record(&self, tx: &OutboxTx, free: Condition) -> Result<bool> {
        let moved = outbox::Entity::update_many()
            .col_expr(outbox::Column::State, Expr::value("signed"))
            .col_expr(outbox::Column::TxHash, Expr::value(tx.hash.clone()))
            .filter(outbox::Column::Id.is_in(tx.items.iter().copied()))
            .filter(free)
            .exec(&self.db)
            .await
            .during("mark outbox items as signed")?;
        if moved.rows_affected != tx.items.len() as u64 {
            return Ok(false);
        }
        let model = outbox_tx::ActiveModel {
            hash: Set(tx.hash.clone()),
            bytes: Set(tx.bytes.clone()),
            sequence: Set(to_db("sequence", tx.sequence)?),
            signed_height: Set(to_db("height", tx.signed_height)?),
            timeout_height: Set(to_db("height", tx.timeout_height)?),
            items: Set(to_json("transaction's items", &tx.items)?),
            settled: Set(false),
        };
        outbox_tx::Entity::insert(model)
            .exec_without_returning(&self.db)
            .await
            .during("store a signed transaction")?;
        Ok(true)
    }

    pub(crate) async fn settle(&self, hash: &str, end: &TxEnd) -> Result<()> {
        let found = outbox_tx::Entity::find_by_id(hash.to_owned())
            .filter(outbox_tx::Column::Settled.eq(false))
            .one(&self.db)
            .await
            .during("read a transaction")?;
        let Some(tx) = found else { return Ok(()) };
        outbox_tx::Entity::update_many()
            .col_expr(outbox_tx::Column::Settled, Expr::value(true))
            // Never sent again: the chain has them, or they are no longer needed.
            .col_expr(outbox_tx::Column::Bytes, Expr::value(Vec::<u8>::new()))
            .filter(outbox_tx::Column::Hash.eq(hash))
            .exec(&self.db)
            .await
            .during("settle a transaction")?;
        let signed = outbox::Entity::update_many().filter(outbox::Column::State.eq("signed"));
        let held = signed.clone().filter(outbox::Column::TxHash.eq(hash));
        let nobody = Vec::<i64>::new();
        let (error, blamed, give_up, lost) = match end {
            TxEnd::Included { height, refused } => {
                // Whichever transaction now holds its items: they have been executed.
                let items: Vec<i64> = from_json("transaction's items", &tx.items)?;
                for (id, error) in refused.iter().filter(|(id, _)| items.contains(id)) {
                    signed
                        .clone()
                        .col_expr(outbox::Column::State, Expr::value("failed"))
                        .col_expr(outbox::Column::Error, Expr::value(error.clone()))
                        .col_expr(outbox::Column::TxHash, Expr::value(hash.to_owned()))
                        .col_expr(outbox::Column::Height, Expr::value(to_db("height", *height)?))
                        .filter(outbox::Column::Id.eq(*id))
                        .exec(&self.db)
                        .await
                        .during("mark a refused outbox item as failed")?;
                }
                signed
                    .col_expr(outbox::Column::State, Expr::value("done"))
                    .col_expr(outbox::Column::TxHash, Expr::value(hash.to_owned()))
                    .col_expr(outbox::Column::Height, Expr::value(to_db("height", *height)?))
                    .filter(outbox::Column::Id.is_in(items))
                    .exec(&self.db)
                    .await
                    .during("mark outbox items as done")?;
                return Ok(());
            }
            TxEnd::Failed { error, blamed, give_up } => (error, blamed, give_up, false),
            TxEnd::Dead { error } => (error, &nobody, &nobody, false),
            TxEnd::Lost { error } => (error, &nobody, &nobody, true),
        };
        held.clone()
            .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1))
            .filter(outbox::Column::Id.is_in(blamed.iter().copied()))
            .exec(&self.db)
            .await
            .during("count an attempt")?;
        let mut ended = Condition::any().add(outbox::Column::Id.is_in(give_up.iter().copied()));
        if lost {
            ended = ended.add(outbox::Column::Funds.ne(to_json("outbox item's funds", &Vec::<Coin>::new())?));
        }
        let back = held.col_expr(outbox::Column::Error, Expr::value(error.clone()));
        back.clone()
            .col_expr(outbox::Column::State, Expr::value("failed"))
            .filter(ended)
            .exec(&self.db)
            .await
            .during("give up outbox items")?;
        back.col_expr(outbox::Column::State, Expr::value("queued"))
            .exec(&self.db)
            .await
            .during("return outbox items to the queue")?;
        Ok(())
    }

    pub(crate) async fn fail(&self, id: i64, error: &str) -> Result<()> {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::State, Expr::value("failed"))
            .col_expr(outbox::Column::Error, Expr::value(error.to_owned()))
            .filter(outbox::Column::Id.eq(id))
            .filter(outbox::Column::State.eq("queued"))
            .exec(&self.db)
            .await
            .during("give up an outbox item")?;
        Ok(())
    }
}
