//! Free ports on loopback for daemons that must keep their address across a restart.
//!
//! They lie below the range that systems use for outgoing connections (Linux: from 32768 on), so that none is taken while its
//! daemon is stopped, and networks of one process never get the same.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::LocalnetError;

/// The first port, and how many there are.
const FIRST: u16 = 10_240;
const PORTS: u32 = 32_768 - 10_240;

/// Finds `count` different free ports. All are held until the last one is found.
///
/// # Errors
/// [`LocalnetError::Answer`] if there are not enough.
pub(crate) fn free(count: usize) -> Result<Vec<SocketAddr>, LocalnetError> {
    // Processes start at different ones.
    static NEXT: OnceLock<AtomicU32> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU32::new(std::process::id().wrapping_mul(7919) % PORTS));
    let candidates = (0..PORTS).filter_map(|_| {
        let offset = u16::try_from(next.fetch_add(1, Ordering::Relaxed) % PORTS).ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, FIRST + offset)).ok()
    });
    let held: Vec<_> = candidates.take(count).collect();
    if held.len() < count {
        return Err(LocalnetError::answer(
            "looking for free ports",
            format!("there are only {}", held.len()),
        ));
    }
    held.iter()
        .map(|l| l.local_addr().map_err(|e| LocalnetError::answer("looking for a free port", e)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice_and_none_that_connections_take() {
        let mut ports: Vec<_> = [free(12), free(12)].into_iter().flat_map(Result::unwrap).collect();
        assert!(ports.iter().all(|address| (FIRST..32_768).contains(&address.port())));
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 24);
    }
}
