//! The VM host: worker pool, limits, fetch policy and code loader.
