//! Private code over HTTP: stored with an API key, served only to nodes that draw.

use gateway_api::{
    CODE_TAG_BYTES, CodeForNode, CodeHash, EncryptionKey, NodeId, NodeResponse, ProjectId, QueryMsg,
    SealedCode, SealedValue, SignedCodeRequest,
};
use gateway_protocol::{Domain, SecretKey, sign_code_request};
use gateway_testkit::{DOMAIN, TestNode};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::{API_KEY, Running, chain, global};

/// The third of the chain's nodes, whose secret is the byte 3.
const NODE: NodeId = NodeId(3);
const PROJECT: ProjectId = ProjectId(7);
const CODE: CodeHash = CodeHash([1; 32]);

fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes(&[byte; 32]).expect("a key")
}

/// Sends JSON, with the API key if given; returns the status and the answer.
async fn send(
    global: &Running,
    method: Method,
    path: &str,
    key: Option<&str>,
    body: &impl Serialize,
) -> (u16, Value) {
    let mut call = global.client.request(method, format!("{}{path}", global.url)).json(body);
    if let Some(key) = key {
        call = call.bearer_auth(key);
    }
    global.send(call).await
}

fn sealed(byte: u8, nodes: &[u32]) -> SealedCode {
    let sealed_to = |node: &u32| SealedValue {
        node: NodeId(*node),
        key: EncryptionKey([2; 32]),
        ciphertext: vec![byte; 112].into(),
    };
    SealedCode {
        project: PROJECT,
        sha256: CODE,
        size: 4,
        ciphertext: vec![byte; 4 + CODE_TAG_BYTES].into(),
        keys: nodes.iter().map(sealed_to).collect(),
    }
}

fn asked(signer: &SecretKey, domain: &Domain<'_>, height: u64) -> SignedCodeRequest {
    sign_code_request(domain, signer, NODE, PROJECT, CODE, height)
}

const PUT: &str = "/v1/sealed-code";
const FETCH: &str = "/v1/sealed-code/fetch";

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_draws_is_given_what_is_sealed_to_it() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let global = global(dir.path(), &chain).await;
    let fetch =
        async || send(&global, Method::POST, FETCH, None, &asked(&key(3), &DOMAIN, chain.height())).await;
    assert_eq!(fetch().await.0, 404);

    // Sealed anew, a different ciphertext replaces the first.
    for byte in [4, 5] {
        let (status, stored) = send(&global, Method::PUT, PUT, Some(API_KEY), &sealed(byte, &[1, 3])).await;
        assert_eq!((status, stored["nodes"].as_u64()), (201, Some(2)), "{stored}");
        let (status, given) = fetch().await;
        assert_eq!(status, 200, "{given}");
        let given: CodeForNode = serde_json::from_value(given).expect("its form");
        assert_eq!(Some(given), sealed(byte, &[1, 3]).for_node(NODE));
    }
    send(&global, Method::PUT, PUT, Some(API_KEY), &sealed(6, &[1])).await;
    let (status, problem) = fetch().await;
    assert_eq!((status, problem["type"].as_str()), (403, Some("/problems/not-sealed")));
    assert!(
        problem["detail"].as_str().is_some_and(|text| text.ends_with("is not sealed to node 3")),
        "{problem}"
    );

    // Anything but sealed code is rejected, and plain code is not served this way.
    let (status, problem) = send(&global, Method::PUT, PUT, Some(API_KEY), &sealed(6, &[3, 1])).await;
    assert_eq!((status, problem["field"].as_str()), (400, Some("keys")));
    assert_eq!(global.get(&format!("/v1/code/{CODE}")).await.0, 404);
    global.stop().await;
}

/// Not without the node's key, for another chain, many blocks before or after the height it was signed at, or for a node that
/// does not draw.
#[tokio::test(flavor = "multi_thread")]
async fn attack_83_private_code_asked_for_by_a_stranger() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let global = global(dir.path(), &chain).await;
    // Requests signed long ago need a chain that is long enough.
    while chain.height() < 130 {
        chain.commit();
    }
    let now = || chain.height();
    let put = async |key| send(&global, Method::PUT, PUT, key, &sealed(4, &[3])).await.0;
    assert_eq!(put(None).await, 401);
    assert_eq!(put(Some("nobody's key")).await, 401);
    assert_eq!(put(Some(API_KEY)).await, 201);

    let fetch = async |request: SignedCodeRequest| {
        let (status, answer) = send(&global, Method::POST, FETCH, None, &request).await;
        assert!(answer.get("ciphertext").is_none() || status == 200);
        (status, answer["detail"].as_str().unwrap_or_default().to_owned())
    };
    let refused = async |request, why: &str| {
        let (status, detail) = fetch(request).await;
        assert_eq!(status, 403, "{detail}");
        assert!(detail.contains(why), "{detail}");
    };
    let elsewhere = Domain { chain_id: "another", ..DOMAIN };
    refused(asked(&key(8), &DOMAIN, now()), "the signature is not").await;
    refused(asked(&key(3), &elsewhere, now()), "the signature is not").await;
    refused(asked(&key(3), &DOMAIN, now().saturating_sub(110)), "blocks apart").await;
    refused(asked(&key(3), &DOMAIN, now() + 110), "blocks apart").await;
    let mut later = asked(&key(3), &DOMAIN, now().saturating_sub(110));
    later.height = now();
    refused(later, "the signature is not").await;
    let mut other = asked(&key(3), &DOMAIN, now());
    other.node = NodeId(9);
    refused(other, "there is no node 9").await;
    assert_eq!(fetch(asked(&key(3), &DOMAIN, now())).await.0, 200);

    // A node that is registered but does not draw yet, and one that is jailed.
    let later = chain.register_node(TestNode::new(6, 1));
    chain.commit();
    let request = sign_code_request(&DOMAIN, &later.key(), later.id, PROJECT, CODE, now());
    assert_eq!(fetch(request).await.0, 403);
    let node: NodeResponse = chain.ask(&QueryMsg::Node { node: NODE });
    let jailed = serde_json::to_value(NodeResponse { jailed_until: Some(99), ..node }).expect("JSON");
    chain.script(move |query| matches!(query, QueryMsg::Node { .. }).then(|| jailed.clone()));
    chain.commit();
    assert_eq!(fetch(asked(&key(3), &DOMAIN, now())).await.0, 403);
    global.stop().await;
}
