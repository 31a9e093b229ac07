//! Ids: one type per kind of number, so that none is taken for another.

use std::fmt;
use std::str::FromStr;

use cosmwasm_schema::schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Serialize, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema,
        )]
        #[serde(transparent)]
        #[schemars(crate = "cosmwasm_schema::schemars")]
        pub struct $name(pub $inner);

        impl $name {
            /// The number itself.
            #[must_use]
            pub const fn get(self) -> $inner {
                self.0
            }

            /// The next number; the last one stays where it is.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            // One copy of it in the contract, not one for every field of every message.
            #[inline(never)]
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$inner>::deserialize(deserializer).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

id!(
    /// A project, numbered from 1 in order of registration.
    ProjectId(u64)
);
id!(
    /// A project's version, numbered from 1; a version never changes.
    Version(u32)
);
id!(
    /// A request, numbered from 1 over the whole contract.
    RequestId(u64)
);
id!(
    /// A node, numbered from 1 in order of registration.
    NodeId(u32)
);
id!(
    /// A round of the counter: at most one opens in a block.
    Round(u64)
);
id!(
    /// An epoch: the span for which the set of nodes and their units is fixed.
    Epoch(u64)
);
id!(
    /// A version of the settings; a request keeps the one it was opened with.
    SettingsVersion(u32)
);
id!(
    /// An attempt of a draw, 0 to 2.
    Attempt(u8)
);
id!(
    /// A schedule, numbered from 1.
    ScheduleId(u64)
);
id!(
    /// A subscription, numbered from 1.
    SubscriptionId(u64)
);
