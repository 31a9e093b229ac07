//! Events of the admin, the guardian and the settings.

use super::definition::events;
use crate::SettingsVersion;

events! {
    /// There is another admin.
    AdminChanged = "gateway-admin-changed" {
        /// The admin.
        admin: String,
    }
    /// New work was stopped or resumed.
    PauseChanged = "gateway-pause-changed" {
        /// Whether new work is refused.
        paused: bool,
    }
    /// The settings were replaced.
    SettingsUpdated = "gateway-settings-updated" {
        /// Their version.
        settings_version: SettingsVersion,
        /// The new settings, as JSON.
        settings: String,
        /// The settings before, as JSON.
        previous: String,
    }
    /// Another guardian was named, or none.
    GuardianChanged = "gateway-guardian-changed" {
        /// The guardian's address, or `none`.
        guardian: String,
    }
    /// Results were halted, or resumed.
    HaltChanged = "gateway-halt-changed" {
        /// The first height at which results may be published again.
        until: u64,
    }
}
