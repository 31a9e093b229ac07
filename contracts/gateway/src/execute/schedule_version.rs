//! Makes a version the active one from a later block on.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::VersionScheduled;
use gateway_api::{limits, ProjectId, ScheduledVersion, Version};

use crate::error::ContractError;
use crate::state::projects::{project as load, version as load_version, PROJECTS};

pub(crate) fn schedule_version(
    deps: DepsMut<'_>,
    env: &Env,
    project: ProjectId,
    version: Version,
    after_blocks: u64,
) -> Result<Response, ContractError> {
    let max = limits::MAX_TTL_BLOCKS;
    if after_blocks == 0 || after_blocks > max {
        return Err(ContractError::AfterBlocks { max });
    }
    load_version(deps.storage, project, version)?;
    let mut record = load(deps.storage, project)?;
    // What was scheduled before and has come in meanwhile stays active until then.
    record.active = record.active_at(env.block.height);
    let height = env.block.height.saturating_add(after_blocks);
    record.scheduled = Some(ScheduledVersion { version, height });
    PROJECTS.save(deps.storage, project.get(), &record)?;
    Ok(Response::new().add_event(VersionScheduled { project, version, height }))
}
