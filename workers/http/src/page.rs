//! Lists with cursors: continue from where the last page ended.

use serde::{Deserialize, Serialize};

/// Default number of entries per page.
pub const DEFAULT_LIMIT: u32 = 30;
/// Most entries per page.
pub const MAX_LIMIT: u32 = 100;

/// Which page of a list.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Begin after this id; the `next` of the page before.
    pub after: Option<u64>,
    /// Most entries, 1 to 100; 30 where absent.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, schemars::JsonSchema)]
pub struct Page<T> {
    /// The entries, by growing id.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

impl PageQuery {
    /// Returns the id to start after.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.after.unwrap_or_default()
    }

    /// Returns the number of entries to return, within bounds.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
    }
}

impl<T> Page<T> {
    /// Creates a page of `items`, of which `limit` were requested; `id` returns an entry's id.
    pub fn new(items: Vec<T>, limit: u32, id: impl Fn(&T) -> u64) -> Self {
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(id);
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_page_has_a_next_one() {
        assert_eq!(Page::new(vec![3u64, 5], 2, |id| *id).next, Some(5));
        assert_eq!(Page::new(vec![3u64], 2, |id| *id).next, None);
        let query = PageQuery { after: None, limit: Some(1000) };
        assert_eq!((query.start(), query.size()), (0, MAX_LIMIT));
    }
}
