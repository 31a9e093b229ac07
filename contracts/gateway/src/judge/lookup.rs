//! Reads what judging needs, each record once however many publications of a message ask for it.

use crate::error::ContractError;
use crate::state::counter::{RoundRecord, EPOCHS};
use crate::state::governance::settings_at;
use crate::state::nodes::{Node, NODES};
use crate::state::projects::{version, VersionRecord};
use crate::state::requests::{Request, REQUESTS};
use cosmwasm_std::Storage;
use gateway_api::{Epoch, NodeId, ProjectId, RequestId, Round, SettingsVersion, Version};
use std::collections::BTreeMap;

/// The reader.
pub(crate) struct Lookup<'a> {
    storage: &'a dyn Storage,
    nodes: BTreeMap<NodeId, Option<Node>>,
    versions: BTreeMap<(ProjectId, Version), VersionRecord>,
    units: BTreeMap<Epoch, u64>,
    block_times: BTreeMap<SettingsVersion, u32>,
}

impl<'a> Lookup<'a> {
    /// A reader that has read nothing yet.
    pub(crate) fn new(storage: &'a dyn Storage) -> Self {
        Self {
            storage,
            nodes: BTreeMap::new(),
            versions: BTreeMap::new(),
            units: BTreeMap::new(),
            block_times: BTreeMap::new(),
        }
    }

    pub(super) fn request(&self, id: RequestId) -> Result<Option<Request>, ContractError> {
        REQUESTS.may_load(self.storage, id.get())
    }

    pub(super) fn drawn_by(&self, request: &Request) -> Result<Option<(Round, RoundRecord)>, ContractError> {
        request.drawn_by(self.storage)
    }

    pub(crate) fn node(&mut self, id: NodeId) -> Result<Option<&Node>, ContractError> {
        if !self.nodes.contains_key(&id) {
            self.nodes.insert(id, NODES.may_load(self.storage, id.get())?);
        }
        Ok(self.nodes.get(&id).and_then(Option::as_ref))
    }

    pub(super) fn version(
        &mut self,
        project: ProjectId,
        of: Version,
    ) -> Result<VersionRecord, ContractError> {
        if let Some(record) = self.versions.get(&(project, of)) {
            return Ok(record.clone());
        }
        let record = version(self.storage, project, of)?;
        self.versions.insert((project, of), record.clone());
        Ok(record)
    }

    pub(super) fn units(&mut self, epoch: Epoch) -> Result<u64, ContractError> {
        if let Some(units) = self.units.get(&epoch) {
            return Ok(*units);
        }
        let units = EPOCHS.load(self.storage, epoch.get())?.units;
        self.units.insert(epoch, units);
        Ok(units)
    }

    pub(super) fn block_time_ms(&mut self, version: SettingsVersion) -> Result<u32, ContractError> {
        if let Some(time) = self.block_times.get(&version) {
            return Ok(*time);
        }
        let time = settings_at(self.storage, version)?.block_time_ms;
        self.block_times.insert(version, time);
        Ok(time)
    }
}
