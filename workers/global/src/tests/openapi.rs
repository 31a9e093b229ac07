//! The committed document matches the generated one.

/// Environment variable: if set, the file is written instead of compared.
const REGENERATE: &str = "REGENERATE_OPENAPI";

#[test]
fn the_committed_document_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/global-openapi.json");
    let document = crate::openapi().expect("generates");
    if std::env::var_os(REGENERATE).is_some() {
        std::fs::write(path, &document).expect("writes");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == document, "schema/global-openapi.json is stale: run the test with {REGENERATE}=1");
    let json: serde_json::Value = serde_json::from_str(&document).expect("json");
    let schemas = json["components"]["schemas"].as_object().expect("schemas");
    for part in document.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
}
