//! The contract's events, typed: what the contract emits is what the workers decode.
//!
//! On the chain an event's type is `wasm-` and the name given here, and its first attribute is `_contract_address`.

use cosmwasm_std::{Event, Uint128};

use crate::event_codec::{AttributeValue, EventDecodeError, read};
use crate::{
    Attempt, BodyHash, CodeHash, DrawClass, EngineId, Epoch, InputHash, NodeId, NodeKey, OutcomeClass,
    ProjectId, RequestId, Round, ScheduleId, Seed, SettingsVersion, SubscriptionId, Version,
};

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $ty:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $kind),*
            }

            impl $name {
                /// The event's type without the chain's `wasm-`.
                pub const TYPE: &'static str = $ty;

                fn decode(attributes: &[(&str, &str)]) -> Result<Self, EventDecodeError> {
                    Ok(Self { $($field: read(attributes, stringify!($field))?),* })
                }
            }

            impl From<$name> for Event {
                fn from(event: $name) -> Self {
                    let $name { $($field),* } = event;
                    Event::new($ty)$(.add_attribute(stringify!($field), $field.to_attribute()))*
                }
            }
        )*

        /// Any event of the contract.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum GatewayEvent {
            $($(#[$doc])* $name($name)),*
        }

        impl GatewayEvent {
            /// Reads a chain's event. `None` where it is not one of `contract`'s events or its type is not known.
            ///
            /// # Errors
            /// The event is the contract's and of a known type, but does not read as one.
            pub fn decode(
                contract: &str,
                ty: &str,
                attributes: &[(&str, &str)],
            ) -> Result<Option<Self>, EventDecodeError> {
                let Some(ty) = ty.strip_prefix("wasm-") else { return Ok(None) };
                // The chain puts the address first and refuses it from contracts, so it cannot be forged.
                if attributes.iter().find(|(key, _)| *key == "_contract_address") != Some(&("_contract_address", contract)) {
                    return Ok(None);
                }
                match ty {
                    $($ty => $name::decode(attributes).map(|event| Some(Self::$name(event))),)*
                    _ => Ok(None),
                }
            }
        }
    };
}

events! {
    /// A project was registered.
    ProjectRegistered = "gateway-project-registered" {
        /// Its id.
        project: ProjectId,
        /// Its owner.
        owner: String,
        /// Its first version's code.
        code: CodeHash,
    }
    /// A version was added.
    VersionAdded = "gateway-version-added" {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
        /// Its code.
        code: CodeHash,
    }
    /// A version became the one that new requests pin.
    VersionActivated = "gateway-version-activated" {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
    }
    /// A node was registered.
    NodeRegistered = "gateway-node-registered" {
        /// Its id.
        node: NodeId,
        /// Its operator.
        operator: String,
        /// Its VRF key.
        key: NodeKey,
        /// The engine it runs.
        engine: EngineId,
        /// Its units.
        units: u32,
        /// First epoch it draws in.
        from_epoch: Epoch,
    }
    /// A request was opened.
    RequestOpened = "gateway-request-opened" {
        /// Its id.
        request: RequestId,
        /// The project asked.
        project: ProjectId,
        /// The version pinned.
        version: Version,
        /// Who asked and paid.
        requester: String,
        /// The input's hash.
        input_hash: InputHash,
        /// Last height at which it may be fulfilled.
        deadline: u64,
        /// What was reserved.
        reserved: Uint128,
    }
    /// A subscription began, or its balance or consumers changed.
    SubscriptionChanged = "gateway-subscription-changed" {
        /// Its id.
        subscription: SubscriptionId,
        /// Its owner.
        owner: String,
        /// Its balance.
        balance: Uint128,
    }
    /// A schedule began, or its budget was added to.
    ScheduleChanged = "gateway-schedule-changed" {
        /// Its id.
        schedule: ScheduleId,
        /// Its owner.
        owner: String,
        /// The project that it asks.
        project: ProjectId,
        /// Its budget.
        budget: Uint128,
        /// The height of its next firing.
        next: u64,
    }
    /// A schedule opened a request.
    ScheduleFired = "gateway-schedule-fired" {
        /// The schedule.
        schedule: ScheduleId,
        /// The height that the firing was due at.
        due: u64,
        /// The request.
        request: RequestId,
    }
    /// Firings of a schedule were missed and are not made up for.
    FiringsMissed = "gateway-firings-missed" {
        /// The schedule.
        schedule: ScheduleId,
        /// The height that the first of them was due at.
        due: u64,
        /// How many.
        firings: u64,
        /// `late`, or why the request was refused.
        reason: String,
    }
    /// A schedule ended.
    ScheduleEnded = "gateway-schedule-ended" {
        /// The schedule.
        schedule: ScheduleId,
        /// `done`, `cancelled`, or why it could not pay.
        reason: String,
        /// What was left of its budget: paid to the owner who cancelled it, claimable elsewhere.
        returned: Uint128,
    }
    /// A request of a batch was refused; the rest of its message was not.
    RequestRefused = "gateway-request-refused" {
        /// Its place in the message, from 0.
        index: u32,
        /// The project asked.
        project: ProjectId,
        /// Why.
        reason: String,
    }
    /// A keeper earned a bounty.
    BountyPaid = "gateway-bounty-paid" {
        /// Who may claim it.
        address: String,
        /// Coins.
        amount: Uint128,
    }
    /// The chain reserved a tick, or refused to.
    TickReserved = "gateway-tick-reserved" {
        /// The job.
        job: u64,
        /// The height it is reserved for.
        height: u64,
        /// What it costs; 0 where it was refused.
        fee: Uint128,
    }
    /// A round opened: requests accepted at lower heights that no round has drawn are drawn by it.
    RoundOpened = "gateway-round-opened" {
        /// The round.
        round: Round,
        /// Its seed.
        seed: Seed,
        /// Its epoch.
        epoch: Epoch,
        /// Its height.
        height: u64,
        /// Whether it draws requests of the class `beacon`: nodes show their tickets.
        beacon: bool,
    }
    /// A node's ticket is among the lowest of its round so far.
    RoundTicketAccepted = "gateway-round-ticket-accepted" {
        /// The round.
        round: Round,
        /// The node.
        node: NodeId,
    }
    /// An epoch began.
    EpochOpened = "gateway-epoch-opened" {
        /// The epoch.
        epoch: Epoch,
        /// Its seed.
        seed: Seed,
        /// All active units in it.
        total_units: u64,
    }
    /// A request was fulfilled.
    RequestFulfilled = "gateway-request-fulfilled" {
        /// The request.
        request: RequestId,
        /// The project.
        project: ProjectId,
        /// The version that ran.
        version: Version,
        /// How the committee was drawn.
        draw: DrawClass,
        /// The outcome's class.
        class: OutcomeClass,
        /// SHA-256 of the outcome's body.
        body: BodyHash,
        /// The engine that the committee ran.
        engine: EngineId,
        /// Who published it.
        publisher: String,
        /// The round that drew it.
        round: Round,
        /// The attempt it was agreed in.
        attempt: Attempt,
        /// Seats that agreed.
        seats: u32,
        /// Seats that were needed.
        quorum_seats: u32,
        /// Coins returned to the requester.
        returned: Uint128,
    }
    /// A publication was refused; the rest of its message was not.
    PublicationRefused = "gateway-publication-refused" {
        /// The request.
        request: RequestId,
        /// The code of the refusal.
        reason: String,
    }
    /// A request ended without a result.
    RequestExpired = "gateway-request-expired" {
        /// The request.
        request: RequestId,
        /// The project.
        project: ProjectId,
        /// Coins returned to the requester.
        returned: Uint128,
    }
    /// An expired request asked for a callback, which may now be delivered.
    CallbackDue = "gateway-callback-due" {
        /// The request.
        request: RequestId,
    }
    /// A transfer to a requester failed; the coins may be claimed instead.
    RefundCredited = "gateway-refund-credited" {
        /// The request.
        request: RequestId,
        /// Who may claim them.
        address: String,
        /// Coins.
        amount: Uint128,
    }
    /// A consumer took its callback.
    CallbackDelivered = "gateway-callback-delivered" {
        /// The request.
        request: RequestId,
    }
    /// A consumer's callback failed; the result stands.
    CallbackFailed = "gateway-callback-failed" {
        /// The request.
        request: RequestId,
        /// Tries so far.
        tries: u32,
        /// The chain's error text.
        error: String,
    }
    /// Rewards were claimed.
    RewardsClaimed = "gateway-rewards-claimed" {
        /// By whom.
        address: String,
        /// Coins.
        amount: Uint128,
    }
    /// A version will become the one that new requests pin.
    VersionScheduled = "gateway-version-scheduled" {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
        /// From this height on.
        height: u64,
    }
    /// Who may ask a project was changed.
    AccessChanged = "gateway-access-changed" {
        /// The project.
        project: ProjectId,
        /// Whether it refuses new requests.
        paused: bool,
    }
    /// A project has another owner.
    ProjectTransferred = "gateway-project-transferred" {
        /// The project.
        project: ProjectId,
        /// Its new owner.
        owner: String,
    }
    /// A node's stake, and with it its units, changed.
    StakeChanged = "gateway-stake-changed" {
        /// The node.
        node: NodeId,
        /// Coins at stake.
        stake: Uint128,
        /// Its units.
        units: u32,
        /// First epoch it draws with them.
        from_epoch: Epoch,
    }
    /// Unbonded stake was paid out.
    StakeWithdrawn = "gateway-stake-withdrawn" {
        /// The node.
        node: NodeId,
        /// Coins.
        amount: Uint128,
    }
    /// A node has another key.
    KeyRotated = "gateway-key-rotated" {
        /// The node.
        node: NodeId,
        /// The key.
        key: NodeKey,
        /// First epoch it draws in.
        from_epoch: Epoch,
    }
    /// A node changed its engine id, moniker or endpoint.
    NodeUpdated = "gateway-node-updated" {
        /// The node.
        node: NodeId,
        /// The engine it runs.
        engine: EngineId,
    }
    /// Other accounts act or earn for a node.
    NodeAccountsChanged = "gateway-node-accounts-changed" {
        /// The node.
        node: NodeId,
        /// Who earns, or `none` for the operator.
        payout: String,
        /// Who sends for the daemon, or `none`.
        daemon: String,
    }
    /// A node has another operator.
    NodeTransferred = "gateway-node-transferred" {
        /// The node.
        node: NodeId,
        /// Its new operator.
        operator: String,
    }
    /// A node signed two different commitments for one request and was slashed.
    NodeSlashed = "gateway-node-slashed" {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
        /// Coins it lost.
        amount: Uint128,
        /// Who showed it.
        reporter: String,
    }
    /// A node dissented from the result of a request whose code is declared deterministic.
    NodeDissented = "gateway-node-dissented" {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
        /// Coins it lost.
        amount: Uint128,
        /// Whether it is jailed for it.
        jailed: bool,
        /// Who showed it.
        reporter: String,
    }
    /// A node was hardly seen in an epoch and was jailed.
    NodeSilent = "gateway-node-silent" {
        /// The node.
        node: NodeId,
        /// The epoch.
        epoch: Epoch,
        /// Its seats that were seen.
        seen: u64,
        /// The seats that were to be expected.
        expected: u64,
        /// The height from which it may be unjailed.
        until: u64,
    }
    /// A jailed node draws again.
    NodeUnjailed = "gateway-node-unjailed" {
        /// The node.
        node: NodeId,
        /// First epoch it draws in.
        from_epoch: Epoch,
    }
    /// A ticket is the lowest of its epoch so far.
    TicketAccepted = "gateway-ticket-accepted" {
        /// The epoch.
        epoch: Epoch,
        /// The node.
        node: NodeId,
    }
    /// Attestations that came straight from nodes were kept; they are no quorum yet.
    AttestationsKept = "gateway-attestations-kept" {
        /// The request.
        request: RequestId,
        /// Nodes that have attested the same outcome.
        nodes: u32,
        /// Their seats.
        seats: u32,
        /// Seats needed.
        quorum_seats: u32,
    }
    /// The sweep of overdue requests was reserved, or stopped.
    SweepChanged = "gateway-sweep-changed" {
        /// The job.
        job: u64,
        /// The height it was reserved for.
        height: u64,
        /// `reserved`, or why it stopped.
        status: String,
    }
    /// The chain's rewards were given to the treasury.
    RewardsWithdrawn = "gateway-rewards-withdrawn" {
        /// Coins.
        amount: Uint128,
    }
    /// There is another admin.
    AdminChanged = "gateway-admin-changed" {
        /// The admin.
        admin: String,
    }
    /// New work was stopped or resumed.
    PauseChanged = "gateway-pause-changed" {
        /// Whether new work is refused.
        paused: bool,
    }
    /// The settings were replaced.
    SettingsUpdated = "gateway-settings-updated" {
        /// Their version.
        settings_version: SettingsVersion,
        /// The new settings, as JSON.
        settings: String,
        /// The settings before, as JSON.
        previous: String,
    }
    /// Another guardian was named, or none.
    GuardianChanged = "gateway-guardian-changed" {
        /// The guardian's address, or `none`.
        guardian: String,
    }
    /// Results were halted, or resumed.
    HaltChanged = "gateway-halt-changed" {
        /// The first height at which results may be published again.
        until: u64,
    }
    /// Coins of another denom were sent away.
    CoinsRecovered = "gateway-coins-recovered" {
        /// Their denom.
        denom: String,
        /// Who received them.
        to: String,
        /// Coins.
        amount: Uint128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(contract: &str, event: &Event) -> Result<Option<GatewayEvent>, EventDecodeError> {
        let mut attributes = vec![("_contract_address", "archway1gateway")];
        attributes.extend(event.attributes.iter().map(|a| (a.key.as_str(), a.value.as_str())));
        GatewayEvent::decode(contract, &format!("wasm-{}", event.ty), &attributes)
    }

    #[test]
    fn what_is_emitted_is_what_is_decoded() {
        let (seed, epoch) = (Seed([3; 32]), Epoch(2));
        let round = RoundOpened { round: Round(7), seed, epoch, height: 40, beacon: true };
        let decoded = decode("archway1gateway", &round.clone().into()).unwrap();
        assert_eq!(decoded, Some(GatewayEvent::RoundOpened(round)));
    }

    #[test]
    fn another_contracts_event_is_not_ours() {
        let event: Event = CallbackDelivered { request: RequestId(1) }.into();
        assert_eq!(decode("archway1other", &event), Ok(None));
    }

    #[test]
    fn a_broken_event_says_which_attribute() {
        let event = Event::new(CallbackDelivered::TYPE).add_attribute("request", "-1");
        assert_eq!(
            decode("archway1gateway", &event),
            Err(EventDecodeError::Value { attribute: "request", found: "-1".to_owned() })
        );
        assert_eq!(
            decode("archway1gateway", &Event::new(CallbackDelivered::TYPE)),
            Err(EventDecodeError::Missing { attribute: "request" })
        );
    }
}
