//! Landlock with no rule at all: no path can be opened, no port bound or connected to, no process outside
//! signalled.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope,
};

/// Newest interface asked for; an older kernel gives what it has.
const WANTED: ABI = ABI::V6;

/// Restricts this thread and those it starts.
pub(super) fn restrict() -> Result<(), String> {
    let restricted = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))
        .and_then(|r| r.handle_access(AccessNet::from_all(WANTED)))
        .and_then(|r| r.scope(Scope::from_all(WANTED)))
        .and_then(|r| r.create())
        .and_then(|r| r.restrict_self())
        .map_err(|e| e.to_string())?;
    match restricted.ruleset {
        RulesetStatus::NotEnforced => Err("not supported by this kernel".to_owned()),
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => Ok(()),
    }
}
