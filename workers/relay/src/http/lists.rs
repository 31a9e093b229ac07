//! Lists with cursors: requests, nodes, projects, results.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use gateway_api::{
    NodeId, NodeResponse, ProjectId, ProjectResponse, ProjectsResponse, QueryMsg, RequestId, RequestResponse,
    RequestStatus, ResultResponse, ScheduleId, ScheduleResponse, SchedulesResponse,
};
use gateway_http::{Page, PageQuery, Problem, extract};
use gateway_store::RequestFilter;
use serde::Deserialize;

use crate::context::Relay;

/// Which requests, and which page of them.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RequestsQuery {
    /// Only those of a project.
    project: Option<u64>,
    /// Only those with a status: waiting, drawn, fulfilled or expired.
    #[param(value_type = Option<String>)]
    status: Option<RequestStatus>,
    /// Begin after this id; the `next` of the page before.
    after: Option<u64>,
    /// Most entries, 1 to 100; 30 where absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Which results, and which page of them.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ResultsQuery {
    /// Only those of a project.
    project: Option<u64>,
    /// Begin after this request; the `next` of the page before.
    after: Option<u64>,
    /// Most entries, 1 to 100; 30 where absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Requests by growing id.
#[utoipa::path(get, path = "/v1/requests", params(RequestsQuery), responses(
    (status = 200, description = "A page: `items` as the contract returns them, `next` to continue from", body = ref("#/components/schemas/Page_for_RequestResponse"))
))]
pub(super) async fn requests(
    State(relay): State<Arc<Relay>>,
    extract::Query(query): extract::Query<RequestsQuery>,
) -> Result<Json<Page<RequestResponse>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let filter = RequestFilter { project: query.project.map(ProjectId), status: query.status };
    let requests = relay.store.requests();
    let rows = requests.list(filter, RequestId(page.start()), page.size().into()).await;
    let seen = rows?.into_iter().map(|row| row.seen).collect();
    Ok(Json(Page::new(seen, page.size(), |request: &RequestResponse| request.request.get())))
}

/// Nodes by growing id.
#[utoipa::path(get, path = "/v1/nodes", params(PageQuery), responses(
    (status = 200, description = "A page: `items` as the contract returns them, `next` to continue from", body = ref("#/components/schemas/Page_for_NodeResponse"))
))]
pub(super) async fn nodes(
    State(relay): State<Arc<Relay>>,
    extract::Query(page): extract::Query<PageQuery>,
) -> Result<Json<Page<NodeResponse>>, Problem> {
    let after = NodeId(u32::try_from(page.start()).unwrap_or(u32::MAX));
    let nodes = relay.store.nodes().list(after, page.size().into()).await?;
    Ok(Json(Page::new(nodes, page.size(), |node| node.node.get().into())))
}

/// Projects by growing id, asked of the contract.
#[utoipa::path(get, path = "/v1/projects", params(PageQuery), responses(
    (status = 200, description = "A page: `items` as the contract returns them, `next` to continue from", body = ref("#/components/schemas/Page_for_ProjectResponse"))
))]
pub(super) async fn projects(
    State(relay): State<Arc<Relay>>,
    extract::Query(page): extract::Query<PageQuery>,
) -> Result<Json<Page<ProjectResponse>>, Problem> {
    let _permit = relay.lookup().await?;
    let question =
        QueryMsg::Projects { start_after: Some(ProjectId(page.start())), limit: Some(page.size()) };
    let answer = relay.query.ask::<ProjectsResponse, _>(&question).await;
    let answer = answer?;
    Ok(Json(Page::new(answer.value.projects, page.size(), |project| project.project.get())))
}

/// Schedules that have not ended, by growing id, asked of the contract.
#[utoipa::path(get, path = "/v1/schedules", params(PageQuery), responses(
    (status = 200, description = "A page: `items` as the contract returns them, `next` to continue from; a page may be short", body = ref("#/components/schemas/Page_for_ScheduleResponse"))
))]
pub(super) async fn schedules(
    State(relay): State<Arc<Relay>>,
    extract::Query(page): extract::Query<PageQuery>,
) -> Result<Json<Page<ScheduleResponse>>, Problem> {
    let _permit = relay.lookup().await?;
    let question =
        QueryMsg::Schedules { start_after: Some(ScheduleId(page.start())), limit: Some(page.size()) };
    let SchedulesResponse { schedules } = relay.query.ask(&question).await?.value;
    // Large inputs may fill a page before the entry limit does: only an empty page is the last.
    let next = schedules.last().map(|schedule| schedule.schedule.get());
    Ok(Json(Page { items: schedules, next }))
}

/// Results by growing request.
#[utoipa::path(get, path = "/v1/results", params(ResultsQuery), responses(
    (status = 200, description = "A page: `items` as the contract returns them, `next` to continue from", body = ref("#/components/schemas/Page_for_ResultResponse"))
))]
pub(super) async fn results(
    State(relay): State<Arc<Relay>>,
    extract::Query(query): extract::Query<ResultsQuery>,
) -> Result<Json<Page<ResultResponse>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let (project, after) = (query.project.map(ProjectId), RequestId(page.start()));
    let results = relay.store.results().list(project, after, page.size().into()).await;
    let results = results?;
    Ok(Json(Page::new(results, page.size(), |result: &ResultResponse| result.request.get())))
}
