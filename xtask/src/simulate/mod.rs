//! Draws a great many committees with the contract's own arithmetic and writes docs/draws.md: seats against stake, how
//! often a committee agrees at once, how often a coalition could write a result, and what withholding beacon tickets gains.
//!
//! Chances too small to be met in a simulation are computed from the Poisson distribution beside it.

mod beacon;
mod chance;
mod committee;

use crate::error::XtaskError;
use crate::{generated, workspace};
use std::fmt::Write;

/// A project's usual choices: name, expected committee, basis points.
pub(crate) const PRESETS: [(&str, u32, u16); 3] =
    [("small", 11, 5500), ("standard", 21, 6000), ("high", 41, 6000)];
const OFFLINE: [u32; 3] = [0, 5, 10];
const COALITIONS: [u32; 3] = [10, 20, 25];

/// Writes or checks the document.
pub(crate) fn run(draws: u32, check: bool) -> Result<(), XtaskError> {
    let text = render(draws);
    generated::put(&workspace::root().join("docs").join("draws.md"), &text, check, "simulate")
}

fn render(draws: u32) -> String {
    let mut text = format!(
        "# Draws\n\nWritten by `cargo xtask simulate`: {draws} draws for each line, with the contract's own arithmetic over {} units \
         of stake, beside the Poisson distribution (in brackets), which is the limit of many units.\n\n",
        committee::UNITS
    );
    // Writing to a string cannot fail.
    let _ = tables(&mut text, draws);
    text
}

fn tables(text: &mut String, draws: u32) -> std::fmt::Result {
    writeln!(text, "## Agreement at once, by the share of stake offline\n")?;
    writeln!(text, "| preset | committee | bps | bar | 0 % | 5 % | 10 % |\n|---|---|---|---|---|---|---|")?;
    for (name, committee, bps) in PRESETS {
        let bar = gateway_proof::bar(bps, committee, gateway_api::Attempt(0), committee::UNITS);
        write!(text, "| {name} | {committee} | {bps} | {bar} ")?;
        for offline in OFFLINE {
            let found = committee::reaches(committee, bar, 100 - offline, draws);
            let exact = chance::at_least(f64::from(committee) * f64::from(100 - offline) / 100.0, bar);
            write!(text, "| {found:.3} ({exact:.3}) ")?;
        }
        writeln!(text, "|")?;
    }
    writeln!(text, "\n## A coalition that writes a result alone, by its share of stake\n")?;
    writeln!(text, "| preset | 10 % | 20 % | 25 % |\n|---|---|---|---|")?;
    for (name, committee, bps) in PRESETS {
        let bar = gateway_proof::bar(bps, committee, gateway_api::Attempt(0), committee::UNITS);
        write!(text, "| {name} ")?;
        for share in COALITIONS {
            let found = committee::reaches(committee, bar, share, draws);
            let exact = chance::at_least(f64::from(committee) * f64::from(share) / 100.0, bar);
            write!(text, "| {found:.1e} ({exact:.0e}) ")?;
        }
        writeln!(text, "|")?;
    }
    writeln!(text, "\n## Seats against stake\n")?;
    writeln!(text, "| units | nodes | seats a unit, against the expected |\n|---|---|---|")?;
    for (units, nodes, ratio) in committee::split(draws) {
        writeln!(text, "| {units} | {nodes} | {ratio:.4} |")?;
    }
    writeln!(
        text,
        "\nThe same stake in one node or in many has the same seats.\n\n## Withholding beacon tickets\n"
    )?;
    writeln!(text, "| share of stake | seeds to choose from | 1 / (1 − share) |\n|---|---|---|")?;
    for share in [10, 20, 25, 33] {
        let bound = 1.0 / (1.0 - f64::from(share) / 100.0);
        writeln!(text, "| {share} % | {:.3} | {bound:.3} |", beacon::choices(share, draws))?;
    }
    Ok(())
}
