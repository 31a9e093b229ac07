//! `POST /v1/attestations`: a node's signed outcomes, each verified before it is stored.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::future::join_all;
use gateway_api::{NodeId, NodeResponse, Refusal, RequestId, RequestResponse, RequestStatus, SignedOutcome};
use gateway_http::{Problem, extract};
use gateway_protocol::body_digest;
use gateway_store::{AttestationRow, Inserted};
use tokio::time::Instant;

use super::attestation_lists::{AttestationAnswer, AttestationAnswers, Attestations, Receipt};
use crate::context::Relay;
use crate::feed::FeedEvent;
use crate::{mirror, verify};

/// Most attestations of a list.
const MAX_LIST: usize = 32;
/// How long an attestation waits for the relay to learn of its draw, and how long a list does.
pub(super) const CATCH_UP: Duration = Duration::from_secs(3);
const LIST_CATCH_UP: Duration = Duration::from_secs(1);

/// Takes a node's attestation, or up to 32 in one list. Each is on disk when its receipt comes; sending it again is harmless.
/// A list has status 200 whatever becomes of its attestations: its answer has a receipt or a problem document for each.
#[utoipa::path(
    post,
    path = "/v1/attestations",
    request_body(content = ref("#/components/schemas/Attestations")),
    responses(
        (status = 200, description = "Taken, now or before; or the answers to a list", body = AttestationAnswers),
        (status = 400, description = "Not an attestation, or a list of none or too many"),
        (status = 404, description = "No such request or node"),
        (status = 409, description = "The request is not drawn yet (try again), has ended, or the node said otherwise before"),
        (status = 422, description = "Refused; the problem's type is the contract's reason")
    )
)]
pub(super) async fn post(
    State(relay): State<Arc<Relay>>,
    extract::Json(sent): extract::Json<Attestations>,
) -> Result<Json<AttestationAnswers>, Problem> {
    let list = match sent {
        Attestations::One(signed) => {
            return receive(&relay, &signed, CATCH_UP)
                .await
                .map(|receipt| Json(AttestationAnswers::One(receipt)));
        }
        Attestations::List(list) => list,
    };
    if list.is_empty() || list.len() > MAX_LIST {
        let detail = format!("a list has 1 to {MAX_LIST} attestations, not {}", list.len());
        return Err(Problem::invalid("body", detail));
    }
    until_drawn(&relay, &list).await?;
    // Together, so that one transaction stores those that are valid.
    let answers = list.iter().map(|signed| receive(&relay, signed, Duration::ZERO));
    let answers = join_all(answers).await.into_iter();
    let answers = answers.map(|taken| match taken {
        Ok(receipt) => AttestationAnswer::Taken(receipt),
        Err(problem) => AttestationAnswer::Refused(problem),
    });
    Ok(Json(AttestationAnswers::List(answers.collect())))
}

/// Waits until every request of a list that the mirror has is drawn, once for all of them and for a short time: the attestations
/// that could be stored wait too.
async fn until_drawn(relay: &Relay, list: &[SignedOutcome]) -> Result<(), Problem> {
    let mut height = relay.height.subscribe();
    let deadline = Instant::now() + LIST_CATCH_UP.min(relay.longest_wait);
    loop {
        height.mark_unchanged();
        let mut unknown: Vec<_> = list.iter().map(|signed| signed.request).collect();
        unknown.retain(|request| relay.cache.drawn(*request).is_none());
        let rows = relay.store.requests().among(&unknown).await?;
        let is_waiting = rows.iter().any(|row| row.seen.status == RequestStatus::Waiting);
        if !is_waiting || Instant::now() >= deadline || relay.cancel.is_cancelled() {
            return Ok(());
        }
        relay.news(&mut height, deadline).await?;
    }
}

/// Takes an attestation, whose request may take so long to be drawn; counts and logs what became of it.
async fn receive(relay: &Relay, signed: &SignedOutcome, patience: Duration) -> Result<Receipt, Problem> {
    let outcome = take(relay, signed, patience).await;
    let verdict = match &outcome {
        Ok(receipt) if receipt.known => "known",
        Ok(_) => "accepted",
        Err(problem) => problem.kind.rsplit('/').next().unwrap_or("refused"),
    };
    metrics::counter!("gateway_relay_attestations_total", "verdict" => verdict.to_owned()).increment(1);
    if let Err(problem) = &outcome {
        let (request, node) = (signed.request, signed.attestation.node);
        tracing::info!(%request, %node, reason = %problem, "attestation refused");
    }
    outcome
}

pub(super) fn refuse(refusal: &Refusal) -> Problem {
    let status = match refusal {
        Refusal::UnknownRequest {} | Refusal::UnknownNode { .. } => StatusCode::NOT_FOUND,
        Refusal::Closed {} | Refusal::PastDeadline {} | Refusal::NotDrawn {} => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut problem =
        Problem::new(status, refusal.code(), "The attestation is refused").detail(refusal.to_string());
    if matches!(refusal, Refusal::NotDrawn {}) {
        problem.retry_after = Some(1);
    }
    problem
}

async fn take(relay: &Relay, signed: &SignedOutcome, patience: Duration) -> Result<Receipt, Problem> {
    let (request, node) = (signed.request, signed.attestation.node);
    let receipt =
        |seats: [u32; 3], known: bool| Receipt { request: request.get(), node: node.get(), seats, known };
    let seen = drawn_request(relay, request, patience).await?;
    let old = match relay.cache.votes(request) {
        Some(votes) => votes.iter().find(|vote| vote.node == node).map(|vote| (**vote).clone()),
        None => relay.store.attestations().get(request, node).await?,
    };
    let same = |old: &AttestationRow| {
        old.proof == signed.attestation.proof.as_slice() && old.digest == body_digest(&signed.body).sha256
    };
    if let Some(old) = old.filter(same) {
        return Ok(receipt(old.seats, true));
    }
    let draw = verify::open_draw(&seen, relay.height()).map_err(|refusal| refuse(&refusal))?;
    let known = match relay.cache.node(node) {
        Some(known) => known,
        None => Arc::new(known_node(relay, node).await?),
    };
    let row =
        verify::verify(relay.domain(), &seen, draw, &known, signed).map_err(|refusal| refuse(&refusal))?;
    let (seats, class, digest, project) = (row.seats, row.class, row.digest, seen.project);
    let inserted = relay.intake.store(row.clone()).await;
    match inserted
        .ok_or_else(|| Problem::unavailable("the attestation could not be stored: send it again", 2))?
    {
        Inserted::New => relay.cache.attested(row),
        Inserted::Same => {
            // Stored by a call whose answer was lost: memory may lack it.
            relay.cache.attested(row);
            return Ok(receipt(seats, true));
        }
        Inserted::Other => {
            tracing::warn!(%request, %node, "a node attested two outcomes");
            let detail = "the node has attested another outcome for this request; the first one counts";
            return Err(Problem::new(StatusCode::CONFLICT, "equivocation", "Attested twice").detail(detail));
        }
    }
    tracing::info!(%request, %node, %class, %digest, "attestation accepted");
    relay.attested.add(request);
    relay.publish_wake.notify_one();
    relay.feed.publish(FeedEvent {
        id: None,
        event: "attestation".to_owned(),
        height: relay.height(),
        time_ms: None,
        attributes: [
            ("project".to_owned(), project.to_string()),
            ("request".to_owned(), request.to_string()),
            ("node".to_owned(), node.to_string()),
            ("class".to_owned(), class.to_string()),
            ("digest".to_owned(), digest.to_string()),
        ]
        .into(),
    });
    Ok(receipt(seats, false))
}

/// Returns the request, waiting so long for its draw: nodes may see a block before this relay has processed it.
pub(super) async fn drawn_request(
    relay: &Relay,
    request: RequestId,
    patience: Duration,
) -> Result<Arc<RequestResponse>, Problem> {
    let mut height = relay.height.subscribe();
    let deadline = Instant::now() + patience.min(relay.longest_wait);
    loop {
        height.mark_unchanged();
        if let Some(seen) = relay.cache.drawn(request) {
            return Ok(seen);
        }
        let row = relay.store.requests().get(request).await?;
        let Some(row) = row else {
            let asked = super::requests::ask(relay, request).await?;
            return asked.map(Arc::new).ok_or_else(|| refuse(&Refusal::UnknownRequest {}));
        };
        if row.seen.status != RequestStatus::Waiting || Instant::now() >= deadline {
            return Ok(Arc::new(row.seen));
        }
        relay.news(&mut height, deadline).await?;
        if relay.cancel.is_cancelled() {
            return Ok(Arc::new(row.seen));
        }
    }
}

/// Returns a node from the mirror, or from the contract if it predates this relay.
pub(super) async fn known_node(relay: &Relay, node: NodeId) -> Result<NodeResponse, Problem> {
    if let Some(known) = relay.store.nodes().get(node).await? {
        return Ok(known);
    }
    let _permit = relay.lookup().await?;
    let asked = mirror::node(&relay.query, node).await;
    let found = asked?;
    let found = found.ok_or_else(|| refuse(&Refusal::UnknownNode { node }))?;
    let work = relay.store.begin().await?;
    work.nodes().upsert(&found).await?;
    work.commit().await?;
    Ok(found)
}
