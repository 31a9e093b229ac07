//! The chain's events told in words, as they happen.

use super::progress::Progress;
use gateway_api::events::GatewayEvent;
use gateway_chain::{ChainReader, Doorbell, Follower, RpcChain};
use gateway_localnet::Localnet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A story being told.
#[derive(Debug)]
pub(crate) struct Story {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Story {
    /// Ends the story after what has been heard so far.
    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        // A teller that failed has nothing more to tell.
        let _ = self.task.await;
    }
}

/// Tells the contract's events from now on.
pub(crate) fn follow(net: &Localnet, progress: Progress) -> Story {
    let cancel = CancellationToken::new();
    let reader: Arc<RpcChain> = net.reader();
    let contract = net.contract().to_owned();
    let from = net.chain().height();
    let token = cancel.clone();
    let task = tokio::spawn(async move { tell(reader, contract, from, &progress, &token).await });
    Story { cancel, task }
}

async fn tell(
    reader: Arc<RpcChain>,
    contract: String,
    from: u64,
    progress: &Progress,
    cancel: &CancellationToken,
) {
    let reader: Arc<dyn ChainReader> = reader;
    let mut follower = Follower::new(reader, Doorbell::silent(), from).poll_every(Duration::from_millis(100));
    while let Ok(block) = follower.next(cancel).await {
        for (_, event) in block.events() {
            if let Ok(Some(event)) = GatewayEvent::decode(&contract, &event.ty, &event.pairs())
                && let Some(words) = words(&event)
            {
                progress.say(&format!("  block {:>4}  {words}", block.height));
            }
        }
    }
}

/// An event in words; `None` for those that belong to no request's story.
fn words(event: &GatewayEvent) -> Option<String> {
    Some(match event {
        GatewayEvent::RequestOpened(e) => {
            format!("request {} is accepted; {} is reserved for it", e.request, coins(e.reserved.u128()))
        }
        GatewayEvent::RoundOpened(e) => {
            format!(
                "round {} opens and draws the committees of the requests before it (seed {}…)",
                e.round,
                short(&e.seed)
            )
        }
        GatewayEvent::RequestFulfilled(e) => format!(
            "request {} is fulfilled: the contract verified {} agreeing seats ({} needed); {} unused comes back",
            e.request,
            e.seats,
            e.bar,
            coins(e.returned.u128())
        ),
        GatewayEvent::CallbackDelivered(e) => {
            format!("request {}: the asking contract is called back", e.request)
        }
        GatewayEvent::CallbackFailed(e) => format!("request {}: the callback failed: {}", e.request, e.error),
        GatewayEvent::PublicationRefused(e) => {
            format!("request {}: a publication is refused: {}", e.request, e.reason)
        }
        GatewayEvent::RequestExpired(e) => format!("request {} expires and is refunded", e.request),
        _ => return None,
    })
}

fn coins(amount: u128) -> String {
    // For people: thousandths of a coin of 10^18 units.
    let thousandths = amount / 1_000_000_000_000_000;
    format!("{}.{:03} ARCH", thousandths / 1000, thousandths % 1000)
}

fn short(seed: &gateway_api::Seed) -> String {
    seed.to_string().chars().take(8).collect()
}
