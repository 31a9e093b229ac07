//! Bounds a page by its entries and by its bytes: what a query may cost does not depend on what others have stored.

use cosmwasm_std::to_json_vec;
use gateway_api::limits;
use serde::Serialize;

use crate::error::ContractError;

/// A page's length: the default where none is named, and never above the cap.
pub(super) fn length(limit: Option<u32>) -> usize {
    limit.unwrap_or(limits::DEFAULT_PAGE).min(limits::MAX_PAGE) as usize
}

/// Entries up to a number and to [`limits::MAX_PAGE_BYTES`], and always the first one. They are read one by one: the one that
/// does not fit is the last that is read.
///
/// # Errors
/// The first [`ContractError`] among the entries.
pub(super) fn page<T: Serialize>(
    entries: impl Iterator<Item = Result<T, ContractError>>,
    length: usize,
) -> Result<Vec<T>, ContractError> {
    let (mut page, mut bytes) = (Vec::new(), 0usize);
    for entry in entries.take(length) {
        let entry = entry?;
        bytes = bytes.saturating_add(to_json_vec(&entry)?.len());
        if bytes > limits::MAX_PAGE_BYTES && !page.is_empty() {
            break;
        }
        page.push(entry);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(sizes: &[usize]) -> usize {
        let entries = sizes.iter().map(|size| Ok("x".repeat(*size)));
        page(entries, 5).unwrap().len()
    }

    #[test]
    fn a_page_ends_where_its_entries_or_its_bytes_do_and_is_never_empty() {
        let large = limits::MAX_PAGE_BYTES;
        assert_eq!(entries(&[1; 4]), 4);
        assert_eq!(entries(&[1; 6]), 5);
        assert_eq!(entries(&[large / 3; 5]), 2);
        assert_eq!(entries(&[2 * large, 1]), 1);
        assert_eq!(entries(&[]), 0);
    }
}
