//! Why the contract refuses a message. Every refusal is one variant, so that tests and callers can distinguish them.

use cosmwasm_std::{DivideByZeroError, OverflowError, StdError, Uint128};
use gateway_api::{
    CodeFault, CodeHash, NodeId, OverrideError, ProjectId, RequestId, Round, ScheduleId, SettingsError,
    SubscriptionId, Version,
};
use gateway_protocol::KeyError;
use thiserror::Error;

/// Why a message, query or reply is refused.
#[derive(Debug, PartialEq, Error)]
pub enum ContractError {
    /// The chain's or the storage's own.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The sender may not send this message.
    #[error("this message is for {who}")]
    Unauthorized {
        /// Who may.
        who: &'static str,
    },
    /// The message takes no funds.
    #[error("this message takes no funds")]
    UnexpectedFunds {},
    /// The funds are not one coin of the denom.
    #[error("funds take one coin of {denom}")]
    WrongFunds {
        /// The denom.
        denom: String,
    },
    /// The funds do not reach.
    #[error("funds of {sent}{denom} do not reach the {needed}{denom} needed")]
    InsufficientFunds {
        /// What was sent.
        sent: Uint128,
        /// What is needed.
        needed: Uint128,
        /// The denom.
        denom: String,
    },
    /// The code reference is outside its bounds.
    #[error("code: {0}")]
    InvalidCode(CodeFault),
    /// The policy is outside its bounds.
    #[error("policy: {fault}")]
    InvalidPolicy {
        /// The field and its bound.
        fault: &'static str,
    },
    /// An engine cannot be announced, taken back or declared so.
    #[error("engine: {fault}")]
    InvalidEngine {
        /// The field and its bound, or what there is not.
        fault: &'static str,
    },
    /// A setting is outside its bounds.
    #[error("settings: {0}")]
    InvalidSettings(#[from] SettingsError),
    /// No such project.
    #[error("no project has the id {project}")]
    UnknownProject {
        /// The id.
        project: ProjectId,
    },
    /// No such version.
    #[error("project {project} has no version {version}")]
    UnknownVersion {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
    },
    /// No such node.
    #[error("no node has the id {node}")]
    UnknownNode {
        /// The id.
        node: NodeId,
    },
    /// No such request.
    #[error("no request has the id {request}")]
    UnknownRequest {
        /// The id.
        request: RequestId,
    },
    /// What was asked for is not there.
    #[error("there is no {what}")]
    NotFound {
        /// What.
        what: &'static str,
    },
    /// The key or its proof of possession is not valid.
    #[error("key: {0}")]
    InvalidKey(#[from] KeyError),
    /// The key has been registered before.
    #[error("the key belongs to node {node}")]
    KeyTaken {
        /// By this node.
        node: NodeId,
    },
    /// The stake is below one unit.
    #[error("a stake takes at least one unit of {unit}")]
    StakeBelowUnit {
        /// The unit.
        unit: Uint128,
    },
    /// The input is empty or too large.
    #[error("an input takes 1 to {max} bytes, found {found}")]
    InputSize {
        /// Bytes found.
        found: usize,
        /// Most allowed.
        max: u32,
    },
    /// The callback's gas is outside its bounds.
    #[error("a callback takes 1 to {max} gas")]
    CallbackGas {
        /// The version's cap.
        max: u64,
    },
    /// Only contracts can be called back.
    #[error("only a contract can be called back")]
    NotAContract {},
    /// The payer has too many open requests.
    #[error("a payer may have {max} open requests")]
    PayerQuota {
        /// Most allowed.
        max: u32,
    },
    /// The project has too many open requests.
    #[error("a project may have {max} open requests")]
    ProjectQuota {
        /// Most allowed.
        max: u32,
    },
    /// Too few operators are active for the version's policy.
    #[error("{needed} operators are needed, {active} are active")]
    TooFewOperators {
        /// Active ones.
        active: u32,
        /// Needed ones.
        needed: u32,
    },
    /// An override is weaker than the version's policy, or beyond its bounds.
    #[error("override: {0}")]
    InvalidOverride(#[from] OverrideError),
    /// The fee is above what the requester allows.
    #[error("the fee of {fee} is above the {max} allowed")]
    FeeAboveCap {
        /// The fee.
        fee: Uint128,
        /// What the requester allows.
        max: Uint128,
    },
    /// No attempt can end before the request would expire.
    #[error("an attempt lasts {attempt} blocks and a request only {ttl}")]
    NoTime {
        /// Blocks of an attempt.
        attempt: u64,
        /// Blocks of a request.
        ttl: u64,
    },
    /// Too few or too many publications.
    #[error("a message takes 1 to {max} publications")]
    PublicationCount {
        /// Most allowed.
        max: usize,
    },
    /// A limit outside its bounds.
    #[error("limit takes 1 to {max}")]
    Limit {
        /// Most allowed.
        max: u32,
    },
    /// There is nothing to claim.
    #[error("there is nothing to claim")]
    NothingToClaim {},
    /// New work is refused for now.
    #[error("the contract is paused: nothing new is taken")]
    Paused {},
    /// The project refuses new requests.
    #[error("the project takes no requests for now")]
    ProjectPaused {},
    /// The project takes no requests from the sender.
    #[error("the project takes no requests from this sender")]
    NotARequester {},
    /// The list of requesters is too long.
    #[error("a project lists at most {max} requesters")]
    TooManyRequesters {
        /// Most allowed.
        max: usize,
    },
    /// A number of blocks outside its bounds.
    #[error("after_blocks takes 1 to {max} blocks")]
    AfterBlocks {
        /// Most allowed.
        max: u64,
    },
    /// More stake than there is.
    #[error("the node has {stake} at stake")]
    NotThatMuchStake {
        /// Coins there are.
        stake: Uint128,
    },
    /// Too many withdrawals are on their way.
    #[error("a node has at most {max} withdrawals on their way")]
    TooManyUnbondings {
        /// Most allowed.
        max: usize,
    },
    /// Nothing may be withdrawn yet.
    #[error("no stake may be withdrawn yet")]
    NothingReleased {},
    /// The key was changed too short a time ago.
    #[error("the key may be changed again at height {from}, when no request drawn with the old one is open")]
    RotationTooSoon {
        /// The height.
        from: u64,
    },
    /// The node is jailed.
    #[error("the node is jailed until height {until}")]
    Jailed {
        /// The height.
        until: u64,
    },
    /// The node is not jailed.
    #[error("the node is not jailed")]
    NotJailed {},
    /// The node has no units in the epoch.
    #[error("the node has no units in this epoch")]
    InactiveNode {},
    /// A proof is not valid.
    #[error("the proof is not valid: {reason}")]
    InvalidProof {
        /// Why.
        reason: String,
    },
    /// The request has not been drawn.
    #[error("no round has drawn the request yet")]
    NotDrawn {},
    /// The two attestations sign the same commitment.
    #[error("both attestations sign the same commitment")]
    SameCommit {},
    /// This was shown before.
    #[error("this was shown before")]
    AlreadyShown {},
    /// What was brought is no dissent.
    #[error("this is no dissent: {reason}")]
    NotDissent {
        /// Why not.
        reason: &'static str,
    },
    /// The node was seen often enough, or too little was to be expected of it.
    #[error("the node was seen in {seen} of {expected} seats, which is not silence")]
    NotSilent {
        /// Its seats that were seen.
        seen: u64,
        /// The seats that were to be expected.
        expected: u64,
    },
    /// The settings have nothing for Archway.
    #[error("the settings have no archway")]
    NoArchway {},
    /// The chain asks more for the reservation than the settings allow.
    #[error("a reservation costs {fee}, and may cost {cap}")]
    ReservationFee {
        /// What the chain asks.
        fee: Uint128,
        /// The settings' cap.
        cap: Uint128,
    },
    /// Too few or too many tickets.
    #[error("a message takes 1 to {max} tickets")]
    TicketCount {
        /// Most allowed.
        max: usize,
    },
    /// The round takes no tickets: it draws no request of the class `beacon`, or its time is over.
    #[error("round {round} takes no tickets at this height")]
    NoTickets {
        /// The round.
        round: Round,
    },
    /// No such schedule, or it has ended.
    #[error("no schedule that has not ended has the id {schedule}")]
    UnknownSchedule {
        /// The id.
        schedule: ScheduleId,
    },
    /// A schedule is outside its bounds.
    #[error("a schedule takes {bound}")]
    InvalidSchedule {
        /// What it takes.
        bound: &'static str,
    },
    /// No such subscription.
    #[error("no subscription has the id {subscription}")]
    UnknownSubscription {
        /// The id.
        subscription: SubscriptionId,
    },
    /// The sender is no consumer of the subscription.
    #[error("the subscription does not let the sender ask")]
    NotAConsumer {},
    /// A limit of the subscription does not allow the request.
    #[error("the request is beyond the subscription's {limit}")]
    SubscriptionLimit {
        /// The limit.
        limit: &'static str,
    },
    /// A subscription's consumers are outside their bounds.
    #[error("a subscription takes at most {max} consumers, each once and with at most {projects} projects")]
    Consumers {
        /// Most consumers.
        max: usize,
        /// Most projects of each.
        projects: usize,
    },
    /// More than the balance.
    #[error("the subscription's balance is {balance}")]
    BalanceTooLow {
        /// The balance.
        balance: Uint128,
    },
    /// A request that a subscription pays for takes neither funds nor another recipient of refunds.
    #[error("a subscription pays for the request: it takes no funds and no refund_to")]
    PaidBySubscription {},
    /// The request may not be cancelled any more.
    #[error("the request has ended, or a round has opened that draws it")]
    NotCancellable {},
    /// A secret is outside its bounds.
    #[error("a secret: {fault}")]
    InvalidSecret {
        /// What is wrong.
        fault: &'static str,
    },
    /// A value is sealed to another key than the node has published.
    #[error("node {node} has published another encryption key, or none")]
    OtherEncryptionKey {
        /// The node.
        node: NodeId,
    },
    /// Results are halted.
    #[error("results are halted until height {until}")]
    Halted {
        /// The first height at which they go on.
        until: u64,
    },
    /// A halt may not be renewed yet.
    #[error("results may be halted again from height {from} on")]
    HaltTooSoon {
        /// The height.
        from: u64,
    },
    /// The length of a halt is outside its bounds.
    #[error("a halt takes 1 to {max} blocks")]
    HaltBlocks {
        /// Most allowed.
        max: u64,
    },
    /// There are no such coins to recover.
    #[error("no coins of {denom} may be recovered")]
    NothingToRecover {
        /// The denom.
        denom: String,
    },
    /// The sweep goes on.
    #[error("the sweep is reserved for height {height}")]
    SweepReserved {
        /// The height.
        height: u64,
    },
    /// There is no callback to deliver, or others than the requester have no retries left.
    #[error("the callback is neither due nor failed, or only the requester may still retry it")]
    NotRetriable {},
    /// The last attempt at the callback was too short a time ago.
    #[error("others than the requester may retry the callback from height {from} on")]
    RetryTooSoon {
        /// The height.
        from: u64,
    },
    /// A sub-message was refused because the call stack was at its maximum depth.
    #[error("the call stack is too deep: send the message from fewer nested calls")]
    CallDepth {},
    /// The project's active version is another than the request asks for.
    #[error("version {active} with the code {code} is active, which is not what the request asks for")]
    OtherVersion {
        /// The active version.
        active: Version,
        /// Its code.
        code: CodeHash,
    },
    /// Too many requests are named.
    #[error("a message names 1 to {max} requests")]
    RequestCount {
        /// Most allowed.
        max: u32,
    },
    /// Migration only goes forward, within this contract.
    #[error("cannot migrate from {from_contract} {from_version} to {to_version}")]
    Migration {
        /// The contract that is there.
        from_contract: String,
        /// Its release.
        from_version: String,
        /// The release to go to.
        to_version: &'static str,
    },
    /// A reply that answers nothing the contract sent.
    #[error("no sub-message has the id {id}")]
    UnknownReply {
        /// The id.
        id: u64,
    },
    /// A number left its range.
    #[error("a number left its range")]
    Overflow {},
}

impl From<OverflowError> for ContractError {
    fn from(_: OverflowError) -> Self {
        Self::Overflow {}
    }
}

impl From<DivideByZeroError> for ContractError {
    fn from(_: DivideByZeroError) -> Self {
        Self::Overflow {}
    }
}
