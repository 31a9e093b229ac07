//! Speculation that leaks across the walls of a process: switched off for this one, where the processor has it.
#![allow(unsafe_code)]

use nix::libc;

// Numbers of the kernel's interface (`linux/prctl.h`), the same on every architecture.
const PR_GET_SPECULATION_CTRL: libc::c_int = 52;
const PR_SET_SPECULATION_CTRL: libc::c_int = 53;
const PR_SPEC_NOT_AFFECTED: libc::c_int = 0;
const PR_SPEC_DISABLE: libc::c_int = 1 << 2;
const PR_SPEC_FORCE_DISABLE: libc::c_int = 1 << 3;

/// Features that the kernel lets a process give up: PR_SPEC_STORE_BYPASS and PR_SPEC_INDIRECT_BRANCH.
const FEATURES: [(&str, libc::c_ulong); 2] = [("store bypass", 0), ("indirect branches", 1)];

/// Gives them up for good; threads started later inherit it.
pub(super) fn control() -> Result<(), String> {
    let faults: Vec<String> = FEATURES.iter().filter_map(|(name, feature)| fault(name, *feature)).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join(", ")) }
}

/// Why a feature is still on; none where it is off or the processor is not affected.
fn fault(name: &str, feature: libc::c_ulong) -> Option<String> {
    let none: libc::c_ulong = 0;
    // SAFETY: both calls take and give numbers.
    let state = unsafe { libc::prctl(PR_GET_SPECULATION_CTRL, feature, none, none, none) };
    let off = PR_SPEC_DISABLE | PR_SPEC_FORCE_DISABLE;
    if state == PR_SPEC_NOT_AFFECTED || (state > 0 && state & off != 0) {
        return None;
    }
    let wanted = libc::c_ulong::from(PR_SPEC_FORCE_DISABLE.unsigned_abs());
    // SAFETY: as above.
    match unsafe { libc::prctl(PR_SET_SPECULATION_CTRL, feature, wanted, none, none) } {
        0 => None,
        _ => Some(format!("{name}: {}", std::io::Error::last_os_error())),
    }
}
