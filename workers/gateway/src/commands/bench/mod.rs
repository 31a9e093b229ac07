//! `gateway bench`: real requests at a steady rate, and how long their results take. On a network of its own on this machine,
//! or at a relay that is already running.

mod idle;
mod load;
mod report;
mod trace;
mod transactions;
mod usage;

use std::time::Duration;

use gateway_chain::ChainReader;
use gateway_localnet::{Localnet, LocalnetConfig, example};
use idle::Idle;
use load::{Load, Target};
use report::Report;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use transactions::Transactions;

use super::CommandError;
use crate::arguments::Bench;

/// Runs it. Ctrl-C stops everything and prints nothing.
pub(crate) async fn run(options: Bench, cancel: CancellationToken) -> Result<(), CommandError> {
    let load = Load { requests: options.requests, per_second: options.rate };
    let input = options.input.as_deref().map(serde_json::from_str).transpose()?;
    match (&options.relay, options.project, &options.api_key_file) {
        (Some(relay), Some(project), Some(file)) => {
            let api_key = std::fs::read_to_string(file)
                .map_err(|error| format!("the API key's file {}: {error}", file.display()))?;
            let target = Target {
                relay: relay.trim_end_matches('/').to_owned(),
                api_key: api_key.trim().to_owned(),
                project,
                input: input.unwrap_or(Value::Null),
            };
            tokio::select! {
                report = offer(target, load) => println!("{}", report?),
                () = cancel.cancelled() => {}
            }
            Ok(())
        }
        _ => on_a_network_of_its_own(&options, load, input, cancel).await,
    }
}

async fn offer(target: Target, load: Load) -> Result<Report, CommandError> {
    let (fates, took) = load::offer(target, load).await?;
    Ok(Report::new(&fates, took))
}

async fn on_a_network_of_its_own(
    options: &Bench,
    load: Load,
    input: Option<Value>,
    cancel: CancellationToken,
) -> Result<(), CommandError> {
    let home = tempfile::Builder::new().prefix("gateway-bench-").tempdir()?;
    let mut config = LocalnetConfig::new(std::env::current_exe()?, home.path().to_owned());
    config.nodes = usize::from(options.nodes);
    config.block_time = options.block_time;
    config.epoch_blocks = options.epoch_blocks;
    config.log = "warn".to_owned();
    config.chain = options.on.kind()?;
    let net = tokio::select! {
        net = Localnet::start(config, |step| eprintln!("{step}")) => net?,
        () = cancel.cancelled() => return Ok(()),
    };
    let outcome = tokio::select! {
        outcome = measured(&net, load, input, options.idle) => outcome.map(Some),
        died = net.watch() => Err(died.into()),
        () = cancel.cancelled() => Ok(None),
    };
    let stopped = net.shutdown().await;
    let blocks = format!(
        "{} nodes, a block every {}, {} blocks an epoch",
        options.nodes,
        humantime::format_duration(options.block_time),
        options.epoch_blocks
    );
    match outcome? {
        Some(Measured::Load(report)) => {
            println!("{blocks}, {} requests at {} a second\n\n{report}", load.requests, load.per_second);
        }
        Some(Measured::Idle(idle)) => {
            println!("{blocks}, no requests for {}\n\n{idle}", humantime::format_duration(idle.time));
        }
        None => {}
    }
    Ok(stopped?)
}

/// What was found out on a network of its own.
enum Measured {
    Load(Box<Report>),
    Idle(Idle),
}

async fn measured(
    net: &Localnet,
    load: Load,
    input: Option<Value>,
    idle: Option<Duration>,
) -> Result<Measured, CommandError> {
    let project = net.register(&example::addition()).await?.get();
    let target = |input| Target { relay: net.relay_url(), api_key: net.api_key().to_owned(), project, input };
    let input = input.unwrap_or_else(|| json!({"a": 3, "b": 5}));
    eprintln!("one request that is not counted, so that the nodes have the code");
    load::offer(target(input.clone()), Load { requests: 1, per_second: 1.0 }).await?;
    let before = usage::by_kind(&net.processes());
    if let Some(time) = idle {
        eprintln!("waiting");
        tokio::time::sleep(time).await;
        let usage = usage::between(&before, usage::by_kind(&net.processes()));
        return Ok(Measured::Idle(Idle { time, usage }));
    }
    eprintln!("offering the load");
    let first = net.reader().status().await?.height + 1;
    let (fates, took) = load::offer(target(input), load).await?;
    let usage = usage::between(&before, usage::by_kind(&net.processes()));
    let transactions = Transactions::read(net, first..=net.reader().status().await?.height).await?;
    Ok(Measured::Load(Box::new(Report::new(&fates, took).with_transactions(transactions).with_usage(usage))))
}
