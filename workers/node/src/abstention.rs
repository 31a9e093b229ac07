//! Reports to relays why the node has no outcome for a request. Best effort: nothing waits for it and nothing is resent.

use std::sync::Arc;

use gateway_api::{AbstentionReason, MAX_ABSTENTION_DETAIL};
use gateway_daemon_runtime::text::clean;
use gateway_store::JobRow;

use crate::context::Context;

/// The relay's path for abstentions.
const PATH: &str = "/v1/abstentions";

/// Signs a statement and sends it to every relay, in the background.
pub(crate) fn send(context: &Arc<Context>, job: &JobRow, reason: AbstentionReason, detail: &str) {
    let Some(epoch) = job.seen.draw.as_ref().map(|draw| draw.epoch) else { return };
    let (context, request, detail) = (context.clone(), job.seen.request, cut(detail));
    metrics::counter!("gateway_node_abstentions_total", "reason" => reason.as_str()).increment(1);
    tokio::spawn(async move {
        let Ok(Some((node, _))) = context.membership.at(&context.query, epoch).await else { return };
        let signed = match context.key.abstain(&context.domain(), node, request, reason, detail).await {
            Ok(signed) => signed,
            Err(error) => return tracing::warn!(%request, %error, "abstention not signed"),
        };
        let sent = context.relays.iter().map(|relay| async {
            if let Err(error) = relay.post(PATH, &signed).await {
                tracing::debug!(%request, relay = relay.url(), %error, "abstention not taken");
            }
        });
        futures::future::join_all(sent).await;
    });
}

/// Truncates the detail to its bound, which counts bytes.
fn cut(detail: &str) -> String {
    let mut detail = clean(detail, MAX_ABSTENTION_DETAIL);
    while detail.len() > MAX_ABSTENTION_DETAIL {
        detail.pop();
    }
    detail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_fits_whatever_its_characters() {
        assert_eq!(cut("no source"), "no source");
        assert!(cut(&"ä".repeat(1000)).len() <= MAX_ABSTENTION_DETAIL);
    }
}
