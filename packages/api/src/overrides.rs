//! What one request may ask beyond its project's policy: always more, never less, and only as far as the owner allows.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;
use thiserror::Error;

use crate::{Policy, limits};

/// How far a request may go beyond a version's policy. A bound at or below the policy's own value allows nothing, so the
/// default, 0 everywhere, keeps the policy as it is.
#[cw_serde]
#[derive(Copy, Eq, Default)]
#[serde(default)]
pub struct OverrideBounds {
    /// Largest committee, seats, at most 101.
    pub max_committee: u32,
    /// Highest quorum, basis points, at most 10000.
    pub max_quorum_bps: u16,
    /// Most operators, at most 32.
    pub max_min_operators: u16,
}

impl OverrideBounds {
    /// Whether each bound is one that a policy can have.
    #[must_use]
    pub fn are_valid(&self) -> bool {
        self.max_committee <= limits::MAX_COMMITTEE
            && self.max_quorum_bps <= limits::BPS
            && self.max_min_operators <= limits::MAX_OPERATORS
    }
}

/// What a requester asks beyond the version's policy; what is absent is as the policy says.
#[cw_serde]
#[derive(Copy, Eq, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    /// Expected committee size, from the policy's to the version's bound. The fee grows with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committee: Option<u32>,
    /// Seats that must agree, basis points, from the policy's to the version's bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum_bps: Option<u16>,
    /// Operators that the agreeing seats must come from, from the policy's to the version's bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_operators: Option<u16>,
    /// Blocks from the request to its expiry, longer than one attempt and at most what the settings give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_blocks: Option<u64>,
    /// Most the request may cost; it is refused where the fee is higher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fee: Option<Uint128>,
}

/// An override outside its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field} takes {min} to {max}")]
pub struct OverrideError {
    /// The field.
    pub field: &'static str,
    /// The least it takes.
    pub min: u64,
    /// The most it takes.
    pub max: u64,
}

impl Overrides {
    /// The effective policy of a request with these overrides.
    ///
    /// # Errors
    /// [`OverrideError`]: the first override that is weaker than the policy or beyond what its version allows.
    pub fn apply(&self, mut policy: Policy) -> Result<Policy, OverrideError> {
        let bounds = policy.overrides;
        if let Some(committee) = self.committee {
            within("committee", committee.into(), policy.committee.into(), bounds.max_committee.into())?;
            policy.committee = committee;
        }
        if let Some(quorum) = self.quorum_bps {
            within("quorum_bps", quorum.into(), policy.quorum_bps.into(), bounds.max_quorum_bps.into())?;
            policy.quorum_bps = quorum;
        }
        if let Some(operators) = self.min_operators {
            let (own, most) = (policy.min_operators.into(), bounds.max_min_operators.into());
            within("min_operators", operators.into(), own, most)?;
            policy.min_operators = operators;
        }
        Ok(policy)
    }

    /// Blocks the request lives, where a request lives `most` that asks for nothing.
    ///
    /// # Errors
    /// [`OverrideError`] where more blocks are asked for than the settings give, or none.
    pub fn life(&self, most: u64) -> Result<u64, OverrideError> {
        let life = self.ttl_blocks.unwrap_or(most);
        within("ttl_blocks", life, 1, most)?;
        Ok(life)
    }
}

/// Whether a value is from the policy's own to a bound, or the own one where the bound is below it.
fn within(field: &'static str, value: u64, own: u64, bound: u64) -> Result<(), OverrideError> {
    let max = bound.max(own);
    if (own..=max).contains(&value) { Ok(()) } else { Err(OverrideError { field, min: own, max }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_taken_up_to_the_bound_and_less_never() {
        let bounds = OverrideBounds { max_committee: 41, ..OverrideBounds::default() };
        let policy = Policy { overrides: bounds, ..Policy::default() };
        let ask = |committee| Overrides { committee: Some(committee), ..Overrides::default() };
        assert_eq!(ask(41).apply(policy.clone()).unwrap().committee, 41);
        assert_eq!(ask(21).apply(policy.clone()).unwrap(), policy);
        for committee in [20, 42] {
            let refused = ask(committee).apply(policy.clone()).unwrap_err();
            assert_eq!(refused, OverrideError { field: "committee", min: 21, max: 41 });
        }
        let quorum = Overrides { quorum_bps: Some(6001), ..Overrides::default() };
        assert_eq!(quorum.apply(policy).unwrap_err().to_string(), "quorum_bps takes 6000 to 6000");
    }
}
