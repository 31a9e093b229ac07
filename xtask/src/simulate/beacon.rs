//! The beacon against withholding: a holder of the lowest tickets may show all of them or only later ones, and so choose
//! between as many seeds as it holds tickets below everyone else's, plus one.

use gateway_protocol::ticket_value;

use super::committee::output;

const NODES: u32 = 100;
/// Shares of the stake that withhold, percent.
pub(super) const SHARES: [u32; 4] = [10, 20, 25, 33];

/// Returns the mean number of seeds that coalitions of these shares can choose from.
pub(super) fn choices(epochs: u32) -> [f64; SHARES.len()] {
    let mut all = [0u64; SHARES.len()];
    for epoch in 0..epochs {
        let mut tickets: Vec<_> =
            (0..NODES).map(|node| (ticket_value(&output(epoch, node), 1), node)).collect();
        tickets.sort_unstable();
        for (sum, share) in all.iter_mut().zip(SHARES) {
            *sum += tickets.iter().take_while(|(_, node)| node * 100 < NODES * share).count() as u64 + 1;
        }
    }
    all.map(|sum| sum as f64 / f64::from(epochs))
}

/// Returns the most that a share can gain on average over so many epochs: 1 / (1 − share), and three standard errors.
pub(super) fn most(percent: u32, epochs: u32) -> (f64, f64) {
    let share = f64::from(percent) / 100.0;
    // Geometric: variance share / (1 - share)^2.
    let error = (share / (1.0 - share).powi(2) / f64::from(epochs)).sqrt();
    (1.0 / (1.0 - share), 1.0 / (1.0 - share) + 3.0 * error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A coalition gains what its share gives it and no more. The million epochs of docs/draws-1000000.md are more precise.
    #[test]
    fn attack_02_withholding_gains_at_most_its_share() {
        let epochs = 4000;
        for (found, percent) in choices(epochs).into_iter().zip(SHARES) {
            let (_, most) = most(percent, epochs);
            assert!(found <= most && found > 1.0, "{percent} %: {found} against {most}");
        }
    }
}
