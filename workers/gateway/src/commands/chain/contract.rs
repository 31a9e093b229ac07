//! `gateway contract`: what the admin does with the gateway contract itself, and what a developer does with a consumer
//! contract.

use std::path::{Path, PathBuf};

use gateway_api::events::GatewayEvent;
use gateway_api::{ConfigResponse, ExecuteMsg, InstantiateMsg, QueryMsg, Settings};
use gateway_chain::tx::Msg;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::archwayd;
use super::session::Session;
use crate::arguments::{Contract, ContractAction};
use crate::commands::{CommandError, code_file};

/// Runs `gateway contract`.
pub(in crate::commands) async fn run(command: Contract) -> Result<(), CommandError> {
    let session = &Session::open(&command.chain, Path::new("."))?;
    match command.action {
        ContractAction::Deploy { wasm, checksum, settings, message, label } => {
            let bytes = match checksum {
                Some(checksum) => checked(&wasm, &checksum)?,
                None => code_file::bytes(&wasm)?,
            };
            let message = match message {
                Some(text) => json_text("--message", &text)?,
                None => serde_json::to_value(gateway_message(session, settings)?)?,
            };
            deploy(session, &wasm, bytes, &message, &label).await
        }
        ContractAction::Migrate { wasm, checksum } => migrate(session, &wasm, &checksum).await,
        ContractAction::Settings { set: None } => {
            let config: ConfigResponse = session.ask(&QueryMsg::Config {}).await?;
            let settings = serde_json::to_string_pretty(&config.settings)?;
            session.print(&config, || {
                format!(
                    "admin {}, release {}, settings version {}\n{settings}",
                    config.admin, config.release, config.settings_version
                )
            })
        }
        ContractAction::Settings { set: Some(file) } => {
            let message = ExecuteMsg::UpdateSettings { settings: read_settings(&file)? };
            session
                .send_and_report(&message, 0, "new requests have these settings; open ones keep theirs")
                .await
        }
        ContractAction::Pause => {
            session.send_and_report(&ExecuteMsg::SetPaused { paused: true }, 0, "new work is refused").await
        }
        ContractAction::Resume => {
            session.send_and_report(&ExecuteMsg::SetPaused { paused: false }, 0, "new work is taken").await
        }
        ContractAction::Send { address, message, funds } => {
            send_to(session, &address, &json_text("the message", &message)?, funds).await
        }
        ContractAction::Query { address, query } => {
            let answer = session.ask_of(&address, &json_text("the query", &query)?).await?;
            super::say(&serde_json::to_string_pretty(&answer)?)
        }
    }
}

fn json_text(what: &str, text: &str) -> Result<Value, CommandError> {
    serde_json::from_str(text).map_err(|e| format!("{what} is not JSON: {e}").into())
}

/// Sends a message to any contract and names the requests that it opened.
async fn send_to(
    session: &Session,
    contract: &str,
    message: &Value,
    funds: u128,
) -> Result<(), CommandError> {
    let Some(sent) = session.send_to(contract, message, funds).await? else { return Ok(()) };
    let requests: Vec<_> = sent
        .events
        .iter()
        .filter_map(|event| match event {
            GatewayEvent::RequestOpened(opened) => Some(opened.request),
            _ => None,
        })
        .collect();
    session.print(&sent.json(json!({ "requests": requests })), || {
        let mut lines = vec![format!("transaction {}", sent.hash)];
        lines.extend(requests.iter().map(|request| format!("request {request}")));
        lines.join("\n")
    })
}

fn read_settings(file: &Path) -> Result<Settings, CommandError> {
    let settings: Settings =
        serde_json::from_slice(&code_file::bytes(file)?).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(settings)
}

/// Reads a wasm file and checks it against the release's checksum.
fn checked(wasm: &Path, checksum: &str) -> Result<Vec<u8>, CommandError> {
    let bytes = code_file::bytes(wasm)?;
    let found = hex::encode(Sha256::digest(&bytes));
    if !found.eq_ignore_ascii_case(checksum.trim()) {
        return Err(format!("{}: its checksum is {found}, and not {checksum}", wasm.display()).into());
    }
    Ok(bytes)
}

/// Returns the message that instantiates a gateway.
fn gateway_message(session: &Session, settings: Option<PathBuf>) -> Result<InstantiateMsg, CommandError> {
    let settings = match settings {
        Some(file) => read_settings(&file)?,
        None => Settings { denom: session.network.denom.clone(), ..Settings::default() },
    };
    Ok(InstantiateMsg { admin: None, settings })
}

async fn deploy(
    session: &Session,
    wasm: &Path,
    bytes: Vec<u8>,
    message: &Value,
    label: &str,
) -> Result<(), CommandError> {
    if session.generates_only() {
        let text = message.to_string();
        let store = archwayd::store(&session.network, &wasm.display().to_string());
        // The code's id is known only once it is stored.
        let make = archwayd::instantiate(&session.network, 0, &text, label, "<your address>").replacen(
            "instantiate 0 ",
            "instantiate <code id> ",
            1,
        );
        return session.print_message(message, &format!("{store}\n{make}"), 0);
    }
    let deployer = session.deployer().await?;
    session.progress("storing the code");
    let stored = deployer.store_code(bytes).await?;
    session.progress(&format!("code {} is stored; making the contract", stored.code_id));
    let admin = deployer.address().to_owned();
    let made =
        deployer.instantiate(stored.code_id, label, serde_json::to_vec(message)?, Some(&admin), &[]).await?;
    let (contract, name) = (&made.address, &session.network.name);
    let answer = json!({ "contract": contract, "code_id": stored.code_id, "admin": admin });
    let is_gateway = message.get("settings").is_some();
    session.print(&answer, || {
        if !is_gateway {
            return format!("contract {contract}");
        }
        format!(
            "contract {contract}\n\nWrite it into gateway.toml:\n[networks.{name}]\ncontract = \"{contract}\""
        )
    })
}

async fn migrate(session: &Session, wasm: &Path, checksum: &str) -> Result<(), CommandError> {
    let bytes = checked(wasm, checksum)?;
    let contract = session.network.contract()?;
    let message = json!({});
    if session.generates_only() {
        let store = archwayd::store(&session.network, &wasm.display().to_string());
        let migrate = archwayd::migrate(&session.network, contract, 0, "{}").replacen(
            &format!("{contract} 0 "),
            &format!("{contract} <code id> "),
            1,
        );
        return session.print_message(&message, &format!("{store}\n{migrate}"), 0);
    }
    let deployer = session.deployer().await?;
    session.progress("storing the code");
    let stored = deployer.store_code(bytes).await?;
    session.progress(&format!("code {} is stored; migrating", stored.code_id));
    let migrate = Msg::migrate(deployer.address(), contract, stored.code_id, b"{}".to_vec());
    let found = deployer.submit(vec![migrate]).await?;
    let config: ConfigResponse = session.ask(&QueryMsg::Config {}).await?;
    let answer =
        json!({ "code_id": stored.code_id, "transaction": found.tx.hash, "release": config.release });
    session.print(&answer, || format!("{contract} runs release {}", config.release))
}
