//! The chain as daemons see it: the ledger and the contract, as modified by the switches.

use std::time::Duration;

use async_trait::async_trait;
use gateway_api::QueryMsg;
use gateway_chain::{
    Account, Answer, BlockEvents, BroadcastResult, Broadcaster, ChainError, ChainReader, MinimumPrice,
    Result, Status, TxFound,
};

use crate::chain::{CONTRACT, TestChain};

impl TestChain {
    fn reach_accounts(&self, what: &str) -> Result<()> {
        if self.switches().accounts_away {
            return Err(ChainError::Transport { what: what.to_owned(), reason: "away".to_owned() });
        }
        Ok(())
    }

    /// Returns the answer in the contract's place, if there is one, and the query as passed to the contract.
    fn before_the_contract(&self, msg: Vec<u8>, least: u64) -> Result<(Option<Vec<u8>>, Vec<u8>)> {
        let mut switches = self.switches();
        if switches.away {
            return Err(ChainError::Transport { what: "smart query".into(), reason: "away".into() });
        }
        if switches.failing_queries > 0 {
            switches.failing_queries -= 1;
            return Err(ChainError::Timeout { what: "smart query".into(), after: Duration::from_secs(1) });
        }
        let mut query: QueryMsg = serde_json::from_slice(&msg).expect("a query of the contract");
        switches.queries.push((query.clone(), least));
        if matches!(query, QueryMsg::Request { request } if switches.unknown == Some(request)) {
            return Err(refused("the request does not exist".into()));
        }
        let scripted = switches.script.as_ref().and_then(|script| script(&query));
        let scripted = scripted.map(|answer| serde_json::to_vec(&answer).expect("JSON"));
        match (&mut query, switches.page) {
            (QueryMsg::OpenRequests { limit, .. }, Some(page)) => {
                *limit = Some(limit.unwrap_or(page).min(page))
            }
            (QueryMsg::Requests { requests }, Some(page)) => requests.truncate(page as usize),
            _ => return Ok((scripted, msg)),
        }
        Ok((scripted, serde_json::to_vec(&query).expect("JSON")))
    }
}

/// The contract's refusal of a query.
fn refused(log: String) -> ChainError {
    ChainError::Query { path: "smart".into(), code: 9, codespace: "wasm".into(), log }
}

#[async_trait]
impl ChainReader for TestChain {
    async fn status(&self) -> Result<Status> {
        self.ledger.status().await
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        {
            let mut switches = self.switches();
            switches.reads.push(height);
            if height < switches.held_below {
                return Err(ChainError::Transport { what: "block".into(), reason: "held".into() });
            }
        }
        let block = self.ledger.block(height).await?;
        self.newest_read.send_if_modified(|read| height > std::mem::replace(read, height.max(*read)));
        Ok(block)
    }

    async fn smart_query(&self, contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        assert_eq!(contract, CONTRACT);
        // Other tasks get their turn while a query is in flight.
        tokio::task::yield_now().await;
        let (scripted, msg) = self.before_the_contract(msg, least)?;
        let answer = match scripted {
            Some(answer) => answer,
            None => self.host.query(msg).map_err(refused)?,
        };
        self.ledger.smart_query(contract, answer, least).await
    }

    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>> {
        self.reach_accounts("account")?;
        self.ledger.account(address, least).await
    }

    async fn balance(&self, address: &str, denom: &str) -> Result<u128> {
        self.reach_accounts("balance")?;
        self.ledger.balance(address, denom).await
    }

    async fn minimum_price(&self, denom: &str, contract: &str) -> Result<Option<MinimumPrice>> {
        self.ledger.minimum_price(denom, contract).await
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        self.reach_accounts("tx")?;
        self.ledger.tx(hash).await
    }
}

#[async_trait]
impl Broadcaster for TestChain {
    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        self.reach_accounts("simulate")?;
        self.ledger.simulate(tx).await
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        self.reach_accounts("broadcast")?;
        self.ledger.broadcast(tx).await
    }
}
