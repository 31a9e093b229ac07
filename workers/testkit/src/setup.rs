//! The chain at the start of a test: the contract's settings, nodes that draw, and a first project.

use std::sync::Arc;

use cosmwasm_std::Uint128;
use gateway_api::{CodeHash, CodeRef, CodeSource, ExecuteMsg, Policy, Settings};

use crate::chain::{TestChain, account};
use crate::nodes::TestNode;

/// Coins of one unit of stake.
pub(crate) const STAKE_UNIT: u128 = 100;
/// Blocks of the epochs in which the first nodes wait: the minimum that settings allow.
const WAITING_EPOCH: u64 = 4;

/// What exists when a test starts, in the contract's epoch 2.
pub struct Setup {
    /// The contract's settings.
    pub settings: Settings,
    /// The nodes, which draw.
    pub nodes: Vec<TestNode>,
    /// The code of project 1.
    pub code: CodeRef,
    /// Its policy.
    pub policy: Policy,
}

impl Default for Setup {
    /// Returns five nodes of one unit each, so that all are seated and three form a quorum, and an epoch that outlasts every
    /// test.
    fn default() -> Self {
        Self {
            settings: Settings {
                epoch_blocks: 100_000,
                unbonding_blocks: 1_000_000,
                stake_unit: Uint128::new(STAKE_UNIT),
                seat_price: Uint128::new(4),
                relay_price: Uint128::new(16),
                ttl_blocks: 10_000,
                ..Settings::default()
            },
            nodes: (1..=5).map(|secret| TestNode::new(secret, 1)).collect(),
            code: code(),
            policy: Policy::default(),
        }
    }
}

/// Returns the reference of code that is never run.
pub fn code() -> CodeRef {
    CodeRef { sha256: CodeHash([1; 32]), size: 3, sources: vec![CodeSource::Store {}] }
}

impl TestChain {
    /// Creates the chain for a test.
    pub fn start(setup: Setup) -> Arc<Self> {
        let Setup { settings, nodes, code, policy } = setup;
        let chain = Self::empty();
        chain.host.instantiate(Settings { epoch_blocks: WAITING_EPOCH, ..settings.clone() });
        for node in nodes {
            chain.register_node(node);
        }
        chain.register_project(code, policy);
        chain.commit();
        for _ in 0..2 {
            chain.next_epoch();
        }
        if settings.epoch_blocks != WAITING_EPOCH {
            chain.send(&account("admin"), &ExecuteMsg::UpdateSettings { settings }, 0);
        }
        Arc::new(chain)
    }
}
