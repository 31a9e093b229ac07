//! The node's mirror of the contract: every block's work and the cursor in one transaction.

use std::collections::BTreeSet;

use async_trait::async_trait;
use gateway_api::Epoch;
use gateway_api::events::GatewayEvent;
use gateway_service::{ContractBlock, MirrorSink};

use crate::context::Context;
use crate::error::NodeError;
use crate::key_guard;
use crate::sync::{Changes, commit, compare, look_up, waiting};

#[async_trait]
impl MirrorSink for Context {
    type Error = NodeError;

    async fn apply(&self, block: &ContractBlock) -> Result<(), NodeError> {
        let (mut opened, mut fulfilled, mut resealed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (mut changes, mut drawn, mut epoch) = (Changes::default(), false, Epoch(0));
        for found in &block.events {
            match &found.event {
                GatewayEvent::RequestOpened(event) => {
                    opened.insert(event.request);
                }
                GatewayEvent::RoundOpened(event) => {
                    drawn = true;
                    epoch = epoch.max(event.epoch);
                    if event.beacon {
                        self.opened_rounds.add(event.clone());
                    }
                }
                GatewayEvent::RequestFulfilled(event) => {
                    changes.end(event.request);
                    fulfilled.insert(event.request);
                }
                GatewayEvent::RequestExpired(event) => changes.end(event.request),
                GatewayEvent::NodeRegistered(event) if event.key == self.membership.key() => {
                    tracing::info!(node = %event.node, from_epoch = %event.from_epoch, "registered");
                    self.membership.forget().await;
                    self.standing_changed.notify_one();
                }
                GatewayEvent::SecretSet(event) => {
                    resealed.insert(event.project);
                }
                GatewayEvent::SecretRemoved(event) => {
                    resealed.insert(event.project);
                }
                GatewayEvent::EncryptionKeyChanged(event) if Some(event.key) == self.sealed_secrets.key() => {
                    self.standing_changed.notify_one();
                }
                GatewayEvent::EpochOpened(_)
                | GatewayEvent::NodeAccountsChanged(_)
                | GatewayEvent::StakeChanged(_)
                | GatewayEvent::NodeSlashed(_)
                | GatewayEvent::NodeDissented(_)
                | GatewayEvent::NodeSilent(_)
                | GatewayEvent::NodeUnjailed(_) => self.standing_changed.notify_one(),
                _ => {}
            }
        }
        let waiting =
            waiting(self, block.height, drawn).filter(|request| !opened.contains(request)).collect();
        look_up(self, block.height, &opened, &waiting, &mut changes).await?;
        if !changes.is_empty() || block.stores_cursor() {
            commit(self, &changes, Some(block.height)).await?;
        }
        self.saw_epoch(epoch);
        self.observe_height(block.height);
        // Not earlier: from now on, readers ask for the state of this block.
        resealed.into_iter().for_each(|project| self.sealed_secrets.forget(project));
        key_guard::compare(self, &fulfilled, block.height).await
    }

    async fn reconcile(&self, height: u64, move_cursor: bool) -> Result<(), NodeError> {
        compare(self, height).await?;
        if move_cursor {
            commit(self, &Changes::default(), Some(height)).await?;
        }
        self.observe_height(height);
        if move_cursor {
            // Events of the skipped blocks are not seen.
            self.sealed_secrets.forget_all();
        }
        Ok(())
    }
}
