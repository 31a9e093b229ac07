//! Layouts of older releases that are more than a shorter beginning of today's. They are read, never written.

use cosmwasm_std::Uint128;
use gateway_api::{AgreementRule, CodeHash, DrawClass, EngineProfile, Policy};
use serde::Deserialize;

use crate::state::projects::VersionRecord;

/// The format of release 0.1.
pub(crate) const FIRST: u8 = 1;

/// A version as release 0.1 kept it: the policy before the height.
#[derive(Deserialize)]
struct Version {
    code: CodeHash,
    committee: u32,
    quorum_bps: u16,
    min_operators: u16,
    rule: AgreementRule,
    draw: DrawClass,
    profile: EngineProfile,
    wall_ms: u32,
    max_result_bytes: u32,
    callback_gas: u64,
    price: Uint128,
    hosts: Vec<String>,
    height: u64,
}

/// Reads a version of release 0.1. Nothing in its policy could be overridden, and nothing was declared of its code.
///
/// # Errors
/// [`postcard::Error`] where the bytes are no such record.
pub(crate) fn version(record: &[u8]) -> postcard::Result<VersionRecord> {
    let old: Version = postcard::from_bytes(record)?;
    let policy = Policy {
        committee: old.committee,
        quorum_bps: old.quorum_bps,
        min_operators: old.min_operators,
        rule: old.rule,
        draw: old.draw,
        profile: old.profile,
        wall_ms: old.wall_ms,
        max_result_bytes: old.max_result_bytes,
        callback_gas: old.callback_gas,
        price: old.price,
        hosts: old.hosts,
        ..Policy::default()
    };
    Ok(VersionRecord { code: old.code, height: old.height, policy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::codec::Record;

    #[test]
    fn a_version_of_the_first_release_is_read() {
        let policy =
            Policy { price: Uint128::new(3), hosts: vec!["a.example".to_owned()], ..Policy::default() };
        let Policy { committee, quorum_bps, min_operators, rule, draw, profile, .. } = policy.clone();
        let Policy { wall_ms, max_result_bytes, callback_gas, price, hosts, .. } = policy.clone();
        let drawn = (committee, quorum_bps, min_operators, rule, draw, profile);
        let limited = (wall_ms, max_result_bytes, callback_gas, price, hosts);
        let bytes = postcard::to_extend(&(CodeHash([7; 32]), drawn, limited, 300u64), Vec::new()).unwrap();
        let read = VersionRecord::read(FIRST, &bytes).unwrap();
        assert_eq!(read, VersionRecord { code: CodeHash([7; 32]), height: 300, policy });
    }
}
