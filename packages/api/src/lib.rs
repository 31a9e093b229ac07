//! The contract's wire format: messages, responses, typed events, ids and bounded types.
//!
//! Everything that crosses the boundary between the contract and anybody else is defined here, once, and is used by the
//! contract, the workers and consumer contracts alike. This crate knows no storage, no cryptography and no I/O; it never
//! depends on the contract, and no type in it holds a validated address.
#![doc = include_str!("../README.md")]

mod abstention;
mod agreement_rule;
mod archway;
mod bytes32;
mod callback;
mod cid;
mod code;
mod counter;
mod engine;
pub mod events;
mod execute;
mod governance;
mod id;
mod instantiate;
pub mod limits;
mod money;
mod node;
mod outcome;
mod overrides;
mod policy;
mod project;
mod publication;
mod query;
mod read;
mod request;
mod result;
mod schedule;
mod sealed_code;
mod secret;
mod settings;
mod subscription;
mod tallies;
mod text;
mod ticket;

pub use abstention::{AbstentionReason, MAX_ABSTENTION_DETAIL, SignedAbstention};
pub use agreement_rule::{AgreementRule, MedianField};
pub use archway::{ArchwaySettings, SudoMsg, SweepResponse};
pub use bytes32::{
    BodyHash, CodeHash, Commit, EncryptionKey, EngineId, InputHash, NodeKey, ParseBytes32Error, Salt, Seed,
    VrfOutput,
};
pub use callback::{GatewayCallback, GatewayResult, Resolution};
pub use cid::{Cid, Codec};
pub use code::{CodeFault, CodeRef, CodeSource};
pub use counter::{CounterResponse, EpochResponse, RoundResponse};
pub use engine::{EngineFrom, EngineRelease, EnginesResponse, NextEngine};
pub use events::EventDecodeError;
pub use execute::ExecuteMsg;
pub use governance::{ConfigResponse, GovernanceResponse};
pub use id::{
    Attempt, Epoch, NodeId, ProjectId, RequestId, Round, ScheduleId, SettingsVersion, SubscriptionId, Version,
};
pub use instantiate::{InstantiateMsg, MigrateMsg};
pub use money::{FeeResponse, LedgerResponse, RewardsResponse};
pub use node::{
    Equivocation, KeyFrom, NodeAccountsResponse, NodeResponse, NodesResponse, PresenceResponse, RegisterNode,
    SignedCommit, Unbonding, UnitsFrom,
};
pub use outcome::{Body, OutcomeClass};
pub use overrides::{OverrideBounds, OverrideError, Overrides};
pub use policy::{DrawClass, EngineProfile, Policy, Requesters};
pub use project::{
    ProjectAccessResponse, ProjectResponse, ProjectsResponse, ScheduledVersion, VersionResponse,
};
pub use publication::{
    Attestation, AttestationBytes, Publication, PublicationVerdict, Refusal, SignedOutcome,
};
pub use query::QueryMsg;
pub use read::Read;
pub use request::{
    CallbackRequest, DrawInfo, NewRequest, OpenRequest, OpenRequestsResponse, RequestResponse, RequestStatus,
    RequestsResponse,
};
pub use result::{AgreedNode, CallbackStatus, ResultResponse, ResultsResponse};
pub use schedule::{NewSchedule, ScheduleResponse, SchedulesResponse};
pub use sealed_code::{CODE_TAG_BYTES, CodeForNode, NOT_SEALED, SealedCode, SignedCodeRequest};
pub use secret::{
    EncryptionKeyResponse, EncryptionKeysResponse, SealedSecretResponse, SealedSecretsResponse, SealedTo,
    SealedValue, SecretHost, SecretId, SecretName, SecretResponse, SecretsResponse,
};
pub use settings::{KeeperSettings, Settings, SettingsError};
pub use subscription::{SubscriptionConsumer, SubscriptionResponse};
pub use tallies::{TalliesResponse, TallyResponse};
pub use text::{Description, Endpoint, Moniker, Name, Text, TextError};
pub use ticket::{BeaconResponse, NodeTicket, RoundBeacon, SeedQuality, SignedTicket, Ticket};
