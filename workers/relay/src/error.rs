//! Why a relay stops.

use gateway_explorer::ExplorerConfigError;
use gateway_service::DaemonError;

/// Why a relay could not start or had to stop; its own variant is that the explorer's page cannot be served.
pub type RelayError = DaemonError<ExplorerConfigError>;
