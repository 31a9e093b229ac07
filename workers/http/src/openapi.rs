//! The OpenAPI document: paths from the handlers, schemas of the contract's types from the contract itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::r#gen::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};
use utoipa::PartialSchema;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::problem::{MEDIA_TYPE, Problem};

/// Adds the security scheme `api_key`, which operations that take an API key name and generated clients send, and the schema of
/// problem documents.
pub struct ApiKeySecurity;

impl utoipa::Modify for ApiKeySecurity {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key of this service"))
            .build();
        let components = api.components.get_or_insert_with(utoipa::openapi::Components::default);
        components.add_security_scheme("api_key", SecurityScheme::Http(key));
        components.schemas.insert("Problem".to_owned(), Problem::schema());
    }
}

/// Schemas of contract types, to be referred to as `#/components/schemas/<Name>`.
pub struct ContractSchemas {
    generator: SchemaGenerator,
}

impl Default for ContractSchemas {
    fn default() -> Self {
        Self::new()
    }
}

impl ContractSchemas {
    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2019_09().with(|settings| {
            settings.definitions_path = "#/components/schemas/".to_owned();
        });
        Self { generator: settings.into_generator() }
    }

    /// Adds a type and all types it consists of.
    #[must_use]
    pub fn with<T: JsonSchema>(mut self) -> Self {
        self.generator.subschema_for::<T>();
        self
    }
}

/// Returns the whole document as JSON, indented, with a trailing newline.
///
/// # Errors
/// [`serde_json::Error`] if the document does not serialise, which the types rule out.
pub fn document(api: &utoipa::openapi::OpenApi, schemas: ContractSchemas) -> serde_json::Result<String> {
    let mut document = serde_json::to_value(api)?;
    let definitions = schemas.generator.into_root_schema_for::<()>().definitions;
    if let Some(root) = document.as_object_mut() {
        let components = root.entry("components").or_insert_with(|| json!({}));
        if let Some(components) = components.as_object_mut() {
            let all = components.entry("schemas").or_insert_with(|| json!({}));
            if let Some(all) = all.as_object_mut() {
                for (name, schema) in definitions {
                    all.insert(name, serde_json::to_value(schema)?);
                }
            }
        }
    }
    describe_refusals(&mut document);
    Ok(format!("{}\n", serde_json::to_string_pretty(&sorted(document))?))
}

/// The guard's answers before or instead of a handler: status, description, and whether only calls with a body get it.
const GUARD: [(&str, &str, bool); 4] = [
    ("408", "The body took too long to arrive", true),
    ("413", "The body is larger than this service takes", true),
    ("429", "More calls than this client may make; `Retry-After` says when to ask again", false),
    (
        "503",
        "Overloaded, stopping, or without a part that it needs; `Retry-After` says when to ask again",
        false,
    ),
];

/// Adds the guard's refusals to every operation, and the problem document to every refusal that names no body of its own.
fn describe_refusals(document: &mut Value) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    for operation in operations.filter_map(Value::as_object_mut) {
        let has_body = operation.contains_key("requestBody");
        let responses = operation.entry("responses").or_insert_with(|| json!({}));
        let Some(responses) = responses.as_object_mut() else { continue };
        for (status, description, of_bodies) in GUARD {
            if has_body || !of_bodies {
                responses.entry(status).or_insert_with(|| json!({ "description": description }));
            }
        }
        for (status, response) in responses {
            let Some(response) = response.as_object_mut() else { continue };
            if status.starts_with(['4', '5']) {
                let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
                response.entry("content").or_insert_with(|| json!({ MEDIA_TYPE: schema }));
            }
            if matches!(status.as_str(), "429" | "503") {
                let seconds = json!({ "description": "Seconds to wait", "schema": { "type": "integer" } });
                response.entry("headers").or_insert_with(|| json!({ "Retry-After": seconds }));
            }
        }
    }
}

/// Returns the value with every object's keys sorted: a map's own order depends on which other crates are built along.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let keys: BTreeMap<String, Value> =
                map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(keys.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_the_refusals_of_the_guard() {
        let mut document = json!({ "paths": { "/a": {
            "get": { "responses": { "200": {}, "404": { "description": "None" } } },
            "put": { "requestBody": {}, "responses": { "413": { "description": "Above 1 MiB" } } },
        } } });
        describe_refusals(&mut document);
        let statuses = |method: &str| {
            let responses = document["paths"]["/a"][method]["responses"].as_object().unwrap();
            responses.keys().cloned().collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(statuses("get"), ["200", "404", "429", "503"].map(str::to_owned).into());
        assert_eq!(statuses("put"), ["408", "413", "429", "503"].map(str::to_owned).into());
        let put = &document["paths"]["/a"]["put"]["responses"];
        assert_eq!(put["413"]["description"], "Above 1 MiB", "what an operation says itself stands");
        assert!(put["503"]["headers"]["Retry-After"].is_object());
        let problem = &document["paths"]["/a"]["get"]["responses"]["404"]["content"][MEDIA_TYPE];
        assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
    }

    #[test]
    fn contract_types_are_described_with_all_they_refer_to() {
        let api = utoipa::openapi::OpenApiBuilder::new().build();
        let schemas = ContractSchemas::new().with::<gateway_api::RequestResponse>();
        let document: Value = serde_json::from_str(&document(&api, schemas).unwrap()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let code = schemas["RequestResponse"]["properties"]["code"].to_string();
        assert!(code.contains("\"#/components/schemas/CodeRef\""), "{code}");
        assert!(schemas.contains_key("CodeRef") && schemas.contains_key("DrawInfo"));
    }
}
