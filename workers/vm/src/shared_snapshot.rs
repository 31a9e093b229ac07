//! How the workers of one daemon share their start-up snapshot: a file in memory, which they find in place of the standard output. The
//! daemon's first worker of a profile fills it before any code of strangers has run anywhere; the daemon seals it and gives it to all
//! later ones, which need not evaluate the bootstrap and share the memory. A file of another engine id is left alone.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::ptr::NonNull;

use gateway_vm_protocol::SNAPSHOT_ROOM;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::unistd::dup2_stdout;

/// Where the snapshot begins, bytes: behind its length and the engine id, aligned as V8 wants it.
const START: usize = 64;

/// Bytes of the length in front.
const LENGTH: usize = size_of::<u64>();

/// The snapshot in the file, if it is one of this engine id.
pub(crate) fn read(engine_id: &[u8; 32]) -> Option<&'static [u8]> {
    let data = map(ProtFlags::PROT_READ, MapFlags::MAP_PRIVATE)?;
    // SAFETY: the mapping has this many bytes, stays until the process ends, and belongs to a file that is sealed: nobody changes it.
    let file: &'static [u8] =
        unsafe { std::slice::from_raw_parts(data.as_ptr().cast::<u8>(), SNAPSHOT_ROOM) };
    let length = file.first_chunk::<LENGTH>().map(|length| u64::from_le_bytes(*length))?;
    let end = START.checked_add(usize::try_from(length).ok().filter(|length| *length > 0)?)?;
    (file.get(LENGTH..LENGTH + 32)? == engine_id).then(|| file.get(START..end)).flatten()
}

/// Puts a snapshot into the file. Without room for it, or without a file, later workers make their own.
pub(crate) fn write(snapshot: &[u8], engine_id: &[u8; 32]) {
    if START.saturating_add(snapshot.len()) > SNAPSHOT_ROOM {
        return;
    }
    // By way of a mapping, because the limits of the process let it write no file.
    let Some(data) = map(ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED) else { return };
    let start = data.as_ptr().cast::<u8>();
    let length = (snapshot.len() as u64).to_le_bytes();
    // SAFETY: the three places lie within the mapping, as the check above shows, and nobody else reads it yet.
    unsafe {
        start.add(START).copy_from_nonoverlapping(snapshot.as_ptr(), snapshot.len());
        start.add(LENGTH).copy_from_nonoverlapping(engine_id.as_ptr(), engine_id.len());
        start.copy_from_nonoverlapping(length.as_ptr(), length.len());
    }
    // The daemon can seal only what nobody has mapped for writing. SAFETY: nothing points into the mapping any more.
    let _ = unsafe { munmap(data, SNAPSHOT_ROOM) };
}

/// Gives the file up: what is mapped stays, and a worker keeps no descriptor that it does not need.
pub(crate) fn close() -> nix::Result<()> {
    dup2_stdout(std::io::stderr())
}

fn map(protection: ProtFlags, flags: MapFlags) -> Option<NonNull<c_void>> {
    let length = NonZeroUsize::new(SNAPSHOT_ROOM)?;
    let file = std::io::stdout();
    // SAFETY: a new mapping at a place of the kernel's choice.
    unsafe { mmap(None, length, protection, flags, file.as_fd(), 0) }.ok()
}
