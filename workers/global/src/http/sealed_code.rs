//! Private code over HTTP: whoever has a key may store it, and an active node that it is sealed to may read it, with a signed
//! request.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gateway_api::{
    CodeForNode, CounterResponse, NOT_SEALED, NodeResponse, QueryMsg, SealedCode, SignedCodeRequest,
};
use gateway_chain::ChainError;
use gateway_http::{Caller, Problem, extract};
use gateway_protocol::{CODE_REQUEST_BLOCKS, Domain, Member, is_fresh, verify_code_request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Global;
use super::code::blocking;

/// Seconds after which a request that waits for the chain may be retried.
const RETRY_SECONDS: u64 = 2;

/// Sealed code that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StoredSealed {
    /// The project.
    pub project: u64,
    /// SHA-256 of the plain code.
    pub sha256: String,
    /// Nodes that can open it.
    pub nodes: u32,
}

/// Stores code that is sealed to nodes, in the place of what was sealed before for this project and hash. The plain code never comes
/// here: whether the ciphertext is of this hash, the nodes that open it see.
#[utoipa::path(
    put,
    path = "/v1/sealed-code",
    security(("api_key" = [])),
    request_body(content = ref("#/components/schemas/SealedCode")),
    responses(
        (status = 201, description = "On disk", body = StoredSealed),
        (status = 400, description = "A part is out of its bounds"),
        (status = 401, description = "No or unknown API key"),
        (status = 413, description = "Too large")
    )
)]
pub(super) async fn put(
    State(global): State<Arc<Global>>,
    caller: Caller,
    extract::Json(code): extract::Json<SealedCode>,
) -> Result<(StatusCode, Json<StoredSealed>), Problem> {
    if let Some(fault) = code.fault() {
        let field = fault.split(' ').next().unwrap_or_default();
        return Err(Problem::invalid(field, fault));
    }
    // Already bounded by its form.
    let nodes = u32::try_from(code.keys.len()).map_err(Problem::internal)?;
    let (project, sha256) = (code.project, code.sha256);
    let store = global.sealed_code.clone();
    blocking(move || store.put(&code)).await?;
    tracing::info!(%project, %sha256, nodes, caller = caller.name, "sealed code stored");
    metrics::counter!("gateway_global_sealed_code_stored_total").increment(1);
    let stored = StoredSealed { project: project.get(), sha256: sha256.to_string(), nodes };
    Ok((StatusCode::CREATED, Json(stored)))
}

/// Gives an active node the ciphertext and the key that is sealed to it. The request is signed by the key that the node draws with in
/// the current epoch, and taken for some blocks after the height that it names.
#[utoipa::path(
    post,
    path = "/v1/sealed-code/fetch",
    request_body(content = ref("#/components/schemas/SignedCodeRequest")),
    responses(
        (status = 200, description = "The ciphertext and the node's key", body = ref("#/components/schemas/CodeForNode")),
        (status = 403, description = "The signature is not the node's, it is of an old height, the node does not draw, or nothing is sealed to it"),
        (status = 404, description = "No such code is sealed"),
        (status = 503, description = "The chain does not answer")
    )
)]
pub(super) async fn fetch(
    State(global): State<Arc<Global>>,
    extract::Json(request): extract::Json<SignedCodeRequest>,
) -> Result<Json<CodeForNode>, Problem> {
    let SignedCodeRequest { node, project, sha256, .. } = request;
    let store = global.sealed_code.clone();
    let known = blocking(move || Ok(store.has(project, &sha256))).await?;
    if !known {
        return Err(Problem::not_found(format!("code {sha256} is not sealed for project {project}")));
    }
    let Some(Known { value: registered, .. }) =
        ask::<NodeResponse>(&global, &QueryMsg::Node { node }).await?
    else {
        return Err(Problem::forbidden(format!("there is no node {node}")));
    };
    let counter = ask::<CounterResponse>(&global, &QueryMsg::Counter {}).await?;
    let Known { value: CounterResponse { epoch, .. }, height } =
        counter.ok_or_else(|| Problem::unavailable("the contract has no counter", RETRY_SECONDS))?;
    if !is_fresh(&request, height) {
        return Err(Problem::forbidden(format!(
            "the request is of height {}, and the chain is at {height}: more than {CODE_REQUEST_BLOCKS} blocks apart. The node or this \
             store is behind, or somebody sends it again",
            request.height
        )));
    }
    let member = Member::of(&registered, epoch)
        .map_err(|_| Problem::forbidden(format!("node {node} does not draw in epoch {epoch}")))?;
    let domain = Domain { chain_id: &global.chain_id, contract: global.cache.contract() };
    verify_code_request(&domain, &member.key, &request)
        .map_err(|_| Problem::forbidden(format!("the signature is not that of node {node}'s key")))?;
    let store = global.sealed_code.clone();
    let code = blocking(move || store.get(project, &sha256)).await?;
    let given = code.for_node(node);
    tracing::info!(%project, %sha256, %node, given = given.is_some(), "sealed code asked for");
    let not_sealed = || {
        let problem = Problem::new(StatusCode::FORBIDDEN, NOT_SEALED, "Not sealed to this node");
        problem.detail(format!("code {sha256} is not sealed to node {node}"))
    };
    given.map(Json).ok_or_else(not_sealed)
}

/// An answer of the contract and the chain's height at that time.
struct Known<T> {
    value: T,
    height: u64,
}

/// Returns the contract's current answer; `None` if it refuses the query.
async fn ask<T: DeserializeOwned>(global: &Global, question: &QueryMsg) -> Result<Option<Known<T>>, Problem> {
    let answer = match global.cache.ask(question).await {
        Ok(answer) => answer,
        Err(ChainError::Query { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if answer.stale {
        return Err(Problem::unavailable("the chain does not answer", RETRY_SECONDS));
    }
    let value = T::deserialize(answer.value.as_ref()).map_err(Problem::internal)?;
    Ok(Some(Known { value, height: answer.height }))
}
