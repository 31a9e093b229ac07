//! What anybody may ask the contract to do. Who may send which message is declared in the contract's permissions.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Binary, Uint128};

use crate::{
    CodeRef, Description, EncryptionKey, Endpoint, EngineId, EngineRelease, Epoch, Equivocation, Moniker,
    Name, NewRequest, NewSchedule, NodeId, NodeKey, NodeTicket, Policy, ProjectId, Publication, RegisterNode,
    RequestId, Requesters, Round, ScheduleId, SealedValue, SecretHost, SecretName, Settings, SignedOutcome,
    SubscriptionConsumer, SubscriptionId, Version,
};

/// The contract's messages.
#[cw_serde]
pub enum ExecuteMsg {
    /// Registers a project with its first version, which is active at once. The sender becomes its owner.
    RegisterProject {
        /// Its name.
        name: Name,
        /// What it does.
        description: Description,
        /// The first version's code.
        code: CodeRef,
        /// The first version's policy.
        policy: Policy,
    },
    /// Adds a version to a project; it does nothing until it is activated. For the owner.
    AddVersion {
        /// The project.
        project: ProjectId,
        /// The version's code.
        code: CodeRef,
        /// The version's policy.
        policy: Policy,
    },
    /// Makes a version the one that new requests pin. Also the way back to an older one. For the owner.
    ActivateVersion {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
    },
    /// Registers a node with its stake; it draws from the epoch after the next one on.
    RegisterNode(RegisterNode),
    /// Opens a request. The funds are the fee; what is above it comes back with the result.
    Request(NewRequest),
    /// Opens several requests, each checked on its own: one that is refused does not affect the others. The funds are the fees; what
    /// is not used comes back at once. The data of the response lists the ids, with `null` for those that were refused.
    Requests {
        /// The requests, 1 to 100.
        requests: Vec<NewRequest>,
    },
    /// Ends a request before anything can have drawn it: no round has opened above its height. Its funds go back as where it
    /// expires. For its requester.
    Cancel {
        /// The request.
        request: RequestId,
    },
    /// Begins a subscription with the funds as its balance. The sender becomes its owner; the data of the response is its id.
    Subscribe {
        /// Who may ask, at most 32.
        consumers: Vec<SubscriptionConsumer>,
    },
    /// Adds the funds to a subscription's balance.
    Deposit {
        /// The subscription.
        subscription: SubscriptionId,
    },
    /// Takes coins out of a subscription's balance. For its owner.
    Withdraw {
        /// The subscription.
        subscription: SubscriptionId,
        /// Coins; everything where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Uint128>,
    },
    /// Replaces the consumers of a subscription. For its owner.
    SetConsumers {
        /// The subscription.
        subscription: SubscriptionId,
        /// Who may ask, at most 32.
        consumers: Vec<SubscriptionConsumer>,
    },
    /// Has a request opened by keepers when it is due: once or periodically. The funds are the budget that pays for it, at
    /// least what one firing costs; none where the request names a subscription, of which the sender must be a consumer. The
    /// sender becomes its owner; the data of the response is its id.
    Schedule(NewSchedule),
    /// Adds the funds to a schedule's budget.
    FundSchedule {
        /// The schedule.
        schedule: ScheduleId,
    },
    /// Ends a schedule and pays its owner what is left of the budget. Requests that it has opened go on. For its owner.
    CancelSchedule {
        /// The schedule.
        schedule: ScheduleId,
    },
    /// Opens the requests of schedules that are due: those due for longest, or those named. Of several firings that are due only
    /// the latest is made, the others are missed. A schedule ends with its last firing, or where it cannot pay for one; what is
    /// left of its budget may then be claimed.
    RunSchedules {
        /// Most schedules to run, 1 to 100; 30 where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
        /// The schedules to run, at most 100; those that are not due are skipped. Those due for longest where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schedules: Option<Vec<ScheduleId>>,
    },
    /// Moves the counter: opens the next round where a request waits for one, and the next epoch where it is due.
    Tick {},
    /// Publishes results. Each is verified on its own; one that is refused does not affect the others.
    Publish {
        /// The results, at most 256.
        publications: Vec<Publication>,
    },
    /// Ends overdue requests and refunds them: the oldest deadlines first, or the requests named. A callback that one of them
    /// asked for becomes due; [`ExecuteMsg::DeliverCallback`] delivers it.
    Expire {
        /// Most requests to end, 1 to 100; 30 where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
        /// The requests to end, at most 100; those that are not overdue are skipped. The oldest ones where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requests: Option<Vec<RequestId>>,
    },
    /// Delivers a callback that is due, or retries one that failed. The requester may retry at any time and as often as it
    /// likes; others at most 3 times, each at least 10 blocks after the attempt before.
    DeliverCallback {
        /// The request.
        request: RequestId,
        /// Gas for the call, at most 1500000; what the request asked for where absent. Only the requester may name it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gas_limit: Option<u64>,
    },
    /// Pays an address what it may claim: rewards, bounties and refunds that could not be transferred.
    Claim {
        /// Whom to pay, whoever sends the message; the sender where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r#for: Option<String>,
    },
    /// Replaces the settings; requests already open keep theirs. For the admin.
    UpdateSettings {
        /// The new settings.
        settings: Settings,
    },
    /// Makes a version the active one from a later block on, so that requesters can see it coming. For the owner.
    ScheduleVersion {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
        /// Blocks from now, 1 to 100000.
        after_blocks: u64,
    },
    /// Says who may ask a project and whether it takes requests at all. For the owner.
    SetAccess {
        /// The project.
        project: ProjectId,
        /// Who may ask.
        requesters: Requesters,
        /// Whether it refuses new requests.
        paused: bool,
    },
    /// Offers a project to another owner, who must accept; nobody withdraws the offer. For the owner.
    OfferProject {
        /// The project.
        project: ProjectId,
        /// The next owner.
        to: Option<String>,
    },
    /// Accepts a project that was offered to the sender.
    AcceptProject {
        /// The project.
        project: ProjectId,
    },
    /// Adds the funds to a node's stake; what they add draws from the epoch after the next one on. For its operator.
    IncreaseStake {
        /// The node.
        node: NodeId,
    },
    /// Takes stake out of a node: it draws for it until the epoch ends, and may have it back when nothing that it can
    /// have answered is open and the unbonding time has passed. For its operator.
    Unbond {
        /// The node.
        node: NodeId,
        /// Coins; everything where absent.
        amount: Option<Uint128>,
    },
    /// Pays out what has been unbonded for long enough. For the operator.
    WithdrawStake {
        /// The node.
        node: NodeId,
    },
    /// Gives a node another key, which draws from the epoch after the next one on. For its operator.
    RotateKey {
        /// The node.
        node: NodeId,
        /// The key.
        key: NodeKey,
        /// Its proof of possession.
        possession: Binary,
    },
    /// Says anew what a node runs and where it is. For its operator or daemon.
    UpdateNode {
        /// The node.
        node: NodeId,
        /// The engine it runs.
        engine: EngineId,
        /// Its name.
        moniker: Moniker,
        /// Where it can be reached.
        endpoint: Endpoint,
    },
    /// Says which engines a node can run beside or instead of the one it registered, so that the stake that is ready for an
    /// announced engine can be counted. Replaces what it said before. For its operator or daemon.
    DeclareEngines {
        /// The node.
        node: NodeId,
        /// The engines by their ids in the profile `jitless`, at most 4, each once.
        engines: Vec<EngineId>,
    },
    /// Announces the engine with which requests are attested that an epoch and those after it draw. Replaces one announced before. If
    /// too few units are ready when the epoch begins, it waits for the next one. For the admin.
    AnnounceEngine {
        /// The engine.
        engine: EngineRelease,
        /// Its first epoch, 2 to 1000 after the current one.
        from_epoch: Epoch,
        /// Units that must be ready, in basis points of all that draw, at most 10000.
        min_ready_bps: u16,
    },
    /// Takes back the engine that is announced, while its epoch has not come. For the admin.
    WithdrawEngine {},
    /// Publishes the key to which secrets for a node are sealed, in place of the one before. For its operator or daemon.
    SetEncryptionKey {
        /// The node.
        node: NodeId,
        /// The key.
        key: EncryptionKey,
    },
    /// Sets a secret of a project: its value, sealed to each node that is to open it. Replaces value and nodes of before. For the
    /// project's owner.
    SetSecret {
        /// The project.
        project: ProjectId,
        /// The name by which the code asks for it.
        name: SecretName,
        /// The only host that it is sent to.
        host: SecretHost,
        /// The ciphertexts, 1 to 128, in ascending order of their nodes.
        sealed: Vec<SealedValue>,
    },
    /// Removes a secret of a project. For the project's owner.
    RemoveSecret {
        /// The project.
        project: ProjectId,
        /// Its name.
        name: SecretName,
        /// Its host.
        host: SecretHost,
    },
    /// Says who is paid for a node's seats and who may send what its daemon sends: `update_node`, `declare_engines`,
    /// `set_encryption_key` and `unjail`, which move no coins and change no key that draws. For its operator, whose key may so be
    /// kept off the daemon's machine.
    SetNodeAccounts {
        /// The node.
        node: NodeId,
        /// Who earns; the operator where absent.
        payout: Option<String>,
        /// Who sends for the daemon beside the operator.
        daemon: Option<String>,
    },
    /// Offers a node with its stake to another operator, who must accept; nobody withdraws the offer. For its operator.
    OfferNode {
        /// The node.
        node: NodeId,
        /// The next operator.
        to: Option<String>,
    },
    /// Accepts a node that was offered to the sender, with its stake and what is on its way out. What it has earned stays with
    /// whom it was paid to; its accounts are named anew.
    AcceptNode {
        /// The node.
        node: NodeId,
    },
    /// Lets a jailed node draw again, when its time is over and it holds at least a unit. For its operator or daemon.
    Unjail {
        /// The node.
        node: NodeId,
    },
    /// Takes part in the beacon: the lowest ticket of an epoch makes the next epoch's seed.
    SubmitTicket {
        /// The node; anybody may bring its ticket.
        node: NodeId,
        /// The 160 bytes of [`crate::AttestationBytes`] over the beacon's draw.
        proof: Binary,
    },
    /// Brings nodes' tickets for a round that draws requests of the class `beacon`. A ticket that is not among the lowest of
    /// seven operators changes nothing.
    SubmitRoundTickets {
        /// The round.
        round: Round,
        /// The tickets, 1 to 32; anybody may bring them.
        tickets: Vec<NodeTicket>,
    },
    /// Proves that a node signed two different commitments for one request: it is slashed, the sender rewarded.
    SubmitEvidence(Equivocation),
    /// Shows that a node dissents from the result of a request whose code is declared deterministic: it loses what the
    /// settings say, the sender is rewarded. Nodes of another engine never dissent.
    ReportDissent {
        /// The attestation.
        signed_outcome: SignedOutcome,
    },
    /// Shows that far fewer seats of a node were seen in an epoch than were to be expected: it is jailed, and loses
    /// nothing.
    ReportSilence {
        /// The node.
        node: NodeId,
        /// The epoch: the current one or the one before.
        epoch: Epoch,
    },
    /// Brings attestations straight from nodes; they gather over many messages until they are a quorum.
    Attest {
        /// Attestations for one outcome; need not be a quorum. Only under the rule `exact`.
        publication: Publication,
    },
    /// On Archway: starts the sweep of overdue requests, which then renews itself, or starts it again when it has stopped.
    /// The funds pay for the first reservation; more pays for later ones.
    StartSweep {},
    /// On Archway: says who owns the contract's rewards metadata and who receives its rewards. The chain takes it from the
    /// contract only where the contract owns the metadata, or is its own admin. For the admin.
    SetRewards {
        /// The metadata's owner; the contract where it is to be changed here again.
        owner_address: String,
        /// Who receives the rewards; the contract where [`ExecuteMsg::WithdrawRewards`] is to give them to the treasury.
        rewards_address: String,
    },
    /// On Archway: gives the rewards that wait for the contract to the treasury.
    WithdrawRewards {},
    /// Sends away coins of another denom than the settings': nobody is owed any. For the admin.
    RecoverCoins {
        /// Their denom.
        denom: String,
        /// Who receives them.
        to: String,
    },
    /// Names who may halt results beside the admin. For the admin.
    SetGuardian {
        /// The guardian; none where absent.
        guardian: Option<String>,
    },
    /// Halts results: until the height that is so many blocks away nothing is published and nothing is gathered. Deadlines go
    /// on, and requests that expire are refunded. It ends by itself, and may be sent anew only once as many blocks have passed
    /// since. For the guardian, or the admin.
    Halt {
        /// Blocks, 1 to 20000.
        blocks: u64,
    },
    /// Ends a halt. For the admin.
    Resume {},
    /// Offers the admin's office to another, who must accept; nobody withdraws the offer. For the admin.
    OfferAdmin {
        /// The next admin.
        to: Option<String>,
    },
    /// Accepts the admin's office that was offered to the sender.
    AcceptAdmin {},
    /// Stops or resumes new projects, versions, nodes, stake and requests. What is open still ends, and what is held
    /// can always be taken out. For the admin.
    SetPaused {
        /// Whether new work is refused.
        paused: bool,
    },
}
