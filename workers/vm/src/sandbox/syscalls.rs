//! The system-call filter: what V8, two threads and one socket need. Anything else kills the process.

use std::collections::BTreeMap;

use gateway_vm_protocol::Profile;
use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

/// Allowed with any arguments.
const ALLOWED: &[libc::c_long] = &[
    // The socket and the error stream.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_poll,
    libc::SYS_ppoll,
    libc::SYS_close,
    // Answered with "permission denied" by the other filter: the C library looks for files that hold how many
    // processors there are and how memory is accounted, and does without them.
    libc::SYS_openat,
    libc::SYS_newfstatat,
    // Memory; mmap and mprotect have rules of their own.
    libc::SYS_munmap,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_brk,
    // Locks and time.
    libc::SYS_futex,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_sched_yield,
    // A lock of V8's that two threads want at once asks for the priority of who waits.
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    // Before it asks, it spins, yields and sleeps: when the holder, stopping a run, has lost its processor.
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    // V8 counts processors when it collects garbage.
    libc::SYS_sched_getaffinity,
    libc::SYS_restart_syscall,
    // Randomness for hash seeds and addresses.
    libc::SYS_getrandom,
    // Signals: dying with one, and the alternative stack of Rust's threads.
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigaction,
    libc::SYS_sigaltstack,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Further calls of the compilers: protection keys of code pages.
const ALLOWED_JIT: &[libc::c_long] = &[libc::SYS_pkey_mprotect, libc::SYS_pkey_alloc, libc::SYS_pkey_free];

/// Puts the filter in force on all threads.
pub(super) fn filter(profile: Profile) -> Result<(), String> {
    // The strictest answer of all filters counts, so the order matters only for installing them.
    for program in [refuse_files(), build(profile)] {
        let program = program.map_err(|e| e.to_string())?;
        apply_filter_all_threads(&program).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Answers every attempt to open a file with an error.
fn refuse_files() -> Result<BpfProgram, seccompiler::BackendError> {
    let rules = BTreeMap::from([(libc::SYS_openat, Vec::new()), (libc::SYS_newfstatat, Vec::new())]);
    let errno = u32::try_from(libc::EACCES).unwrap_or(1);
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch)?.try_into()
}

fn build(profile: Profile) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let rule = match profile {
            Profile::Jit => Vec::new(),
            // The third argument of both is the protection; without a compiler nothing may become executable.
            Profile::Jitless => vec![SeccompRule::new(vec![masked(2, libc::PROT_EXEC, 0)?])?],
        };
        rules.insert(call, rule);
    }
    if profile == Profile::Jit {
        rules.extend(ALLOWED_JIT.iter().map(|call| (*call, Vec::new())));
    }
    // Dying with a signal: its own, never another process's.
    let own =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own])?]);
    // Rust looks whether a descriptor is open before it closes it, in builds with debug assertions.
    let get_flags = u64::from(libc::F_GETFD.unsigned_abs());
    rules.insert(
        libc::SYS_fcntl,
        vec![SeccompRule::new(vec![SeccompCondition::new(
            1,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Eq,
            get_flags,
        )?])?],
    );
    // V8 names its mappings; every other use of prctl is refused.
    rules.insert(
        libc::SYS_prctl,
        vec![SeccompRule::new(vec![SeccompCondition::new(
            0,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Eq,
            PR_SET_VMA,
        )?])?],
    );
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch)?.try_into()
}

const PR_SET_VMA: u64 = 0x5356_4d41;

fn masked(
    argument: u8,
    mask: libc::c_int,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    let mask = u64::from(mask.unsigned_abs());
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_filters_compile() {
        assert!(build(Profile::Jitless).unwrap().len() > 30);
        assert!(build(Profile::Jit).unwrap().len() > 30);
    }
}
