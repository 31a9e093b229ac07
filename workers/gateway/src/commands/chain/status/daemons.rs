//! The daemons' own reports: `/ready` and `/metrics`.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use gateway_chain::ChainConfig;
use gateway_daemon_runtime::{http, text};
use serde::{Deserialize, Serialize};

use crate::commands::{CommandError, configuration};

/// Time-out of a daemon.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest page read, in bytes.
const MOST: usize = 4 << 20;
/// Metrics that are shown, if a daemon has them.
const SHOWN: [&str; 7] = [
    "gateway_applied_height",
    "gateway_account_balance",
    "gateway_outbox_depth",
    "gateway_outbox_oldest_queued_seconds",
    "gateway_outbox_stuck",
    "gateway_relay_received_waiting",
    "gateway_node_running",
];

/// The parts common to the daemons' configurations: where it listens and which contract it serves.
#[derive(Deserialize)]
pub(super) struct DaemonFile {
    pub(super) chain: ChainConfig,
    listen: Option<SocketAddr>,
    admin_listen: Option<SocketAddr>,
    /// Only a node has it.
    relays: Option<serde::de::IgnoredAny>,
    /// Only global has it.
    code_dir: Option<serde::de::IgnoredAny>,
}

/// Where a daemon answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    kind: &'static str,
    url: String,
}

impl Place {
    /// Returns a daemon of which only the address is known.
    pub(super) fn at(url: &str) -> Self {
        Self { kind: "daemon", url: url.trim_end_matches('/').to_owned() }
    }
}

/// Reads a daemon's configuration.
pub(super) fn read(file: &Path) -> Result<DaemonFile, CommandError> {
    configuration::load(file)
}

impl DaemonFile {
    /// Returns where the daemon answers, or why it does not.
    pub(super) fn place(&self) -> Result<Place, &'static str> {
        let (kind, default) = match (&self.relays, &self.code_dir) {
            (Some(_), _) => ("node", None),
            (None, Some(_)) => ("global", Some(7200)),
            (None, None) => ("relay", Some(7100)),
        };
        let default = default.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let address = self.admin_listen.or(self.listen).or(default);
        let mut address = address.ok_or("the node has no `listen`, so it answers nobody how it is")?;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        Ok(Place { kind, url: format!("http://{address}") })
    }
}

/// A daemon's report.
#[derive(Debug, Serialize)]
pub(super) struct DaemonView {
    pub(super) kind: &'static str,
    pub(super) url: String,
    pub(super) ready: bool,
    /// Each part that is not ready, with its reason.
    pub(super) not_ready: BTreeMap<String, String>,
    /// Why it could not be queried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// Some of its metrics, by name, summed over labels.
    pub(super) metrics: BTreeMap<String, f64>,
}

impl DaemonView {
    /// Returns what is wrong with it.
    pub(super) fn problem(&self) -> Option<String> {
        let Self { kind, url, not_ready, error, .. } = self;
        if let Some(error) = error {
            return Some(format!("{kind} {url}: {error}"));
        }
        let parts: Vec<_> = not_ready.iter().map(|(part, reason)| format!("{part}: {reason}")).collect();
        (!self.ready).then(|| format!("{kind} {url} is not ready: {}", parts.join("; ")))
    }
}

/// Queries all daemons concurrently.
pub(super) async fn ask(places: &[Place]) -> Vec<DaemonView> {
    futures::future::join_all(places.iter().map(one)).await
}

async fn one(place: &Place) -> DaemonView {
    let Place { kind, url } = place.clone();
    let mut view = DaemonView {
        kind,
        url,
        ready: false,
        not_ready: BTreeMap::new(),
        error: None,
        metrics: BTreeMap::new(),
    };
    if let Err(error) = fill(&mut view).await {
        view.error = Some(error.to_string());
    }
    view
}

#[derive(Deserialize)]
struct Ready {
    parts: BTreeMap<String, String>,
}

async fn fill(view: &mut DaemonView) -> Result<(), CommandError> {
    let client = http::client(TIMEOUT)?;
    // 503 comes with the reasons, so a non-success status is read too.
    let answer = client.get(format!("{}/ready", view.url)).send().await.map_err(http::HttpError::Request)?;
    view.ready = answer.status().is_success();
    let body = http::read_limited(answer, MOST).await?;
    let ready: Ready =
        serde_json::from_slice(&body).map_err(|error| format!("/ready is not a daemon's: {error}"))?;
    view.not_ready = ready
        .parts
        .into_iter()
        .filter(|(_, state)| state != "ready")
        .map(|(part, state)| (text::clean(&part, 40), text::clean(&state, 500)))
        .collect();
    let page = http::fetch(client.get(format!("{}/metrics", view.url)), MOST).await?;
    view.metrics = metrics(&String::from_utf8_lossy(&page));
    Ok(())
}

/// Parses the metrics shown, from a page in the text format of Prometheus 0.0.4.
fn metrics(page: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let name = series.split('{').next().unwrap_or_default();
        if let (true, Ok(value)) = (SHOWN.contains(&name), value.parse::<f64>()) {
            *found.entry(name.to_owned()).or_insert(0.0) += value;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_over_their_labels() {
        let page = "# TYPE gateway_outbox_depth gauge\ngateway_outbox_depth 3\nother 9\n\
                    gateway_account_balance{denom=\"a\"} 1e18\ngateway_account_balance{denom=\"b\"} 1\n";
        let found = metrics(page);
        assert_eq!((found.len(), found["gateway_outbox_depth"]), (2, 3.0));
        assert!(found["gateway_account_balance"] > 1e17);
    }

    #[test]
    fn a_configuration_says_where_its_daemon_answers() {
        let read = |text: &str| {
            let chain = "[chain]\nrpc = 'http://n'\nchain_id = 'c'\ncontract = ''\n";
            toml::from_str::<DaemonFile>(&format!("{text}\n{chain}")).unwrap().place()
        };
        let place = |kind, url: &str| Ok(Place { kind, url: url.to_owned() });
        assert_eq!(read("database = 'x'"), place("relay", "http://127.0.0.1:7100"));
        assert_eq!(read("code_dir = 'x'\nlisten = '0.0.0.0:1'"), place("global", "http://127.0.0.1:1"));
        let admin = "listen = '1.2.3.4:1'\nadmin_listen = '10.0.0.1:2'";
        assert_eq!(read(admin), place("relay", "http://10.0.0.1:2"));
        assert!(read("relays = []").is_err());
    }
}
