//! Writes the JSON Schemas of every contract, from which clients in other languages generate their types.

use cosmwasm_schema::generate_api;

use crate::error::XtaskError;
use crate::{generated, workspace};

/// Writes or checks the schemas.
pub(crate) fn run(check: bool) -> Result<(), XtaskError> {
    let gateway = generate_api! {
        name: "gateway",
        instantiate: gateway_api::InstantiateMsg,
        execute: gateway_api::ExecuteMsg,
        query: gateway_api::QueryMsg,
        migrate: gateway_api::MigrateMsg,
        sudo: gateway_api::SudoMsg,
    };
    let consumer = generate_api! {
        name: "consumer_example",
        instantiate: consumer_example::msg::InstantiateMsg,
        execute: consumer_example::msg::ExecuteMsg,
        query: consumer_example::msg::QueryMsg,
    };
    for (name, api) in [("gateway", gateway), ("consumer_example", consumer)] {
        let text = api.render().to_string().map_err(|error| XtaskError::Schema(error.to_string()))?;
        let path = workspace::root().join("schema").join(format!("{name}.json"));
        generated::put(&path, &(text + "\n"), check, "schema")?;
    }
    Ok(())
}
