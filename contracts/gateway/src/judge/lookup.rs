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

/// What judging needs of the settings a request was opened under.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// The chain's usual time between blocks.
    pub(super) block_time_ms: u32,
    /// Largest body that is published whole.
    pub(super) inline_limit: u32,
}

/// The reader.
pub(crate) struct Lookup<'a> {
    storage: &'a dyn Storage,
    nodes: BTreeMap<NodeId, Option<Node>>,
    versions: BTreeMap<(ProjectId, Version), VersionRecord>,
    units: BTreeMap<Epoch, u64>,
    terms: BTreeMap<SettingsVersion, Terms>,
}

impl<'a> Lookup<'a> {
    /// A reader that has read nothing yet.
    pub(crate) fn new(storage: &'a dyn Storage) -> Self {
        Self {
            storage,
            nodes: BTreeMap::new(),
            versions: BTreeMap::new(),
            units: BTreeMap::new(),
            terms: BTreeMap::new(),
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

    pub(super) fn terms(&mut self, version: SettingsVersion) -> Result<Terms, ContractError> {
        if let Some(terms) = self.terms.get(&version) {
            return Ok(*terms);
        }
        let settings = settings_at(self.storage, version)?;
        let terms = Terms { block_time_ms: settings.block_time_ms, inline_limit: settings.inline_limit() };
        self.terms.insert(version, terms);
        Ok(terms)
    }
}
