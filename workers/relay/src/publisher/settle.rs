//! Evaluates the outcome of publications under way and schedules further attempts.

use std::collections::BTreeSet;

use gateway_api::RequestId;
use gateway_chain::outbox::ItemState;

use super::MANY;
use crate::context::Relay;
use crate::error::RelayError;

/// Longest pause after refusals, in blocks.
const LONGEST_PAUSE: u64 = 32;

/// Evaluates the publications under way.
pub(super) async fn settle(relay: &Relay) -> Result<(), RelayError> {
    let mut after = RequestId(0);
    loop {
        let under_way = relay.store.requests().in_publication(after, MANY).await?;
        let Some((last, _)) = under_way.last() else { return Ok(()) };
        after = *last;
        let items: BTreeSet<_> = under_way.iter().map(|(_, item)| *item).collect();
        let items = relay.store.outbox().standing(&items.into_iter().collect::<Vec<_>>()).await?;
        for (request, item) in under_way {
            let height = relay.height();
            let why = match items.get(&item).cloned() {
                Some((ItemState::Queued | ItemState::Signed, ..)) => continue,
                // The including block has not been processed yet: its events may still show that the request ended.
                Some((ItemState::Done, at, _)) if at.is_none_or(|at| at > height) => continue,
                Some((ItemState::Done, ..)) => None,
                Some((ItemState::Failed, _, error)) => {
                    Some(format!("the transaction failed: {}", error.unwrap_or_default()))
                }
                None => Some("the queued message is gone".to_owned()),
            };
            let Some(row) = relay.store.requests().get(request).await? else { continue };
            let why = why.or(row.why).unwrap_or_else(|| "the contract refused the publication".into());
            let pause = pause(row.tries);
            tracing::warn!(%request, why, pause, "the publication failed");
            let work = relay.store.begin().await?;
            work.requests().not_published(request, &why, height.saturating_add(pause)).await?;
            work.commit().await?;
        }
    }
}

/// Returns the pause in blocks after so many refusals: doubled each time, up to a bound.
fn pause(tries: u32) -> u64 {
    1u64.checked_shl(tries).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn each_refusal_waits_longer_up_to_a_bound() {
        assert_eq!([0, 1, 2, 4, 5, 6, 63, 64, u32::MAX].map(pause), [1, 2, 4, 16, 32, 32, 32, 32, 32]);
    }
}
