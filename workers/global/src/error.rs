//! Why global stops.

use gateway_service::DaemonError;

use crate::code_store::CodeStoreError;

/// Why global could not start or had to stop; its own variant is that of the code store.
pub type GlobalError = DaemonError<CodeStoreError>;
