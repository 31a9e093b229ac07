//! Verifies proofs: all publications of a message together, then a publication alone where that fails, then one by one
//! to name the bad proof. The three always come to the same answer; only the price differs.

use gateway_api::Refusal;
use gateway_protocol::{verify_batch, verify_one, BatchItem};

use super::Evaluation;

fn items(evaluation: &Evaluation) -> impl Iterator<Item = BatchItem<'_>> {
    evaluation.claims.iter().map(|claim| BatchItem {
        context: &evaluation.context,
        key: &claim.key,
        proof: &claim.proof,
        commit: &claim.commit,
    })
}

/// Verifies one evaluation's proofs.
fn verify(evaluation: &Evaluation) -> Result<(), Refusal> {
    let all: Vec<_> = items(evaluation).collect();
    if verify_batch(&all).is_ok() {
        return Ok(());
    }
    verify_each(evaluation)
}

/// Verifies one evaluation's proofs one by one.
pub(crate) fn verify_each(evaluation: &Evaluation) -> Result<(), Refusal> {
    let bad = evaluation
        .claims
        .iter()
        .find(|claim| verify_one(&evaluation.context, &claim.key, &claim.proof, &claim.commit).is_err());
    match bad {
        Some(claim) => Err(Refusal::InvalidProof { node: claim.node }),
        None => Ok(()),
    }
}

/// Verifies the proofs of all evaluations; those whose proofs do not hold become refusals.
pub(crate) fn verify_all(verdicts: &mut [Result<Evaluation, Refusal>]) {
    let all: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.as_ref().ok()).flat_map(items).collect();
    if verify_batch(&all).is_ok() {
        return;
    }
    drop(all);
    for verdict in verdicts {
        if let Some(refusal) = verdict.as_ref().ok().and_then(|evaluation| verify(evaluation).err()) {
            *verdict = Err(refusal);
        }
    }
}
