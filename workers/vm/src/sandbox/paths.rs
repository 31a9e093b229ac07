//! Landlock with no rule at all: no path can be opened, no port bound or connected to, no process outside
//! signalled. What an older kernel lacks of that is reported.
#![allow(unsafe_code)]

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope,
};
use nix::libc;

/// Newest interface asked for; an older kernel gives what it has.
const WANTED: ABI = ABI::V6;

/// First interface that keeps signals in.
const SCOPED: i64 = 6;

/// The interface this kernel has; zero for none.
pub(super) fn interface() -> i64 {
    const VERSION: libc::c_long = 1;
    // SAFETY: with this flag the call takes no attributes and only answers.
    let answer = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<libc::c_void>(), 0usize, VERSION)
    };
    answer.max(0)
}

/// Whether this kernel also keeps signals to other processes in, or which interface it has instead.
pub(super) fn scoped() -> Result<(), String> {
    match interface() {
        has if has >= SCOPED => Ok(()),
        has => Err(format!("the kernel's interface is {has}; signals are kept in from {SCOPED} on")),
    }
}

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
