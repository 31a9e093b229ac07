//! Repository chores with logic.
fn main() {}
