//! From `tendermint-rpc`'s types to ours.

use tendermint::abci::{Event, types::ExecTxResult};
use tendermint::block::Block;
use tendermint_rpc::endpoint::{block_results, tx};

use crate::error::{ChainError, Result};
use crate::types::{BlockEvents, RawEvent, TxEvents, TxFound};

/// A block and its results, which lie index-aligned in two answers.
pub(super) fn block(height: u64, block: &Block, results: block_results::Response) -> Result<BlockEvents> {
    let executed = results.txs_results.unwrap_or_default();
    if executed.len() != block.data.len() {
        let reason = format!("{} transactions but {} results", block.data.len(), executed.len());
        return Err(ChainError::decode(format!("block {height}"), reason));
    }
    for found in [block.header.height.value(), results.height.value()] {
        if found != height {
            return Err(ChainError::decode(
                format!("block {height}"),
                format!("the node sent block {found}"),
            ));
        }
    }
    let mut txs = Vec::with_capacity(executed.len());
    for ((index, bytes), result) in (0..).zip(&block.data).zip(executed) {
        txs.push(executed_tx(crate::tx::hash(bytes), height, index, &result)?);
    }
    // 0.38 has one list; older nodes have two, and then the first is empty.
    let older = results.begin_block_events.into_iter().chain(results.end_block_events).flatten();
    let block_events =
        results.finalize_block_events.into_iter().chain(older).map(|e| event(&e)).collect::<Result<_>>()?;
    Ok(BlockEvents { height, time_ns: nanoseconds(block.header.time)?, txs, block_events })
}

pub(super) fn found(answer: tx::Response) -> Result<TxFound> {
    let hash = answer.hash.to_string().to_uppercase();
    let result = answer.tx_result;
    Ok(TxFound {
        tx: executed_tx(hash, answer.height.value(), answer.index, &result)?,
        codespace: result.codespace,
        raw_log: result.log,
        data: result.data.to_vec(),
    })
}

fn executed_tx(hash: String, height: u64, index: u32, result: &ExecTxResult) -> Result<TxEvents> {
    Ok(TxEvents {
        hash,
        code: result.code.value(),
        gas_used: u64::try_from(result.gas_used).unwrap_or_default(),
        gas_wanted: u64::try_from(result.gas_wanted).unwrap_or_default(),
        height,
        index,
        events: result.events.iter().map(event).collect::<Result<_>>()?,
    })
}

fn event(event: &Event) -> Result<RawEvent> {
    let text = |part: std::result::Result<&str, tendermint::Error>| {
        part.map(str::to_owned).map_err(|e| ChainError::decode(format!("event {}", event.kind), e))
    };
    let attributes = event
        .attributes
        .iter()
        .map(|a| Ok((text(a.key_str())?, text(a.value_str())?)))
        .collect::<Result<_>>()?;
    Ok(RawEvent { ty: event.kind.clone(), attributes })
}

pub(super) fn nanoseconds(time: tendermint::Time) -> Result<u64> {
    u64::try_from(time.unix_timestamp_nanos()).map_err(|e| ChainError::decode("block time", e))
}
