//! A stranger tries every message, and every message that takes no funds is sent some.

use gateway_api::*;
use gateway_contract::permissions::{needed, Funds, Pause, Sender};
use gateway_contract::ContractError;

use crate::world::{code, policy, register_project, settings, World};

/// One of every message. A new variant does not compile until it stands here.
fn every_message(project: ProjectId) -> Vec<ExecuteMsg> {
    let all = vec![
        register_project(policy()),
        ExecuteMsg::AddVersion { project, code: code(), policy: policy() },
        ExecuteMsg::ActivateVersion { project, version: Version(1) },
        ExecuteMsg::RegisterNode(RegisterNode {
            key: NodeKey([1; 32]),
            possession: vec![0; 64].into(),
            engine: EngineId([1; 32]),
            moniker: Moniker::new("m").unwrap(),
            endpoint: Endpoint::new("").unwrap(),
        }),
        ExecuteMsg::Request(NewRequest::new(project, "1")),
        ExecuteMsg::Requests { requests: vec![NewRequest::new(project, "1")] },
        ExecuteMsg::Cancel { request: RequestId(1) },
        ExecuteMsg::Subscribe { consumers: vec![] },
        ExecuteMsg::Deposit { subscription: SubscriptionId(1) },
        ExecuteMsg::Withdraw { subscription: SubscriptionId(1), amount: None },
        ExecuteMsg::SetConsumers { subscription: SubscriptionId(1), consumers: vec![] },
        ExecuteMsg::Schedule(NewSchedule {
            request: NewRequest::new(project, "1"),
            at: None,
            every_blocks: None,
            until: None,
        }),
        ExecuteMsg::FundSchedule { schedule: ScheduleId(1) },
        ExecuteMsg::CancelSchedule { schedule: ScheduleId(1) },
        ExecuteMsg::RunSchedules { limit: None, schedules: None },
        ExecuteMsg::Tick {},
        ExecuteMsg::Publish { publications: vec![] },
        ExecuteMsg::Expire { limit: None, requests: None },
        ExecuteMsg::DeliverCallback { request: RequestId(1), gas_limit: None },
        ExecuteMsg::Claim { r#for: None },
        ExecuteMsg::UpdateSettings { settings: settings() },
        ExecuteMsg::ScheduleVersion { project, version: Version(1), after_blocks: 1 },
        ExecuteMsg::SetAccess { project, requesters: Requesters::Anyone {}, paused: false },
        ExecuteMsg::OfferProject { project, to: None },
        ExecuteMsg::AcceptProject { project },
        ExecuteMsg::IncreaseStake { node: NodeId(1) },
        ExecuteMsg::Unbond { node: NodeId(1), amount: None },
        ExecuteMsg::WithdrawStake { node: NodeId(1) },
        ExecuteMsg::RotateKey { node: NodeId(1), key: NodeKey([1; 32]), possession: vec![].into() },
        ExecuteMsg::UpdateNode {
            node: NodeId(1),
            engine: EngineId([1; 32]),
            moniker: Moniker::new("m").unwrap(),
            endpoint: Endpoint::new("").unwrap(),
        },
        ExecuteMsg::DeclareEngines { node: NodeId(1), engines: Vec::new() },
        ExecuteMsg::AnnounceEngine {
            engine: EngineRelease { jitless: EngineId([1; 32]), jit: EngineId([2; 32]) },
            from_epoch: Epoch(0),
            min_ready_bps: 0,
        },
        ExecuteMsg::WithdrawEngine {},
        ExecuteMsg::SetEncryptionKey { node: NodeId(1), key: EncryptionKey([1; 32]) },
        ExecuteMsg::SetSecret {
            project,
            name: SecretName::new("KEY").unwrap(),
            host: SecretHost::new("h").unwrap(),
            sealed: vec![],
        },
        ExecuteMsg::RemoveSecret {
            project,
            name: SecretName::new("KEY").unwrap(),
            host: SecretHost::new("h").unwrap(),
        },
        ExecuteMsg::SetNodeAccounts { node: NodeId(1), payout: None, daemon: None },
        ExecuteMsg::OfferNode { node: NodeId(1), to: None },
        ExecuteMsg::AcceptNode { node: NodeId(1) },
        ExecuteMsg::Unjail { node: NodeId(1) },
        ExecuteMsg::SubmitTicket { node: NodeId(1), proof: vec![].into() },
        ExecuteMsg::SubmitRoundTickets {
            round: Round(0),
            tickets: vec![NodeTicket { node: NodeId(1), proof: vec![].into() }],
        },
        ExecuteMsg::SubmitEvidence(evidence()),
        ExecuteMsg::ReportDissent { signed_outcome: signed_outcome() },
        ExecuteMsg::ReportSilence { node: NodeId(1), epoch: Epoch(0) },
        ExecuteMsg::Attest { publication: publication() },
        ExecuteMsg::StartSweep {},
        ExecuteMsg::SetRewards { owner_address: "a".to_owned(), rewards_address: "b".to_owned() },
        ExecuteMsg::WithdrawRewards {},
        ExecuteMsg::RecoverCoins { denom: "other".to_owned(), to: "a".to_owned() },
        ExecuteMsg::SetGuardian { guardian: None },
        ExecuteMsg::Halt { blocks: 0 },
        ExecuteMsg::Resume {},
        ExecuteMsg::OfferAdmin { to: None },
        ExecuteMsg::AcceptAdmin {},
        ExecuteMsg::SetPaused { paused: false },
    ];
    let names: std::collections::BTreeSet<_> = all.iter().map(name).collect();
    assert_eq!(names.len(), all.len());
    all
}

fn evidence() -> Equivocation {
    let commit = |byte| SignedCommit { commit: Commit([byte; 32]), proof: vec![].into() };
    Equivocation { request: RequestId(1), node: NodeId(1), first: commit(1), second: commit(2) }
}

fn signed_outcome() -> SignedOutcome {
    SignedOutcome {
        request: RequestId(1),
        engine: EngineId([1; 32]),
        class: OutcomeClass::Ok,
        body: "1".to_owned(),
        attestation: Attestation { node: NodeId(1), proof: vec![].into(), value: None },
    }
}

fn publication() -> Publication {
    Publication {
        request: RequestId(1),
        attempt: Attempt(0),
        engine: EngineId([1; 32]),
        class: OutcomeClass::Ok,
        body: Body::Inline { text: "1".to_owned() },
        attestations: vec![],
    }
}

fn name(msg: &ExecuteMsg) -> &'static str {
    match msg {
        ExecuteMsg::RegisterProject { .. } => "register_project",
        ExecuteMsg::AddVersion { .. } => "add_version",
        ExecuteMsg::ActivateVersion { .. } => "activate_version",
        ExecuteMsg::RegisterNode(_) => "register_node",
        ExecuteMsg::Request(_) => "request",
        ExecuteMsg::Requests { .. } => "requests",
        ExecuteMsg::Cancel { .. } => "cancel",
        ExecuteMsg::Subscribe { .. } => "subscribe",
        ExecuteMsg::Deposit { .. } => "deposit",
        ExecuteMsg::Withdraw { .. } => "withdraw",
        ExecuteMsg::SetConsumers { .. } => "set_consumers",
        ExecuteMsg::Schedule(_) => "schedule",
        ExecuteMsg::FundSchedule { .. } => "fund_schedule",
        ExecuteMsg::CancelSchedule { .. } => "cancel_schedule",
        ExecuteMsg::RunSchedules { .. } => "run_schedules",
        ExecuteMsg::RecoverCoins { .. } => "recover_coins",
        ExecuteMsg::SetGuardian { .. } => "set_guardian",
        ExecuteMsg::Halt { .. } => "halt",
        ExecuteMsg::Resume {} => "resume",
        ExecuteMsg::Tick {} => "tick",
        ExecuteMsg::Publish { .. } => "publish",
        ExecuteMsg::Expire { .. } => "expire",
        ExecuteMsg::DeliverCallback { .. } => "deliver_callback",
        ExecuteMsg::Claim { .. } => "claim",
        ExecuteMsg::UpdateSettings { .. } => "update_settings",
        ExecuteMsg::ScheduleVersion { .. } => "schedule_version",
        ExecuteMsg::SetAccess { .. } => "set_access",
        ExecuteMsg::OfferProject { .. } => "offer_project",
        ExecuteMsg::AcceptProject { .. } => "accept_project",
        ExecuteMsg::IncreaseStake { .. } => "increase_stake",
        ExecuteMsg::Unbond { .. } => "unbond",
        ExecuteMsg::WithdrawStake { .. } => "withdraw_stake",
        ExecuteMsg::RotateKey { .. } => "rotate_key",
        ExecuteMsg::UpdateNode { .. } => "update_node",
        ExecuteMsg::DeclareEngines { .. } => "declare_engines",
        ExecuteMsg::AnnounceEngine { .. } => "announce_engine",
        ExecuteMsg::WithdrawEngine {} => "withdraw_engine",
        ExecuteMsg::SetEncryptionKey { .. } => "set_encryption_key",
        ExecuteMsg::SetSecret { .. } => "set_secret",
        ExecuteMsg::RemoveSecret { .. } => "remove_secret",
        ExecuteMsg::SetNodeAccounts { .. } => "set_node_accounts",
        ExecuteMsg::OfferNode { .. } => "offer_node",
        ExecuteMsg::AcceptNode { .. } => "accept_node",
        ExecuteMsg::Unjail { .. } => "unjail",
        ExecuteMsg::SubmitTicket { .. } => "submit_ticket",
        ExecuteMsg::SubmitRoundTickets { .. } => "submit_round_tickets",
        ExecuteMsg::SubmitEvidence(_) => "submit_evidence",
        ExecuteMsg::ReportDissent { .. } => "report_dissent",
        ExecuteMsg::ReportSilence { .. } => "report_silence",
        ExecuteMsg::Attest { .. } => "attest",
        ExecuteMsg::StartSweep {} => "start_sweep",
        ExecuteMsg::SetRewards { .. } => "set_rewards",
        ExecuteMsg::WithdrawRewards {} => "withdraw_rewards",
        ExecuteMsg::OfferAdmin { .. } => "offer_admin",
        ExecuteMsg::AcceptAdmin {} => "accept_admin",
        ExecuteMsg::SetPaused { .. } => "set_paused",
    }
}

#[test]
fn a_stranger_is_refused_what_needs_permission() {
    let mut world = World::new();
    let project = world.project(policy());
    let stranger = world.app.api().addr_make("stranger");
    let bob = world.bob.clone();
    world.request(project);
    world.send(&bob, &ExecuteMsg::Subscribe { consumers: vec![] }, 0).unwrap();
    world.schedule(&bob, project, 1000);
    let mut guarded = 0;
    for msg in every_message(project) {
        let (sender, ..) = needed(&msg);
        let refused = world.send(&stranger, &msg, 0);
        if sender == Sender::Any {
            assert!(!matches!(refused, Err(ContractError::Unauthorized { .. })), "{}", name(&msg));
        } else {
            guarded += 1;
            assert!(matches!(refused, Err(ContractError::Unauthorized { .. })), "{}", name(&msg));
        }
    }
    assert_eq!(guarded, 34);
}

#[test]
fn what_takes_no_funds_refuses_them() {
    let mut world = World::new();
    let project = world.project(policy());
    // Bob owns the project, the admin governs: whoever may send a message is refused its funds.
    let (admin, bob) = (world.admin.clone(), world.bob.clone());
    let operator = world.nodes[0].operator.clone();
    let offers = [
        (&operator, ExecuteMsg::OfferNode { node: NodeId(1), to: Some(bob.to_string()) }),
        (&admin, ExecuteMsg::OfferAdmin { to: Some(admin.to_string()) }),
        (&bob, ExecuteMsg::OfferProject { project, to: Some(bob.to_string()) }),
    ];
    for (from, offer) in &offers {
        world.send(from, offer, 0).unwrap();
    }
    world.request(project);
    world.send(&bob, &ExecuteMsg::Subscribe { consumers: vec![] }, 0).unwrap();
    world.schedule(&bob, project, 1000);
    for msg in every_message(project) {
        let (sender, funds, _) = needed(&msg);
        let from = match sender {
            Sender::Admin | Sender::Guardian | Sender::NextAdmin => world.admin.clone(),
            Sender::Requester(_) => world.alice.clone(),
            Sender::Any
            | Sender::ProjectOwner(_)
            | Sender::SubscriptionOwner(_)
            | Sender::ScheduleOwner(_)
            | Sender::NextOwner(_)
            | Sender::NextOperator(_) => world.bob.clone(),
            Sender::NodeOperator(_) | Sender::NodeDaemon(_) => world.nodes[0].operator.clone(),
        };
        let refused = world.send(&from, &msg, 1);
        let unexpected = matches!(refused, Err(ContractError::UnexpectedFunds {}));
        assert_eq!(unexpected, funds == Funds::Refused, "{}", name(&msg));
    }
}

/// A pause stops what is new, and nothing that ends, pays out or governs.
#[test]
fn a_pause_stops_new_work_and_traps_no_funds() {
    let mut world = World::new();
    let project = world.project(policy());
    let done = world.drawn_request(project);
    let (admin, alice, bob) = (world.admin.clone(), world.alice.clone(), world.bob.clone());
    world.schedule(&bob, project, 1000);
    world.send(&admin, &ExecuteMsg::SetPaused { paused: true }, 0).unwrap();
    assert!(world.ask::<GovernanceResponse>(&QueryMsg::Governance {}).paused);
    for msg in every_message(project) {
        let (sender, funds, pause) = needed(&msg);
        let from = match sender {
            Sender::Admin | Sender::Guardian => admin.clone(),
            Sender::ProjectOwner(_) | Sender::SubscriptionOwner(_) | Sender::ScheduleOwner(_) => bob.clone(),
            Sender::NodeOperator(_) | Sender::NodeDaemon(_) => world.nodes[0].operator.clone(),
            Sender::Any | Sender::Requester(_) => alice.clone(),
            Sender::NextAdmin | Sender::NextOwner(_) | Sender::NextOperator(_) => continue,
        };
        if matches!(msg, ExecuteMsg::SetPaused { .. } | ExecuteMsg::Unbond { .. }) {
            continue;
        }
        let refused = world.send(&from, &msg, if funds == Funds::Taken { 1000 } else { 0 });
        let paused = matches!(refused, Err(ContractError::Paused {}));
        assert_eq!(paused, pause == Pause::Stops, "{}", name(&msg));
    }
    assert_eq!(world.verdict(world.publication(done, "3")), None);
    let relay = world.relay.clone();
    world.send(&relay, &ExecuteMsg::Claim { r#for: None }, 0).unwrap();
    world.send(&admin, &ExecuteMsg::SetPaused { paused: false }, 0).unwrap();
    world.request(project);
}
