//! The code store over HTTP.

use gateway_api::{CodeRef, CodeSource, limits};

use super::{API_KEY, chain, global};

#[tokio::test(flavor = "multi_thread")]
async fn storing_needs_a_key_and_reading_needs_the_hash() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let global = global(dir.path(), &chain).await;
    let put = |key: &'static str, body: Vec<u8>| {
        let call = global.client.put(format!("{}/v1/code", global.url)).bearer_auth(key).body(body);
        async move {
            let answer = call.send().await.expect("answers");
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.expect("json"))
        }
    };
    let text = "export default (input) => input";
    assert_eq!(put("nobody's key", text.into()).await.0, 401);
    let (status, stored) = put(API_KEY, text.into()).await;
    assert_eq!((status, stored["size"].as_u64()), (201, Some(text.len() as u64)));
    let code: CodeRef = serde_json::from_value(stored["code"].clone()).expect("a reference");
    assert_eq!((code.fault(), code.sources.as_slice()), (None, [CodeSource::Store {}].as_slice()));

    let url = format!("{}/v1/code/{}", global.url, code.sha256);
    let answer = global.client.get(&url).send().await.expect("answers");
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    assert_eq!(answer.text().await.expect("text"), text);

    assert_eq!(put(API_KEY, vec![b'x'; limits::MAX_CODE_BYTES as usize + 1]).await.0, 413);
    let (status, problem) = put(API_KEY, vec![0xff]).await;
    assert_eq!((status, problem["field"].as_str()), (400, Some("code")));
    assert_eq!(global.get(&format!("/v1/code/{}", "00".repeat(32))).await.0, 404);
    let (status, problem) = global.get("/v1/code/..%2Faccount.key").await;
    assert_eq!((status, problem["field"].as_str()), (400, Some("sha256")));

    std::fs::write(dir.path().join("code").join(code.sha256.to_string()), "evil").expect("writes");
    assert_eq!(
        global.get(&format!("/v1/code/{}", code.sha256)).await.0,
        500,
        "damaged bytes are never served"
    );
    global.stop().await;
}
