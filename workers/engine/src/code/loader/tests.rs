//! The loader against local mirrors: the first right bytes win, whoever sends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use sha2::{Digest, Sha256};

use super::super::dag::tests::Blocks;
use super::*;

const CODE: &str = "mainFunction = ({ a, b }) => a + b;";

struct Mirrors {
    base: String,
    hits: Arc<AtomicUsize>,
    _dir: tempfile::TempDir,
    loader: CodeLoader,
    sha256: [u8; 32],
}

async fn mirrors() -> Mirrors {
    let hits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&hits);
    let sha256: [u8; 32] = Sha256::digest(CODE).into();
    let app = Router::new()
        .route("/evil.js", get(|| async { "mainFunction = () => 'stolen';" }))
        .route("/big.js", get(|| async { "x".repeat(100_000) }))
        .route("/binary.js", get(|| async { vec![0xffu8, 0xfe] }))
        .route("/moved.js", get(|| async { Redirect::temporary("/good.js") }))
        .route("/out.js", get(|| async { Redirect::temporary("http://10.0.0.1/good.js") }))
        .route("/loop.js", get(|| async { Redirect::temporary("/loop.js") }))
        .route("/good.js", get(|| async { CODE }))
        .route(
            &format!("/v1/code/{}", hex::encode(sha256)),
            get(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                async { CODE }
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let dir = tempfile::tempdir().unwrap();
    let mut config = CodeLoaderConfig::new(dir.path());
    config.allow_http_loopback = true;
    config.stores = vec![format!("{base}/missing"), base.clone()];
    Mirrors { base, hits, _dir: dir, loader: CodeLoader::new(config).unwrap(), sha256 }
}

fn size() -> u32 {
    u32::try_from(CODE.len()).unwrap()
}

impl Mirrors {
    fn at(&self, path: &str) -> CodeSource {
        CodeSource::Https { url: format!("{}{path}", self.base) }
    }
}

#[tokio::test]
async fn wrong_mirrors_are_passed_over_and_the_cache_answers_next_time() {
    let m = mirrors().await;
    let sources = [m.at("/evil.js"), m.at("/none.js"), m.at("/big.js"), CodeSource::Store {}];
    let code = m.loader.load(m.sha256, size(), &sources).await.unwrap();
    assert_eq!(&*code, CODE.as_bytes());
    m.loader.load(m.sha256, size(), &sources).await.unwrap();
    assert_eq!(m.hits.load(Ordering::Relaxed), 1, "the second time nobody was asked");
}

#[tokio::test]
async fn redirects_are_followed_within_the_rules() {
    let m = mirrors().await;
    assert!(m.loader.load(m.sha256, size(), &[m.at("/moved.js")]).await.is_ok());
    let m = mirrors().await;
    let error = m.loader.load(m.sha256, size(), &[m.at("/out.js"), m.at("/loop.js")]).await.unwrap_err();
    let text = error.to_string();
    assert!(error.is_retryable());
    assert!(text.contains("only https is allowed") && text.contains("more than 3 redirects"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_code_is_refused() {
    let m = mirrors().await;
    let binary = Sha256::digest([0xff, 0xfe]).into();
    let error = m.loader.load(binary, 2, &[m.at("/binary.js")]).await.unwrap_err();
    assert!(matches!(error, CodeError::NotUtf8 { at: 0 }), "{error}");
    let error = m.loader.load(m.sha256, 2 << 20, &[CodeSource::Store {}]).await.unwrap_err();
    assert!(matches!(error, CodeError::TooLarge { size: 0x20_0000, limit: 0x10_0000 }), "{error}");
    let error =
        m.loader.load([1; 32], size(), &[CodeSource::Ipfs { cid: "no-cid".into() }]).await.unwrap_err();
    assert!(error.to_string().contains("not a valid source"), "{error}");
    assert!(m.loader.load([1; 32], size(), &[]).await.is_err());
}

#[tokio::test]
async fn plain_http_is_refused_outside_development() {
    let m = mirrors().await;
    let dir = tempfile::tempdir().unwrap();
    let strict = CodeLoader::new(CodeLoaderConfig::new(dir.path())).unwrap();
    let error = strict.load(m.sha256, size(), &[m.at("/good.js")]).await.unwrap_err();
    assert!(error.to_string().contains("only https is allowed"), "{error}");
    let hash = strict.insert(CODE.as_bytes()).await.unwrap();
    assert_eq!(hash, m.sha256);
    assert!(strict.load(hash, size(), &[]).await.is_ok(), "what was inserted needs no source");
}

/// A loader with two gateways, the first of which is scripted, and a file of five blocks that both have.
struct Gateways {
    loader: CodeLoader,
    file: CodeSource,
    sha256: [u8; 32],
    /// Number of blocks requested from the second gateway.
    second: Arc<AtomicUsize>,
    _dir: tempfile::TempDir,
}

type Answer = fn(Vec<u8>) -> Option<Vec<u8>>;

async fn gateways(first: Answer, second: Answer) -> Gateways {
    let mut blocks = Blocks::default();
    let leaves = [blocks.raw(&CODE.as_bytes()[..10]), blocks.raw(&CODE.as_bytes()[10..20])];
    let (left, last) = (blocks.file(&leaves), blocks.raw(&CODE.as_bytes()[20..]));
    let (root, _) = blocks.file(&[left, last]);
    let blocks = Arc::new(blocks.0);
    let asked = Arc::new(AtomicUsize::new(0));
    let gateway = |answer: Answer, counter: Arc<AtomicUsize>| {
        let blocks = Arc::clone(&blocks);
        get(move |cid: axum::extract::Path<String>| {
            counter.fetch_add(1, Ordering::Relaxed);
            let block = blocks.get(&cid.0).cloned().and_then(answer);
            async move { block.ok_or(axum::http::StatusCode::NOT_FOUND) }
        })
    };
    let app = Router::new()
        .route("/a/ipfs/{cid}", gateway(first, Arc::default()))
        .route("/b/ipfs/{cid}", gateway(second, Arc::clone(&asked)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let dir = tempfile::tempdir().unwrap();
    let mut config = CodeLoaderConfig::new(dir.path());
    config.allow_http_loopback = true;
    config.ipfs_gateways = vec![format!("{base}/a"), format!("{base}/b")];
    let loader = CodeLoader::new(config).unwrap();
    let sha256 = Sha256::digest(CODE).into();
    Gateways { loader, file: CodeSource::Ipfs { cid: root.to_string() }, sha256, second: asked, _dir: dir }
}

#[tokio::test]
async fn a_file_of_several_blocks_is_put_together_from_whoever_has_them() {
    let flipped: Answer = |mut block| {
        block[0] ^= 1;
        Some(block)
    };
    let cases: [(Answer, usize); 4] =
        [(Some, 0), (flipped, 5), (|_| None, 5), (|_| Some(vec![b'x'; 1 << 20]), 5)];
    for (first, of_the_second) in cases {
        let g = gateways(first, Some).await;
        let code = g.loader.load(g.sha256, size(), std::slice::from_ref(&g.file)).await.unwrap();
        assert_eq!(&*code, CODE.as_bytes());
        assert_eq!(g.second.load(Ordering::Relaxed), of_the_second);
    }
    // One gateway has the leaves, the other the nodes: one that fails is tried last, and again if the other fails too.
    let g =
        gateways(|block| (block.len() < 20).then_some(block), |block| (block.len() >= 20).then_some(block))
            .await;
    assert!(g.loader.load(g.sha256, size(), std::slice::from_ref(&g.file)).await.is_ok());
}

#[tokio::test]
async fn a_file_of_several_blocks_that_is_not_the_pinned_one_is_refused() {
    let g = gateways(|_| None, |block| (block.len() >= 20).then_some(block)).await;
    let error = g.loader.load(g.sha256, size(), std::slice::from_ref(&g.file)).await.unwrap_err();
    assert!(
        error.is_retryable() && error.to_string().contains("no gateway has the block bafkrei"),
        "{error}"
    );
    let g = gateways(Some, Some).await;
    let error = g.loader.load([1; 32], size(), std::slice::from_ref(&g.file)).await.unwrap_err();
    assert!(error.to_string().contains("another file"), "{error}");
    let error = g.loader.load(g.sha256, size() - 1, std::slice::from_ref(&g.file)).await.unwrap_err();
    assert!(error.to_string().contains("a part has"), "{error}");
}
