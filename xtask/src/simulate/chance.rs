//! The Poisson distribution: the number of seats when many units each win with a small probability.

/// Returns the probability that a Poisson variable of this mean is at least `quorum`, summed from the tail so that small ones
/// are exact.
pub(super) fn at_least(mean: f64, quorum_seats: u32) -> f64 {
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for k in 0..quorum_seats {
        below += term;
        term *= mean / f64::from(k + 1);
    }
    if below < 0.5 {
        return 1.0 - below;
    }
    let mut tail = 0.0;
    for k in quorum_seats..quorum_seats + 400 {
        tail += term;
        term *= mean / f64::from(k + 1);
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures by which the presets were chosen.
    #[test]
    fn presets_meet_their_guarantees() {
        for (mean, quorum_seats, promised) in [
            (11.0, 7, 0.921),
            (11.0 * 0.95, 7, 0.896),
            (11.0 * 0.9, 7, 0.863),
            (21.0, 13, 0.975),
            (21.0 * 0.95, 13, 0.960),
            (21.0 * 0.9, 13, 0.937),
            (41.0, 25, 0.997),
            (41.0 * 0.95, 25, 0.993),
            (41.0 * 0.9, 25, 0.984),
        ] {
            let exact = at_least(mean, quorum_seats);
            assert!((exact - promised).abs() < 1.5e-3, "{mean} {quorum_seats}: {exact}");
        }
        for (mean, quorum_seats, most) in
            [(1.1, 7, 2e-4), (4.2, 13, 6e-4), (8.2, 25, 4e-6), (10.25, 25, 1e-4)]
        {
            let exact = at_least(mean, quorum_seats);
            assert!(exact < most && exact > most / 10.0, "{mean} {quorum_seats}: {exact:e}");
        }
    }
}
