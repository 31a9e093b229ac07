//! Begins the contract: its admin, its first settings, epoch 0 and round 0.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use gateway_api::{Epoch, InstantiateMsg, Round, SettingsVersion};

use crate::domain::domain;
use crate::error::ContractError;
use crate::release::{CONTRACT, RELEASE};
use crate::state::counter::{Counter, EpochRecord, RoundRecord, COUNTER, EPOCHS, ROUNDS};
use crate::state::governance::{save_settings, Governance, GOVERNANCE};

pub(crate) fn instantiate(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    let InstantiateMsg { admin, settings } = msg;
    if !info.funds.is_empty() {
        return Err(ContractError::UnexpectedFunds {});
    }
    settings.validate()?;
    if let Some(treasury) = &settings.treasury {
        deps.api.addr_validate(treasury)?;
    }
    let admin = match admin {
        Some(admin) => deps.api.addr_validate(&admin)?,
        None => info.sender.clone(),
    };
    cw2::set_contract_version(deps.storage, CONTRACT, RELEASE)?;
    let settings_version = SettingsVersion(1);
    save_settings(deps.storage, settings_version, &settings)?;
    GOVERNANCE.save(
        deps.storage,
        &Governance {
            admin,
            pending_admin: None,
            paused: false,
            settings_version,
            guardian: None,
            halted_from: 0,
            halted_until: 0,
        },
    )?;

    let (height, time_ns) = (env.block.height, env.block.time.nanos());
    let (round, epoch) = (Round(0), Epoch(0));
    let domain = domain(env);
    let epoch_seed = domain.genesis_seed(height, time_ns);
    let round_seed = domain.round_seed(&epoch_seed, &epoch_seed, height, time_ns);
    ROUNDS.save(
        deps.storage,
        round.get(),
        &RoundRecord { seed: round_seed, height, time_ns, epoch, beacon: false },
    )?;
    EPOCHS.save(
        deps.storage,
        epoch.get(),
        &EpochRecord {
            seed: epoch_seed,
            height,
            units: 0,
            operators: 0,
            beacon: false,
            expected_of_unit: 0,
            last_deadline: 0,
            settings_version: Some(settings_version),
        },
    )?;
    COUNTER.save(
        deps.storage,
        &Counter {
            round,
            round_seed,
            round_height: height,
            epoch,
            epoch_seed,
            epoch_height: height,
            units: 0,
            operators: 0,
            last_request_height: None,
            last_deadline: 0,
            last_beacon_height: None,
        },
    )?;
    Ok(Response::new().add_attribute("release", RELEASE))
}
