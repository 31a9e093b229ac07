//! Formats the figures as tables.

use std::fmt::Write;

use super::chain::Cost;
use super::goals::floors;
use super::measure::{BATCH, Figures};
use crate::error::XtaskError;

/// Loading a contract that is not pinned.
const LOAD: u64 = 60_000;
/// Price of each byte of a transaction.
const TX_BYTE: u64 = 10;
/// The chain's gas limit per block.
pub(super) const BLOCK: u64 = 300_000_000;

/// Returns the gas including the contract's loading and the message's bytes.
pub(super) fn all(cost: Cost) -> u64 {
    LOAD + cost.gas() + TX_BYTE * cost.bytes
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Renders the document.
pub(super) fn render(figures: &Figures) -> Result<String, XtaskError> {
    let mut text = String::from(
        "# Gas\n\nWritten by `cargo xtask gas` from `artifacts/gateway.wasm`, run in the chain's virtual machine with the chain's \
         prices for storage. *Compute* is running the wasm, *storage* what it reads and writes, *all* adds 60,000 for loading the \
         contract and 10 for each byte of the message. The transaction's own signature and the bank transfers it causes come on \
         top, the same for every contract. The chore fails where a further proof takes more than 9,000 to verify, where the \
         batch below takes 10 % of a block or 1 MiB, or where a long history changes a cost by more than 2 %.\n\n",
    );
    let (single, batched) = floors(figures)?;
    // Writing to a string cannot fail.
    let _ = write_tables(&mut text, figures, single, batched);
    Ok(text)
}

fn write_tables(text: &mut String, figures: &Figures, single: Cost, batched: Cost) -> std::fmt::Result {
    const HEAD: &str = "compute | storage | message bytes | all |";
    writeln!(text, "The wasm has {} bytes.\n\n## Operations\n", grouped(figures.wasm_bytes as u64))?;
    writeln!(text, "| operation | {HEAD}\n|---|---:|---:|---:|---:|")?;
    for (name, cost) in &figures.operations {
        row(text, name, *cost)?;
    }
    writeln!(text, "\n## Publishing one result\n\n| proofs | {HEAD}\n|---|---:|---:|---:|---:|")?;
    for committee in &figures.committees {
        row(text, &committee.proofs.to_string(), committee.publish)?;
    }
    let (results, proofs) = BATCH;
    writeln!(
        text,
        "\n## {results} results in one message\n\n| proofs of each | {HEAD}\n|---|---:|---:|---:|---:|"
    )?;
    row(text, "1", figures.batch_of_ones)?;
    row(text, &proofs.to_string(), figures.batch)?;
    let permille = all(figures.batch) * 1000 / BLOCK;
    let (whole, tenth, block) = (permille / 10, permille % 10, grouped(BLOCK));
    writeln!(
        text,
        "\n{results} results of {proofs} proofs take {whole}.{tenth} % of a block of {block}.\n\n## A proof\n"
    )?;
    let share = |gas: u64| grouped(gas / u64::from(results * proofs));
    writeln!(text, "| | compute | storage |\n|---|---:|---:|")?;
    writeln!(
        text,
        "| verifying a further proof, nothing written | {} | {} |",
        grouped(single.compute),
        grouped(single.storage)
    )?;
    writeln!(
        text,
        "| a further proof in the batch | {} | {} |",
        grouped(batched.compute),
        grouped(batched.storage)
    )?;
    let Cost { compute, storage, .. } = figures.batch;
    writeln!(
        text,
        "| a proof in the batch, with its share of the result | {} | {} |",
        share(compute),
        share(storage)
    )?;
    let (short, long) = figures.history_lengths;
    writeln!(text, "\n## After {} and after {} requests\n", grouped(short), grouped(long))?;
    writeln!(text, "| operation | after {} | after {} |\n|---|---:|---:|", grouped(short), grouped(long))?;
    for (name, short, long) in &figures.histories {
        writeln!(text, "| {name} | {} | {} |", grouped(short.gas()), grouped(long.gas()))?;
    }
    Ok(())
}

fn row(text: &mut String, name: &str, cost: Cost) -> std::fmt::Result {
    let [compute, storage, bytes, all] = [cost.compute, cost.storage, cost.bytes, all(cost)].map(grouped);
    writeln!(text, "| {name} | {compute} | {storage} | {bytes} | {all} |")
}
