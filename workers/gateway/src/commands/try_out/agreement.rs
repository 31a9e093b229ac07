//! What simulated nodes would agree on: the project's rule over their conclusions, with the arithmetic that relay and
//! contract use. Each node holds one seat and has an operator of its own.

use gateway_api::{AgreementRule, Attempt, OutcomeClass, Policy};
use gateway_daemon_runtime::{Difference, json_differences};
use gateway_node::Conclusion;
use gateway_protocol::{Decimal, Vote, quorum_seats, weighted_median};

/// Nodes that stand for one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) class: OutcomeClass,
    /// The result: the body they share, or the median of their values.
    pub(super) body: String,
    /// Nodes that agree with it, counted from 1.
    pub(super) nodes: Vec<usize>,
    /// Nodes whose value counts for the median and lies outside the tolerance.
    pub(super) outside: Vec<usize>,
}

/// What the nodes come to.
#[derive(Debug)]
pub(super) struct Agreement {
    /// Seats that must agree.
    pub(super) quorum_seats: usize,
    /// All nodes.
    pub(super) nodes: usize,
    /// The strongest first.
    pub(super) groups: Vec<Group>,
    /// Nodes without an outcome, counted from 1.
    pub(super) silent: Vec<usize>,
    /// Where values differ, unless everyone with a value agrees.
    pub(super) differences: Vec<Difference<usize>>,
}

impl Agreement {
    /// What enough nodes agree on.
    pub(super) fn agreed(&self) -> Option<&Group> {
        self.groups.first().filter(|group| group.nodes.len() >= self.quorum_seats)
    }
}

/// Applies the policy's rule; `None` is a node without an outcome.
pub(super) fn agree(conclusions: &[Option<Conclusion>], policy: &Policy) -> Agreement {
    let nodes = conclusions.len();
    let quorum_seats =
        quorum_seats(policy.quorum_bps, policy.committee, Attempt(0), nodes as u64).max(1) as usize;
    let heard: Vec<(usize, &Conclusion)> =
        (1..).zip(conclusions).filter_map(|(node, c)| Some((node, c.as_ref()?))).collect();
    let mut groups = match policy.rule {
        AgreementRule::Exact {} => exact(heard.iter().copied()),
        AgreementRule::Median { tolerance_bps } => {
            // An agreed error has no value: errors agree exactly.
            let mut groups = exact(heard.iter().copied().filter(|(_, c)| c.class != OutcomeClass::Ok));
            groups.extend(median(&heard, tolerance_bps));
            groups
        }
    };
    // Stable: of equally strong groups, the one seen first stays first.
    groups.sort_by_key(|group| std::cmp::Reverse(group.nodes.len()));
    let documents: Vec<(usize, serde_json::Value)> = heard
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

fn exact<'a>(conclusions: impl Iterator<Item = (usize, &'a Conclusion)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (node, conclusion) in conclusions {
        match groups.iter_mut().find(|g| g.class == conclusion.class && g.body == conclusion.body) {
            Some(group) => group.nodes.push(node),
            None => groups.push(Group {
                class: conclusion.class,
                body: conclusion.body.clone(),
                nodes: vec![node],
                outside: Vec::new(),
            }),
        }
    }
    groups
}

fn median(conclusions: &[(usize, &Conclusion)], tolerance_bps: u16) -> Option<Group> {
    let (nodes, votes): (Vec<usize>, Vec<Vote>) = conclusions
        .iter()
        .filter_map(|(node, c)| {
            let value: Decimal = c.value.as_deref()?.parse().ok()?;
            Some((*node, Vote { value, seats: 1 }))
        })
        .unzip();
    let median = weighted_median(&votes)?;
    let (near, far): (Vec<_>, Vec<_>) =
        nodes.iter().zip(&votes).partition(|(_, vote)| vote.value.agrees_with(median, tolerance_bps));
    let numbers = |side: Vec<(&usize, &Vote)>| side.into_iter().map(|(node, _)| *node).collect();
    Some(Group {
        class: OutcomeClass::Ok,
        body: median.to_string(),
        nodes: numbers(near),
        outside: numbers(far),
    })
}

#[cfg(test)]
mod tests {
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
