//! Verified attestations: one a node and request, the first one received. They answer why there is no agreement.

use gateway_api::{BodyHash, EngineId, NodeId, OutcomeClass, RequestId, limits};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::{from_db, now_ms, parse, to_db};
use crate::entity::attestation::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::{MAX_PAGE, bodies};

/// A verified attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationRow {
    /// The request attested.
    pub request: RequestId,
    /// The node.
    pub node: NodeId,
    /// The node's operator.
    pub operator: String,
    /// The engine that ran.
    pub engine: EngineId,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// The outcome's hash in hexadecimal: attestations of one outcome agree exactly.
    pub outcome: String,
    /// SHA-256 of the body.
    pub digest: BodyHash,
    /// Bytes of the body.
    pub size: u32,
    /// The body; empty once the request has ended, and where it is larger than any that the chain takes whole: then it is
    /// kept once for all who attest it.
    pub body: String,
    /// Under a rule that compares values, the node's: its body.
    pub value: Option<String>,
    /// The proof's 160 bytes.
    pub proof: Vec<u8>,
    /// Seats at each attempt.
    pub seats: [u32; 3],
}

/// The outcome of storing an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It was stored.
    New,
    /// The same one was there.
    Same,
    /// The node has attested another outcome for the request: that one stays.
    Other,
}

repository! {
    /// The attestations.
    Attestations
}

fn row(model: Model) -> Result<AttestationRow> {
    Ok(AttestationRow {
        request: RequestId(from_db("attestation's request", model.request)?),
        node: NodeId(from_db("attestation's node", model.node)?),
        operator: model.operator,
        engine: parse("attestation's engine", &model.engine)?,
        class: parse("attestation's class", &model.class)?,
        outcome: model.outcome,
        digest: parse("attestation's digest", &model.digest)?,
        size: from_db("attestation's size", model.size)?,
        body: model.body,
        value: model.value,
        proof: model.proof,
        seats: [
            from_db("attestation's seats", model.seats0)?,
            from_db("attestation's seats", model.seats1)?,
            from_db("attestation's seats", model.seats2)?,
        ],
    })
}

impl<M: Mode> Attestations<'_, M> {
    /// A request's attestations in order of their nodes, at most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn of(&self, request: RequestId) -> Result<Vec<AttestationRow>> {
        let rows = Entity::find()
            .filter(Column::Request.eq(to_db("request", request.get())?))
            .order_by_asc(Column::Node)
            .limit(MAX_PAGE)
            .all(&self.db)
            .await
            .during("list attestations")?;
        rows.into_iter().map(row).collect()
    }

    /// A node's attestation for a request.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, request: RequestId, node: NodeId) -> Result<Option<AttestationRow>> {
        let key = (to_db("request", request.get())?, i64::from(node.get()));
        Entity::find_by_id(key).one(&self.db).await.during("read an attestation")?.map(row).transpose()
    }

    /// Number of attestations stored.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn count(&self) -> Result<u64> {
        Entity::find().count(&self.db).await.during("count attestations")
    }
}

impl Attestations<'_, Write> {
    /// Stores an attestation, unless the node has one for the request.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn insert(&self, new: &AttestationRow) -> Result<Inserted> {
        if let Some(old) = self.get(new.request, new.node).await? {
            let same = old.outcome == new.outcome && old.proof == new.proof;
            return Ok(if same { Inserted::Same } else { Inserted::Other });
        }
        let mut body = new.body.clone();
        if body.len() > limits::MAX_INLINE_RESULT_BYTES as usize {
            bodies::keep(&self.db, new.request, &new.digest, &body).await?;
            body.clear();
        }
        let [seats0, seats1, seats2] = new.seats.map(i64::from);
        let model = ActiveModel {
            request: Set(to_db("request", new.request.get())?),
            node: Set(i64::from(new.node.get())),
            operator: Set(new.operator.clone()),
            engine: Set(new.engine.to_string()),
            class: Set(new.class.to_string()),
            outcome: Set(new.outcome.clone()),
            digest: Set(new.digest.to_string()),
            size: Set(i64::from(new.size)),
            body: Set(body),
            value: Set(new.value.clone()),
            proof: Set(new.proof.clone()),
            seats0: Set(seats0),
            seats1: Set(seats1),
            seats2: Set(seats2),
            received_ms: Set(now_ms()),
        };
        Entity::insert(model).exec_without_returning(&self.db).await.during("store an attestation")?;
        Ok(Inserted::New)
    }

    /// Drops the bodies of a request that has ended: class and digest still show who attested what.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn drop_bodies(&self, request: RequestId) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Body, Expr::value(""))
            .filter(Column::Request.eq(to_db("request", request.get())?))
            .exec(&self.db)
            .await
            .during("drop the bodies of attestations")?;
        Ok(())
    }
}
