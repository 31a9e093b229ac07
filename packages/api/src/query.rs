//! The contract's queries; each answer stands with the noun that it is about. Every list is paged: at most 100 entries and about
//! 128 KiB, so that no page exceeds the gas that a node grants a query. A page may be short: continue after the last id until
//! one is empty.

use cosmwasm_schema::{QueryResponses, cw_serde};

// The responses are named for the schemas, which are not made for the chain.
#[cfg_attr(target_arch = "wasm32", allow(unused_imports))]
use crate::{
    Attempt, BeaconResponse, CallbackRequest, ConfigResponse, CounterResponse, EncryptionKeysResponse,
    EnginesResponse, Epoch, EpochResponse, FeeResponse, GovernanceResponse, LedgerResponse,
    NodeAccountsResponse, NodeId, NodeKey, NodeResponse, NodesResponse, OpenRequestsResponse, Overrides,
    PresenceResponse, ProjectAccessResponse, ProjectId, ProjectResponse, ProjectsResponse, Publication,
    PublicationVerdict, RequestId, RequestResponse, RequestsResponse, ResultResponse, ResultsResponse,
    RewardsResponse, Round, RoundResponse, ScheduleId, ScheduleResponse, SchedulesResponse,
    SealedSecretsResponse, SecretId, SecretsResponse, SignedOutcome, SubscriptionId, SubscriptionResponse,
    SweepResponse, TalliesResponse, Version, VersionResponse,
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
    /// Which engine requests are attested with, which one is announced, and how many units can run them.
    #[returns(EnginesResponse)]
    Engines {},
    /// The keys to which secrets are sealed, in order of their nodes' ids.
    #[returns(EncryptionKeysResponse)]
    EncryptionKeys {
        /// Begin after this node.
        start_after: Option<NodeId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// The secrets of a project and the nodes that each is sealed to, without ciphertexts, in a fixed order.
    #[returns(SecretsResponse)]
    Secrets {
        /// The project.
        project: ProjectId,
        /// Begin after this secret.
        start_after: Option<SecretId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
    },
    /// The secrets of a project that are sealed to a node, with their ciphertexts, in a fixed order.
    #[returns(SealedSecretsResponse)]
    SealedSecrets {
        /// The project.
        project: ProjectId,
        /// The node.
        node: NodeId,
        /// Begin after this secret.
        start_after: Option<SecretId>,
        /// Most to return, at most 100.
        limit: Option<u32>,
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
