//! The contract's cost goals, and whether the figures meet them. A table that misses a goal is not written.

use super::bench::fault;
use super::chain::Cost;
use super::measure::{BATCH, Figures};
use super::table::{BLOCK, all};
use crate::error::XtaskError;

/// Gas limit for verifying one further proof.
const PROOF: u64 = 9_000;
/// The batch's largest share of a block, in percent.
const BLOCK_PERCENT: u64 = 10;
/// Size limit in bytes of the batch's message: what the chain accepts in one transaction.
const MESSAGE: u64 = 1 << 20;
/// Largest change of an operation's cost after a long history, in percent.
const HISTORY_PERCENT: u64 = 2;

/// Returns the cost of each further proof between a small and a large number of them, rounded up.
pub(super) fn each(less: Cost, more: Cost, further: u32) -> Cost {
    let part = |less: u64, more: u64| more.saturating_sub(less).div_ceil(further.max(1).into());
    Cost {
        compute: part(less.compute, more.compute),
        storage: part(less.storage, more.storage),
        bytes: part(less.bytes, more.bytes),
    }
}

/// Returns the cost of verifying one further proof of a publication, and of a batch.
pub(super) fn floors(figures: &Figures) -> Result<(Cost, Cost), XtaskError> {
    let [least, .., most] = &figures.committees[..] else {
        return Err(fault("two committees are compared"));
    };
    let single = each(least.check, most.check, most.proofs - least.proofs);
    let (results, proofs) = BATCH;
    Ok((single, each(figures.batch_of_ones, figures.batch, results * (proofs - 1))))
}

/// Checks every goal.
pub(super) fn check(figures: &Figures) -> Result<(), XtaskError> {
    let (single, batched) = floors(figures)?;
    for (what, gas) in [("alone", single.compute), ("in a batch", batched.compute)] {
        if gas > PROOF {
            return Err(fault(format!("a further proof {what} takes {gas}, promised are {PROOF}")));
        }
    }
    let (gas, most) = (all(figures.batch), BLOCK * BLOCK_PERCENT / 100);
    if gas > most || figures.batch.bytes > MESSAGE {
        let bytes = figures.batch.bytes;
        return Err(fault(format!(
            "the batch takes {gas} gas and {bytes} bytes, promised are {most} and {MESSAGE}"
        )));
    }
    for (name, short, long) in &figures.histories {
        let (short, long) = (short.gas(), long.gas());
        if short.abs_diff(long) * 100 > short * HISTORY_PERCENT {
            return Err(fault(format!("{name}: {short} after a short and {long} after a long history")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::measure::Committee;
    use super::*;

    fn cost(compute: u64) -> Cost {
        Cost { compute, storage: 1_000, bytes: 100 }
    }

    fn good() -> Figures {
        Figures {
            wasm_bytes: 1,
            operations: Vec::new(),
            committees: vec![
                Committee { proofs: 1, publish: cost(20_000), check: cost(10_000) },
                Committee { proofs: 3, publish: cost(40_000), check: cost(28_000) },
            ],
            batch: cost(9_000_000),
            batch_of_ones: cost(900_000),
            histories: vec![("tick", cost(49_000), cost(50_000))],
            history_lengths: (10, 100_000),
        }
    }

    #[test]
    fn a_consumer_that_keeps_every_rule_passes() {
        check(&good()).unwrap();
    }

    #[test]
    fn a_further_proof_that_takes_too_much_is_found() {
        let mut figures = good();
        figures.committees[1].check.compute += 3;
        assert!(check(&figures).unwrap_err().to_string().contains("alone takes 9002"));
        let mut figures = good();
        figures.batch.compute += 1_000_000;
        assert!(check(&figures).unwrap_err().to_string().contains("in a batch takes"));
    }

    #[test]
    fn a_batch_too_large_for_its_share_of_a_block_is_found() {
        let mut figures = good();
        figures.batch.storage = BLOCK / 10;
        assert!(check(&figures).unwrap_err().to_string().contains("the batch takes"));
        let mut figures = good();
        figures.batch.bytes = MESSAGE + 1;
        assert!(check(&figures).unwrap_err().to_string().contains("the batch takes"));
    }

    #[test]
    fn a_cost_that_grows_with_history_is_found() {
        let mut figures = good();
        figures.histories = vec![("tick", cost(49_000), cost(50_001))];
        assert!(check(&figures).unwrap_err().to_string().starts_with("gateway.wasm: tick"));
    }
}
