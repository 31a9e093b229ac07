//! A requester colluding with nodes: it looks at the known seed, prepares any number of requests, and sends the one that would
//! seat its friends best. A request of the class `normal` is drawn with the seed of a later block; one of the class `fast` with
//! the seed that was looked at, and its result says so.

use gateway_api::VrfOutput;
use gateway_protocol::{Domain, hash};

use super::committee::{UNITS, bound, seats};

/// Expected committee.
const COMMITTEE: u32 = 21;
/// The friends' share of the stake: ten nodes of twenty units.
const FRIENDS: u32 = 10;
const UNITS_EACH: u32 = 20;
/// Requests that the requester can choose from each time.
const CHOICES: u32 = 100;

fn friends(seed: &[u8; 32], request: u32) -> u32 {
    let bound = bound(COMMITTEE, UNITS);
    (0..FRIENDS)
        .map(|node| {
            let output = hash("gateway/simulation", &[seed, &request.to_be_bytes(), &node.to_be_bytes()]);
            seats(&VrfOutput(output), UNITS_EACH, bound)
        })
        .sum()
}

/// Returns the friends' share of all seats when the known seed draws, and when a later one does.
pub(super) fn shares(rounds: u32) -> (f64, f64) {
    let domain = Domain { chain_id: "simulation", contract: "gateway" };
    let mut seed = domain.genesis_seed(1, 1);
    let (mut known, mut later) = (0u64, 0u64);
    for round in 0..rounds {
        let next = domain.round_seed(&seed, &seed, round.into(), u64::from(round) * 6_000_000_000);
        let best = (0..CHOICES).max_by_key(|request| friends(&seed.0, *request)).unwrap_or_default();
        known += u64::from(friends(&seed.0, best));
        later += u64::from(friends(&next.0, best));
        seed = next;
    }
    let all = f64::from(rounds) * f64::from(COMMITTEE);
    (known as f64 / all, later as f64 / all)
}

/// Returns the expected share of the friends, and three standard errors of it.
pub(super) fn expected(rounds: u32) -> (f64, f64) {
    let units = f64::from(FRIENDS * UNITS_EACH);
    let share = units / f64::from(UNITS);
    let error = (f64::from(COMMITTEE) * share / f64::from(rounds)).sqrt() / f64::from(COMMITTEE);
    (share, 3.0 * error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looking, choosing and sending gains nothing, but would gain much if the known seed were used.
    #[test]
    fn attack_05_request_grinding() {
        let rounds = 100;
        let ((known, later), (share, errors)) = (shares(rounds), expected(rounds));
        assert!((later - share).abs() < errors, "{later} against {share} ± {errors}");
        assert!(known > 1.5 * share, "{known}");
    }

    /// Even with everything that is public when a request is made, and the whole next block except its time, the seed that
    /// draws it cannot be predicted; with a chain of bare hashes every seed could be.
    #[test]
    fn attack_01_seed_prediction() {
        let domain = Domain { chain_id: "simulation", contract: "gateway" };
        let mut seed = domain.genesis_seed(1, 1);
        let mut bare = [7u8; 32];
        for round in 0u64..100 {
            // A block's time has nanoseconds: the guesses are the likeliest ones.
            let time = round * 6_000_000_000 + 123_456_789 + round * 7919 % 1_000_003;
            let next = domain.round_seed(&seed, &seed, round, time);
            let guesses = (0..1000u64).map(|guess| round * 6_000_000_000 + guess * 1_000_000);
            assert!(
                guesses.map(|time| domain.round_seed(&seed, &seed, round, time)).all(|guess| guess != next)
            );
            seed = next;
            let step = |seed: &[u8; 32]| hash("bare", &[seed, &round.to_be_bytes()]);
            let (foreseen, came) = (step(&bare), step(&bare));
            assert_eq!(foreseen, came);
            bare = came;
        }
    }
}
