//! Configuration of a devchain. Holds values only: nothing here opens files or sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The options of a devchain. `Default` gives a local chain with a block every 500 ms and no fees.
#[derive(Clone, Debug)]
pub struct DevchainConfig {
    /// The chain's id, which every signature binds. At most 50 characters.
    pub chain_id: String,
    /// The human-readable part of its addresses.
    pub bech32_prefix: String,
    /// The denomination that fees are paid in and genesis accounts hold.
    pub denom: String,
    /// The time from one block to the next. Ignored with `manual_blocks`.
    pub block_time: Duration,
    /// Produce a block only when [`crate::Devchain::produce_block`] asks for one.
    pub manual_blocks: bool,
    /// Where the RPC listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where state, history and compiled contracts are kept. `None`: in memory, gone at the end.
    pub home: Option<PathBuf>,
    /// Accounts of the first block: address and amount of `denom`. Used only when the home is empty.
    pub genesis_accounts: Vec<(String, u128)>,
    /// Further denominations, of which each of those accounts has as much. Used only when the home is empty.
    pub other_denoms: Vec<String>,
    /// The least fee per unit of gas, in `denom`.
    pub min_gas_price: u128,
    /// The most gas that the transactions of one block may ask for together.
    pub max_block_gas: u64,
    /// The most gas that one smart query over the RPC may use.
    pub query_gas_limit: u64,
    /// The largest transaction in bytes.
    pub max_tx_bytes: usize,
    /// The largest body of an RPC request in bytes.
    pub max_body_bytes: usize,
    /// How many transactions may wait for a block.
    pub max_pending_txs: usize,
}

impl Default for DevchainConfig {
    fn default() -> Self {
        Self {
            chain_id: "devchain-1".to_owned(),
            bech32_prefix: "archway".to_owned(),
            denom: "aarch".to_owned(),
            block_time: Duration::from_millis(500),
            manual_blocks: false,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            home: None,
            genesis_accounts: Vec::new(),
            other_denoms: Vec::new(),
            min_gas_price: 0,
            max_block_gas: 300_000_000,
            query_gas_limit: 3_000_000,
            max_tx_bytes: 1024 * 1024,
            max_body_bytes: 1_000_000,
            max_pending_txs: 5_000,
        }
    }
}
