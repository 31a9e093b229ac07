//! The RPC endpoints, each checked separately: the right chain, a matching clock, an index, results of blocks, enough blocks,
//! queries.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gateway_api::{ConfigResponse, OpenRequestsResponse, QueryMsg};
use gateway_chain::{ChainConfig, ChainError, ChainReader, Endpoints, GatewayQuery, Status};
use gateway_daemon_runtime::SecretUrl;

use super::Check;
use crate::commands::configured::Configured;

/// Blocks that an endpoint should keep (docs/operating.md).
const KEPT: u64 = 10_000;
/// Unusual age of a newest block, and largest tolerated difference of a clock from the chain's.
const OLD: Duration = Duration::from_secs(60);
const AHEAD: Duration = Duration::from_secs(5);
/// A hash that no transaction has.
const NO_TX: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Requests in the queried page.
const PAGE: u32 = 25;

pub(super) async fn checks(configured: &Configured) -> Vec<Check> {
    let urls = match configured.chain.rpc.parsed("chain.rpc", &["http://", "https://"]) {
        Ok(urls) => urls,
        Err(error) => return vec![Check::failed("rpc", error.to_string(), "correct chain.rpc")],
    };
    let mut checks = Vec::new();
    for url in &urls {
        checks.extend(endpoint(&configured.chain, url).await);
    }
    if urls.len() == 1 {
        let cure =
            "name several endpoints in chain.rpc, best first: a daemon with one stops where that stops";
        checks.push(Check::warning("rpc", "there is one endpoint", cure));
    }
    checks
}

async fn endpoint(config: &ChainConfig, url: &SecretUrl) -> Vec<Check> {
    let alone = ChainConfig { rpc: url.expose().into(), websocket: None, ..config.clone() };
    let asked = match Endpoints::new(&alone) {
        Ok(chain) => chain.status().await.map(|status| (Arc::new(chain), status)),
        Err(error) => Err(error),
    };
    let (chain, status) = match asked {
        Ok(asked) => asked,
        Err(error) => {
            return vec![Check::failed(
                "rpc",
                format!("{url}: {error}"),
                "name an endpoint that answers in chain.rpc",
            )];
        }
    };
    if status.chain_id != config.chain_id {
        let found = format!("{url} is on chain {}, chain.chain_id says {}", status.chain_id, config.chain_id);
        return vec![Check::failed("rpc", found, "correct chain.rpc or chain.chain_id")];
    }
    let mut checks =
        vec![Check::good("rpc", format!("{url} is at height {} of {}", status.height, status.chain_id))];
    if status.catching_up {
        let found = format!("{url} is catching up, at height {}", status.height);
        checks.push(Check::failed("rpc", found, "wait until it has, or name another one"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    checks.push(clock(&status, now));
    checks.push(kept(&status));
    checks.push(index(&*chain).await);
    checks.push(results(&*chain, &status).await);
    checks.extend(contract(chain, config).await);
    checks
}

/// Checks this machine's clock against the newest block's. Daemons follow heights; but TLS, logs and the code's time need the
/// clock.
fn clock(status: &Status, now: Duration) -> Check {
    let block = Duration::from_nanos(status.time_ns);
    if let Some(ahead) = block.checked_sub(now).filter(|ahead| *ahead > AHEAD) {
        let found = format!("the newest block is {} s ahead of this machine's clock", ahead.as_secs());
        return Check::failed("clock", found, "set the clock: run chrony or systemd-timesyncd");
    }
    let age = now.saturating_sub(block);
    if age > OLD {
        let found = format!("the newest block is {} s old by this machine's clock", age.as_secs());
        let cure = "compare with another endpoint: the chain stands still, or this machine's clock is ahead";
        return Check::failed("clock", found, cure);
    }
    Check::good("clock", format!("the newest block is {} s old", age.as_secs()))
}

fn kept(status: &Status) -> Check {
    let kept = status.height.saturating_sub(status.earliest).saturating_add(1);
    if kept >= KEPT || status.earliest <= 1 {
        return Check::good("blocks kept", format!("from height {} on", status.earliest));
    }
    let cure =
        format!("keep {KEPT} blocks (min-retain-blocks): a daemon that was down for longer misses events");
    Check::warning("blocks kept", format!("{kept} blocks, from height {} on", status.earliest), cure)
}

async fn index(chain: &dyn ChainReader) -> Check {
    let cure = "set indexer = \"kv\" in the endpoint's config.toml";
    match chain.tx(NO_TX).await {
        Ok(_) => Check::good("index", "transactions are found by their hash"),
        Err(error @ ChainError::NoIndex) => Check::failed("index", error.to_string(), cure),
        Err(error) => Check::failed("index", error.to_string(), "the endpoint must answer /tx"),
    }
}

async fn results(chain: &dyn ChainReader, status: &Status) -> Check {
    let mut asked = chain.block(status.height).await;
    if matches!(asked, Err(ChainError::NotYet { .. })) {
        // Results follow the block they belong to.
        asked = chain.block(status.height.saturating_sub(1)).await;
    }
    match asked {
        Ok(block) => Check::good(
            "block results",
            format!("block {} has {} transactions", block.height, block.txs.len()),
        ),
        Err(error @ ChainError::NoResults) => {
            let cure = "set discard_abci_responses = false in the endpoint's config.toml";
            Check::failed("block results", error.to_string(), cure)
        }
        Err(error @ ChainError::TooLarge { .. }) => {
            Check::failed("block results", error.to_string(), "raise chain.max_response")
        }
        Err(error) => Check::failed(
            "block results",
            error.to_string(),
            "the endpoint must answer /block and /block_results",
        ),
    }
}

async fn contract(chain: Arc<Endpoints>, config: &ChainConfig) -> Vec<Check> {
    let query = GatewayQuery::new(chain, config.contract.as_str());
    let settings: ConfigResponse = match query.ask(&QueryMsg::Config {}).await {
        Ok(answer) => answer.value,
        Err(error) => {
            let cure = "correct chain.contract: the address of the gateway contract on this chain";
            return vec![Check::failed("contract", error.to_string(), cure)];
        }
    };
    let mut checks = vec![Check::good("contract", format!("release {}", settings.release))];
    if settings.settings.denom != config.denom {
        let found = format!("it is paid in {}, chain.denom says {}", settings.settings.denom, config.denom);
        checks.push(Check::warning(
            "contract",
            found,
            "fees of transactions may differ; for the rest correct chain.denom",
        ));
    }
    let page = QueryMsg::OpenRequests { start_after: None, limit: Some(PAGE) };
    checks.push(match query.ask::<OpenRequestsResponse, _>(&page).await {
        Ok(_) => Check::good("query gas", "a page of open requests is answered"),
        Err(error) => {
            let cure =
                "give queries 3,000,000 gas at least (smart_query_gas_limit in the endpoint's app.toml)";
            Check::failed("query gas", error.to_string(), cure)
        }
    });
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Verdict;

    fn status(seconds: u64, height: u64, earliest: u64) -> Status {
        Status {
            height,
            time_ns: seconds * 1_000_000_000,
            chain_id: "c".into(),
            catching_up: false,
            earliest_hash: String::new(),
            earliest,
        }
    }

    #[test]
    fn a_clock_that_is_wrong_either_way_is_found() {
        let at = |seconds| clock(&status(1000, 5, 1), Duration::from_secs(seconds)).verdict;
        assert_eq!(
            [at(990), at(996), at(1000), at(1059), at(1061)],
            [Verdict::Failed, Verdict::Good, Verdict::Good, Verdict::Good, Verdict::Failed]
        );
    }

    #[test]
    fn an_endpoint_that_prunes_early_is_a_warning() {
        assert_eq!(kept(&status(0, 100_000, 99_000)).verdict, Verdict::Warning);
        assert_eq!(kept(&status(0, 100_000, 80_000)).verdict, Verdict::Good);
        assert_eq!(kept(&status(0, 50, 1)).verdict, Verdict::Good);
    }
}
