//! Writes the figures down.

use super::chain::Cost;
use super::measure::Figures;
use std::fmt::Write;

/// Loading a contract that is not pinned.
const LOAD: u64 = 60_000;
/// Each byte of a transaction.
const TX_BYTE: u64 = 10;
/// A block's gas on the chain.
const BLOCK: u64 = 300_000_000;

fn all(cost: Cost) -> u64 {
    LOAD + cost.gas + TX_BYTE * cost.bytes
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

/// The document.
pub(super) fn render(figures: &Figures) -> String {
    let mut text = String::from(
        "# Gas\n\nWritten by `cargo xtask gas` from `artifacts/gateway.wasm`, run in the chain's virtual machine with the chain's \
         prices for storage. *Contract* is running the wasm and its storage; *all* adds 60,000 for loading the contract and 10 \
         for each byte of the message. The transaction's own signature and the bank transfers it causes come on top, the same for every contract.\n\n",
    );
    // Writing to a string cannot fail.
    let _ = write_tables(&mut text, figures);
    text
}

fn write_tables(text: &mut String, figures: &Figures) -> std::fmt::Result {
    writeln!(text, "The wasm has {} bytes.\n\n## Operations\n", grouped(figures.wasm_bytes as u64))?;
    writeln!(text, "| operation | contract | message bytes | all |\n|---|---:|---:|---:|")?;
    for (name, cost) in &figures.operations {
        row(text, name, *cost)?;
    }
    writeln!(text, "\n## Publishing one result\n")?;
    writeln!(text, "| proofs | contract | message bytes | all |\n|---|---:|---:|---:|")?;
    for (proofs, cost) in &figures.publications {
        row(text, &proofs.to_string(), *cost)?;
    }
    if let [(first, least), .., (last, most)] = figures.publications[..] {
        let each = most.gas.saturating_sub(least.gas) / u64::from(last - first);
        writeln!(text, "\nEach further proof costs {} in a publication alone.", grouped(each))?;
    }
    let (results, proofs, cost) = figures.batch;
    let percent = all(cost) * 1000 / BLOCK;
    writeln!(
        text,
        "\n{results} results of {proofs} proofs in one message: {} in all, {}.{} % of a block of {}, in {} bytes; {} a proof with all that a result costs.",
        grouped(all(cost)),
        percent / 10,
        percent % 10,
        grouped(BLOCK),
        grouped(cost.bytes),
        grouped(cost.gas / u64::from(results * proofs)),
    )?;
    let (short, long) = figures.history_lengths;
    writeln!(text, "\n## After {} and after {} requests\n", grouped(short), grouped(long))?;
    writeln!(text, "| operation | after {} | after {} |\n|---|---:|---:|", grouped(short), grouped(long))?;
    for (name, short, long) in &figures.histories {
        writeln!(text, "| {name} | {} | {} |", grouped(short.gas), grouped(long.gas))?;
    }
    Ok(())
}

fn row(text: &mut String, name: &str, cost: Cost) -> std::fmt::Result {
    writeln!(text, "| {name} | {} | {} | {} |", grouped(cost.gas), grouped(cost.bytes), grouped(all(cost)))
}
