//! Whether the node can win seats: registered, not jailed, with units in the current epoch. Reported as readiness of `node`.

use std::sync::Arc;
use std::time::Duration;

use gateway_api::{
    CounterResponse, EngineId, EngineProfile, EngineRelease, EnginesResponse, Epoch, NodeResponse, QueryMsg,
    UnitsFrom,
};
use gateway_daemon_runtime::CancellationToken;

use crate::context::Context;
use crate::encryption_key::KeyPublication;
use crate::error::NodeError;
use crate::membership::find;

/// Time between two checks; events of nodes and epochs trigger one at once.
const INTERVAL: Duration = Duration::from_secs(30);
/// The same while the standing is not known.
const UNKNOWN: Duration = Duration::from_secs(2);

/// The node's standing according to the contract.
#[derive(Debug)]
struct Standing {
    node: Option<NodeResponse>,
    epoch: Epoch,
    /// The engine that the epoch requires and the node lacks.
    missing: Option<EngineId>,
}

/// Watches until cancelled. Reporting an unresponsive chain is up to the chain watch.
pub(crate) async fn watch(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut publication = KeyPublication::default();
    loop {
        let pause = match ask(&context).await {
            Ok(standing) => {
                if let Some(node) = &standing.node {
                    publication.look(&context, node, standing.epoch).await?;
                }
                match standing.verdict(&context.membership.key().to_string()) {
                    Ok(()) => context.ready.node.ready(),
                    Err(reason) => context.ready.node.not_ready(reason),
                }
                INTERVAL
            }
            Err(error) => {
                tracing::debug!(%error, "cannot read the node's registration");
                UNKNOWN
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
            () = context.standing_changed.notified() => {}
        }
    }
}

async fn ask(context: &Context) -> Result<Standing, NodeError> {
    let CounterResponse { epoch, .. } = context.query.ask(&QueryMsg::Counter {}).await?.value;
    let missing = missing_engine(context).await;
    Ok(Standing { node: find(&context.query, context.membership.key()).await?, epoch, missing })
}

/// Returns the engine required of attestations if the node lacks it; logs a warning if it lacks the next one.
async fn missing_engine(context: &Context) -> Option<EngineId> {
    // A contract of an older release does not support the query: there any engine counts.
    let engines: EnginesResponse = context.query.ask(&QueryMsg::Engines {}).await.ok()?.value;
    let lacks = |release: EngineRelease| {
        let id = release.of(EngineProfile::Jitless);
        (!context.executor.runs(id, EngineProfile::Jitless)).then_some(id)
    };
    let next = engines.next_engine.and_then(lacks);
    if let (Some(engine), Some(from)) = (next, engines.from_epoch) {
        tracing::warn!(
            %engine,
            from_epoch = %from,
            "the network changes to an engine that this node does not have: name the executable of the other release in engine.others"
        );
    }
    metrics::gauge!("gateway_node_lacks_next_engine").set(if next.is_some() { 1.0 } else { 0.0 });
    engines.engine.and_then(lacks)
}

impl Standing {
    fn verdict(&self, key: &str) -> Result<(), String> {
        let Some(node) = &self.node else {
            return Err(format!("the key {key} is not registered: no draw will seat it"));
        };
        let id = node.node;
        if let Some(height) = node.jailed_until {
            return Err(format!(
                "node {id} is jailed: it wins no seats until it is unjailed, which is possible from height {height} on"
            ));
        }
        if let Some(engine) = self.missing {
            return Err(format!(
                "the network attests with the engine {engine}, which node {id} does not have: name the executable that has it in \
                 engine.others, or run that release"
            ));
        }
        if UnitsFrom::at(&node.schedule, self.epoch) > 0 {
            return Ok(());
        }
        match node.schedule.iter().find(|from| from.epoch > self.epoch && from.units > 0) {
            Some(from) => Err(format!(
                "node {id} is registered and draws from epoch {} on; the epoch is {}",
                from.epoch, self.epoch
            )),
            None => Err(format!(
                "node {id} has no units: its stake of {} is less than one unit, bond more",
                node.stake
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::{KeyFrom, NodeId, NodeKey};

    use super::*;

    fn standing(units: &[(u64, u32)], jailed_until: Option<u64>) -> Result<(), String> {
        standing_with(units, jailed_until, None)
    }

    fn standing_with(
        units: &[(u64, u32)],
        jailed_until: Option<u64>,
        missing: Option<EngineId>,
    ) -> Result<(), String> {
        let schedule = units.iter().map(|(epoch, units)| UnitsFrom { epoch: Epoch(*epoch), units: *units });
        let node = NodeResponse {
            node: NodeId(3),
            operator: "archway1op".to_owned(),
            keys: vec![KeyFrom { epoch: Epoch(0), key: NodeKey([1; 32]) }],
            engine: EngineId([0; 32]),
            moniker: "test".parse().unwrap(),
            endpoint: "".parse().unwrap(),
            stake: cosmwasm_std::Uint128::new(1),
            schedule: schedule.collect(),
            jailed_until,
            unbonding: Vec::new(),
            engines: Vec::new(),
        };
        Standing { node: Some(node), epoch: Epoch(5), missing }.verdict("key")
    }

    #[test]
    fn each_reason_for_winning_no_seats_is_named() {
        assert_eq!(standing(&[(2, 4)], None), Ok(()));
        assert!(standing(&[(2, 4)], Some(900)).unwrap_err().contains("jailed"));
        assert!(standing(&[(6, 4)], None).unwrap_err().contains("from epoch 6 on"));
        assert!(standing(&[(2, 4), (4, 0)], None).unwrap_err().contains("no units"));
        let behind = standing_with(&[(2, 4)], None, Some(EngineId([7; 32]))).unwrap_err();
        assert!(behind.contains("engine.others"), "{behind}");
        let unknown = Standing { node: None, epoch: Epoch(5), missing: None };
        assert!(unknown.verdict("abc").unwrap_err().contains("abc is not registered"));
    }
}
