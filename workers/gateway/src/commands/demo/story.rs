//! Prints the contract's events as they happen.

use std::sync::Arc;
use std::time::Duration;

use gateway_api::events::GatewayEvent;
use gateway_chain::{BlockNotifier, ChainReader, Endpoints, Follower};
use gateway_localnet::Localnet;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::progress::Progress;

/// Time limit for the end of a story.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running task that prints events.
#[derive(Debug)]
pub(crate) struct Story {
    last: watch::Sender<Option<u64>>,
    task: JoinHandle<()>,
}

impl Story {
    /// Ends the task once it has printed the block at this height.
    pub(crate) async fn end_at(self, height: u64) {
        self.last.send_replace(Some(height));
        // A task that failed or lagged prints nothing more.
        let _ = timeout(PATIENCE, self.task).await;
    }
}

/// Prints the contract's events from a height on.
pub(crate) fn follow(net: &Localnet, from: u64, progress: Progress) -> Story {
    let (last, until) = watch::channel(None);
    let reader: Arc<Endpoints> = net.reader();
    let contract = net.contract().to_owned();
    let task = tokio::spawn(async move { print_events(reader, contract, from, &progress, until).await });
    Story { last, task }
}

async fn print_events(
    reader: Arc<Endpoints>,
    contract: String,
    from: u64,
    progress: &Progress,
    last: watch::Receiver<Option<u64>>,
) {
    // The story ends at a height or with its task, never by this token.
    let never = CancellationToken::new();
    let reader: Arc<dyn ChainReader> = reader;
    let mut follower =
        Follower::new(reader, BlockNotifier::silent(), from).poll_every(Duration::from_millis(100));
    while let Ok(block) = follower.next(&never).await {
        for (_, event) in block.events() {
            if let Ok(Some(event)) = GatewayEvent::decode(&contract, &event.ty, &event.pairs())
                && let Some(line) = describe(&event)
            {
                progress.say(&format!("  block {:>4}  {line}", block.height));
            }
        }
        if last.borrow().is_some_and(|last| last <= block.height) {
            return;
        }
    }
}

/// Describes an event; `None` for those that concern no request, no schedule and no secret.
fn describe(event: &GatewayEvent) -> Option<String> {
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
            e.quorum_seats,
            coins(e.returned.u128())
        ),
        GatewayEvent::CallbackDelivered(e) => {
            format!("request {}: the asking contract is called back", e.request)
        }
        GatewayEvent::CallbackFailed(e) => format!("request {}: the callback failed: {}", e.request, e.error),
        GatewayEvent::PublicationRefused(e) => {
            format!("request {}: a publication is refused: {}", e.request, e.reason)
        }
        GatewayEvent::SecretSet(e) => format!(
            "the secret {} of project {} for {} is on the chain, sealed to {} nodes",
            e.name, e.project, e.host, e.nodes
        ),
        GatewayEvent::ScheduleFired(e) => {
            format!("schedule {}: the keeper opens request {}, due at block {}", e.schedule, e.request, e.due)
        }
        GatewayEvent::FiringsMissed(e) => {
            format!("schedule {}: {} firings are missed: {}", e.schedule, e.firings, e.reason)
        }
        GatewayEvent::ScheduleEnded(e) => format!("schedule {} has ended: {}", e.schedule, e.reason),
        GatewayEvent::RequestExpired(e) => format!("request {} expires and is refunded", e.request),
        _ => return None,
    })
}

pub(super) fn coins(amount: u128) -> String {
    // For people: thousandths of a coin of 10^18 units.
    let thousandths = amount / 1_000_000_000_000_000;
    format!("{}.{:03} ARCH", thousandths / 1000, thousandths % 1000)
}

fn short(seed: &gateway_api::Seed) -> String {
    seed.to_string().chars().take(8).collect()
}
