//! What anybody may ask the contract to tell. Every list is paged and capped at 100.

use crate::{
    Body, CodeRef, Description, EngineId, Epoch, Name, NodeId, NodeKey, NodeResponse, NodesResponse,
    OutcomeClass, Policy, ProjectId, Publication, PublicationVerdict, RequestId, RequestResponse, Round,
    Seed, Settings, SettingsVersion, Version,
};
use cosmwasm_schema::{QueryResponses, cw_serde};
use cosmwasm_std::Uint128;

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
    /// A node by id.
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
    /// Open requests in order of their ids.
    #[returns(RequestsResponse)]
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
    },
    /// What an address may claim.
    #[returns(RewardsResponse)]
    Rewards {
        /// The address.
        address: String,
    },
    /// What the contract would say of a publication now.
    #[returns(PublicationVerdict)]
    CheckPublication {
        /// The publication.
        publication: Publication,
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
    /// Whether a tick in the next block would open a round or an epoch.
    pub tick_due: bool,
    /// The earliest deadline of an open request; it may be expired above that height.
    pub next_deadline: Option<u64>,
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

/// A page of requests.
#[cw_serde]
pub struct RequestsResponse {
    /// The requests; ask on from the last one's id.
    pub requests: Vec<RequestResponse>,
}

/// A result.
#[cw_serde]
pub struct ResultResponse {
    /// The request.
    pub request: RequestId,
    /// The project.
    pub project: ProjectId,
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
    pub bar: u32,
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
    /// The consumer failed; it may be tried again.
    Failed {
        /// Tries so far.
        tries: u8,
        /// The chain's words, shortened.
        error: String,
    },
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
}
