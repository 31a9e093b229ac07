//! The chain: a ledger of blocks and transactions whose contract is the real one.

use std::sync::{Arc, Mutex};

use cosmwasm_std::testing::MockApi;
use gateway_api::{ExecuteMsg, QueryMsg};
use gateway_chain::follower::BlockSignal;
use gateway_chain::testing::FakeChain;
use gateway_chain::{BlockEvents, BlockNotifier};
use gateway_protocol::Domain;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::host::Host;
use crate::nodes::TestNode;
use crate::switches::Switches;

/// The chain's id.
pub const CHAIN_ID: &str = FakeChain::CHAIN_ID;
/// The contract's address: that of the first contract of any chain with this prefix.
pub const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";
/// The domain that signatures here are bound to.
pub const DOMAIN: Domain<'static> = Domain { chain_id: CHAIN_ID, contract: CONTRACT };

/// An in-memory chain with the contract on it. See the crate's front page.
pub struct TestChain {
    /// Blocks, accounts and transactions, with their own faults.
    pub ledger: FakeChain,
    pub(crate) host: Arc<Host>,
    pub(crate) nodes: Mutex<Vec<TestNode>>,
    /// Held while a block is made.
    making: Mutex<()>,
    /// Descriptions of what the next block includes.
    pub(crate) included: Mutex<Vec<String>>,
    pub(crate) switches: Mutex<Switches>,
    pub(crate) newest_read: watch::Sender<u64>,
    signal: BlockSignal,
    notifier: BlockNotifier,
}

/// Returns the address of an account with this name.
pub fn account(name: &str) -> String {
    MockApi::default().with_prefix("archway").addr_make(name).into_string()
}

impl TestChain {
    /// Creates a chain at height 1 without the contract.
    pub(crate) fn empty() -> Self {
        let host = Arc::new(Host::new());
        let (signal, notifier) = BlockNotifier::manual();
        Self {
            ledger: FakeChain::executing(host.clone()),
            host,
            nodes: Mutex::default(),
            making: Mutex::default(),
            included: Mutex::default(),
            switches: Mutex::default(),
            newest_read: watch::Sender::default(),
            signal,
            notifier,
        }
    }

    /// Returns a notifier that announces each block.
    pub fn notifier(&self) -> BlockNotifier {
        self.notifier.clone()
    }

    /// Returns the height of the newest block.
    pub fn height(&self) -> u64 {
        self.ledger.height()
    }

    /// Makes a block of the pool and of included messages, announces it and returns its height.
    ///
    /// # Panics
    /// If the contract refuses what a test included.
    pub fn commit(&self) -> u64 {
        self.commit_with(|| ()).height
    }

    /// Includes something and makes the block that contains it, whoever else makes blocks.
    pub(crate) fn commit_with(&self, include: impl FnOnce()) -> BlockEvents {
        let _making = self.making.lock().unwrap();
        include();
        if self.switches().keeper && self.is_tick_due() {
            self.include(&account("keeper"), &ExecuteMsg::Tick {}, 0);
        }
        let included = std::mem::take(&mut *self.included.lock().unwrap());
        let height = self.ledger.commit();
        let block = self.ledger.newest_block().expect("the block just made");
        for (what, tx) in included.iter().zip(&block.txs) {
            let log = self.ledger.found(&tx.hash).map(|found| found.raw_log).unwrap_or_default();
            assert!(tx.code == 0, "{what}: {log}");
        }
        self.signal.notify(height);
        block
    }

    /// Returns the contract's own answer to a query.
    ///
    /// # Panics
    /// If the contract refuses it.
    pub fn ask<T: DeserializeOwned>(&self, query: &QueryMsg) -> T {
        let answer = self.host.query(serde_json::to_vec(query).expect("JSON"));
        let answer = answer.unwrap_or_else(|error| panic!("{query:?}: {error}"));
        serde_json::from_slice(&answer).expect("the answer's type")
    }

    /// Returns the executed messages of the daemons' transactions, in order.
    pub fn executed(&self) -> Vec<ExecuteMsg> {
        let executed = self.ledger.executed();
        executed.iter().map(|msg| serde_json::from_slice(msg).expect("a message")).collect()
    }
}
