//! A block proposer colluding with nodes. A block's time is the median of votes that its proposer gathers, so it can try many
//! times before it signs, and each gives another round seed. Its gain is computed, not drawn: the probabilities are far too
//! small and the tries far too many for a simulation.

use std::fmt::Write;

use gateway_api::{Attempt, limits};

use super::PRESETS;
use super::chance::at_least;
use super::committee::UNITS;

/// Shares of the stake that the proposer's friends hold, percent.
const SHARES: [u32; 5] = [5, 10, 20, 25, 33];
/// Times that the proposer tries: ten thousand take a second on one core.
const TRIES: [f64; 4] = [1.0, 1e2, 1e4, 1e6];

/// Returns the probability that one draw gives a share of the stake the quorum.
fn capture(committee: u32, bps: u16, percent: u32) -> f64 {
    let quorum = gateway_protocol::quorum_seats(bps, committee, Attempt(0), UNITS.into());
    at_least(f64::from(committee) * f64::from(percent) / 100.0, quorum)
}

/// Returns the probability that at least one of so many draws does.
fn any(of_one: f64, draws: f64) -> f64 {
    -(draws * (-of_one).ln_1p()).exp_m1()
}

/// Returns the probability that a share holds at least `least` of a round's lowest tickets.
fn tickets_held(share: f64, least: usize) -> f64 {
    let all = limits::BEACON_TICKETS;
    let mut choose = 1.0;
    let mut sum = 0.0;
    for held in 0..=all {
        if held >= least {
            sum += choose * share.powi(held as i32) * (1.0 - share).powi((all - held) as i32);
        }
        choose *= (all - held) as f64 / (held + 1) as f64;
    }
    sum
}

/// Returns the seeds that the proposer can choose from under the class `beacon`. Its friends may withhold any of their lowest
/// tickets, each of which doubles the choice; by trying times it finds one at which many are theirs. Only if all of them are
/// does it know the seed beforehand, and can choose among times as well.
fn beacon_seeds(percent: u32, tries: f64) -> f64 {
    let share = f64::from(percent) / 100.0;
    let all = limits::BEACON_TICKETS;
    let held = (0..=all).rev().find(|held| tries * tickets_held(share, *held) >= 1.0).unwrap_or(0);
    let withheld = f64::from(1u32 << held).max((1.0 + share).powi(all as i32));
    withheld * (tries * share.powi(all as i32)).max(1.0)
}

/// Writes the tables.
pub(super) fn table(text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n## A block proposer in league with nodes\n")?;
    writeln!(
        text,
        "The chance that the proposer's friends write a result alone, by their share of the stake and by the block times that \
         it tries before it signs. Computed from the Poisson distribution; `fast` has no row, since there the requester \
         itself waits for the seed that it likes, as often as it likes. Under `beacon` the friends also withhold those of \
         their tickets that they do not like.\n"
    )?;
    for (name, committee, bps) in PRESETS {
        writeln!(text, "Preset `{name}`:\n")?;
        writeln!(text, "| share | class | 1 try | 100 | 10,000 | 1,000,000 |\n|---|---|---|---|---|---|")?;
        for percent in SHARES {
            let one = capture(committee, bps, percent);
            write!(text, "| {percent} % | normal ")?;
            for tries in TRIES {
                write!(text, "| {:.1e} ", any(one, tries))?;
            }
            write!(text, "|\n| {percent} % | beacon ")?;
            for tries in TRIES {
                write!(text, "| {:.1e} ", any(one, beacon_seeds(percent, tries)))?;
            }
            writeln!(text, "|")?;
        }
        writeln!(text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_that_the_classes_were_chosen_by() {
        let standard = capture(21, 6000, 20);
        assert!((any(standard, 1e4) - 0.98).abs() < 0.02, "{}", any(standard, 1e4));
        assert!(any(standard, beacon_seeds(20, 1e4)) < 0.05);
        assert!(any(standard, beacon_seeds(20, 1.0)) < 0.002);
    }

    #[test]
    fn more_tries_never_gain_less() {
        for percent in SHARES {
            let seeds = TRIES.map(|tries| beacon_seeds(percent, tries));
            assert!(seeds.windows(2).all(|pair| pair[0] <= pair[1]), "{percent} %: {seeds:?}");
        }
        assert!((tickets_held(0.2, 0) - 1.0).abs() < 1e-12);
        assert!((tickets_held(0.2, 7) - 0.2f64.powi(7)).abs() < 1e-12);
    }
}
