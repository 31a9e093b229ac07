//! What a project's version asks of the committee, and how its answers are made one.

use std::fmt;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::{AgreementRule, EventDecodeError, OutcomeClass, OverrideBounds, limits};

/// How a version's requests are drawn, agreed, limited and priced.
#[cw_serde]
#[serde(default)]
pub struct Policy {
    /// Expected committee size in seats (τ), 1 to 101. Default 21.
    pub committee: u32,
    /// Seats that must agree, in basis points of the expected committee, 5001 to 10000. Default 6000.
    pub quorum_bps: u16,
    /// Operators that the agreeing seats must come from, 1 to 32. Default 3.
    pub min_operators: u16,
    /// How outcomes are made one. Default `exact`.
    pub rule: AgreementRule,
    /// Which seed draws the committee. Default `normal`.
    pub draw: DrawClass,
    /// Engine profile. Default `jitless`.
    pub profile: EngineProfile,
    /// Longest run, milliseconds of wall time, 50 to 60000. Default 10000. Also sets how long an attempt lasts.
    pub wall_ms: u32,
    /// Largest result body, bytes, 1 to 1048576. Default 4096. One above the settings' inline limit is kept off the chain,
    /// which has its hash and size.
    pub max_result_bytes: u32,
    /// Gas cap for callbacks, SDK gas, at most 1500000. Default 300000.
    pub callback_gas: u64,
    /// What the owner asks for each fulfilled request, in the settings' denom. Default 0.
    pub price: Uint128,
    /// Hosts the code's manifest names, for people to read; the manifest in the code is what binds. At most 16.
    pub hosts: Vec<String>,
    /// How far a request may go beyond this policy. Default: not at all.
    pub overrides: OverrideBounds,
    /// Whether the owner declares that the code gives every node of one engine the same outcome, as code does that fetches
    /// nothing. Only under the rule `exact` and without hosts. Then dissent may cost a node. Default false.
    pub deterministic: bool,
    /// Seats that must agree on an error, basis points, 5001 to 10000 and at least `quorum_bps`; 0 stands for `quorum_bps`. A
    /// higher one keeps a minority's failed fetches from ending a request that others hold a value for. Default 0.
    pub error_quorum_bps: u16,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            committee: 21,
            quorum_bps: 6000,
            min_operators: 3,
            rule: AgreementRule::Exact {},
            draw: DrawClass::Normal,
            profile: EngineProfile::Jitless,
            wall_ms: 10_000,
            max_result_bytes: 4096,
            callback_gas: 300_000,
            price: Uint128::zero(),
            hosts: Vec::new(),
            overrides: OverrideBounds::default(),
            deterministic: false,
            error_quorum_bps: 0,
        }
    }
}

/// Which seed draws the committee.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum DrawClass {
    /// The first round opened at a height above the request's. Nobody can know the draw when the request is made; a block
    /// proposer in league with nodes can steer it, because it chooses the block's time among many.
    Normal,
    /// The current round's: one block sooner, and steerable by the requester. Attempts count from the request.
    Fast,
    /// As `normal`, and the round's seed is mixed with the lowest tickets that nodes of seven operators show in the three
    /// blocks after it: what the proposer cannot know when it chooses. Three blocks slower. Where too few show one, the
    /// tickets there are have to do after ten blocks, and the result says so.
    Beacon,
}

impl DrawClass {
    /// Every class, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Fast, Self::Beacon];

    /// The name used in JSON and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Fast => "fast",
            Self::Beacon => "beacon",
        }
    }
}

impl fmt::Display for DrawClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for DrawClass {
    type Err = EventDecodeError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|class| class.as_str() == s);
        found.ok_or_else(|| EventDecodeError::Value { attribute: "draw", found: s.to_owned() })
    }
}

/// How the engine runs the code.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum EngineProfile {
    /// Without a compiler to machine code: the smaller attack surface.
    Jitless,
    /// With the compilers, for heavy computations.
    Jit,
}

impl Policy {
    /// Says what is wrong with the policy, if anything: the field and its bound.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let checks: [(bool, &'static str); 11] = [
            (
                (limits::MIN_COMMITTEE..=limits::MAX_COMMITTEE).contains(&self.committee),
                "committee takes 1 to 101 seats",
            ),
            ((5001..=limits::BPS).contains(&self.quorum_bps), "quorum_bps takes 5001 to 10000"),
            ((1..=limits::MAX_OPERATORS).contains(&self.min_operators), "min_operators takes 1 to 32"),
            ((50..=limits::MAX_WALL_MS).contains(&self.wall_ms), "wall_ms takes 50 to 60000"),
            (
                (1..=limits::MAX_RESULT_BYTES).contains(&self.max_result_bytes),
                "max_result_bytes takes 1 to 1048576",
            ),
            (self.callback_gas <= limits::MAX_CALLBACK_GAS, "callback_gas takes at most 1500000"),
            (self.hosts.len() <= limits::MAX_HOSTS, "hosts takes at most 16"),
            (self.hosts.iter().all(|h| (1..=253).contains(&h.len())), "hosts takes names of 1 to 253 bytes"),
            (
                self.overrides.are_valid(),
                "overrides takes at most 101 seats, 10000 basis points and 32 operators",
            ),
            (
                !self.deterministic || (self.rule == AgreementRule::Exact {} && self.hosts.is_empty()),
                "deterministic takes the rule exact and no hosts",
            ),
            (
                self.error_quorum_bps == 0
                    || (self.quorum_bps..=limits::BPS).contains(&self.error_quorum_bps),
                "error_quorum_bps takes 0 or quorum_bps to 10000",
            ),
        ];
        let fault = checks.into_iter().find_map(|(good, fault)| (!good).then_some(fault));
        fault.or_else(|| self.rule.fault(self.quorum_bps, self.max_result_bytes))
    }

    /// Seats that must agree on an outcome of a class, basis points.
    #[must_use]
    pub fn quorum_bps_for(&self, class: OutcomeClass) -> u16 {
        match class {
            OutcomeClass::Ok => self.quorum_bps,
            _ => self.quorum_bps.max(self.error_quorum_bps),
        }
    }

    /// Blocks one attempt lasts: the run's wall limit in blocks, rounded up, and one more.
    #[must_use]
    pub fn attempt_blocks(&self, block_time_ms: u32) -> u64 {
        u64::from(self.wall_ms.div_ceil(block_time_ms.max(1))).saturating_add(1)
    }
}

/// Who may ask a project.
#[cw_serde]
pub enum Requesters {
    /// Anybody.
    Anyone {},
    /// Its owner.
    Owner {},
    /// These addresses, at most 64.
    List {
        /// The addresses.
        addresses: Vec<String>,
    },
}
