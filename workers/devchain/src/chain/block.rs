//! Builds a block from transactions and their results. Executes nothing and stores nothing.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tendermint::abci::types::ExecTxResult;
use tendermint::block::{self, Block, Commit, Header, parts};
use tendermint::crypto::default::Sha256 as MerkleSha256;
use tendermint::merkle::simple_hash_from_byte_vectors;
use tendermint::{AppHash, Hash, Time, abci, chain, evidence, validator};
use tendermint_rpc::endpoint::{block as block_endpoint, block_results};

use super::genesis::next_app_hash;
use super::validator as our_validator;
use super::wire;
use crate::error::DevchainError;
use crate::state::history::index_entries;
use crate::state::{CommittedBlock, Tip, WriteSet};
use crate::tx::decode::tx_hash;

/// A block as subscribers receive it.
pub(crate) struct NewBlock {
    pub(crate) block: Block,
    pub(crate) block_id: block::Id,
    pub(crate) results: Vec<ExecTxResult>,
    /// Events of the chain itself, before and after the block's transactions.
    pub(crate) events: Vec<abci::Event>,
    pub(crate) app_hash: AppHash,
}

/// A block's parts before it has a header.
pub(crate) struct Draft {
    pub(crate) time: Time,
    pub(crate) txs: Vec<Arc<[u8]>>,
    pub(crate) results: Vec<ExecTxResult>,
    pub(crate) events: Vec<abci::Event>,
    pub(crate) writes: WriteSet,
}

/// Makes the block that follows `tip`, and everything the store keeps of it.
pub(crate) fn build(
    tip: &Tip,
    draft: Draft,
    max_gas: u64,
) -> Result<(CommittedBlock, NewBlock), DevchainError> {
    let Draft { time, txs, results, events, writes } = draft;
    let height = tip.height + 1;
    let tx_hashes: Vec<[u8; 32]> = txs.iter().map(|tx| tx_hash(tx)).collect();
    let header = header(tip, height, time, &tx_hashes)?;
    let last_commit = (tip.height > 0).then(|| Commit {
        height: height_of(tip.height).unwrap_or_default(),
        round: block::Round::default(),
        block_id: tip.block_id,
        signatures: Vec::new(),
    });
    let data = txs.iter().map(|tx| tx.to_vec()).collect();
    let block = Block::new(header, data, evidence::List::default(), last_commit);
    let block_id = block_id(&block)?;
    let app_hash = next_app_hash(&tip.app_hash, &writes);
    let wire_app_hash = AppHash::try_from(app_hash.to_vec()).map_err(DevchainError::block)?;
    let block_json = block_endpoint::Response { block_id, block: block.clone() };
    let results_json = block_results::Response {
        height: height_of(height)?,
        txs_results: (!results.is_empty()).then(|| results.clone()),
        finalize_block_events: events.clone(),
        begin_block_events: None,
        end_block_events: None,
        validator_updates: Vec::new(),
        consensus_param_updates: None,
        app_hash: wire_app_hash.clone(),
    };
    let mut index = Vec::new();
    for (position, result) in (0u32..).zip(&results) {
        index.extend(index_entries(&result.events, height, position));
    }
    let mut results_json = serde_json::to_value(&results_json).map_err(DevchainError::block)?;
    // The application repeats its parameters in every block.
    results_json["consensus_param_updates"] = parameters(max_gas);
    results_json["txs_results"] = wire::tx_results(&results)?;
    results_json["validator_updates"] = serde_json::Value::Null;
    results_json["app_hash"] = STANDARD.encode(app_hash).into();
    if let Some(fields) = results_json.as_object_mut() {
        fields.retain(|key, _| key != "begin_block_events" && key != "end_block_events");
    }
    let results_json = serde_json::to_vec(&results_json).map_err(DevchainError::block)?;
    let committed = CommittedBlock {
        tip: Tip {
            chain_id: tip.chain_id.clone(),
            height,
            time,
            block_id,
            app_hash,
            results_hash: Sha256::digest(&results_json).into(),
        },
        writes,
        block_json: serde_json::to_vec(&wire::block(&block_json)?).map_err(DevchainError::block)?,
        results_json,
        tx_hashes,
        index,
    };
    Ok((committed, NewBlock { block, block_id, results, events, app_hash: wire_app_hash }))
}

fn header(tip: &Tip, height: u64, time: Time, tx_hashes: &[[u8; 32]]) -> Result<Header, DevchainError> {
    let validator = our_validator::info()?;
    let proposer_address = validator.address;
    let validators = validator::Set::without_proposer(vec![validator]).hash();
    let empty = Hash::Sha256(Sha256::digest([]).into());
    let data_hash = simple_hash_from_byte_vectors::<MerkleSha256>(tx_hashes);
    Ok(Header {
        version: block::header::Version { block: 11, app: 0 },
        chain_id: chain::Id::try_from(tip.chain_id.clone()).map_err(DevchainError::block)?,
        height: height_of(height)?,
        time,
        last_block_id: (tip.height > 0).then_some(tip.block_id),
        last_commit_hash: Some(empty),
        data_hash: Some(Hash::Sha256(data_hash)),
        validators_hash: validators,
        next_validators_hash: validators,
        consensus_hash: Hash::Sha256(Sha256::digest(b"devchain consensus").into()),
        app_hash: AppHash::try_from(tip.app_hash.to_vec()).map_err(DevchainError::block)?,
        last_results_hash: Some(Hash::Sha256(tip.results_hash)),
        evidence_hash: Some(empty),
        proposer_address,
    })
}

/// Returns the consensus parameters in the form used by results of blocks.
fn parameters(max_gas: u64) -> serde_json::Value {
    serde_json::json!({
        "block": { "max_bytes": "22020096", "max_gas": max_gas.to_string() },
        "evidence": {
            "max_age_num_blocks": "100000", "max_age_duration": "172800000000000", "max_bytes": "1048576",
        },
        "validator": { "pub_key_types": ["ed25519"] },
        "version": {},
        "abci": {},
    })
}

/// Returns the header's hash, and one part that represents the whole block.
fn block_id(block: &Block) -> Result<block::Id, DevchainError> {
    let hash = block.header.hash();
    let part_set_header = parts::Header::new(1, hash).map_err(DevchainError::block)?;
    Ok(block::Id { hash, part_set_header })
}

/// Converts a height to the wire type.
pub(crate) fn height_of(height: u64) -> Result<block::Height, DevchainError> {
    block::Height::try_from(height).map_err(DevchainError::block)
}
