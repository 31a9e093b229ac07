//! Whether an account can pay for its transactions: a daemon out of funds would look healthy and do nothing.

use std::sync::Arc;
use std::time::Duration;

use gateway_chain::ChainReader;
use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::health::Readiness;

/// Gas of a transaction of ordinary size (docs/gas.md): the account must be able to pay for one.
pub(crate) const GAS: u64 = 500_000;
/// Time between two checks.
const INTERVAL: Duration = Duration::from_secs(30);

/// The watched account.
pub(crate) struct Funds {
    pub(crate) chain: Arc<dyn ChainReader>,
    pub(crate) account: String,
    pub(crate) denom: String,
    /// The fee of one transaction of [`GAS`].
    pub(crate) least: u128,
}

impl Funds {
    /// Watches until cancelled.
    pub(crate) async fn run(self, readiness: Readiness, cancel: CancellationToken) {
        loop {
            match self.chain.balance(&self.account, &self.denom).await {
                Ok(balance) => {
                    metrics::gauge!("gateway_account_balance", "denom" => self.denom.clone())
                        .set(balance as f64);
                    match self.verdict(balance) {
                        Ok(()) => readiness.ready(),
                        Err(reason) => readiness.not_ready(reason),
                    }
                }
                // Reporting an unresponsive chain is up to the chain watch.
                Err(error) => tracing::debug!(%error, "balance not known"),
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    fn verdict(&self, balance: u128) -> Result<(), String> {
        if balance >= self.least {
            return Ok(());
        }
        let Self { account, denom, least, .. } = self;
        Err(format!(
            "out of funds: {account} has {balance}{denom}, one transaction takes about {least}{denom}: send it some"
        ))
    }
}

#[cfg(test)]
mod tests {
    use gateway_chain::testing::FakeChain;
    use gateway_daemon_runtime::health::Health;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_account_out_of_funds_is_not_ready_until_it_is_filled() {
        let chain = Arc::new(FakeChain::new());
        chain.set_balance(5);
        let health = Health::new();
        let funds =
            Funds { chain: chain.clone(), account: "archway1x".into(), denom: "aarch".into(), least: 10 };
        let task = tokio::spawn(funds.run(health.register("funds"), CancellationToken::new()));
        let reported = async |ready: bool| {
            while health.is_ready() != ready || health.snapshot()["funds"] == Err("starting".into()) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        reported(false).await;
        let reason = health.snapshot()["funds"].clone().unwrap_err();
        assert!(reason.contains("archway1x has 5aarch"), "{reason}");
        chain.set_balance(10);
        reported(true).await;
        task.abort();
    }
}
