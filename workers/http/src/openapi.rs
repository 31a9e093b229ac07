//! The OpenAPI document: paths from the handlers, schemas of the contract's types from the contract's own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::r#gen::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// Adds the security scheme `api_key`: operations that take an API key name it, and generated clients send it.
pub struct ApiKeySecurity;

impl utoipa::Modify for ApiKeySecurity {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key of this service"))
            .build();
        let components = api.components.get_or_insert_with(utoipa::openapi::Components::default);
        components.add_security_scheme("api_key", SecurityScheme::Http(key));
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
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2019_09().with(|settings| {
            settings.definitions_path = "#/components/schemas/".to_owned();
        });
        Self { generator: settings.into_generator() }
    }

    /// Adds a type and all it is made of.
    #[must_use]
    pub fn with<T: JsonSchema>(mut self) -> Self {
        self.generator.subschema_for::<T>();
        self
    }
}

/// The whole document as JSON, indented, with a line break at its end.
///
/// # Errors
/// [`serde_json::Error`] where the document does not serialise, which the types do not allow.
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
    Ok(format!("{}\n", serde_json::to_string_pretty(&sorted(document))?))
}

/// The value with every object's keys in order: how a map orders them depends on what else is built along.
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
