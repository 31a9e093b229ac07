//! Moves the state from an older release to this one. Downgrades are refused.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::MigrateMsg;

use crate::error::ContractError;
use crate::release::{CONTRACT, RELEASE};

/// A release as numbers, so that 0.10.0 comes after 0.9.0.
fn numbers(release: &str) -> Option<[u64; 3]> {
    let mut parts = release.split('-').next()?.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// Moves the state to this release.
pub(crate) fn migrate(deps: DepsMut<'_>, MigrateMsg {}: MigrateMsg) -> Result<Response, ContractError> {
    let from = cw2::get_contract_version(deps.storage)?;
    let forward = matches!((numbers(&from.version), numbers(RELEASE)), (Some(old), Some(new)) if old <= new);
    if from.contract != CONTRACT || !forward {
        return Err(ContractError::Migration {
            from_contract: from.contract,
            from_version: from.version,
            to_version: RELEASE,
        });
    }
    cw2::set_contract_version(deps.storage, CONTRACT, RELEASE)?;
    Ok(Response::new().add_attribute("release", RELEASE).add_attribute("migrated_from", from.version))
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::testing::mock_dependencies;

    use super::*;

    fn from(contract: &str, release: &str) -> Result<Response, ContractError> {
        let mut deps = mock_dependencies();
        cw2::set_contract_version(&mut deps.storage, contract, release).unwrap();
        migrate(deps.as_mut(), MigrateMsg {})
    }

    #[test]
    fn forward_only_and_only_our_own() {
        assert!(from(CONTRACT, RELEASE).is_ok());
        assert!(from(CONTRACT, "0.0.9").is_ok());
        for (contract, release) in
            [(CONTRACT, "99.0.0"), (CONTRACT, "0.10.0"), (CONTRACT, "nonsense"), ("another", "0.0.1")]
        {
            assert!(
                matches!(from(contract, release), Err(ContractError::Migration { .. })),
                "{contract} {release}"
            );
        }
    }
}
