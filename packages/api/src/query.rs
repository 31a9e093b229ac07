//! The contract's queries and their answers. Every list is paged: at most 100 entries and about 128 KiB, so that no page
//! exceeds the gas that a node grants a query. A page may be short: continue after the last id until one is empty.

use cosmwasm_schema::{QueryResponses, cw_serde};
use cosmwasm_std::Uint128;

// The responses are named for the schemas, which are not made for the chain.
#[cfg_attr(target_arch = "wasm32", allow(unused_imports))]
use crate::{
    Attempt, BeaconResponse, Body, CallbackRequest, CodeRef, Description, DrawClass, EngineId, Epoch, Name,
    NodeAccountsResponse, NodeId, NodeKey, NodeResponse, NodesResponse, OpenRequestsResponse, OutcomeClass,
    Overrides, Policy, PresenceResponse, ProjectId, Publication, PublicationVerdict, RequestId,
    RequestResponse, Requesters, Round, RoundBeacon, ScheduleId, ScheduleResponse, SchedulesResponse, Seed,
    SeedQuality, Settings, SettingsVersion, SignedOutcome, SubscriptionId, SubscriptionResponse,
    SweepResponse, TalliesResponse, Version,
};

/// The contract's queries.
#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Who governs, which release runs and which settings apply to new requests.
    #[returns(ConfigResponse)]
    Config {},
    /// The newest round and epoch.
    #[returns(CounterResponse)]
    Counter {},
    /// A round by number.
    #[returns(RoundResponse)]
    Round {
        /// The round.
        round: Round,
    },
    /// An epoch by number.
    #[returns(EpochResponse)]
    Epoch {
        /// The epoch.
        epoch: Epoch,
    },
    /// A project with its active version.
    #[returns(ProjectResponse)]
    Project {
        /// The project.
        project: ProjectId,
    },
    /// Projects in order of their ids.
    #[returns(ProjectsResponse)]
    Projects {
        /// Begin after this id.
        start_after: Option<ProjectId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// A version of a project.
    #[returns(VersionResponse)]
    Version {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
    },
    /// A node by id: its keys and units by epoch, its stake on the way out, and whether it is jailed.
    #[returns(NodeResponse)]
    Node {
        /// The node.
        node: NodeId,
    },
    /// A node by its VRF key.
    #[returns(NodeResponse)]
    NodeByKey {
        /// The key.
        key: NodeKey,
    },
    /// Who acts and earns for a node beside its operator.
    #[returns(NodeAccountsResponse)]
    NodeAccounts {
        /// The node.
        node: NodeId,
    },
    /// Nodes in order of their ids.
    #[returns(NodesResponse)]
    Nodes {
        /// Begin after this id.
        start_after: Option<NodeId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// A request.
    #[returns(RequestResponse)]
    Request {
        /// The request.
        request: RequestId,
    },
    /// A subscription.
    #[returns(SubscriptionResponse)]
    Subscription {
        /// The subscription.
        subscription: SubscriptionId,
    },
    /// A schedule that has not ended.
    #[returns(ScheduleResponse)]
    Schedule {
        /// The schedule.
        schedule: ScheduleId,
    },
    /// Schedules that have not ended, in order of their ids.
    #[returns(SchedulesResponse)]
    Schedules {
        /// Begin after this id.
        start_after: Option<ScheduleId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// Requests by their ids, open or ended; unknown ids are left out. As many as fit into a page: ask for the rest.
    #[returns(RequestsResponse)]
    Requests {
        /// The requests, at most 100.
        requests: Vec<RequestId>,
    },
    /// Open requests in order of their ids, without their inputs.
    #[returns(OpenRequestsResponse)]
    OpenRequests {
        /// Begin after this id.
        start_after: Option<RequestId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// A result.
    #[returns(ResultResponse)]
    Result {
        /// The request.
        request: RequestId,
    },
    /// Results in order of their requests' ids.
    #[returns(ResultsResponse)]
    Results {
        /// Begin after this id.
        start_after: Option<RequestId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// What a request would be charged now; exactly what it will be.
    #[returns(FeeResponse)]
    EstimateFee {
        /// The project.
        project: ProjectId,
        /// What the request would ask for beyond the version's policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrides: Option<Overrides>,
        /// The callback that it would ask for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        callback: Option<CallbackRequest>,
    },
    /// What an address may claim.
    #[returns(RewardsResponse)]
    Rewards {
        /// The address.
        address: String,
    },
    /// Checks a publication at the current height.
    #[returns(PublicationVerdict)]
    CheckPublication {
        /// The publication.
        publication: Publication,
    },
    /// Checks one attestation at the current height: its seats, or why it would be refused. Whether it and others
    /// are a quorum is not asked.
    #[returns(PublicationVerdict)]
    CheckAttestation {
        /// The attestation.
        signed_outcome: SignedOutcome,
        /// The attempt whose threshold is to be applied.
        attempt: Attempt,
    },
    /// How many of a node's seats were seen in an epoch, and how many were to be expected, where the settings have them
    /// counted.
    #[returns(PresenceResponse)]
    Presence {
        /// The node.
        node: NodeId,
        /// The epoch.
        epoch: Epoch,
    },
    /// How the sweep of overdue requests stands, on Archway.
    #[returns(SweepResponse)]
    Sweep {},
    /// Who may ask a project, and what is to become of it.
    #[returns(ProjectAccessResponse)]
    ProjectAccess {
        /// The project.
        project: ProjectId,
    },
    /// The beacon of the current epoch.
    #[returns(BeaconResponse)]
    Beacon {},
    /// Whether the contract is paused and whether the admin's office is on offer.
    #[returns(GovernanceResponse)]
    Governance {},
    /// What has gathered for an open request that nodes attested to straight.
    #[returns(TalliesResponse)]
    Tallies {
        /// The request.
        request: RequestId,
    },
    /// What the contract holds and for whom: the parts add up to its balance or less.
    #[returns(LedgerResponse)]
    Ledger {},
}

/// Who governs and which settings apply.
#[cw_serde]
pub struct ConfigResponse {
    /// Who may change settings.
    pub admin: String,
    /// The release that runs.
    pub release: String,
    /// The settings that apply to new requests.
    pub settings: Settings,
    /// Their version.
    pub settings_version: SettingsVersion,
}

/// The newest round and epoch.
#[cw_serde]
pub struct CounterResponse {
    /// The newest round.
    pub round: Round,
    /// Its height.
    pub round_height: u64,
    /// The current epoch.
    pub epoch: Epoch,
    /// The height at which it began.
    pub epoch_height: u64,
    /// All active units in it.
    pub total_units: u64,
    /// Whether a request waits for the next round.
    pub request_waiting: bool,
    /// Whether somebody has to tick: one in the next block would open a round or an epoch, and the chain has not reserved its own.
    pub tick_due: bool,
    /// The earliest deadline of an open request; it may be expired above that height.
    pub next_deadline: Option<u64>,
    /// The first request whose callback is due.
    #[serde(default)]
    pub due_callback: Option<RequestId>,
    /// The height of the earliest firing of a schedule; it may be run from then on.
    #[serde(default)]
    pub next_firing: Option<u64>,
}

/// A round.
#[cw_serde]
pub struct RoundResponse {
    /// The round.
    pub round: Round,
    /// Its seed.
    pub seed: Seed,
    /// The height at which it opened.
    pub height: u64,
    /// The block time, nanoseconds since 1970.
    pub time_ns: u64,
    /// The epoch it belongs to.
    pub epoch: Epoch,
    /// Its tickets, where it draws requests of the class `beacon`.
    #[serde(default)]
    pub beacon: Option<RoundBeacon>,
}

/// An epoch.
#[cw_serde]
pub struct EpochResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Its seed.
    pub seed: Seed,
    /// The height at which it began.
    pub height: u64,
    /// All active units in it.
    pub total_units: u64,
    /// Operators that hold them.
    pub operators: u32,
    /// Whether its seed came from a ticket.
    pub quality: SeedQuality,
}

/// A project.
#[cw_serde]
pub struct ProjectResponse {
    /// Its id.
    pub project: ProjectId,
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: Name,
    /// What it does.
    pub description: Description,
    /// The version that new requests pin.
    pub active: Version,
    /// The newest version.
    pub latest: Version,
    /// Open requests.
    pub open_requests: u32,
}

/// A page of projects.
#[cw_serde]
pub struct ProjectsResponse {
    /// The projects; ask on from the last one's id.
    pub projects: Vec<ProjectResponse>,
}

/// A version.
#[cw_serde]
pub struct VersionResponse {
    /// The project.
    pub project: ProjectId,
    /// The version.
    pub version: Version,
    /// Its code.
    pub code: CodeRef,
    /// Its policy.
    pub policy: Policy,
    /// The height at which it was added.
    pub height: u64,
}

/// Requests that were asked for by id.
#[cw_serde]
pub struct RequestsResponse {
    /// The requests, in the order asked for.
    pub requests: Vec<RequestResponse>,
}

/// A result.
#[cw_serde]
pub struct ResultResponse {
    /// The request.
    pub request: RequestId,
    /// The project.
    pub project: ProjectId,
    /// The version that ran.
    pub version: Version,
    /// How the committee was drawn.
    pub draw: DrawClass,
    /// Whether a draw of the class `beacon` had too few tickets.
    pub fallback: bool,
    /// The outcome's class.
    pub class: OutcomeClass,
    /// The outcome's body.
    pub body: Body,
    /// The engine that the committee ran.
    pub engine: EngineId,
    /// The round that drew the committee.
    pub round: Round,
    /// The attempt that was agreed in.
    pub attempt: u8,
    /// The nodes that agreed, each with its seats.
    pub agreed: Vec<AgreedNode>,
    /// Seats that agreed.
    pub seats: u32,
    /// Seats that were needed.
    pub quorum_seats: u32,
    /// Who published it.
    pub publisher: String,
    /// The height at which it was published.
    pub height: u64,
    /// How the callback went.
    pub callback: CallbackStatus,
}

/// A node that agreed.
#[cw_serde]
pub struct AgreedNode {
    /// The node.
    pub node: NodeId,
    /// Its seats.
    pub seats: u32,
}

/// How a callback went.
#[cw_serde]
pub enum CallbackStatus {
    /// None was asked for.
    None {},
    /// The consumer took it.
    Delivered {},
    /// The consumer failed; it may be retried.
    Failed {
        /// Attempts so far.
        tries: u8,
        /// The chain's error text, shortened.
        error: String,
    },
    /// The request expired; the callback waits for somebody to deliver it.
    Due {},
}

/// A page of results.
#[cw_serde]
pub struct ResultsResponse {
    /// The results; ask on from the last one's request.
    pub results: Vec<ResultResponse>,
}

/// What a request is charged.
#[cw_serde]
pub struct FeeResponse {
    /// The denom.
    pub denom: String,
    /// Everything together.
    pub total: Uint128,
    /// For the committee's seats; what is unused comes back.
    pub committee: Uint128,
    /// For the publisher.
    pub relay: Uint128,
    /// For the keepers' pool; never comes back.
    pub keepers: Uint128,
    /// For the project's owner.
    pub project: Uint128,
}

/// What an address may claim.
#[cw_serde]
pub struct RewardsResponse {
    /// Coins.
    pub amount: Uint128,
}

/// What the contract holds and for whom.
#[cw_serde]
pub struct LedgerResponse {
    /// The denom.
    pub denom: String,
    /// Nodes' stake.
    pub stake: Uint128,
    /// Fees reserved for open requests.
    pub reserved: Uint128,
    /// Rewards and refunds waiting to be claimed.
    pub claimable: Uint128,
    /// For keepers' bounties.
    pub pool: Uint128,
    /// Subscriptions' balances.
    pub subscriptions: Uint128,
    /// Schedules' budgets.
    #[serde(default)]
    pub schedules: Uint128,
}

/// Who may ask a project, and what is to become of it.
#[cw_serde]
pub struct ProjectAccessResponse {
    /// The project.
    pub project: ProjectId,
    /// Who may ask.
    pub requesters: Requesters,
    /// Whether it refuses new requests.
    pub paused: bool,
    /// The version that will be active, and from which height on.
    pub scheduled: Option<ScheduledVersion>,
    /// To whom it has been offered.
    pub offered_to: Option<String>,
}

/// A version that becomes active at a height.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct ScheduledVersion {
    /// The version.
    pub version: Version,
    /// The height.
    pub height: u64,
}

/// How new work and the admin's office stand.
#[cw_serde]
pub struct GovernanceResponse {
    /// Whether new work is refused.
    pub paused: bool,
    /// To whom the admin's office has been offered.
    pub offered_to: Option<String>,
    /// Who may halt results beside the admin.
    pub guardian: Option<String>,
    /// The first height at which results may be published again, where they are or were halted.
    pub halted_until: Option<u64>,
}
