//! `gateway demo`: the whole system on this machine, with real requests followed to their results: three that people and a
//! contract send, and two that a schedule opens and a subscription pays for.

mod api;
mod network_file;
mod progress;
mod scheduled;
mod story;
mod table;

use std::path::{Path, PathBuf};

use api::Api;
use gateway_localnet::{Localnet, LocalnetConfig, LocalnetError, RequestTicket, example};
use progress::Progress;
use serde_json::{Value, json};
use table::Row;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::arguments::Demo;

/// Why the demo failed.
#[derive(Debug, Error)]
pub(crate) enum DemoError {
    /// The folder could not be created.
    #[error("the demo's folder: {0}")]
    Home(std::io::Error),
    /// The folder has the network of an earlier demo, or of a running one.
    #[error(
        "{} has the network of another demo, which cannot be begun again: name another folder, or remove this one if that demo has ended", home.display()
    )]
    Taken {
        /// The folder.
        home: PathBuf,
    },
    /// The network's description for projects could not be written.
    #[error("{}: {source}", file.display())]
    NetworkFile {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The running binary could not be found.
    #[error("this program's own file: {0}")]
    Program(std::io::Error),
    /// The API that a project calls could not be served.
    #[error("an API on this machine: {0}")]
    Api(std::io::Error),
    /// The chain named on the command line is invalid.
    #[error("{0}")]
    Chain(String),
    /// A part of the network failed.
    #[error(transparent)]
    Network(#[from] LocalnetError),
    /// The API's key could not be sealed to the nodes.
    #[error("sealing the API's key: {0}")]
    Sealing(String),
    /// A result is wrong.
    #[error("the result of request {request} ({project}) is {found}, not {expected}")]
    WrongResult {
        /// The request.
        request: u64,
        /// The project's name.
        project: &'static str,
        /// The actual result.
        found: Value,
        /// The expected result.
        expected: Value,
    },
}

/// Runs the demo. Ctrl-C stops everything cleanly.
pub(crate) async fn run(options: Demo, cancel: CancellationToken) -> Result<(), DemoError> {
    let temporary = tempfile::Builder::new().prefix("gateway-demo-").tempdir().map_err(DemoError::Home)?;
    // The whole path: nodes' keys are derived from it, and networks on one machine must share none.
    let home = options.home.as_deref().unwrap_or_else(|| temporary.path());
    let home = std::path::absolute(home).map_err(DemoError::Home)?;
    // Its chain is gone with its process, and its daemons would wait for that chain.
    if home.join("relay.toml").exists() {
        return Err(DemoError::Taken { home });
    }
    let kept_in = home.clone();
    let program = std::env::current_exe().map_err(DemoError::Program)?;
    let progress = Progress::new();

    let api = Api::start().await.map_err(DemoError::Api)?;
    let net = tokio::select! {
        net = bring_up(program, home, &options, &progress) => net?,
        () = cancel.cancelled() => {
            progress.say("stopped");
            return Ok(());
        }
    };
    let mut outcome = tokio::select! {
        outcome = ask_and_answer(&net, &api, &kept_in, &progress) => outcome,
        died = net.watch() => Err(died.into()),
        () = cancel.cancelled() => Ok(()),
    };
    if outcome.is_ok() && options.keep && !cancel.is_cancelled() {
        outcome = keep_running(&net, &kept_in, &progress, &cancel).await;
    }
    progress.begin("stopping everything");
    let stopped = net.shutdown().await;
    progress.finish();
    outcome?;
    Ok(stopped?)
}

async fn bring_up(
    program: PathBuf,
    home: PathBuf,
    options: &Demo,
    progress: &Progress,
) -> Result<Localnet, DemoError> {
    progress.say(&format!("Gateway on this machine: global, a relay and {} nodes", options.nodes));
    let mut config = LocalnetConfig::new(program, home);
    config.nodes = usize::from(options.nodes);
    config.block_time = options.block_time;
    config.chain = options.on.kind().map_err(DemoError::Chain)?;
    Ok(Localnet::start(config, |step| progress.begin(step)).await?)
}

async fn ask_and_answer(
    net: &Localnet,
    api: &Api,
    home: &Path,
    progress: &Progress,
) -> Result<(), DemoError> {
    progress.begin("registering three projects, each pinned by the hash of its code");
    let addition = net.register(&example::addition()).await?;
    let circle = net.register(&example::circle_area()).await?;
    let reduce = net.register(&example::json_reduce()).await?;
    progress.finish();

    let sales = json!([
        {"product": "tea", "units": 3, "price": 250},
        {"product": "cup", "units": 1, "price": 900},
        {"product": "tea", "units": 1, "price": 250},
    ]);
    let story = story::follow(net, net.height().await?, progress.clone());

    progress.say("a user asks for 3 + 5, signing a transaction");
    let first = net.request(addition, &json!({"a": 3, "b": 5})).await?;
    progress.say("a contract asks for the area of a circle of radius 2, and wants to be called back");
    let second = net.request_by_contract(circle, &json!({"radius": 2})).await?;
    progress.say("somebody without an account asks the relay over HTTP to reduce a JSON document");
    let third = net.request_through_relay(reduce, &json!({"document": sales.to_string()})).await?;

    progress.begin("waiting for three results");
    let asked: [(&RequestTicket, &'static str, Value); 3] = [
        (&first, "addition", json!(8)),
        (&second, "circle area", json!(std::f64::consts::PI * 4.0)),
        (
            &third,
            "json reduce",
            json!({
                "best": "tea", "total": 1900,
                "products": {"cup": {"amount": 900, "units": 1}, "tea": {"amount": 1000, "units": 4}},
            }),
        ),
    ];
    let mut rows = Vec::new();
    for (ticket, project, expected) in asked {
        let reading = net.result(ticket).await?;
        let found = reading.value();
        if found != expected {
            return Err(DemoError::WrongResult { request: ticket.request.get(), project, found, expected });
        }
        rows.push(Row::new(project, ticket, &reading));
    }
    progress.finish();
    match net.consumer_answer(&second).await? {
        Some(value) => progress.say(&format!("the contract was called back with {value}")),
        None => {
            return Err(DemoError::WrongResult {
                request: second.request.get(),
                project: "the callback",
                found: Value::Null,
                expected: json!(std::f64::consts::PI * 4.0),
            });
        }
    }
    rows.extend(scheduled::run(net, api, home, progress).await?);
    net.check_ledger().await?;
    story.end_at(net.height().await?).await;
    progress.say("what the contract holds is what its ledger says it owes\n");
    progress.say(&table::render(&rows));
    Ok(())
}

async fn keep_running(
    net: &Localnet,
    home: &Path,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<(), DemoError> {
    let files = network_file::write(net, home)?;
    progress.say(&format!(
        "everything keeps running; Ctrl-C stops it\n  for a project           cat {toml} >> gateway.toml\n  for a shell             . {shell}\n  explorer                {}/\n  chain (Tendermint RPC)  {}\n  relay                   {}\n  global                  {}\n  contract                {}\n  example consumer        {}",
        net.relay_url(), net.chain().rpc_url(), net.relay_url(), net.global_url(), net.contract(), net.consumer(), toml = files.toml.display(), shell = files.shell.display()
    ));
    tokio::select! {
        () = cancel.cancelled() => Ok(()),
        died = net.watch() => Err(died.into()),
    }
}
