//! The mirror on an in-memory chain: blocks in order, reconciliations when they are due, faults retried.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gateway_chain::testing::{FakeChain, Fault};
use gateway_chain::{BlockEvents, BlockNotifier, ChainError, GatewayQuery, RawEvent};
use gateway_daemon_runtime::{CancellationToken, Retryable};
use tokio::sync::watch;

use super::{ChainMirror, ContractBlock, MirrorSink};
use crate::progress::Progress;

const CONTRACT: &str = "archway1contract";

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct SinkError(#[from] ChainError);

impl Retryable for SinkError {
    fn is_retryable(&self) -> bool {
        self.0.is_retryable()
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Applied(u64),
    Compared { at: u64, moved: bool },
}

struct Sink {
    steps: watch::Sender<Vec<Step>>,
    /// Failures still to come.
    failures: Mutex<u32>,
}

impl Sink {
    fn step(&self, step: Step) -> Result<(), SinkError> {
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err(ChainError::NotYet { height: 0 }.into());
        }
        self.steps.send_modify(|steps| steps.push(step));
        Ok(())
    }
}

#[async_trait]
impl MirrorSink for Sink {
    type Error = SinkError;

    async fn apply(&self, block: &ContractBlock) -> Result<(), SinkError> {
        self.step(Step::Applied(block.height))
    }

    async fn reconcile(&self, at: u64, moved: bool) -> Result<(), SinkError> {
        self.step(Step::Compared { at, moved })
    }
}

/// Runs a mirror until it has taken as many steps as expected, and compares them.
async fn expect(chain: &Arc<FakeChain>, cursor: Option<u64>, failures: u32, expected: &[Step]) {
    let sink = Sink { steps: watch::Sender::default(), failures: Mutex::new(failures) };
    let mut steps = sink.steps.subscribe();
    let mirror = ChainMirror {
        query: GatewayQuery::new(chain.clone(), CONTRACT),
        notifier: BlockNotifier::silent(),
        poll: Duration::from_millis(10),
        reconcile_blocks: 3,
        progress: Progress::default(),
    };
    let cancel = CancellationToken::new();
    let done = steps.wait_for(|steps| steps.len() >= expected.len());
    tokio::select! {
        end = mirror.run(&sink, cursor, &cancel) => panic!("ended: {end:?}"),
        steps = done => assert_eq!(*steps.unwrap(), expected),
    }
}

fn chain(height: u64) -> Arc<FakeChain> {
    let chain = FakeChain::new();
    while chain.commit() < height {}
    Arc::new(chain)
}

#[tokio::test(start_paused = true)]
async fn without_a_cursor_it_begins_with_the_present_state() {
    expect(&chain(5), None, 0, &[Step::Compared { at: 5, moved: true }]).await;
}

#[tokio::test(start_paused = true)]
async fn with_a_cursor_it_compares_and_goes_on_from_there() {
    let expected = [
        Step::Compared { at: 6, moved: false },
        Step::Applied(3),
        Step::Applied(4),
        Step::Applied(5),
        Step::Applied(6),
        Step::Compared { at: 6, moved: false },
    ];
    expect(&chain(6), Some(2), 0, &expected).await;
}

#[tokio::test(start_paused = true)]
async fn pruned_blocks_are_replaced_by_the_present_state() {
    let chain = chain(9);
    chain.prune_below(8);
    let expected = [Step::Compared { at: 9, moved: false }, Step::Compared { at: 9, moved: true }];
    expect(&chain, Some(2), 0, &expected).await;
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_retried() {
    let chain = chain(3);
    chain.fault([Fault::Away, Fault::Fine, Fault::Away, Fault::Away]);
    let expected = [Step::Compared { at: 3, moved: false }, Step::Applied(2), Step::Applied(3)];
    expect(&chain, Some(1), 3, &expected).await;
}

#[test]
fn an_event_that_cannot_be_read_is_skipped() {
    let event = |request: &str| RawEvent {
        ty: "wasm-gateway-request-expired".into(),
        attributes: vec![("_contract_address".into(), CONTRACT.into()), ("request".into(), request.into())],
    };
    let block_events = vec![event("what"), event("7")];
    let block = BlockEvents { height: 4, time_ns: 0, txs: Vec::new(), block_events };
    let read = ContractBlock::read(CONTRACT, block);
    assert!(read.events.len() <= 1, "the first is skipped, whatever the second lacks");
}
