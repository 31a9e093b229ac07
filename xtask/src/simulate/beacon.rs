//! The beacon against who withholds: whoever holds the lowest tickets may show all of them or only later ones, and so
//! choose between as many seeds as it holds tickets below everybody else's, and one.

use super::committee::output;
use gateway_proof::ticket_value;

const NODES: u32 = 100;

/// The mean number of seeds that a coalition of so many percent of the stake can choose from.
pub(super) fn choices(percent: u32, epochs: u32) -> f64 {
    let epochs = epochs.min(20_000);
    let all: u64 = (0..epochs)
        .map(|epoch| {
            let mut tickets: Vec<_> = (0..NODES)
                .map(|node| (ticket_value(&output(epoch, node), 1), node < NODES * percent / 100))
                .collect();
            tickets.sort_unstable();
            tickets.iter().take_while(|(_, held)| *held).count() as u64 + 1
        })
        .sum();
    all as f64 / f64::from(epochs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A coalition gains what its share gives it and no more.
    #[test]
    fn attack_02_withholding_gains_at_most_its_share() {
        for percent in [10, 25, 33] {
            let share = f64::from(percent) / 100.0;
            let (epochs, bound) = (4000, 1.0 / (1.0 - share));
            // Geometric: variance share / (1 - share)^2.
            let deviation = (share / (1.0 - share).powi(2) / f64::from(epochs)).sqrt();
            let found = choices(percent, epochs);
            assert!(found <= bound + 4.0 * deviation && found > 1.0, "{percent} %: {found} against {bound}");
        }
    }
}
