//! What anybody may ask the contract to do. Who may send which message is declared in the contract's permissions.

use crate::{
    CallbackRequest, CodeRef, Description, Endpoint, EngineId, Epoch, Equivocation, Moniker, Name, NodeId,
    NodeKey, Overrides, Policy, ProjectId, Publication, RegisterNode, RequestId, Requesters, Settings,
    SignedOutcome, Version,
};
use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Binary, Uint128};

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
    Request {
        /// The project asked.
        project: ProjectId,
        /// The input: a JSON text.
        input: String,
        /// Whether and how to call the sender back. Only contracts can be called.
        callback: Option<CallbackRequest>,
        /// What is asked for beyond the version's policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrides: Option<Overrides>,
    },
    /// Moves the counter: opens the next round where a request waits for one, and the next epoch where it is due.
    Tick {},
    /// Publishes results. Each is judged alone; one refused does not spoil the others.
    Publish {
        /// The results, at most 256.
        publications: Vec<Publication>,
    },
    /// Ends overdue requests and refunds them, the oldest deadline first.
    Expire {
        /// Most requests to end, 1 to 100; 30 where absent.
        limit: Option<u32>,
    },
    /// Tries a failed callback again, at most 3 times.
    RetryCallback {
        /// The request.
        request: RequestId,
    },
    /// Pays the sender what it has earned.
    Claim {},
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
    /// Says anew what a node runs and where it is. For its operator.
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
    /// Lets a jailed node draw again, when its time is over and it holds at least a unit. For its operator.
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
    /// Shows that a node said two different things about one request: it is slashed, the sender rewarded.
    SubmitEvidence(Equivocation),
    /// Shows that a node dissents from the result of a request whose code is declared deterministic: it loses what the
    /// settings say, the sender is rewarded. Nodes of another engine never dissent.
    ReportDissent {
        /// The node's word.
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
