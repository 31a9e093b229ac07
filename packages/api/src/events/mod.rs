//! The contract's events, typed: what the contract emits is what the workers decode.
//!
//! On the chain an event's type is `wasm-` and the name given here, and its first attribute is `_contract_address`.

mod chain;
mod codec;
mod definition;
mod engines;
mod governance;
mod money;
mod nodes;
mod projects;
mod requests;
mod schedules;
mod secrets;
mod sortition;

pub use chain::{SweepChanged, TickReserved};
pub use codec::EventDecodeError;
pub use engines::{EngineAnnounced, EngineChanged, EnginePostponed, EngineWithdrawn, EnginesDeclared};
pub use governance::{AdminChanged, GuardianChanged, HaltChanged, PauseChanged, SettingsUpdated};
pub use money::{BountyPaid, CoinsRecovered, RewardsClaimed, RewardsWithdrawn, SubscriptionChanged};
pub use nodes::{
    KeyRotated, NodeAccountsChanged, NodeDissented, NodeRegistered, NodeSilent, NodeSlashed, NodeTransferred,
    NodeUnjailed, NodeUpdated, StakeChanged, StakeWithdrawn,
};
pub use projects::{
    AccessChanged, ProjectRegistered, ProjectTransferred, VersionActivated, VersionAdded, VersionScheduled,
};
pub use requests::{
    AttestationsKept, CallbackDelivered, CallbackDue, CallbackFailed, PublicationRefused, RefundCredited,
    RequestExpired, RequestFulfilled, RequestOpened, RequestRefused,
};
pub use schedules::{FiringsMissed, ScheduleChanged, ScheduleEnded, ScheduleFired};
pub use secrets::{EncryptionKeyChanged, SecretRemoved, SecretSet};
pub use sortition::{EpochOpened, RoundOpened, RoundTicketAccepted, TicketAccepted};

macro_rules! any_event {
    ($($name:ident),* $(,)?) => {
        /// Any event of the contract.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum GatewayEvent {
            $(#[doc = concat!("[`struct@", stringify!($name), "`].")] $name($name)),*
        }

        impl GatewayEvent {
            /// The types of all events, without the chain's `wasm-`.
            pub const TYPES: &'static [&'static str] = &[$($name::TYPE),*];

            /// Reads a chain's event. `None` where it is not one of `contract`'s events or its type is not known.
            ///
            /// # Errors
            /// [`EventDecodeError`] where the event is the contract's and of a known type, but does not read as one.
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
                    $($name::TYPE => $name::decode(attributes).map(|event| Some(Self::$name(event))),)*
                    _ => Ok(None),
                }
            }
        }
    };
}

any_event! {
    ProjectRegistered,
    VersionAdded,
    VersionActivated,
    NodeRegistered,
    RequestOpened,
    SubscriptionChanged,
    ScheduleChanged,
    ScheduleFired,
    FiringsMissed,
    ScheduleEnded,
    RequestRefused,
    BountyPaid,
    TickReserved,
    RoundOpened,
    RoundTicketAccepted,
    EpochOpened,
    RequestFulfilled,
    PublicationRefused,
    RequestExpired,
    CallbackDue,
    RefundCredited,
    CallbackDelivered,
    CallbackFailed,
    RewardsClaimed,
    VersionScheduled,
    AccessChanged,
    ProjectTransferred,
    StakeChanged,
    StakeWithdrawn,
    KeyRotated,
    NodeUpdated,
    EnginesDeclared,
    EngineAnnounced,
    EngineWithdrawn,
    EngineChanged,
    EnginePostponed,
    EncryptionKeyChanged,
    SecretSet,
    SecretRemoved,
    NodeAccountsChanged,
    NodeTransferred,
    NodeSlashed,
    NodeDissented,
    NodeSilent,
    NodeUnjailed,
    TicketAccepted,
    AttestationsKept,
    SweepChanged,
    RewardsWithdrawn,
    AdminChanged,
    PauseChanged,
    SettingsUpdated,
    GuardianChanged,
    HaltChanged,
    CoinsRecovered,
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::Event;

    use super::*;
    use crate::{Epoch, RequestId, Round, Seed};

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
