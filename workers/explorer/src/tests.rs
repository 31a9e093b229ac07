//! The page is served whole, with a policy that names only the configured addresses.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tower::ServiceExt;

use super::*;

fn router() -> Router {
    let config = ExplorerConfig {
        rpc: "http://127.0.0.1:26657/".to_owned(),
        contract: "archway1gateway".to_owned(),
        relay: Some(String::new()),
        global: Some("https://global.example/store".to_owned()),
        connect: vec!["https://other.example".to_owned()],
    };
    super::router(config).unwrap()
}

async fn get(path: &str, etag: Option<&str>) -> Response {
    let mut request = Request::get(path);
    if let Some(etag) = etag {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn every_file_that_the_page_names_is_served_with_its_type() {
    let page = get("/", None).await;
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let connect = "connect-src 'self' http://127.0.0.1:26657 https://global.example https://other.example;";
    assert!(policy.contains(connect), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    let html = String::from_utf8(to_bytes(page.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    for file in ["explorer.js", "favicon.svg"] {
        assert!(html.contains(file), "{html}");
    }
    for (file, kind) in
        [("/explorer.js", "text/javascript; charset=utf-8"), ("/verifier.wasm", "application/wasm")]
    {
        let answer = get(file, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], kind);
    }
    assert_eq!(get("/nothing.js", None).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let first = get("/verifier.wasm", None).await;
    let etag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(get("/verifier.wasm", Some(&etag)).await.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(get("/verifier.wasm", Some("\"other\"")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_page_is_config_its_addresses_and_no_more() {
    let body = to_bytes(get("/config.json", None).await.into_body(), 1 << 20).await.unwrap();
    let config: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(config["relay"], "");
    assert_eq!(config["contract"], "archway1gateway");
    assert!(config.get("connect").is_none());
}

#[test]
fn every_file_of_the_bundle_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../artifacts/explorer");
    let mut built: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut embedded: Vec<String> = assets::FILES.iter().map(|file| file.name.to_owned()).collect();
    built.sort();
    embedded.sort();
    assert_eq!(embedded, built);
}

#[test]
fn an_address_that_is_none_is_named() {
    let config = ExplorerConfig { rpc: "ftp://x".to_owned(), ..ExplorerConfig::default() };
    assert!(super::router::<()>(config).unwrap_err().to_string().contains("ftp://x"));
}
