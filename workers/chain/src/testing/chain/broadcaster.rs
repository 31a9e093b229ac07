//! How the fake chain handles transactions: simulates them, accepts them into its pool or refuses them.

use async_trait::async_trait;

use super::state::{GAS_PER_MESSAGE, has_key, parse, refused_message, wrong_sequence};
use super::{FakeChain, Fault};
use crate::error::{ChainError, Result};
use crate::reader::Broadcaster;
use crate::types::BroadcastResult;

#[async_trait]
impl Broadcaster for FakeChain {
    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        let tx = parse(tx)?;
        self.call("simulate", |state, fault| {
            let path = "/cosmos.tx.v1beta1.Service/Simulate";
            let refuse = |code, log: String| ChainError::Query {
                path: path.into(),
                code,
                codespace: "sdk".into(),
                log,
            };
            if fault == Fault::NoState || tx.msgs.iter().any(|msg| has_key(&msg.msg, "riddle")) {
                return Err(ChainError::NodeUnwell {
                    what: path.into(),
                    code: 18,
                    codespace: "sdk".into(),
                    log: "failed to load state at height 7; version does not exist (latest height: 7)".into(),
                });
            }
            if tx.sequence != state.pool_sequence {
                return Err(refuse(6, wrong_sequence(state.pool_sequence, tx.sequence)));
            }
            if let Some(index) = tx.msgs.iter().position(|msg| has_key(&msg.msg, "poison")) {
                return Err(refuse(6, refused_message(index, "poison")));
            }
            if let Some(Err(refused)) = state.contract.as_ref().map(|contract| contract.simulate(&tx.msgs)) {
                return Err(refuse(6, refused_message(refused.index, &refused.reason)));
            }
            Ok(GAS_PER_MESSAGE * tx.msgs.len() as u64)
        })
        .await
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        let len = tx.len();
        let tx = parse(tx)?;
        self.call("broadcast", |state, fault| {
            let answer = |code: u32, log: String| BroadcastResult {
                hash: tx.hash.clone(),
                code,
                codespace: if code == 0 { String::new() } else { "sdk".into() },
                log,
            };
            if fault == Fault::WrongSequence {
                return Ok(answer(32, wrong_sequence(99, tx.sequence)));
            }
            if len > state.largest {
                return Ok(answer(21, "larger than the node takes".into()));
            }
            let too_low = "insufficient fees; got: 1aarch required: 2aarch: insufficient fee";
            let pooled = state.pool.iter().any(|other| other.hash == tx.hash);
            if pooled {
                let yet = fault == Fault::RefusedYetTaken;
                return Ok(if yet {
                    answer(13, too_low.into())
                } else {
                    answer(19, "tx already in mempool".into())
                });
            }
            if let Err((code, log)) = state.check(&tx) {
                return Ok(answer(code, log));
            }
            state.pool_sequence += 1;
            let done = answer(0, String::new());
            let refused = answer(13, too_low.into());
            if fault != Fault::Forgotten {
                state.pool.push(tx);
            }
            Ok(if fault == Fault::RefusedYetTaken { refused } else { done })
        })
        .await
    }
}
