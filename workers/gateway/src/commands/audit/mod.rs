//! `gateway audit`: compares a daemon's database with the contract. Read-only; as a daemon may be running, differences are
//! checked again after a while, and only those that remain are reported.

mod node;
mod relay;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use gateway_api::{LedgerResponse, QueryMsg, RequestId, RequestResponse, RequestsResponse, limits};
use gateway_chain::{ChainReader, Endpoints, GatewayQuery};
use gateway_store::Store;
use serde_json::json;

use super::CommandError;
use super::chain::say;
use super::configured::Configured;
use crate::arguments::{ConfiguredDaemon, DaemonKind, OutputFormat};

/// They differ.
const DIFFERENT: u8 = 3;
/// How often, and after which pause, differences are checked again: several blocks.
const PASSES: usize = 3;
const PAUSE: Duration = Duration::from_secs(8);
/// Rows read at once.
const PAGE: u64 = 100;

/// The result of an audit.
#[derive(Default)]
struct Report {
    /// What was compared, and how many of it.
    compared: BTreeMap<&'static str, u64>,
    /// What differs.
    differences: BTreeSet<String>,
}

impl Report {
    fn count(&mut self, what: &'static str, number: usize) {
        *self.compared.entry(what).or_default() += number as u64;
    }

    fn differs(&mut self, what: impl Into<String>) {
        self.differences.insert(what.into());
    }
}

/// What is compared.
struct Audit {
    store: Store,
    chain: Arc<Endpoints>,
    query: GatewayQuery,
    configured: Configured,
}

/// Runs `gateway audit`.
pub(super) async fn run(options: ConfiguredDaemon) -> Result<ExitCode, CommandError> {
    let configured = Configured::read(options.daemon, &options.file)?;
    let store = Store::open_existing(configured.database.expose()).await?;
    let chain = Arc::new(Endpoints::connect(&configured.chain).await?);
    let query = GatewayQuery::new(chain.clone(), configured.chain.contract.as_str());
    let audit = Audit { store, chain, query, configured };
    let mut report = audit.pass(options.daemon).await?;
    for _ in 1..PASSES {
        if report.differences.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        let again = audit.pass(options.daemon).await?;
        let lasting = report.differences.intersection(&again.differences).cloned().collect();
        report = Report { differences: lasting, ..again };
    }
    audit.store.close().await?;
    match options.output {
        OutputFormat::Text => say(&text(&report))?,
        OutputFormat::Json => {
            let Report { compared, differences } = &report;
            let whole = json!({ "compared": compared, "differences": differences });
            say(&serde_json::to_string_pretty(&whole)?)?;
        }
    }
    Ok(if report.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) })
}

fn text(report: &Report) -> String {
    let compared: Vec<_> = report.compared.iter().map(|(what, number)| format!("{number} {what}")).collect();
    let mut lines = vec![format!("compared {}", compared.join(", "))];
    match report.differences.len() {
        0 => lines.push("database and contract agree".to_owned()),
        number => lines.push(format!("{number} differences")),
    }
    lines.extend(report.differences.iter().map(|difference| format!("  {difference}")));
    lines.join("\n")
}

impl Audit {
    async fn pass(&self, daemon: DaemonKind) -> Result<Report, CommandError> {
        let mut report = Report::default();
        self.bindings(&mut report).await?;
        self.ledger(&mut report).await?;
        match daemon {
            DaemonKind::Relay => self.relay(&mut report).await?,
            DaemonKind::Node => self.node(&mut report).await?,
            // Besides its outbox, global stores nothing that the contract knows.
            DaemonKind::Global => {}
        }
        Ok(report)
    }

    /// Checks that the database is bound to this chain and this contract.
    async fn bindings(&self, report: &mut Report) -> Result<(), CommandError> {
        let bound = self.store.bindings().await?;
        let config = &self.configured.chain;
        for (name, expected) in [("chain_id", &config.chain_id), ("contract", &config.contract)] {
            report.count("bindings", 1);
            match bound.get(name) {
                Some(found) if found == expected => {}
                Some(found) => {
                    report.differs(format!("the database belongs to {name} {found}, not to {expected}"))
                }
                None => {
                    report.differs(format!("the database is bound to no {name}: no daemon has used it yet"))
                }
            }
        }
        Ok(())
    }

    /// Checks that the contract holds what it owes.
    async fn ledger(&self, report: &mut Report) -> Result<(), CommandError> {
        let ledger: LedgerResponse = self.query.ask(&QueryMsg::Ledger {}).await?.value;
        let balance = self.chain.balance(&self.configured.chain.contract, &ledger.denom).await?;
        let owed = ledger.owed();
        report.count("ledgers", 1);
        if owed > balance {
            report.differs(format!("the contract owes {owed}{} and holds {balance}", ledger.denom));
        }
        Ok(())
    }

    /// Returns the contract's state of requests; unknown ones are missing.
    async fn requests(
        &self,
        ids: &[RequestId],
    ) -> Result<BTreeMap<RequestId, RequestResponse>, CommandError> {
        let mut found = BTreeMap::new();
        let mut left = ids;
        while !left.is_empty() {
            let some = left.get(..limits::MAX_PAGE as usize).unwrap_or(left);
            let question = QueryMsg::Requests { requests: some.to_vec() };
            let answer: RequestsResponse = self.query.ask(&question).await?.value;
            let last = answer.requests.last().map(|seen| seen.request);
            let answered = last.and_then(|last| left.iter().position(|id| *id == last));
            found.extend(answer.requests.into_iter().map(|seen| (seen.request, seen)));
            left = left.get(answered.map_or(some.len(), |at| at + 1)..).unwrap_or_default();
        }
        Ok(found)
    }
}
