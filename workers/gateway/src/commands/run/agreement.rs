//! Decides what simulated nodes would agree on, by the rules of `gateway-protocol`. Each node holds one seat and has an
//! operator of its own.

use gateway_api::{Attempt, EngineId, OutcomeClass, Policy};
use gateway_daemon_runtime::{Difference, json_differences};
use gateway_node::Conclusion;
use gateway_protocol::{Quorum, Vote, body_digest};

/// Nodes that stand for one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Group {
    pub(in crate::commands) class: OutcomeClass,
    /// The result: the body they share, or the median of their values.
    pub(in crate::commands) body: String,
    /// Nodes that agree with it, counted from 1.
    pub(in crate::commands) nodes: Vec<usize>,
    /// Nodes whose value counts for the median and lies outside the tolerance.
    pub(in crate::commands) outside: Vec<usize>,
}

/// What the nodes come to.
#[derive(Debug)]
pub(in crate::commands) struct Agreement {
    /// Seats that must agree.
    pub(in crate::commands) quorum_seats: usize,
    /// All nodes.
    pub(in crate::commands) nodes: usize,
    /// The strongest first.
    pub(in crate::commands) groups: Vec<Group>,
    /// Nodes without an outcome, counted from 1.
    pub(in crate::commands) silent: Vec<usize>,
    /// Where values differ, unless everyone with a value agrees.
    pub(in crate::commands) differences: Vec<Difference<usize>>,
}

impl Agreement {
    /// What enough nodes agree on.
    pub(in crate::commands) fn agreed(&self) -> Option<&Group> {
        self.groups.first().filter(|group| group.nodes.len() >= self.quorum_seats)
    }
}

/// Applies the policy's rule; `None` is a node without an outcome.
pub(in crate::commands) fn agree(conclusions: &[Option<Conclusion>], policy: &Policy) -> Agreement {
    let nodes = conclusions.len();
    let quorum_seats = Quorum::new(policy, OutcomeClass::Ok, Attempt(0), nodes as u64).seats as usize;
    let concluded: Vec<(usize, &Conclusion)> =
        (1..).zip(conclusions).filter_map(|(node, c)| Some((node, c.as_ref()?))).collect();
    let operators: Vec<String> = concluded.iter().map(|(node, _)| node.to_string()).collect();
    let votes: Vec<Vote<'_>> = concluded
        .iter()
        .zip(&operators)
        .map(|((_, c), operator)| Vote {
            operator,
            engine: EngineId([0; 32]),
            class: c.class,
            body: body_digest(&c.body),
            value: c.value.as_deref().and_then(|value| value.parse().ok()),
            seats: 1,
        })
        .collect();
    let groups: Vec<Group> = gateway_protocol::agree(&policy.rule, &votes)
        .into_iter()
        .filter_map(|g| group(g, &concluded))
        .collect();
    let documents: Vec<(usize, serde_json::Value)> = concluded
        .iter()
        .filter(|(_, c)| c.class == OutcomeClass::Ok)
        .filter_map(|(node, c)| Some((*node, serde_json::from_str(&c.body).ok()?)))
        .collect();
    let united =
        groups.iter().any(|group| group.class == OutcomeClass::Ok && group.nodes.len() == documents.len());
    let differences = if united { Vec::new() } else { json_differences(&documents) };
    let silent = (1..).zip(conclusions).filter(|(_, c)| c.is_none()).map(|(node, _)| node).collect();
    Agreement { quorum_seats, nodes, groups, silent, differences }
}

/// Names the nodes of a group, and its result: the median, or the body they share.
fn group(group: gateway_protocol::Group, concluded: &[(usize, &Conclusion)]) -> Option<Group> {
    let node = |at: &usize| concluded.get(*at).map(|(node, _)| *node);
    let body = match &group.median {
        Some(median) => median.to_string(),
        None => concluded.get(*group.members.first()?)?.1.body.clone(),
    };
    let (near, far): (Vec<usize>, Vec<usize>) =
        group.members.iter().partition(|at| group.agreeing.contains(at));
    let named = |side: Vec<usize>| side.iter().filter_map(node).collect();
    Some(Group { class: group.class, body, nodes: named(near), outside: named(far) })
}

#[cfg(test)]
mod tests {
    use gateway_api::AgreementRule;

    use super::*;

    fn value(body: &str) -> Option<Conclusion> {
        Some(Conclusion { class: OutcomeClass::Ok, body: body.to_owned(), value: Some(body.to_owned()) })
    }

    fn thrown(body: &str) -> Option<Conclusion> {
        Some(Conclusion { class: OutcomeClass::JsThrow, body: body.to_owned(), value: None })
    }

    fn policy(rule: AgreementRule) -> Policy {
        Policy { committee: 5, quorum_bps: 6000, rule, ..Policy::default() }
    }

    #[test]
    fn a_quorum_of_equal_bodies_agrees_and_the_rest_is_explained() {
        let exact = policy(AgreementRule::Exact {});
        let with = |last: &str| {
            agree(&[value("{\"a\":1}"), value("{\"a\":1}"), value("{\"a\":2}"), None, value(last)], &exact)
        };
        let agreement = with("{\"a\":1}");
        assert_eq!((agreement.quorum_seats, agreement.silent.as_slice()), (3, &[4][..]));
        assert_eq!(agreement.agreed().unwrap().nodes, [1, 2, 5]);
        assert_eq!(agreement.differences[0].pointer, "/a");
        assert_eq!(agreement.differences[0].sides[1].holders, [3]);
        let agreement = with("{\"a\":3}");
        assert!(agreement.agreed().is_none());
        assert_eq!(agreement.groups.len(), 3);
    }

    #[test]
    fn values_near_the_median_agree_and_errors_agree_exactly() {
        let median = policy(AgreementRule::Median { tolerance_bps: 100 });
        let near = agree(&[value("100"), value("100.5"), value("101"), value("900"), None], &median);
        let group = near.agreed().unwrap();
        assert_eq!((group.body.as_str(), &group.nodes, &group.outside), ("100.5", &vec![1, 2, 3], &vec![4]));
        assert_eq!(near.differences.len(), 1, "one is outside");
        let near = agree(&[value("100"), value("100.5"), value("101")], &median);
        assert!(near.differences.is_empty(), "within the tolerance nobody differs");
        let errors = agree(&[thrown("{}"), thrown("{}"), thrown("{}"), value("1"), value("1")], &median);
        assert_eq!(errors.agreed().unwrap().class, OutcomeClass::JsThrow);
    }

    #[test]
    fn nobody_agrees_where_nobody_speaks() {
        let agreement = agree(&[None, None, None], &policy(AgreementRule::Exact {}));
        assert!(agreement.agreed().is_none() && agreement.differences.is_empty());
        assert_eq!(agreement.silent, [1, 2, 3]);
    }
}
