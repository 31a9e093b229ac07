//! Requests that are followed through faults: from users, and through the relay's API, which may receive, queue or open them.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::limits::MAX_INPUT_BYTES;
use gateway_api::{ProjectId, RequestId, RequestStatus};
use gateway_localnet::{Localnet, RequestTicket, example};
use serde_json::{Value, json};

/// Everything that was asked of a network.
pub(super) struct Work {
    project: ProjectId,
    opened: Vec<(RequestTicket, u64)>,
    /// Idempotency keys, with the sum that was asked for.
    sponsored: Vec<(String, u64)>,
    /// The relay that is asked, where it is not the network's own.
    relay: Option<String>,
    /// Text that comes with each request, of no use but its size.
    padding: String,
}

impl Work {
    pub(super) async fn new(net: &Localnet) -> Self {
        let project = net.register(&example::addition()).await.unwrap();
        Self { project, opened: Vec::new(), sponsored: Vec::new(), relay: None, padding: String::new() }
    }

    /// The same, with as many bytes in each request as the contract takes.
    pub(super) fn with_the_largest_input(mut self) -> Self {
        let rest = self.input(u64::MAX).to_string().len();
        self.padding = "x".repeat(MAX_INPUT_BYTES as usize - rest);
        self
    }

    fn input(&self, number: u64) -> Value {
        json!({ "a": number, "b": 1, "padding": self.padding })
    }

    /// Asks another relay from now on.
    pub(super) fn ask_at(&mut self, relay: &str) {
        self.relay = Some(relay.to_owned());
    }

    fn next(&self) -> u64 {
        (self.opened.len() + self.sponsored.len()) as u64
    }

    /// A request of a user, who reaches the chain.
    pub(super) async fn ask(&mut self, net: &Localnet) {
        let next = self.next();
        let ticket = net.request(self.project, &self.input(next)).await.unwrap();
        self.opened.push((ticket, next + 1));
    }

    /// A request through the relay, which may be away: its sender asks again under the same key, at the latest in `done`.
    pub(super) async fn ask_relay(&mut self, net: &Localnet) {
        let next = self.next();
        self.sponsored.push((format!("fault-{next}"), next));
        self.post(net, &format!("fault-{next}"), next).await;
    }

    /// Posts a request under its key; its id, where the chain has given it one.
    async fn post(&self, net: &Localnet, key: &str, number: u64) -> Option<RequestId> {
        let relay = self.relay.clone().unwrap_or_else(|| net.relay_url());
        let sent = reqwest::Client::new()
            .post(format!("{relay}/v1/requests?wait=1ms"))
            .bearer_auth(net.api_key())
            .header("idempotency-key", key)
            .json(&json!({ "project": self.project, "input": self.input(number) }))
            .send()
            .await
            .ok()?;
        let status = sent.status();
        let body: Value = sent.json().await.ok()?;
        assert!(status.is_success() || status.is_server_error() || status == 429, "{key}: {status} {body}");
        body["request"].as_u64().map(RequestId)
    }

    /// Waits until the chain has everything that went through the relay: the requests, each with the number that was asked about.
    pub(super) async fn all_opened(&self, net: &Localnet) -> BTreeMap<RequestId, u64> {
        let mut opened = BTreeMap::new();
        for (key, number) in &self.sponsored {
            let request = net
                .until(&format!("{key} to be opened"), || async { Ok(self.post(net, key, *number).await) })
                .await
                .unwrap();
            assert_eq!(opened.insert(request, *number), None, "request {request} has two senders");
        }
        opened
    }

    /// Waits until everything has its result, and checks that it ended once, that nothing else was opened, and the ledger.
    pub(super) async fn done(&self, net: &Localnet) {
        let mut all = BTreeSet::new();
        for (ticket, sum) in &self.opened {
            assert_eq!(net.result(ticket).await.unwrap().value(), json!(sum));
            all.insert(ticket.request);
        }
        for (request, number) in self.all_opened(net).await {
            let sent = tokio::time::Instant::now();
            let ticket = RequestTicket { request, fee: 0, gas: 0, sent };
            net.until_status(&ticket, RequestStatus::Fulfilled).await.unwrap();
            assert_eq!(net.result(&ticket).await.unwrap().value(), json!(number + 1));
            assert!(all.insert(request), "request {request} has two senders");
        }
        let endings = net.endings().await.unwrap();
        assert!(endings.values().all(|times| *times == 1), "each ends once: {endings:?}");
        assert_eq!(endings.into_keys().collect::<BTreeSet<_>>(), all, "no other request was opened");
        net.check_ledger().await.unwrap();
    }
}
