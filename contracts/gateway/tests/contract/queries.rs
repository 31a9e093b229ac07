//! Lists are paged in order, capped, and end.

use gateway_api::*;

use crate::world::{policy, World};

#[test]
fn lists_are_paged_and_capped() {
    let mut world = World::new();
    for _ in 0..5 {
        world.project(policy());
    }
    let project = ProjectId(1);
    let requests: Vec<_> = (0..7).map(|_| world.request(project)).collect();
    let mut found = Vec::new();
    let mut start_after = None;
    loop {
        let page: OpenRequestsResponse = world.ask(&QueryMsg::OpenRequests { start_after, limit: Some(3) });
        let Some(last) = page.requests.last() else { break };
        assert!(page.requests.len() <= 3);
        start_after = Some(last.request);
        found.extend(page.requests.iter().map(|r| r.request));
    }
    assert_eq!(found, requests);

    let projects: ProjectsResponse =
        world.ask(&QueryMsg::Projects { start_after: Some(ProjectId(2)), limit: Some(2) });
    assert_eq!(projects.projects.iter().map(|p| p.project.get()).collect::<Vec<_>>(), [3, 4]);
    let nodes: NodesResponse = world.ask(&QueryMsg::Nodes { start_after: None, limit: Some(u32::MAX) });
    assert_eq!(nodes.nodes.len(), 5);
    let by_key: NodeResponse = world.ask(&QueryMsg::NodeByKey { key: nodes.nodes[2].newest_key().unwrap() });
    assert_eq!(by_key, nodes.nodes[2]);
}

#[test]
fn a_page_is_never_longer_than_the_cap() {
    let mut world = World::new();
    for _ in 0..103 {
        world.project(policy());
    }
    for (limit, found) in [(None, 30), (Some(1000), 100)] {
        let page: ProjectsResponse = world.ask(&QueryMsg::Projects { start_after: None, limit });
        assert_eq!(page.projects.len(), found);
    }
}

/// Many large inputs, as large in JSON as can be: the list of open requests has none of them, and a page of whole requests
/// ends before it costs a node too much.
#[test]
fn attack_54_pages_too_large_to_answer() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let input = "\u{1}".repeat(16 << 10);
    let mut requests = Vec::new();
    for _ in 0..40 {
        let msg = ExecuteMsg::Request(NewRequest::new(project, input.clone()));
        let response = world.send(&alice, &msg, fee).unwrap();
        requests.push(cosmwasm_std::from_json::<RequestId>(response.data.unwrap()).unwrap());
    }
    let open: OpenRequestsResponse =
        world.ask(&QueryMsg::OpenRequests { start_after: None, limit: Some(100) });
    assert_eq!(open.requests.iter().map(|r| r.request).collect::<Vec<_>>(), requests);
    assert!(serde_json::to_string(&open).unwrap().len() < 16 << 10);

    let (mut left, mut found) = (requests.clone(), Vec::new());
    while !left.is_empty() {
        let query = QueryMsg::Requests { requests: left.clone() };
        let page: RequestsResponse = world.ask(&query);
        let bytes = serde_json::to_string(&page).unwrap().len();
        assert!(!page.requests.is_empty() && bytes <= limits::MAX_PAGE_BYTES + 110_000, "{bytes}");
        left.drain(..page.requests.len());
        found.extend(page.requests.into_iter().map(|r| r.request));
    }
    assert_eq!(found, requests);
    let unknown: RequestsResponse = world.ask(&QueryMsg::Requests { requests: vec![RequestId(99)] });
    assert_eq!(unknown.requests, []);
    assert!(world.refused(&QueryMsg::Requests { requests: vec![RequestId(1); 101] }).contains("1 to 100"));
}

#[test]
fn results_are_listed_and_stay() {
    let mut world = World::new();
    let project = world.project(policy());
    for body in ["1", "2", "3"] {
        let request = world.drawn_request(project);
        assert_eq!(world.verdict(world.publication(request, body)), None);
    }
    world.blocks(1000);
    let page: ResultsResponse =
        world.ask(&QueryMsg::Results { start_after: Some(RequestId(1)), limit: None });
    let bodies: Vec<_> = page.results.into_iter().map(|result| result.body).collect();
    assert_eq!(bodies, ["2", "3"].map(|text| Body::Inline { text: text.to_owned() }));
}

#[test]
fn what_is_not_there_is_said() {
    let world = World::empty();
    let missing = [
        (QueryMsg::Round { round: Round(9) }, "no such round"),
        (QueryMsg::Epoch { epoch: Epoch(9) }, "no such epoch"),
        (QueryMsg::Project { project: ProjectId(9) }, "no project has the id 9"),
        (QueryMsg::Node { node: NodeId(9) }, "no node has the id 9"),
        (QueryMsg::NodeByKey { key: NodeKey([9; 32]) }, "no node with this key"),
        (QueryMsg::Request { request: RequestId(9) }, "no request has the id 9"),
        (QueryMsg::Result { request: RequestId(9) }, "no result of this request"),
    ];
    for (msg, words) in missing {
        let refused = world.refused(&msg);
        assert!(refused.contains(words), "{refused}");
    }
}
