//! Draws a great many committees with the contract's own arithmetic and writes what they came to: seats against stake, how
//! often a committee agrees at once, how often a coalition could write a result, and what steering gains.
//!
//! Every figure follows from counters, so the same number of draws gives the same text anywhere. `docs/draws.md` has few,
//! and is made anew by every check; a file of more draws carries the digest of those few, and is stale with another.
//! Chances too small to be met in a simulation are computed from the Poisson distribution beside it.

mod beacon;
mod chance;
mod committee;
mod fixed;
mod grinding;
mod proposer;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use committee::Census;
use sha2::{Digest, Sha256};

use crate::error::XtaskError;
use crate::{generated, workspace};

/// Draws of the file that every check makes anew.
pub(crate) const FEW: u32 = 3_000;
/// Draws of the file that is only made by hand: it takes minutes.
const MANY: u32 = 1_000_000;

/// A project's usual choices: name, expected committee, basis points.
pub(crate) const PRESETS: [(&str, u32, u16); 3] =
    [("small", 11, 5500), ("standard", 21, 6000), ("high", 41, 6000)];
const OFFLINE: [u32; 3] = [0, 5, 10];
const COALITIONS: [u32; 3] = [10, 20, 25];

fn file(draws: u32) -> PathBuf {
    let name = if draws == FEW { "draws.md".to_owned() } else { format!("draws-{draws}.md") };
    workspace::root().join("docs").join(name)
}

/// Writes or checks a document.
pub(crate) fn run(draws: u32, check: bool) -> Result<(), XtaskError> {
    let few = render(FEW, None);
    let digest = hex::encode(Sha256::digest(&few));
    if draws != FEW {
        return generated::put(&file(draws), &render(draws, Some(&digest)), check, "simulate");
    }
    // Computed, not drawn: no part of what a file of more draws has to agree with.
    let mut whole = few;
    let _ = proposer::table(&mut whole);
    generated::put(&file(FEW), &whole, check, "simulate")?;
    let (path, chore) = (file(MANY), "simulate --draws 1000000");
    match fs::read_to_string(&path) {
        Ok(many) if check && !many.contains(&digest) => Err(XtaskError::Stale { path, chore }),
        Err(_) if check => Err(XtaskError::Stale { path, chore }),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn render(draws: u32, few: Option<&str>) -> String {
    let command = if draws == FEW { String::new() } else { format!(" --draws {draws}") };
    let mut text = format!(
        "# Draws\n\nWritten by `cargo xtask simulate{command}`: {draws} draws, with the contract's own arithmetic over {} units of \
         stake, beside the Poisson distribution (in brackets), which is the limit of many units. Every figure follows from \
         counters: the same command gives the same text on any machine.\n\n",
        committee::UNITS
    );
    // Writing to a string cannot fail.
    let _ = match few {
        Some(digest) => {
            writeln!(
                text,
                "The code is the one whose first {FEW} draws are docs/draws.md, SHA-256 `{digest}`.\n"
            )
        }
        None => writeln!(text, "[draws-{MANY}.md](draws-{MANY}.md) has the same of {MANY} draws.\n"),
    };
    let _ = presets(&mut text, &Census::take(draws)).and_then(|()| comparison(&mut text, draws));
    text
}

fn presets(text: &mut String, census: &Census) -> std::fmt::Result {
    let rate = |count: &u64| *count as f64 / census.draws as f64;
    writeln!(text, "## Agreement at once, by the share of stake offline\n")?;
    writeln!(
        text,
        "| preset | committee | bps | quorum_seats | 0 % | 5 % | 10 % |\n|---|---|---|---|---|---|---|"
    )?;
    for ((name, committee, bps), counts) in PRESETS.into_iter().zip(&census.agreed) {
        let quorum_seats =
            gateway_protocol::quorum_seats(bps, committee, gateway_api::Attempt(0), committee::UNITS.into());
        write!(text, "| {name} | {committee} | {bps} | {quorum_seats} ")?;
        for (offline, count) in OFFLINE.into_iter().zip(counts) {
            let exact =
                chance::at_least(f64::from(committee) * f64::from(100 - offline) / 100.0, quorum_seats);
            write!(text, "| {:.3} ({exact:.3}) ", rate(count))?;
        }
        writeln!(text, "|")?;
    }
    writeln!(text, "\n## A coalition that writes a result alone, by its share of stake\n")?;
    writeln!(text, "| preset | 10 % | 20 % | 25 % |\n|---|---|---|---|")?;
    for ((name, committee, bps), counts) in PRESETS.into_iter().zip(&census.captured) {
        let quorum_seats =
            gateway_protocol::quorum_seats(bps, committee, gateway_api::Attempt(0), committee::UNITS.into());
        write!(text, "| {name} ")?;
        for (share, count) in COALITIONS.into_iter().zip(counts) {
            let exact = chance::at_least(f64::from(committee) * f64::from(share) / 100.0, quorum_seats);
            write!(text, "| {:.1e} ({exact:.0e}) ", rate(count))?;
        }
        writeln!(text, "|")?;
    }
    writeln!(text, "\n## Seats against stake\n")?;
    let count = committee::nodes().len();
    writeln!(text, "{count} nodes of 1, 2, 4, 8, 15 and 20 units under the preset `standard`.\n")?;
    writeln!(text, "| test | found | accepted |\n|---|---|---|")?;
    let (shared, expected, errors) = census.overlap();
    writeln!(
        text,
        "| chi-square of every node's seats, standard deviations from its mean | {:.2} | within 3 |",
        census.chi_square()
    )?;
    writeln!(
        text,
        "| Kolmogorov-Smirnov distance, against the one exceeded once in a hundred | {:.2} | below 1 |",
        census.distance()
    )?;
    writeln!(
        text,
        "| nodes that two committees in a row share, expected {expected:.3} | {shared:.3} ({errors:.2} standard errors) | within 3 |"
    )?;
    let (ratios, chi_square) = census.splits();
    writeln!(text, "\nThe same stake in one node or in many has the same seats:\n")?;
    writeln!(text, "| units | nodes | seats against the expected |\n|---|---|---|")?;
    for (units, ratio) in committee::SPLITS.into_iter().zip(ratios) {
        writeln!(text, "| {units} | {} | {ratio:.4} |", 64 / units)?;
    }
    writeln!(text, "\nChi-square of the three: {chi_square:.2} standard deviations from its mean.")
}

fn comparison(text: &mut String, draws: u32) -> std::fmt::Result {
    writeln!(text, "\n## Withholding beacon tickets\n")?;
    writeln!(
        text,
        "| share of stake | seeds to choose from | 1 / (1 − share) | and three standard errors |\n|---|---|---|---|"
    )?;
    for (share, found) in beacon::SHARES.into_iter().zip(beacon::choices(draws)) {
        let (bound, most) = beacon::most(share, draws);
        writeln!(text, "| {share} % | {found:.4} | {bound:.4} | {most:.4} |")?;
    }
    let rounds = (draws / 300).max(100);
    let ((known, later), (share, errors)) = (grinding::shares(rounds), grinding::expected(rounds));
    writeln!(text, "\n## Choosing among a hundred requests by the seed that is known\n")?;
    writeln!(text, "Friends of the requester hold 20 % of the stake; {rounds} rounds.\n")?;
    writeln!(text, "| class | drawn with | the friends' share of the seats |\n|---|---|---|")?;
    writeln!(text, "| normal | a later seed | {later:.4} (expected {share} ± {errors:.4}) |")?;
    writeln!(text, "| fast | the seed looked at | {known:.4} |")?;

    writeln!(text, "\n## Committees of a fixed size, for comparison\n")?;
    writeln!(
        text,
        "So many seats with a quorum of two thirds, beside the binomial distribution (in brackets): how often a share of \
         the stake holds the quorum, and how often the rest falls short of it.\n"
    )?;
    writeln!(
        text,
        "| seats (quorum) | 10 % | 20 % | 25 % | 33 % | short: 10 % | 20 % | 25 % |\n|---|---|---|---|---|---|---|---|"
    )?;
    for (seats, quorum) in fixed::COMMITTEES {
        let found = fixed::drawn(seats, quorum, draws);
        let exact = fixed::SHARES.map(|share| fixed::exact(seats, quorum, share));
        write!(text, "| {seats} ({quorum}) ")?;
        for ((found, _), (exact, _)) in found.iter().zip(&exact) {
            write!(text, "| {found:.1e} ({exact:.1e}) ")?;
        }
        for ((_, found), (_, exact)) in found.iter().zip(&exact).take(3) {
            write!(text, "| {found:.1e} ({exact:.1e}) ")?;
        }
        writeln!(text, "|")?;
    }
    Ok(())
}
