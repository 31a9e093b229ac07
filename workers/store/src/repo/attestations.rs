//! Verified attestations: one per node and request, the first one received. They explain missing agreement.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{BodyHash, EngineId, NodeId, OutcomeClass, RequestId, limits};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::{from_db, now_ms, parse, to_db};
use crate::entity::attestation::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::{MAX_PAGE, ROWS, bodies, ids};

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
    /// The outcome's hash in hexadecimal: attestations of the same outcome agree exactly.
    pub outcome: String,
    /// SHA-256 of the body.
    pub digest: BodyHash,
    /// Bytes of the body.
    pub size: u32,
    /// The body; empty once the request has ended, and if it exceeds what the chain stores inline: then it is stored once for
    /// all who attest it.
    pub body: String,
    /// The node's value, which is its body, under a rule that compares values.
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
    /// The same one was already there.
    Same,
    /// The node has attested another outcome for the request, which is kept.
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
    /// Returns a request's attestations in order of their nodes, at most 1000.
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

    /// Returns the attestations of these requests, in order of requests and nodes. At most 1000 requests.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn among(&self, requests: &[RequestId]) -> Result<Vec<AttestationRow>> {
        let rows = Entity::find()
            .filter(Column::Request.is_in(ids(requests)?))
            .order_by_asc(Column::Request)
            .order_by_asc(Column::Node)
            .all(&self.db)
            .await
            .during("list attestations of requests")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns a node's attestation for a request.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, request: RequestId, node: NodeId) -> Result<Option<AttestationRow>> {
        let key = (to_db("request", request.get())?, i64::from(node.get()));
        Entity::find_by_id(key).one(&self.db).await.during("read an attestation")?.map(row).transpose()
    }

    /// Returns the number of stored attestations.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn count(&self) -> Result<u64> {
        Entity::find().count(&self.db).await.during("count attestations")
    }
}

impl Attestations<'_, Write> {
    /// Stores attestations, each unless the node already has one for the request, which is kept. Returns the result of each. At
    /// most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn insert(&self, new: &[AttestationRow]) -> Result<Vec<Inserted>> {
        let requests: BTreeSet<_> = new.iter().map(|row| row.request).collect();
        let requests: Vec<_> = requests.into_iter().collect();
        // Identity of each outcome, by request and node: first of existing rows, then of added ones.
        let known: Vec<(i64, i64, String, Vec<u8>)> = Entity::find()
            .select_only()
            .columns([Column::Request, Column::Node, Column::Outcome, Column::Proof])
            .filter(Column::Request.is_in(ids(&requests)?))
            .into_tuple()
            .all(&self.db)
            .await
            .during("look for attestations")?;
        let mut known: BTreeMap<_, _> = known
            .into_iter()
            .map(|(request, node, outcome, proof)| ((request, node), (outcome, proof)))
            .collect();
        let (mut done, mut models) = (Vec::with_capacity(new.len()), Vec::new());
        for row in new {
            let key = (to_db("request", row.request.get())?, i64::from(row.node.get()));
            done.push(match known.get(&key) {
                Some((outcome, proof)) if *outcome == row.outcome && *proof == row.proof => Inserted::Same,
                Some(_) => Inserted::Other,
                None => {
                    models.push(self.model(row).await?);
                    known.insert(key, (row.outcome.clone(), row.proof.clone()));
                    Inserted::New
                }
            });
        }
        for some in models.chunks(ROWS) {
            Entity::insert_many(some.iter().cloned())
                .exec_without_returning(&self.db)
                .await
                .during("store attestations")?;
        }
        Ok(done)
    }

    /// Builds the row of an attestation; a large body is stored separately.
    async fn model(&self, new: &AttestationRow) -> Result<ActiveModel> {
        let mut body = new.body.clone();
        if body.len() > limits::MAX_INLINE_RESULT_BYTES as usize {
            bodies::keep(&self.db, new.request, &new.digest, &body).await?;
            body.clear();
        }
        let [seats0, seats1, seats2] = new.seats.map(i64::from);
        Ok(ActiveModel {
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
        })
    }

    /// Drops the bodies of ended requests: class and digest still show who attested what.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn drop_bodies(&self, requests: &[RequestId]) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Body, Expr::value(""))
            .filter(Column::Request.is_in(ids(requests)?))
            .exec(&self.db)
            .await
            .during("drop the bodies of attestations")?;
        Ok(())
    }
}
