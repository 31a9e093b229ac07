//! State shared by all tasks of a node, and how they wake each other. No logic.

use std::sync::Arc;

use gateway_api::Epoch;
use gateway_chain::GatewayQuery;
use gateway_daemon_runtime::health::Readiness;
use gateway_engine::CodeLoader;
use gateway_protocol::Domain;
use gateway_store::Store;
use tokio::sync::{Notify, watch};

use crate::account::Account;
use crate::due_jobs::DueJobs;
use crate::executor::Executor;
use crate::membership::Membership;
use crate::opened_rounds::OpenedRounds;
use crate::outlet::Outlet;
use crate::private_code::PrivateCode;
use crate::run_health::RunHealth;
use crate::sealed_secrets::SealedSecrets;
use crate::vrf_key::VrfKey;

/// Wakes the runner, the deliverer and the beacon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// The newest height known.
    pub(crate) height: u64,
    /// The newest epoch that a block's events announced.
    pub(crate) epoch: Epoch,
    /// Grows whenever a job changes.
    pub(crate) jobs: u64,
}

/// State shared by all tasks of a node.
pub(crate) struct Context {
    pub(crate) chain_id: String,
    pub(crate) query: GatewayQuery,
    pub(crate) store: Store,
    /// The open jobs, in memory.
    pub(crate) due_jobs: DueJobs,
    pub(crate) key: VrfKey,
    pub(crate) sealed_secrets: SealedSecrets,
    pub(crate) membership: Membership,
    pub(crate) executor: Arc<dyn Executor>,
    pub(crate) loader: CodeLoader,
    pub(crate) private_code: PrivateCode,
    pub(crate) relays: Vec<Arc<Outlet>>,
    /// Pays for attestations that no relay accepts, if the node has an account.
    pub(crate) account: Option<Account>,
    pub(crate) workers: usize,
    /// Blocks without a result after which an accepted attestation is sent again.
    pub(crate) overdue_blocks: u64,
    /// Requests opened up to this height are skipped: another process may have answered them (see `key_guard`).
    pub(crate) watch_until: u64,
    /// Length of a watch in blocks; 0 if there is none.
    pub(crate) watch_blocks: u64,
    pub(crate) news: watch::Sender<News>,
    /// Rounds drawn by tickets, for the task that submits the node's.
    pub(crate) opened_rounds: OpenedRounds,
    /// Notified when an event may have changed the node's standing.
    pub(crate) standing_changed: Notify,
    pub(crate) ready: Ready,
}

/// The parts that must be ready.
pub(crate) struct Ready {
    /// The node can win seats.
    pub(crate) node: Readiness,
    /// Jobs that seat the node produce an outcome.
    pub(crate) jobs: RunHealth,
}

impl Context {
    /// Returns the domain that preimages are bound to.
    pub(crate) fn domain(&self) -> Domain<'_> {
        Domain { chain_id: &self.chain_id, contract: self.query.contract() }
    }

    /// Returns the newest height known.
    pub(crate) fn height(&self) -> u64 {
        self.news.borrow().height
    }

    /// Records that the chain was seen at a height; the height never decreases.
    pub(crate) fn observe_height(&self, height: u64) {
        self.news.send_modify(|news| news.height = news.height.max(height));
    }

    /// Records that an epoch has begun; called before the height at which it did is recorded.
    pub(crate) fn saw_epoch(&self, epoch: Epoch) {
        self.news.send_modify(|news| news.epoch = news.epoch.max(epoch));
    }

    /// Announces that a job changed.
    pub(crate) fn jobs_changed(&self) {
        self.news.send_modify(|news| news.jobs = news.jobs.wrapping_add(1));
    }
}
