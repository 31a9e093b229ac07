//! Free ports on loopback for daemons that must be found again after a restart.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::LocalnetError;

/// Finds `count` different free ports. They are all held until the last one is found.
pub(crate) fn free(count: usize) -> Result<Vec<SocketAddr>, LocalnetError> {
    let listeners = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| LocalnetError::answer("looking for a free port", e))?;
    listeners
        .iter()
        .map(|l| l.local_addr().map_err(|e| LocalnetError::answer("looking for a free port", e)))
        .collect()
}
