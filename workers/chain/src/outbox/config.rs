//! How the outbox batches, waits and gives up.

use std::time::Duration;

use gateway_daemon_runtime::documented;
use serde::{Deserialize, Serialize};

use crate::error::{ChainError, Result};

/// Largest size whose base64 fits a request of 1,000,000 bytes.
const MAX_BYTES: usize = 700_000;
/// Longest time-out of a transaction, in blocks.
const MAX_TIMEOUT: u64 = 10_000;

documented! {
    /// Settings of an outbox; all have defaults.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct OutboxConfig {
        /// Most messages in one transaction.
        pub max_items: u32,
        /// Most bytes of messages in one transaction, at most 700000: a node takes requests of 1,000,000 bytes, and a
        /// transaction grows by a third on its way.
        pub max_bytes: usize,
        /// Most gas of one transaction, after adjustment.
        pub max_gas: u64,
        /// How long a message waits for company before its transaction is made.
        #[serde(with = "humantime_serde")]
        pub max_delay: Duration,
        /// Blocks after which an unincluded transaction is dead and its messages are signed anew; 1 to 10,000.
        pub timeout_blocks: u64,
        /// Most transactions in flight at once.
        pub max_in_flight: usize,
        /// Transactions that may fail in their block because of a message before it is given up.
        pub max_attempts: u32,
        /// How often transactions in flight are looked up when no block is announced.
        #[serde(with = "humantime_serde")]
        pub poll_interval: Duration,
    }
}

impl Default for OutboxConfig {
    fn default() -> Self {
        Self {
            max_items: 100,
            max_bytes: 512 << 10,
            max_gas: 30_000_000,
            max_delay: Duration::from_millis(50),
            timeout_blocks: 20,
            max_in_flight: 4,
            max_attempts: 5,
            poll_interval: Duration::from_millis(500),
        }
    }
}

impl OutboxConfig {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] naming the field.
    pub fn validate(&self) -> Result<()> {
        let positive = [
            ("outbox.max_items", u64::from(self.max_items)),
            ("outbox.max_bytes", self.max_bytes as u64),
            ("outbox.max_gas", self.max_gas),
            ("outbox.timeout_blocks", self.timeout_blocks),
            ("outbox.max_in_flight", self.max_in_flight as u64),
            ("outbox.max_attempts", u64::from(self.max_attempts)),
        ];
        for (name, value) in positive {
            if value == 0 {
                return Err(ChainError::invalid(name, "it must be at least 1"));
            }
        }
        if self.max_bytes > MAX_BYTES {
            return Err(ChainError::invalid("outbox.max_bytes", format!("it must be at most {MAX_BYTES}")));
        }
        if self.timeout_blocks > MAX_TIMEOUT {
            return Err(ChainError::invalid(
                "outbox.timeout_blocks",
                format!("it must be at most {MAX_TIMEOUT}"),
            ));
        }
        if self.poll_interval.is_zero() {
            return Err(ChainError::invalid("outbox.poll_interval", "it must not be zero"));
        }
        Ok(())
    }
}
