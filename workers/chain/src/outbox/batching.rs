//! The outbox's decisions that need no I/O: how many messages to batch, and which sequence is next.

use super::config::OutboxConfig;
use super::store::OutboxItem;

/// Returns how many of the oldest queued items (oldest first) go into the next transaction.
///
/// Items that failed before travel in ever smaller batches (a quarter per attempt, alone in the last one), so that a message
/// which passes simulation but fails in its block never takes others down with it.
pub(super) fn batch_len(items: &[OutboxItem], config: &OutboxConfig, max_bytes: usize) -> usize {
    let max_items = config.max_items;
    let mut bytes = 0usize;
    let mut limit = max_items.max(1) as usize;
    let mut len = 0;
    for item in items {
        let last = item.attempts.saturating_add(1) >= config.max_attempts && item.attempts > 0;
        let company = (max_items as usize).checked_shr(item.attempts.saturating_mul(2)).unwrap_or(0);
        limit = limit.min(if last { 1 } else { company.max(1) });
        bytes = bytes.saturating_add(item.msg.len());
        if len > 0 && (len >= limit || bytes > max_bytes) {
            break;
        }
        len += 1;
    }
    len
}

/// Returns the lowest sequence neither used on the chain (`next` is its next one) nor held by a transaction in flight.
pub(super) fn next_sequence(next: u64, in_flight: impl Iterator<Item = u64> + Clone) -> u64 {
    let mut candidate = next;
    while in_flight.clone().any(|used| used == candidate) {
        candidate += 1;
    }
    candidate
}

/// Returns the gas limit for a simulated use: adjusted, plus a quarter for each earlier attempt (at most three), in case it ran
/// out of gas.
pub(super) fn gas_limit(simulated: u64, adjustment: f64, attempts: u32) -> u64 {
    let factor = adjustment * 1.25f64.powi(attempts.min(3) as i32);
    // A float to integer cast saturates.
    (simulated as f64 * factor).ceil() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outbox::store::NewItem;

    fn item(bytes: usize, attempts: u32) -> OutboxItem {
        let new = NewItem { key: "k".into(), msg: vec![0; bytes], funds: Vec::new(), reserved_gas: 0 };
        OutboxItem { attempts, ..OutboxItem::queued(1, new) }
    }

    fn batch(items: &[OutboxItem], max_items: u32, max_bytes: usize) -> usize {
        batch_len(items, &OutboxConfig { max_items, max_attempts: 5, ..OutboxConfig::default() }, max_bytes)
    }

    #[test]
    fn count_bytes_and_attempts_bound_a_batch() {
        let fresh: Vec<_> = (0..10).map(|_| item(10, 0)).collect();
        assert_eq!(batch(&fresh, 100, 1000), 10);
        assert_eq!(batch(&fresh, 4, 1000), 4);
        assert_eq!(batch(&fresh, 100, 35), 3);
        assert_eq!(batch(&[item(5000, 0)], 100, 35), 1, "one message always goes");
        assert_eq!(batch(&[], 100, 35), 0);
        let mut tried = fresh.clone();
        tried[0].attempts = 1;
        assert_eq!(batch(&tried, 16, 1000), 4);
        tried[0].attempts = 40;
        assert_eq!(batch(&tried, 16, 1000), 1);
        let wide: Vec<_> = [4, 0, 0].map(|attempts| item(1, attempts)).into();
        assert_eq!(batch(&wide, 100_000, 1000), 1, "the last attempt is made alone");
        tried[0].attempts = 0;
        tried[5].attempts = 9;
        assert_eq!(batch(&tried, 16, 1000), 5, "the one that failed starts the next batch");
    }

    #[test]
    fn gas_grows_with_attempts_up_to_a_bound() {
        assert_eq!(gas_limit(100, 1.3, 0), 130);
        assert_eq!(gas_limit(100, 1.0, 1), 125);
        assert_eq!(gas_limit(100, 1.0, 3), gas_limit(100, 1.0, 30));
        assert_eq!(gas_limit(u64::MAX, 10.0, 0), u64::MAX);
    }

    proptest! {
        #[test]
        fn the_next_sequence_is_the_lowest_free_one(
            next in 0u64..20,
            used in prop::collection::btree_set(0u64..25, 0..10),
        ) {
            let found = next_sequence(next, used.iter().copied());
            prop_assert!(found >= next && !used.contains(&found));
            for lower in next..found {
                prop_assert!(used.contains(&lower));
            }
        }
    }
}
