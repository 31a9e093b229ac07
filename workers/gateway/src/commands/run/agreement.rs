//! Decides what simulated nodes would agree on, by the rules of `gateway-protocol`. Each node holds one seat and has its own
//! operator.

use gateway_api::{Attempt, EngineId, OutcomeClass, Policy};
use gateway_daemon_runtime::{Difference, json_differences};
use gateway_node::Conclusion;
use gateway_protocol::{Quorum, Vote, body_digest, compared_value};

/// Nodes that support one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Group {
    pub(in crate::commands) class: OutcomeClass,
    /// The result: the body they share, or the aggregate of their values.
    pub(in crate::commands) body: String,
    /// Nodes that agree with it, counted from 1.
    pub(in crate::commands) nodes: Vec<usize>,
    /// Nodes whose value is aggregated with theirs but does not agree with the result.
    pub(in crate::commands) outside: Vec<usize>,
    /// Whether enough nodes attest and agree for it to be the result.
    reached: bool,
}

/// The nodes' combined outcome.
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
    /// Where values differ, unless every node with a value agrees.
    pub(in crate::commands) differences: Vec<Difference<usize>>,
}

impl Agreement {
    /// Returns what enough nodes agree on.
    pub(in crate::commands) fn agreed(&self) -> Option<&Group> {
        self.groups.first().filter(|group| group.reached)
    }
}

/// Applies the policy's rule; `None` is a node without an outcome.
pub(in crate::commands) fn agree(conclusions: &[Option<Conclusion>], policy: &Policy) -> Agreement {
    let nodes = conclusions.len();
    let quorum = |class| Quorum::new(policy, class, Attempt(0), nodes as u64);
    let quorum_seats = quorum(OutcomeClass::Ok).seats as usize;
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
            value: compared_value(&policy.rule, c.class, &c.body).ok().flatten(),
            seats: 1,
        })
        .collect();
    let groups: Vec<Group> = gateway_protocol::agree(&policy.rule, &votes)
        .into_iter()
        .filter_map(|g| group(g, &concluded, quorum))
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

/// Names the nodes of a group, and its result. A local run has as many operators as nodes, so only seats count.
fn group(
    group: gateway_protocol::Group,
    concluded: &[(usize, &Conclusion)],
    quorum: impl Fn(OutcomeClass) -> Quorum,
) -> Option<Group> {
    let node = |at: &usize| concluded.get(*at).map(|(node, _)| *node);
    let body = match &group.text {
        Some(text) => text.clone(),
        None => concluded.get(*group.agreeing.first()?)?.1.body.clone(),
    };
    let (near, far): (Vec<usize>, Vec<usize>) =
        group.members.iter().partition(|at| group.agreeing.contains(at));
    let named = |side: Vec<usize>| side.iter().filter_map(node).collect();
    let reached = quorum(group.class).check(group.seats, u32::MAX, group.attesting).is_ok();
    Some(Group { class: group.class, body, nodes: named(near), outside: named(far), reached })
}

#[cfg(test)]
mod tests {
    use gateway_api::{AgreementRule, MedianField};

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
    fn the_fields_of_objects_have_a_median_each_and_the_rest_is_equal() {
        let field = |path: &str| MedianField { path: path.to_owned(), tolerance_bps: 100 };
        let rule = AgreementRule::MedianFields { fields: vec![field("/eur"), field("/usd")] };
        let of =
            |eur: &str, usd: &str, of: &str| value(&format!(r#"{{"eur":{eur},"of":"{of}","usd":"{usd}"}}"#));
        let nodes = [
            of("100", "9", "x"),
            of("100.5", "9.05", "x"),
            of("101", "9.02", "x"),
            of("100.5", "20", "x"),
            of("100.5", "9.02", "y"),
        ];
        let agreement = agree(&nodes, &policy(rule));
        let group = agreement.agreed().unwrap();
        assert_eq!(group.body, r#"{"eur":100.5,"of":"x","usd":"9.02"}"#);
        assert_eq!((group.nodes.as_slice(), group.outside.as_slice()), (&[1, 2, 3][..], &[4][..]));
        assert_eq!(agreement.groups.len(), 2, "another text is another outcome");
    }

    #[test]
    fn the_commonest_outcome_needs_its_share_of_a_quorum() {
        let mode = policy(AgreementRule::Mode { min_bps: 4000 });
        let most = agree(&[value("1"), value("2"), value("2"), value("3"), None], &mode);
        let group = most.agreed().unwrap();
        assert_eq!((group.body.as_str(), &group.nodes, &group.outside), ("2", &vec![2, 3], &vec![1, 4]));
        assert!(agree(&[value("2"), value("2"), None, None, None], &mode).agreed().is_none(), "no quorum");
        assert!(agree(&[value("1"), value("2"), value("3"), None, None], &mode).agreed().is_none());
    }

    #[test]
    fn no_outcomes_are_no_agreement() {
        let agreement = agree(&[None, None, None], &policy(AgreementRule::Exact {}));
        assert!(agreement.agreed().is_none() && agreement.differences.is_empty());
        assert_eq!(agreement.silent, [1, 2, 3]);
    }
}
