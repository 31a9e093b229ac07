//! Whether the engines that a node can run are those that the contract counts: in the current epoch, and in the one for which
//! another is announced.

use gateway_api::{EngineId, EnginesResponse, NodeResponse};

use super::Check;

const NAME: &str = "engine plan";

/// Compares the engines that a machine can run with the contract's plan.
pub(super) fn check(plan: &EnginesResponse, able: &[EngineId], node: Option<&NodeResponse>) -> Check {
    let number = node.map_or_else(|| "NODE".to_owned(), |node| node.node.to_string());
    let declare = format!("`gateway engine ready {number} --config …`");
    let current = plan.engine.map(|engine| engine.jitless);
    if let Some(engine) = current.filter(|engine| !able.contains(engine)) {
        let found = format!(
            "epoch {} takes outcomes of the engine {engine} only, which this machine does not have",
            plan.epoch
        );
        let cure = format!(
            "run the release that has it, or name that release's executable in engine.others; then {declare}"
        );
        return Check::failed(NAME, found, cure);
    }
    if let (Some(next), Some(from)) = (plan.next_engine, plan.from_epoch) {
        let next = next.jitless;
        if !able.contains(&next) {
            let found = format!(
                "from epoch {from} on the network takes outcomes of the engine {next} only, which this machine does not have; it is \
                 epoch {}",
                plan.epoch
            );
            let cure = format!(
                "before epoch {from} install the release that has it and name the other one's executable in engine.others; then {declare}"
            );
            return Check::warning(NAME, found, cure);
        }
        if node.is_some_and(|node| !node.engines.contains(&next)) {
            let found = format!(
                "this machine has the engine {next} of epoch {from}, and the node has not declared it"
            );
            return Check::warning(NAME, found, declare);
        }
        return Check::good(NAME, format!("ready for the engine {next} of epoch {from}"));
    }
    Check::good(
        NAME,
        match current {
            Some(engine) => format!("{engine}, which epoch {} takes; no other is announced", plan.epoch),
            None => "any engine counts: none was ever announced".to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use gateway_api::{EngineRelease, Epoch, NodeId};

    use super::super::Verdict;
    use super::*;

    const fn id(byte: u8) -> EngineId {
        EngineId([byte; 32])
    }

    const fn release(byte: u8) -> EngineRelease {
        EngineRelease { jitless: id(byte), jit: id(byte + 100) }
    }

    fn plan(engine: Option<u8>, next: Option<u8>) -> EnginesResponse {
        EnginesResponse {
            epoch: Epoch(7),
            engine: engine.map(release),
            since_epoch: engine.map(|_| Epoch(3)),
            next_engine: next.map(release),
            from_epoch: next.map(|_| Epoch(9)),
            min_ready_bps: next.map(|_| 8000),
            able_units: 4,
            ready_units: 1,
            total_units: 5,
        }
    }

    fn node(engines: &[u8]) -> NodeResponse {
        NodeResponse {
            node: NodeId(3),
            operator: "archway1op".to_owned(),
            keys: Vec::new(),
            engine: id(1),
            moniker: "test".parse().unwrap(),
            endpoint: "".parse().unwrap(),
            stake: 1_u128.into(),
            schedule: Vec::new(),
            jailed_until: None,
            unbonding: Vec::new(),
            engines: engines.iter().map(|byte| id(*byte)).collect(),
        }
    }

    #[test]
    fn an_engine_that_the_epoch_does_not_take_is_a_failure() {
        let found = check(&plan(Some(2), None), &[id(1)], Some(&node(&[1])));
        assert_eq!(found.verdict, Verdict::Failed);
        assert!(found.found.contains(&id(2).to_string()), "{}", found.found);
        let cure = found.cure.unwrap();
        assert!(
            cure.contains("engine.others") && cure.contains("`gateway engine ready 3 --config …`"),
            "{cure}"
        );
        // Another executable has it.
        assert_eq!(check(&plan(Some(2), None), &[id(1), id(2)], None).verdict, Verdict::Good);
    }

    #[test]
    fn an_engine_that_will_be_replaced_is_a_warning_that_names_the_epoch() {
        let found = check(&plan(Some(1), Some(2)), &[id(1)], Some(&node(&[1])));
        assert_eq!(found.verdict, Verdict::Warning);
        assert!(found.found.starts_with("from epoch 9 on"), "{}", found.found);
        assert!(found.cure.unwrap().contains("`gateway engine ready 3 --config …`"));
    }

    #[test]
    fn what_can_be_run_has_to_be_declared_too() {
        let both = [id(1), id(2)];
        let found = check(&plan(Some(1), Some(2)), &both, Some(&node(&[1])));
        assert_eq!(found.verdict, Verdict::Warning);
        assert!(found.found.contains("has not declared it"), "{}", found.found);
        assert_eq!(check(&plan(Some(1), Some(2)), &both, Some(&node(&[1, 2]))).verdict, Verdict::Good);
    }

    #[test]
    fn where_no_engine_was_ever_announced_any_counts() {
        let found = check(&plan(None, None), &[id(1)], None);
        assert_eq!(
            (found.verdict, found.found.as_str()),
            (Verdict::Good, "any engine counts: none was ever announced")
        );
        // The first announcement ends that.
        assert_eq!(check(&plan(None, Some(2)), &[id(1)], None).verdict, Verdict::Warning);
    }
}
