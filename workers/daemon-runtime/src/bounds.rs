//! Checks configured values against their bounds and names the first one that is outside.

/// A setting outside its bound.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{field} takes {bound}")]
pub struct OutOfBounds {
    /// The setting's key in the configuration file.
    pub field: &'static str,
    /// The values allowed.
    pub bound: &'static str,
}

/// One check: whether the value is within its bound, the setting's key, and the bound as text.
pub type BoundCheck = (bool, &'static str, &'static str);

/// Returns the first check that fails.
///
/// # Errors
/// [`OutOfBounds`] naming the setting and its bound.
pub fn check_bounds(checks: impl IntoIterator<Item = BoundCheck>) -> Result<(), OutOfBounds> {
    match checks.into_iter().find(|(within, ..)| !within) {
        Some((_, field, bound)) => Err(OutOfBounds { field, bound }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_setting_out_of_its_bound_is_named() {
        assert_eq!(check_bounds([(true, "a", "1"), (true, "b", "2")]), Ok(()));
        let refused = check_bounds([(true, "a", "1"), (false, "b", "at least 2"), (false, "c", "3")]);
        assert_eq!(refused.unwrap_err().to_string(), "b takes at least 2");
    }
}
