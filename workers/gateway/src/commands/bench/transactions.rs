//! What the chain was paid for a load: its transactions by purpose, how much of their gas they used, and which failed.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use gateway_api::events::GatewayEvent;
use gateway_chain::{ChainReader, TxEvents};
use gateway_localnet::Localnet;

use super::CommandError;

/// The purpose of a transaction, by the contract events that it emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    Requests,
    Publications,
    Rounds,
    Tickets,
    Other,
    /// Another account's transaction had already done it: its limit included work that was no longer left to do.
    Late,
    Failed,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Publications => "publications",
            Self::Rounds => "rounds alone",
            Self::Tickets => "tickets",
            Self::Other => "others",
            Self::Late => "came too late",
            Self::Failed => "failed",
        }
    }
}

/// Transactions of one purpose.
#[derive(Clone, Debug, Default)]
struct Row {
    transactions: u64,
    /// Requests opened or results published, which several may share a transaction.
    items: u64,
    used: u64,
    /// Gas limits as a percentage of the gas used.
    limits: Vec<u64>,
}

/// The transactions of a range of blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions {
    rows: BTreeMap<Purpose, Row>,
    results: u64,
    codes: BTreeMap<u32, u64>,
}

impl Transactions {
    /// Reads the blocks of the range.
    ///
    /// # Errors
    /// [`gateway_chain::ChainError::Pruned`] when the chain's node no longer has one of the blocks; another
    /// [`gateway_chain::ChainError`] when it does not answer.
    pub(super) async fn read(net: &Localnet, heights: RangeInclusive<u64>) -> Result<Self, CommandError> {
        let mut all = Self::default();
        for height in heights {
            for tx in net.reader().block(height).await?.txs {
                all.add(net.contract(), &tx);
            }
        }
        Ok(all)
    }

    fn add(&mut self, contract: &str, tx: &TxEvents) {
        let (mut opened, mut fulfilled, mut rounds, mut tickets, mut others) = (0, 0, 0, 0, 0);
        for event in &tx.events {
            match GatewayEvent::decode(contract, &event.ty, &event.pairs()) {
                Ok(Some(GatewayEvent::RequestOpened(_))) => opened += 1,
                Ok(Some(GatewayEvent::RequestFulfilled(_))) => fulfilled += 1,
                Ok(Some(GatewayEvent::RoundOpened(_))) => rounds += 1,
                Ok(Some(GatewayEvent::TicketAccepted(_))) => tickets += 1,
                Ok(Some(GatewayEvent::PublicationRefused(_) | GatewayEvent::RequestRefused(_)) | None) => {}
                Ok(Some(_)) | Err(_) => others += 1,
            }
        }
        let (purpose, items) = match () {
            () if tx.code != 0 => (Purpose::Failed, 1),
            () if fulfilled > 0 => (Purpose::Publications, fulfilled),
            () if opened > 0 => (Purpose::Requests, opened),
            () if tickets > 0 => (Purpose::Tickets, tickets),
            () if rounds > 0 => (Purpose::Rounds, rounds),
            () if others > 0 => (Purpose::Other, 1),
            () => (Purpose::Late, 1),
        };
        if tx.code != 0 {
            *self.codes.entry(tx.code).or_default() += 1;
        }
        self.results += fulfilled;
        let row = self.rows.entry(purpose).or_default();
        row.transactions += 1;
        row.items += items;
        row.used += tx.gas_used;
        row.limits.push(tx.gas_wanted.saturating_mul(100).checked_div(tx.gas_used).unwrap_or(0));
    }
}

impl fmt::Display for Transactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n\n| transactions | of them | each with | gas used by each | gas for each item | limit to used p50 / max |\n\
             |---|---|---|---|---|---|"
        )?;
        for (purpose, row) in &self.rows {
            let per = |n: u64| row.used.checked_div(n).unwrap_or(0);
            let mut limits = row.limits.clone();
            limits.sort_unstable();
            let ratio = |hundredths: u64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let median = ratio(super::report::percentile(limits.iter().copied(), 50));
            let highest = ratio(limits.last().copied().unwrap_or(0));
            writeln!(
                f,
                "| {} | {} | {:.1} | {} | {} | {median} / {highest} |",
                purpose.name(),
                row.transactions,
                row.items as f64 / row.transactions as f64,
                per(row.transactions),
                per(row.items),
            )?;
        }
        let transactions: u64 = self.rows.values().map(|row| row.transactions).sum();
        let failed: u64 = self.codes.values().sum();
        let used: u64 = self.rows.values().map(|row| row.used).sum();
        let each = used.checked_div(self.results).unwrap_or(0);
        write!(f, "\n{failed} of {transactions} transactions failed")?;
        for (code, count) in &self.codes {
            write!(f, ", {count} with code {code}")?;
        }
        write!(f, "; {each} gas for a result, all transactions together")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_failures_are_counted_and_gas_is_shared_among_all_results() {
        let tx = |code, gas_wanted, gas_used| TxEvents {
            hash: String::new(),
            code,
            gas_used,
            gas_wanted,
            height: 1,
            index: 0,
            events: Vec::new(),
        };
        let mut all = Transactions { results: 2, ..Transactions::default() };
        all.add("gw", &tx(0, 130, 100));
        all.add("gw", &tx(0, 240, 200));
        all.add("gw", &tx(11, 100, 110));
        let text = all.to_string();
        assert!(text.contains("| came too late | 2 | 1.0 | 150 | 150 | 1.20 / 1.30 |"), "{text}");
        assert!(
            text.ends_with(
                "1 of 3 transactions failed, 1 with code 11; 205 gas for a result, all transactions together"
            ),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_printed_of_no_transactions() {
        assert_eq!(Transactions::default().to_string(), "");
    }
}
