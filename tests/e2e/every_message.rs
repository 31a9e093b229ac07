//! Every message of the contract on the chain under test: accepted in a block at least once, sent by a person or by a daemon, or
//! refused with the contract's own error where a local network has no world in which it is accepted.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use gateway_api::{
    ConfigResponse, CounterResponse, DrawClass, EngineId, EngineRelease, Epoch, Equivocation, ExecuteMsg,
    NewRequest, NewSchedule, NodeResponse, OutcomeClass, Policy, ProjectId, ProjectResponse, QueryMsg,
    RequestResponse, RequestStatus, Requesters, ScheduleId, Settings, SignedCommit, SubscriptionConsumer,
    SubscriptionId, Version, VersionResponse,
};
use gateway_localnet::{DevAccount, Localnet, example};
use gateway_protocol::{Domain, DrawnRequest, Outcome, SecretKey};
use serde_json::{Value, json};

use crate::dishonest::{Impostor, publication};
use crate::network::start_with;

/// The network's people.
struct People {
    developer: DevAccount,
    user: DevAccount,
    operators: Vec<DevAccount>,
}

/// A network, its people and the project they use.
struct Scenario {
    net: Localnet,
    people: People,
    project: ProjectId,
}

impl Scenario {
    async fn send(&self, from: &DevAccount, message: &ExecuteMsg, funds: u128) {
        self.net.execute(from, self.net.contract(), message, funds).await.unwrap();
    }

    /// Why the contract refuses a message.
    async fn refusal(&self, from: &DevAccount, message: &ExecuteMsg) -> String {
        let error = self.net.execute(from, self.net.contract(), message, 0).await.unwrap_err();
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        text
    }

    async fn settings(&self) -> Settings {
        self.net.ask::<ConfigResponse>(&QueryMsg::Config {}).await.unwrap().settings
    }

    async fn project(&self) -> (Version, VersionResponse) {
        let ProjectResponse { active, .. } =
            self.net.ask(&QueryMsg::Project { project: self.project }).await.unwrap();
        let query = QueryMsg::Version { project: self.project, version: active };
        (active, self.net.ask(&query).await.unwrap())
    }

    async fn node(&self, index: usize) -> NodeResponse {
        let key = SecretKey::from_bytes(&self.net.node_secret(index)).unwrap().public();
        let nodes = self.net.registered_nodes().await.unwrap();
        nodes.into_iter().find(|node| node.newest_key() == Some(key)).expect("the node is registered")
    }

    async fn until_height(&self, height: u64) {
        let reached = || async { Ok((self.net.height().await? >= height).then_some(())) };
        self.net.until("a height", reached).await.unwrap();
    }
}

/// The names of all messages, from the committed schema.
fn all_messages() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(include_str!("../../schema/gateway.json")).unwrap();
    let variants = schema["execute"]["oneOf"].as_array().unwrap();
    variants.iter().map(|variant| variant["required"][0].as_str().unwrap().to_owned()).collect()
}

/// The messages to the contract in all blocks so far whose transactions succeeded.
async fn accepted(net: &Localnet) -> BTreeSet<String> {
    let client = reqwest::Client::new();
    let get = async |path: String| -> Value {
        let url = format!("{}/{path}", net.chain().rpc_url());
        client.get(url).send().await.unwrap().json::<Value>().await.unwrap()["result"].take()
    };
    let mut found = BTreeSet::new();
    for height in 1..=net.height().await.unwrap() {
        let block = get(format!("block?height={height}")).await;
        let txs = block["block"]["data"]["txs"].as_array().cloned().unwrap_or_default();
        if txs.is_empty() {
            continue;
        }
        let results = get(format!("block_results?height={height}")).await;
        for (tx, result) in txs.iter().zip(results["txs_results"].as_array().unwrap()) {
            let bytes = BASE64_STANDARD.decode(tx.as_str().unwrap()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            if result["code"].as_u64().unwrap_or(0) == 0 && text.contains(net.contract()) {
                found.extend(
                    all_messages().into_iter().filter(|name| text.contains(&format!("{{\"{name}\":"))),
                );
            }
        }
    }
    found
}

/// Waits until a daemon's message of this kind is in a block.
async fn until_accepted(net: &Localnet, name: &str) {
    let there = || async { Ok(accepted(net).await.contains(name).then_some(())) };
    net.until(name, there).await.unwrap();
}

async fn project_owner(scenario: &Scenario) {
    let Scenario { people: People { developer, user, .. }, project, .. } = scenario;
    let project = *project;
    let (version, active) = scenario.project().await;
    let again = ExecuteMsg::AddVersion { project, code: active.code, policy: active.policy };
    scenario.send(developer, &again, 0).await;
    let next = version.next();
    scenario.send(developer, &ExecuteMsg::ActivateVersion { project, version: next }, 0).await;
    let back = ExecuteMsg::ScheduleVersion { project, version, after_blocks: 1 };
    scenario.send(developer, &back, 0).await;
    let open = ExecuteMsg::SetAccess { project, requesters: Requesters::Anyone {}, paused: false };
    scenario.send(developer, &open, 0).await;
    for (from, to) in [(developer, user), (user, developer)] {
        let offer = ExecuteMsg::OfferProject { project, to: Some(to.address().to_owned()) };
        scenario.send(from, &offer, 0).await;
        scenario.send(to, &ExecuteMsg::AcceptProject { project }, 0).await;
    }
}

async fn payer(scenario: &Scenario) {
    let Scenario { net, people: People { user, .. }, project } = scenario;
    let fee = net.fee(*project).await.unwrap();
    let request = |a: u32| NewRequest::new(*project, json!({"a": a, "b": 1}).to_string());
    scenario.send(user, &ExecuteMsg::Requests { requests: vec![request(1), request(2)] }, 2 * fee).await;
    let ticket = net.request(*project, &json!({"a": 3, "b": 1})).await.unwrap();
    net.result(&ticket).await.unwrap();

    scenario.send(user, &ExecuteMsg::Subscribe { consumers: Vec::new() }, 100 * fee).await;
    let subscription = SubscriptionId(1);
    scenario.send(user, &ExecuteMsg::Deposit { subscription }, fee).await;
    let address = user.address().to_owned();
    let me = SubscriptionConsumer { address, projects: Vec::new(), max_fee: None, allowance: None };
    scenario.send(user, &ExecuteMsg::SetConsumers { subscription, consumers: vec![me] }, 0).await;
    scenario.send(user, &ExecuteMsg::Withdraw { subscription, amount: Some(fee.into()) }, 0).await;

    let often = NewSchedule { request: request(4), at: None, every_blocks: Some(5), until: None };
    scenario.send(user, &ExecuteMsg::Schedule(often), 200 * fee).await;
    let schedule = ScheduleId(1);
    scenario.send(user, &ExecuteMsg::FundSchedule { schedule }, fee).await;
    until_accepted(net, "run_schedules").await;
    scenario.send(user, &ExecuteMsg::CancelSchedule { schedule }, 0).await;
}

async fn operator(scenario: &Scenario) {
    let Scenario { net, people: People { operators, user, .. }, .. } = scenario;
    let (first, before) = (&operators[0], scenario.node(0).await);
    let node = before.node;
    let stake = scenario.settings().await.stake_unit.u128();
    scenario.send(first, &ExecuteMsg::IncreaseStake { node }, 2 * stake).await;
    let (engine, moniker, endpoint) = (before.engine, before.moniker, before.endpoint);
    scenario.send(first, &ExecuteMsg::UpdateNode { node, engine, moniker, endpoint }, 0).await;
    let declared = vec![EngineId([1; 32])];
    scenario.send(first, &ExecuteMsg::DeclareEngines { node, engines: declared }, 0).await;
    let daemon = DevAccount::named("node-1").unwrap().address().to_owned();
    let payout = Some(user.address().to_owned());
    scenario.send(first, &ExecuteMsg::SetNodeAccounts { node, payout, daemon: Some(daemon) }, 0).await;
    for (from, to) in [(first, user), (user, first)] {
        scenario.send(from, &ExecuteMsg::OfferNode { node, to: Some(to.address().to_owned()) }, 0).await;
        scenario.send(to, &ExecuteMsg::AcceptNode { node }, 0).await;
    }
    // The last node's operator leaves; its stake is free after the unbonding time.
    let (last, leaving) = (&operators[4], scenario.node(4).await.node);
    let newer = SecretKey::from_bytes(&[99; 32]).unwrap();
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    let possession = newer.prove_possession(&domain, last.address()).into();
    scenario.send(last, &ExecuteMsg::RotateKey { node: leaving, key: newer.public(), possession }, 0).await;
    scenario.send(last, &ExecuteMsg::Unbond { node: leaving, amount: None }, 0).await;
    scenario.until_height(net.height().await.unwrap() + scenario.settings().await.unbonding_blocks + 2).await;
    until_accepted(net, "tick").await;
    scenario.send(last, &ExecuteMsg::WithdrawStake { node: leaving }, 0).await;
    let owner = Some(operators[1].address().to_owned());
    scenario.send(user, &ExecuteMsg::Claim { r#for: owner }, 0).await;
}

async fn admin(scenario: &Scenario) {
    let People { developer, user, .. } = &scenario.people;
    let settings = scenario.settings().await;
    // A slash that leaves something, and a jail that ends in time for this test.
    let settings = Settings {
        slash_bps: 1000,
        jail_blocks: 4,
        dissent_slash_bps: 100,
        dissent_jail_after: 9,
        ..settings
    };
    scenario.send(developer, &ExecuteMsg::UpdateSettings { settings }, 0).await;
    scenario.send(developer, &ExecuteMsg::SetPaused { paused: true }, 0).await;
    scenario.send(developer, &ExecuteMsg::SetPaused { paused: false }, 0).await;
    let guardian = Some(user.address().to_owned());
    scenario.send(developer, &ExecuteMsg::SetGuardian { guardian }, 0).await;
    scenario.send(user, &ExecuteMsg::Halt { blocks: 5 }, 0).await;
    scenario.send(developer, &ExecuteMsg::Resume {}, 0).await;
    // Taken back long before its epoch.
    let counter: CounterResponse = scenario.net.ask(&QueryMsg::Counter {}).await.unwrap();
    let engine = EngineRelease { jitless: EngineId([1; 32]), jit: EngineId([2; 32]) };
    let (from_epoch, min_ready_bps) = (Epoch(counter.epoch.get() + 900), 8000);
    let announce = ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps };
    scenario.send(developer, &announce, 0).await;
    scenario.send(developer, &ExecuteMsg::WithdrawEngine {}, 0).await;
    for (from, to) in [(developer, user), (user, developer)] {
        scenario.send(from, &ExecuteMsg::OfferAdmin { to: Some(to.address().to_owned()) }, 0).await;
        scenario.send(to, &ExecuteMsg::AcceptAdmin {}, 0).await;
    }
}

/// What one key signed for two outcomes of a request.
fn equivocation(net: &Localnet, request: &RequestResponse, node: &Impostor) -> Equivocation {
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    let drawn = DrawnRequest::of(domain, request, request.draw.as_ref().unwrap());
    let [first, second] = ["3", "4"].map(|body| {
        let class = OutcomeClass::Ok;
        let outcome = Outcome { engine: node.engine, class, body: body.to_owned(), value: None };
        let (commit, signed) = drawn.sign(&node.secret, node.node, outcome);
        SignedCommit { commit, proof: signed.attestation.proof }
    });
    Equivocation { request: request.request, node: node.node, first, second }
}

/// A node that lies: a stray attestation on the chain, a result it dissents from, and two outcomes under one key.
async fn dishonest_node(scenario: &mut Scenario) {
    let liar = Impostor::instead_of(&mut scenario.net, 0).await;
    let strict = example::circle_area().with_policy(|policy: &mut Policy| policy.deterministic = true);
    let strict = scenario.net.register(&strict).await.unwrap();
    let Scenario { net, people: People { operators, user, .. }, .. } = &*scenario;
    let ticket = net.request(strict, &json!({"radius": 2})).await.unwrap();
    let drawn = net.until_drawn(&ticket).await.unwrap();
    let lie = liar.say(net, &drawn, "5");
    net.result(&ticket).await.unwrap();
    scenario.send(user, &ExecuteMsg::ReportDissent { signed_outcome: lie }, 0).await;
    scenario.send(user, &ExecuteMsg::SubmitEvidence(equivocation(net, &drawn, &liar)), 0).await;
    scenario.until_height(net.height().await.unwrap() + 6).await;
    scenario.send(&operators[0], &ExecuteMsg::Unjail { node: liar.node }, 0).await;
}

/// A request that is cancelled before its round opens: without a keeper nobody opens it.
async fn cancelled(scenario: &mut Scenario) {
    scenario.net.global_mut().kill().await;
    let ticket = scenario.net.request(scenario.project, &json!({"a": 6, "b": 6})).await.unwrap();
    scenario.send(&scenario.people.user, &ExecuteMsg::Cancel { request: ticket.request }, 0).await;
    scenario.net.global_mut().start().unwrap();
}

/// Requests that end otherwise than by a publication.
async fn without_nodes(scenario: &mut Scenario) {
    let beacon = example::addition().with_policy(|policy| policy.draw = DrawClass::Beacon);
    let beacon = scenario.net.register(&beacon).await.unwrap();
    let ticket = scenario.net.request(beacon, &json!({"a": 1, "b": 1})).await.unwrap();
    scenario.net.result(&ticket).await.unwrap();
    let attester = Impostor::instead_of(&mut scenario.net, 1).await;
    scenario.net.pause_nodes().await;
    let Scenario { net, people: People { user, .. }, project } = &*scenario;
    let called = net.request_by_contract(*project, &json!({"a": 5, "b": 5})).await.unwrap();
    let drawn = net.until_drawn(&called).await.unwrap();
    let attest = ExecuteMsg::Attest { publication: publication(&attester.say(net, &drawn, "10")) };
    scenario.send(user, &attest, 0).await;
    net.until_status(&called, RequestStatus::Expired).await.unwrap();
    until_accepted(net, "deliver_callback").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_is_carried_out_on_the_chain() {
    let (net, _home) = start_with(|config| config.ttl_blocks = 30).await;
    let named = |name: &str| DevAccount::named(name).unwrap();
    let operators = (1..=5).map(|i| named(&format!("operator-{i}"))).collect();
    let people = People { developer: named("developer"), user: named("user"), operators };
    let project = net.register(&example::addition()).await.unwrap();
    let mut scenario = Scenario { net, people, project };
    project_owner(&scenario).await;
    payer(&scenario).await;
    admin(&scenario).await;
    operator(&scenario).await;
    dishonest_node(&mut scenario).await;
    cancelled(&mut scenario).await;
    without_nodes(&mut scenario).await;

    // No local network has Archway's modules, foreign coins or a node that is silent for an epoch of large committees.
    let People { developer, .. } = &scenario.people;
    let node = scenario.node(2).await.node;
    let [owner_address, rewards_address] = [(); 2].map(|()| scenario.net.contract().to_owned());
    let refused = [
        ("start_sweep", ExecuteMsg::StartSweep {}),
        ("set_rewards", ExecuteMsg::SetRewards { owner_address, rewards_address }),
        ("withdraw_rewards", ExecuteMsg::WithdrawRewards {}),
        (
            "recover_coins",
            ExecuteMsg::RecoverCoins { denom: "other".to_owned(), to: developer.address().to_owned() },
        ),
        ("report_silence", ExecuteMsg::ReportSilence { node, epoch: Epoch(1) }),
    ];
    let mut carried_out = accepted(&scenario.net).await;
    for (name, message) in refused {
        let why = scenario.refusal(developer, &message).await;
        assert!(why.contains("execute wasm contract failed"), "{name}: {why}");
        carried_out.insert(name.to_owned());
    }
    assert_eq!(carried_out, all_messages());
    scenario.net.check_ledger().await.unwrap();
    scenario.net.shutdown().await.unwrap();
}
