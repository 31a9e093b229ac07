//! Decides whose job is started next: the projects in turn, each with a bounded share of the running jobs.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use gateway_api::{ProjectId, RequestId};

/// A project's share of the running jobs: it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _project: Arc<()>,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<RequestId>,
    /// One reference for each place, plus this one.
    places: Arc<()>,
}

impl Line {
    fn under_way(&self) -> usize {
        Arc::strong_count(&self.places).saturating_sub(1)
    }
}

/// Waiting jobs, by project.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    lines: BTreeMap<ProjectId, Line>,
    /// The project that was served last.
    last: Option<ProjectId>,
}

impl Turns {
    /// Replaces the waiting jobs. Places in use keep counting.
    pub(crate) fn fill(&mut self, waiting: impl IntoIterator<Item = (ProjectId, RequestId)>) {
        for line in self.lines.values_mut() {
            line.waiting.clear();
        }
        for (project, request) in waiting {
            self.lines.entry(project).or_default().waiting.push_back(request);
        }
        self.lines.retain(|_, line| !line.waiting.is_empty() || line.under_way() > 0);
    }

    /// Returns the next job: of the first project after the one served last that has one and fewer than `share` places.
    pub(crate) fn next(&mut self, share: usize) -> Option<(RequestId, Place)> {
        let ready = |(project, line): (&ProjectId, &Line)| {
            (!line.waiting.is_empty() && line.under_way() < share).then_some(*project)
        };
        let behind = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let project =
            self.lines.range((behind, Bound::Unbounded)).chain(self.lines.iter()).find_map(ready)?;
        let line = self.lines.get_mut(&project)?;
        let request = line.waiting.pop_front()?;
        self.last = Some(project);
        Some((request, Place { _project: line.places.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(waiting: &[(u64, u64)]) -> Turns {
        let mut turns = Turns::default();
        turns.fill(waiting.iter().map(|(project, request)| (ProjectId(*project), RequestId(*request))));
        turns
    }

    #[test]
    fn projects_take_turns_however_much_one_has() {
        let mut turns = turns(&[(1, 1), (1, 2), (1, 3), (1, 4), (2, 5), (3, 6)]);
        let mut places = Vec::new();
        let order: Vec<u64> = std::iter::from_fn(|| {
            let (request, place) = turns.next(10)?;
            places.push(place);
            Some(request.get())
        })
        .collect();
        assert_eq!(order, [1, 5, 6, 2, 3, 4]);
    }

    #[test]
    fn a_project_holds_its_share_and_no_more_until_it_gives_a_place_back() {
        let mut turns = turns(&[(1, 1), (1, 2), (1, 3), (2, 4)]);
        let mut places = Vec::new();
        let mut next = |turns: &mut Turns| {
            let (request, place) = turns.next(2)?;
            places.push(place);
            Some(request.get())
        };
        assert_eq!([next(&mut turns), next(&mut turns), next(&mut turns)], [Some(1), Some(4), Some(2)]);
        assert_eq!(next(&mut turns), None);
        turns.fill([(ProjectId(1), RequestId(3))]);
        assert_eq!(next(&mut turns), None, "what is under way counts after a new look at what waits");
        places.remove(0);
        assert_eq!(turns.next(2).map(|(request, _)| request.get()), Some(3));
    }
}
