//! The user's schedules, and what became of their firings, read from the chain's blocks.

use std::collections::BTreeMap;

use gateway_api::events::GatewayEvent;
use gateway_api::{
    ExecuteMsg, NewSchedule, QueryMsg, RequestId, ScheduleId, SchedulesResponse, SubscriptionConsumer,
    SubscriptionId,
};
use gateway_chain::ChainReader;

use crate::{Localnet, LocalnetError};

/// What became of a schedule's firings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Firings {
    /// Those that were made.
    pub made: Vec<Firing>,
    /// Those that were missed: the due height of the first in a row, how many, and why.
    pub missed: Vec<(u64, u64, String)>,
    /// Why the schedule ended, once per event of the contract.
    pub ended: Vec<String>,
}

/// A firing that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firing {
    /// The height at which it was due.
    pub due: u64,
    /// The height at which a keeper made it.
    pub height: u64,
    /// Its request.
    pub request: RequestId,
}

impl Localnet {
    /// Starts a schedule for the user, with a budget.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
    pub async fn schedule(&self, new: NewSchedule, budget: u128) -> Result<ScheduleId, LocalnetError> {
        let found = self.execute(&self.user, &self.contract, &ExecuteMsg::Schedule(new), budget).await?;
        self.event("beginning a schedule", &found, |event| match event {
            GatewayEvent::ScheduleChanged(changed) => Some(changed.schedule),
            _ => None,
        })
    }

    /// Opens a subscription for the user, which pays for the user's requests.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the transaction fails.
    pub async fn subscribe(&self, funds: u128) -> Result<SubscriptionId, LocalnetError> {
        let consumer = SubscriptionConsumer {
            address: self.user.address().to_owned(),
            projects: Vec::new(),
            max_fee: None,
            allowance: None,
        };
        let message = ExecuteMsg::Subscribe { consumers: vec![consumer] };
        let found = self.execute(&self.user, &self.contract, &message, funds).await?;
        self.event("beginning a subscription", &found, |event| match event {
            GatewayEvent::SubscriptionChanged(changed) => Some(changed.subscription),
            _ => None,
        })
    }

    /// Returns whether any schedule has not ended.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn any_schedule(&self) -> Result<bool, LocalnetError> {
        let page: SchedulesResponse =
            self.ask(&QueryMsg::Schedules { start_after: None, limit: Some(1) }).await?;
        Ok(!page.schedules.is_empty())
    }

    /// Returns what became of the firings of every schedule, from a height to the newest.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if a block cannot be read.
    pub async fn firings(&self, from: u64) -> Result<BTreeMap<ScheduleId, Firings>, LocalnetError> {
        let mut found: BTreeMap<ScheduleId, Firings> = BTreeMap::new();
        for height in from..=self.height().await? {
            for event in self.events_at(height).await? {
                match event {
                    GatewayEvent::ScheduleFired(e) => {
                        let firing = Firing { due: e.due, height, request: e.request };
                        found.entry(e.schedule).or_default().made.push(firing);
                    }
                    GatewayEvent::FiringsMissed(e) => {
                        found.entry(e.schedule).or_default().missed.push((e.due, e.firings, e.reason));
                    }
                    GatewayEvent::ScheduleEnded(e) => {
                        found.entry(e.schedule).or_default().ended.push(e.reason);
                    }
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// Returns the contract's events in a block.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the block cannot be read.
    pub async fn events_at(&self, height: u64) -> Result<Vec<GatewayEvent>, LocalnetError> {
        let block = self.reader.block(height).await.map_err(LocalnetError::chain("reading a block"))?;
        let events = block.events();
        Ok(events
            .filter_map(|(_, e)| GatewayEvent::decode(&self.contract, &e.ty, &e.pairs()).ok().flatten())
            .collect())
    }
}
