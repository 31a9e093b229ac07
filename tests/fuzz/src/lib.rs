//! What the fuzz targets do. The module is shared with an ordinary test (`workers/vm-protocol/tests/fuzz.rs`), so that
//! every build runs it over the committed corpus.

pub mod targets;
