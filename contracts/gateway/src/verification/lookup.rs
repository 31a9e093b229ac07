//! Reads what verification needs, each record once however many publications of a message need it.

use cosmwasm_std::Storage;
use gateway_api::{
    EngineId, EngineProfile, Epoch, NodeId, ProjectId, RequestId, Round, SettingsVersion, Version,
};
use gateway_protocol::required_engine;

use crate::error::ContractError;
use crate::state::counter::{RoundRecord, EPOCHS, ROUNDS};
use crate::state::engines::{plan, EnginePlan};
use crate::state::governance::settings_at;
use crate::state::nodes::{Node, NODES};
use crate::state::projects::{version, VersionRecord};
use crate::state::requests::{Drawn, Request, REQUESTS};
use crate::state::vec_map::VecMap;

/// The part of the settings a request was opened under that verification reads.
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
    nodes: VecMap<NodeId, Option<Node>>,
    versions: VecMap<(ProjectId, Version), VersionRecord>,
    rounds: VecMap<Round, Option<RoundRecord>>,
    units: VecMap<Epoch, u64>,
    terms: VecMap<SettingsVersion, Terms>,
    engines: Option<EnginePlan>,
}

impl<'a> Lookup<'a> {
    /// A reader that has read nothing yet.
    pub(crate) fn new(storage: &'a dyn Storage) -> Self {
        Self {
            storage,
            nodes: VecMap::new(),
            versions: VecMap::new(),
            rounds: VecMap::new(),
            units: VecMap::new(),
            terms: VecMap::new(),
            engines: None,
        }
    }

    pub(super) fn request(&self, id: RequestId) -> Result<Option<Request>, ContractError> {
        REQUESTS.may_load(self.storage, id.get())
    }

    pub(super) fn drawn_by(
        &mut self,
        request: &Request,
        height: u64,
    ) -> Result<Option<Drawn>, ContractError> {
        let (storage, rounds) = (self.storage, &mut self.rounds);
        request.drawn(storage, height, &mut |round| {
            rounds.entry(round, || ROUNDS.may_load(storage, round.get())).map(|record| record.clone())
        })
    }

    pub(crate) fn node(&mut self, id: NodeId) -> Result<Option<&Node>, ContractError> {
        let storage = self.storage;
        Ok(self.nodes.entry(id, || NODES.may_load(storage, id.get()))?.as_ref())
    }

    pub(super) fn version(
        &mut self,
        project: ProjectId,
        of: Version,
    ) -> Result<VersionRecord, ContractError> {
        let storage = self.storage;
        self.versions.entry((project, of), || version(storage, project, of)).map(|record| record.clone())
    }

    pub(super) fn units(&mut self, epoch: Epoch) -> Result<u64, ContractError> {
        let storage = self.storage;
        let units = self.units.entry(epoch, || EPOCHS.load(storage, epoch.get()).map(|record| record.units));
        units.copied()
    }

    /// The engine that a draw in an epoch requires in a profile.
    pub(super) fn engine(
        &mut self,
        epoch: Epoch,
        profile: EngineProfile,
    ) -> Result<Option<EngineId>, ContractError> {
        if self.engines.is_none() {
            self.engines = Some(plan(self.storage)?);
        }
        let plan = self.engines.as_ref().map_or(&[][..], |plan| &plan.since);
        Ok(required_engine(plan, epoch, profile))
    }

    pub(super) fn terms(&mut self, version: SettingsVersion) -> Result<Terms, ContractError> {
        let storage = self.storage;
        let terms = self.terms.entry(version, || {
            let settings = settings_at(storage, version)?;
            Ok(Terms { block_time_ms: settings.block_time_ms, inline_limit: settings.inline_limit() })
        });
        terms.copied()
    }
}
