//! Code sealed to the node is fetched with a signed request, run, and never written to disk.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use gateway_api::{
    AbstentionReason, CodeForNode, EncryptionKey, NOT_SEALED, Policy, ProjectId, SignedCodeRequest,
};
use gateway_http::Problem;
use gateway_protocol::{code_hash, verify_code_request};
use gateway_sealing::seal_code;
use gateway_store::JobState;
use gateway_testkit::DOMAIN;

use super::fixture::{CODE, NODE, Node, Relay, Vm, World, opening_key, secret};

const PROJECT: ProjectId = ProjectId(1);

/// A store's answer, and the requests that it was sent.
#[derive(Default)]
struct Shelf {
    gives: Mutex<Option<CodeForNode>>,
    asked: Mutex<Vec<SignedCodeRequest>>,
}

async fn give(State(shelf): State<Arc<Shelf>>, Json(request): Json<SignedCodeRequest>) -> Response {
    let node = request.node;
    shelf.asked.lock().unwrap().push(request);
    match shelf.gives.lock().unwrap().clone() {
        Some(given) => Json(given).into_response(),
        None => {
            let problem = Problem::new(StatusCode::FORBIDDEN, NOT_SEALED, "Not sealed to this node");
            problem.detail(format!("code x is not sealed to node {node}")).into_response()
        }
    }
}

/// Serves a store on loopback.
async fn store() -> (Arc<Shelf>, String) {
    let shelf = Arc::new(Shelf::default());
    let router = Router::new().route("/v1/sealed-code/fetch", post(give)).with_state(shelf.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (shelf, url)
}

fn sealed(code: &str, key: EncryptionKey) -> CodeForNode {
    seal_code(&DOMAIN, PROJECT, code.as_bytes(), [(NODE, key)]).unwrap().for_node(NODE).unwrap()
}

/// Starts a node without the plain code, seated for request 1.
async fn seated(world: &World, vm: Arc<Vm>, relay: &Relay) -> Node {
    let node = world.start(vm, vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.commit();
    world.chain.draw();
    world.chain.commit();
    node
}

async fn world() -> (World, Arc<Shelf>) {
    let (shelf, url) = store().await;
    let mut world = World::new();
    (world.stores, world.has_code) = (vec![url], false);
    (world, shelf)
}

#[tokio::test]
async fn code_that_is_sealed_to_the_node_runs_and_is_never_written() {
    let (world, shelf) = world().await;
    *shelf.gives.lock().unwrap() = Some(sealed(CODE, opening_key().public()));
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = seated(&world, vm.clone(), &relay).await;
    node.job(1, JobState::Sent).await;
    assert_eq!(&*vm.jobs.lock().unwrap()[0].code, CODE.as_bytes());

    // It is requested once; the opened code is kept in memory.
    world.open(2, Policy::default());
    world.chain.commit();
    world.chain.draw();
    world.chain.commit();
    node.job(2, JobState::Sent).await;
    node.stop().await;
    let asked = shelf.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].node, asked[0].project, asked[0].sha256),
        (NODE, PROJECT, code_hash(CODE.as_bytes()))
    );
    assert_eq!(verify_code_request(&DOMAIN, &secret().public(), &asked[0]), Ok(()));
    let mut folders = vec![world.files.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let written = bytes.windows(CODE.len()).any(|part| part == CODE.as_bytes());
            assert!(!written, "{} has the code", path.display());
        }
    }
}

#[tokio::test]
async fn code_that_cannot_be_opened_is_abstained_from_by_name() {
    let hash = code_hash(CODE.as_bytes());
    let another = CodeForNode { sha256: hash, ..sealed("export default () => 43", opening_key().public()) };
    let moved = CodeForNode { project: ProjectId(2), ..sealed(CODE, opening_key().public()) };
    let not_here = AbstentionReason::CodeNotFound;
    for (given, reason, text) in [
        (None, not_here, format!("the code {hash} is sealed and not to this node")),
        (
            Some(sealed(CODE, EncryptionKey([9; 32]))),
            not_here,
            format!("the code {hash} is sealed to another key of this node"),
        ),
        (
            Some(another),
            AbstentionReason::CodeInvalid,
            "that is sealed to this node cannot be used".to_owned(),
        ),
        (Some(moved), AbstentionReason::CodeInvalid, "the store sent another one".to_owned()),
    ] {
        let (world, shelf) = world().await;
        *shelf.gives.lock().unwrap() = given;
        let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
        let node = seated(&world, vm.clone(), &relay).await;
        let abstentions = relay.abstentions(1).await;
        assert_eq!((abstentions[0].node, abstentions[0].reason), (NODE, reason));
        assert!(abstentions[0].detail.contains(&text), "{} has not {text}", abstentions[0].detail);
        assert_eq!(vm.runs(), 0);
        node.stop().await;
    }
}
