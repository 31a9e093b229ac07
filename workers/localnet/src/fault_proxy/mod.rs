//! A proxy between the daemons and their chain's RPC that misbehaves on command, as public nodes and load balancers do.
//!
//! Every daemon of a network with `fault_proxy` reaches the chain through it, tests and people directly. Which calls a fault
//! affects follows from a seed, so that a run can be repeated.

mod bend;
mod http;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::bend::Recorded;
use self::http::Call;
use crate::LocalnetError;

/// Time limit for the chain's answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed without an answer, and the chain does not get the call.
    Drop,
    /// The chain gets the call, and the connection is closed in place of its answer.
    LoseAnswer,
    /// The answer is delayed by that much.
    Delay(Duration),
    /// A broadcast goes to the chain twice, and the second answer is returned: a balancer that sends to two nodes.
    SendTwice,
    /// HTTP 502, and the chain does not get the call.
    BadGateway,
    /// Application queries and simulations get code 18, "failed to load state at height".
    NoState,
    /// `status` and application queries return answers from some seconds ago: a lagging backend.
    Stale,
    /// Open websockets are cut, and new ones are closed at once. Calls are answered.
    CutWebsockets,
}

/// A fault, the percentage of calls it affects, and the seed that selects them.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    share: u64,
    seed: u64,
}

impl Plan {
    /// Returns whether it affects the call with this number.
    fn strikes(&self, number: u64) -> bool {
        // SplitMix64: mixes every number of a seed well.
        let mut z = self.seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % 100 < self.share
    }
}

/// The proxy. It ends when this is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    upstream: Mutex<String>,
    plan: Mutex<Option<Plan>>,
    recorded: Mutex<Recorded>,
    client: reqwest::Client,
    calls: watch::Sender<u64>,
    struck: AtomicU64,
    cuts: watch::Sender<u64>,
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl FaultProxy {
    /// Listens on loopback and forwards everything to `upstream`, an RPC over HTTP.
    ///
    /// # Errors
    /// [`LocalnetError::Answer`] if no port is free.
    pub async fn start(upstream: &str) -> Result<Self, LocalnetError> {
        let failed = |e| LocalnetError::answer("listening as a proxy", e);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let client = reqwest::Client::builder().timeout(ANSWER_LIMIT).build();
        let client = client.map_err(|e| LocalnetError::answer("making an HTTP client", e))?;
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream.to_owned()),
            plan: Mutex::default(),
            recorded: Mutex::default(),
            client,
            calls: watch::Sender::new(0),
            struck: AtomicU64::new(0),
            cuts: watch::Sender::new(0),
        });
        let serving = shared.clone();
        let accepting = tokio::spawn(async move {
            // Connections end with the task.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, serving.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, shared, accepting })
    }

    /// Returns its own address, an RPC over HTTP.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Applies a fault to `share` percent of the calls, selected by `seed`; the previous fault ends.
    pub fn set(&self, fault: Fault, share: u64, seed: u64) {
        *lock(&self.shared.recorded) = Recorded::default();
        *lock(&self.shared.plan) = Some(Plan { fault, share, seed });
        if fault == Fault::CutWebsockets {
            self.shared.cuts.send_modify(|cuts| *cuts += 1);
        }
    }

    /// Ends the fault.
    pub fn clear(&self) {
        *lock(&self.shared.plan) = None;
    }

    /// Forwards everything to another chain from now on. Open websockets are cut.
    pub fn set_upstream(&self, upstream: &str) {
        upstream.clone_into(&mut lock(&self.shared.upstream));
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Returns the number of calls so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        *self.shared.calls.borrow()
    }

    /// Waits for so many more calls: a moment that a seed can determine.
    pub async fn after(&self, calls: u64) {
        let end = self.calls().saturating_add(calls);
        // The sender lives as long as this.
        let _ = self.shared.calls.subscribe().wait_for(|calls| *calls >= end).await;
    }

    /// Returns how many calls and websockets faults have affected.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.shared.struck.load(Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves one connection, call by call.
async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut ahead = Vec::new();
    while let Some(call) = http::read(&mut stream, &mut ahead).await {
        if call.is_websocket() {
            return tunnel(stream, &call, &shared).await;
        }
        let Some((status, body)) = shared.answer(&call).await else { return };
        if http::write(&mut stream, status, &body).await.is_err() {
            return;
        }
    }
}

/// Forwards a websocket unchanged until it is cut.
async fn tunnel(mut stream: TcpStream, call: &Call, shared: &Shared) {
    let mut cuts = shared.cuts.subscribe();
    let cut = lock(&shared.plan).is_some_and(|plan| plan.fault == Fault::CutWebsockets);
    if cut {
        shared.struck.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let upstream = lock(&shared.upstream).trim_start_matches("http://").to_owned();
    let Ok(mut chain) = TcpStream::connect(upstream).await else { return };
    if chain.write_all(&call.whole()).await.is_err() {
        return;
    }
    tokio::select! {
        _ = copy_bidirectional(&mut stream, &mut chain) => {}
        _ = cuts.changed() => { shared.struck.fetch_add(1, Ordering::SeqCst); }
    }
}

impl Shared {
    /// Answers a call; `None` closes the connection.
    async fn answer(&self, call: &Call) -> Option<(u16, Vec<u8>)> {
        let mut number = 0;
        self.calls.send_modify(|calls| {
            *calls += 1;
            number = *calls;
        });
        let request: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
        let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
        let plan = *lock(&self.plan);
        let fault = plan.filter(|plan| plan.strikes(number) && bend::concerns(plan.fault, method));
        if fault.is_some() {
            self.struck.fetch_add(1, Ordering::SeqCst);
        }
        match fault.map(|plan| plan.fault) {
            Some(Fault::Drop) => None,
            Some(Fault::BadGateway) => Some((502, Vec::new())),
            Some(Fault::NoState) => Some((200, bend::no_state(&request))),
            Some(Fault::LoseAnswer) => {
                self.pass_on(call).await;
                None
            }
            Some(Fault::SendTwice) => {
                self.pass_on(call).await;
                Some(self.pass_on(call).await)
            }
            Some(Fault::Delay(time)) => {
                let answer = self.pass_on(call).await;
                tokio::time::sleep(time).await;
                Some(answer)
            }
            Some(Fault::Stale) => {
                let older = lock(&self.recorded).older(&request);
                match older {
                    Some(older) => Some((200, older)),
                    None => {
                        let (status, body) = self.pass_on(call).await;
                        lock(&self.recorded).keep(&request, &body);
                        Some((status, body))
                    }
                }
            }
            Some(Fault::CutWebsockets) | None => Some(self.pass_on(call).await),
        }
    }

    /// Returns the chain's answer; 502 if there is none.
    async fn pass_on(&self, call: &Call) -> (u16, Vec<u8>) {
        let upstream = lock(&self.upstream).clone();
        let sent = self.client.post(upstream).header("content-type", "application/json");
        let answer = match sent.body(call.body.clone()).send().await {
            Ok(answer) => answer,
            Err(_) => return (502, Vec::new()),
        };
        let status = answer.status().as_u16();
        answer.bytes().await.map_or((502, Vec::new()), |body| (status, body.to_vec()))
    }
}

#[cfg(test)]
mod tests;
