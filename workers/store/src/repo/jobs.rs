//! A node's work: one job per request, from the request's opening to the relay's receipt or the request's end.

use gateway_api::{Attempt, Commit, OutcomeClass, RequestId, RequestResponse, SignedOutcome};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::{from_db, from_json, now_ms, parse, to_db, to_json};
use crate::entity::job::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result, StoreError};
use crate::mode::{Mode, Write, repository};
use crate::repo::{ids, page};

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// The request is not drawn yet.
    Waiting,
    /// The draw gives the node seats; the code has not been run.
    Seated,
    /// The outcome is attested and stored; no relay has accepted it yet.
    Attested,
    /// A relay or the contract has accepted the attestation; the request is open.
    Sent,
    /// The request ended after the attestation was accepted.
    Answered,
    /// The draw gives the node no seat at any attempt.
    NotSeated,
    /// The run met a resource limit or another fault that is never attested.
    Abstained,
    /// The request ended before the job did.
    Ended,
}

impl JobState {
    const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Seated,
        Self::Attested,
        Self::Sent,
        Self::Answered,
        Self::NotSeated,
        Self::Abstained,
        Self::Ended,
    ];

    /// Returns the name in the database and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Seated => "seated",
            Self::Attested => "attested",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::NotSeated => "not_seated",
            Self::Abstained => "abstained",
            Self::Ended => "ended",
        }
    }

    fn read(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::corrupt("job's state", format!("{text:?} is none")))
    }

    /// Returns whether there is anything left to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Seated | Self::Attested)
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    /// The contract's latest state of the request.
    pub seen: RequestResponse,
    /// The job's state.
    pub state: JobState,
    /// The first attempt at which the node is seated.
    pub attempt: Option<Attempt>,
    /// Its seats at that attempt.
    pub seats: u32,
    /// The outcome's class, once the code has run.
    pub class: Option<OutcomeClass>,
    /// The commitment, once there is one. It never changes.
    pub commit: Option<Commit>,
    /// The message to the relays, once there is one. It never changes.
    pub message: Option<SignedOutcome>,
    /// Failed runs.
    pub tries: u32,
    /// Why the newest run or delivery failed.
    pub reason: Option<String>,
}

repository! {
    /// The jobs.
    Jobs
}

/// Requests per statement.
const MAX_IDS: usize = 500;
/// Rows per statement: below the parameters that SQLite and PostgreSQL take, and their bodies fit into memory many times.
const MAX_ROWS: usize = 100;

fn row(model: Model) -> Result<JobRow> {
    Ok(JobRow {
        seen: from_json("job", &model.body)?,
        state: JobState::read(&model.state)?,
        attempt: model.attempt.map(|a| from_db("job's attempt", a).map(Attempt)).transpose()?,
        seats: from_db("job's seats", model.seats)?,
        class: model.class.map(|c| parse("job's class", &c)).transpose()?,
        commit: model.commit.map(|c| parse("job's commit", &c)).transpose()?,
        message: model.message.map(|m| from_json("job's message", &m)).transpose()?,
        tries: from_db("job's tries", model.tries)?,
        reason: model.reason,
    })
}

fn model(job: &JobRow) -> Result<ActiveModel> {
    Ok(ActiveModel {
        request: Set(to_db("request", job.seen.request.get())?),
        state: Set(job.state.as_str().to_owned()),
        deadline: Set(to_db("deadline", job.seen.deadline)?),
        body: Set(to_json("job", &job.seen)?),
        attempt: Set(job.attempt.map(|a| i64::from(a.get()))),
        seats: Set(i64::from(job.seats)),
        class: Set(job.class.map(|c| c.to_string())),
        commit: Set(job.commit.map(|c| c.to_string())),
        message: Set(job.message.as_ref().map(|m| to_json("job's message", m)).transpose()?),
        tries: Set(i64::from(job.tries)),
        reason: Set(job.reason.clone()),
        updated_ms: Set(now_ms()),
    })
}

impl<M: Mode> Jobs<'_, M> {
    /// Returns a request's job.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, request: RequestId) -> Result<Option<JobRow>> {
        let id = to_db("request", request.get())?;
        Entity::find_by_id(id).one(&self.db).await.during("read a job")?.map(row).transpose()
    }

    /// Returns the jobs in a state, in order of their requests, after `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn list(&self, state: JobState, after: RequestId, limit: u64) -> Result<Vec<JobRow>> {
        let rows = Entity::find()
            .filter(Column::State.eq(state.as_str()))
            .filter(Column::Request.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Request)
            .limit(page(limit))
            .all(&self.db)
            .await
            .during("list jobs")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns the jobs of these requests, in order of their requests; requests without one are left out.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn among(&self, requests: &[RequestId]) -> Result<Vec<JobRow>> {
        let mut found = Vec::with_capacity(requests.len());
        for some in requests.chunks(MAX_IDS) {
            let query =
                Entity::find().filter(Column::Request.is_in(ids(some)?)).order_by_asc(Column::Request);
            for model in query.all(&self.db).await.during("read jobs")? {
                found.push(row(model)?);
            }
        }
        Ok(found)
    }

    /// Returns those of these requests' jobs whose draw may give the node seats and that have no commitment.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn unattested(&self, requests: &[RequestId]) -> Result<Vec<JobRow>> {
        let mut found = Vec::new();
        for some in requests.chunks(MAX_IDS) {
            let query = Entity::find()
                .filter(Column::Request.is_in(ids(some)?))
                .filter(Column::Commit.is_null())
                .filter(Column::State.ne(JobState::NotSeated.as_str()));
            for model in query.all(&self.db).await.during("read jobs without a commitment")? {
                found.push(row(model)?);
            }
        }
        Ok(found)
    }

    /// Returns the requests whose jobs are in one of these states, in order.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn ids(&self, states: &[JobState]) -> Result<Vec<RequestId>> {
        let found: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Request)
            .filter(Column::State.is_in(states.iter().map(|state| state.as_str())))
            .order_by_asc(Column::Request)
            .into_tuple()
            .all(&self.db)
            .await
            .during("list the requests of jobs")?;
        found.into_iter().map(|id| from_db("request", id).map(RequestId)).collect()
    }

    /// Returns the number of jobs in a state.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn count(&self, state: JobState) -> Result<u64> {
        Entity::find().filter(Column::State.eq(state.as_str())).count(&self.db).await.during("count jobs")
    }
}

impl Jobs<'_, Write> {
    /// Stores a job's new state, as [`put_all`](Self::put_all) does.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for a value that cannot be written.
    pub async fn put(&self, job: &JobRow) -> Result<()> {
        self.put_all([job]).await
    }

    /// Stores the new states of jobs; an existing commitment and message are kept, whatever a job says: a node never attests
    /// twice.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for a value that cannot be written.
    pub async fn put_all(&self, jobs: impl IntoIterator<Item = &JobRow>) -> Result<()> {
        let models = jobs.into_iter().map(model).collect::<Result<Vec<_>>>()?;
        let newest = [
            Column::State,
            Column::Deadline,
            Column::Body,
            Column::Attempt,
            Column::Seats,
            Column::Tries,
            Column::Reason,
            Column::UpdatedMs,
        ];
        let first = [Column::Class, Column::Commit, Column::Message];
        let kept = first.map(|column| {
            (column, Expr::col((Entity, column)).if_null(Expr::col((Alias::new("excluded"), column))))
        });
        for some in models.chunks(MAX_ROWS) {
            let mut stored = OnConflict::column(Column::Request);
            Entity::insert_many(some.iter().cloned())
                .on_conflict(stored.update_columns(newest).values(kept.clone()).to_owned())
                .exec_without_returning(&self.db)
                .await
                .during("store jobs")?;
        }
        Ok(())
    }

    /// Stores the result of a seated job's run: state, tries, reason and, if the job has none, the attestation, which never
    /// changes. Returns `false`, with nothing changed, if the job is no longer seated.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an attestation that cannot be written.
    pub async fn store_run(&self, job: &JobRow) -> Result<bool> {
        let mut update = Entity::update_many()
            .col_expr(Column::State, Expr::value(job.state.as_str()))
            .col_expr(Column::Tries, Expr::value(i64::from(job.tries)))
            .col_expr(Column::Reason, Expr::value(job.reason.clone()))
            .col_expr(Column::UpdatedMs, Expr::value(now_ms()));
        if let Some(commit) = job.commit {
            let message =
                job.message.as_ref().map(|message| to_json("job's message", message)).transpose()?;
            let kept = |column: Column, new: Option<String>| Expr::col(column).if_null(new);
            update = update
                .col_expr(Column::Class, kept(Column::Class, job.class.map(|class| class.to_string())))
                .col_expr(Column::Commit, kept(Column::Commit, Some(commit.to_string())))
                .col_expr(Column::Message, kept(Column::Message, message));
        }
        let moved = update
            .filter(Column::Request.eq(to_db("request", job.seen.request.get())?))
            .filter(Column::State.eq(JobState::Seated.as_str()))
            .exec(&self.db)
            .await
            .during("store a run")?;
        Ok(moved.rows_affected > 0)
    }

    /// Moves the jobs of these requests from one state to another; those in other states stay as they are. Returns how many
    /// were moved.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn advance(&self, requests: &[RequestId], from: &[JobState], to: JobState) -> Result<u64> {
        let mut moved = 0;
        for some in requests.chunks(MAX_IDS) {
            let update = Entity::update_many()
                .col_expr(Column::State, Expr::value(to.as_str()))
                .col_expr(Column::UpdatedMs, Expr::value(now_ms()))
                .filter(Column::Request.is_in(ids(some)?))
                .filter(Column::State.is_in(from.iter().map(|state| state.as_str())));
            // The failure reason of an earlier delivery does not apply to an accepted one.
            let update = match to {
                JobState::Sent => update.col_expr(Column::Reason, Expr::value(None::<String>)),
                _ => update,
            };
            moved += update.exec(&self.db).await.during("move jobs on")?.rows_affected;
        }
        Ok(moved)
    }
}
