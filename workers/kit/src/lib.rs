//! What every daemon shares: configuration, telemetry, signals, task group, backoff, secrets.
