//! This machine: secrets that others can read, one key used twice, free disk space, addresses in use.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway_daemon_runtime::{SecretSource, http};
use nix::sys::statvfs::statvfs;

use super::Check;
use crate::commands::configured::Configured;

/// Free bytes below which a daemon is about to stop, and below which an operator should act.
const LEAST: u64 = 256 << 20;
const SCARCE: u64 = 2 << 30;
/// Time-out for whatever listens at an address.
const TIMEOUT: Duration = Duration::from_secs(3);

pub(super) async fn checks(configured: &Configured) -> Vec<Check> {
    let mut checks = vec![readable(&configured.secrets), twice(&configured.secrets)];
    let folders = configured.database_folder().into_iter().chain(configured.folders.iter().cloned());
    checks.extend(folders.map(|folder| disk(&folder)));
    for address in &configured.listens {
        checks.push(address_free(*address).await);
    }
    checks
}

/// Checks for files with secrets that others on this machine can read.
fn readable(secrets: &[SecretSource]) -> Check {
    let open: Vec<_> = secrets
        .iter()
        .flat_map(SecretSource::open_files)
        .filter(|file| std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0))
        .map(|file| file.display().to_string())
        .collect();
    if open.is_empty() {
        return Check::good("secrets", "no other account of this machine can read them");
    }
    let files = open.join(" ");
    Check::failed("secrets", format!("others on this machine can read {files}"), format!("chmod 600 {files}"))
}

/// Checks for a secret used for two purposes: a node's draws and its account, say.
fn twice(secrets: &[SecretSource]) -> Check {
    let loaded: Vec<_> = secrets.iter().filter_map(|source| Some((source, source.load().ok()?))).collect();
    for (at, (source, secret)) in loaded.iter().enumerate() {
        let same = loaded.iter().take(at).find(|(_, other)| other.expose() == secret.expose());
        if let Some((other, _)) = same {
            return Check::failed(
                "key clash",
                format!("{other} and {source} hold the same secret"),
                "make another one with `gateway key`: whoever learns one of them has both",
            );
        }
    }
    Check::good("key clash", "no secret serves two purposes")
}

/// Checks the free space where a folder is or will be created.
fn disk(folder: &Path) -> Check {
    let place = existing(folder);
    let shown = folder.display();
    let free = match statvfs(&place) {
        Ok(stat) => stat.blocks_available().saturating_mul(stat.fragment_size()),
        Err(error) => {
            return Check::failed(
                "disk",
                format!("{shown}: {error}"),
                "make the folder, or name another one",
            );
        }
    };
    let found = format!("{} MiB are free for {shown}", free >> 20);
    let cure = "free some space: a database that cannot grow stops its daemon";
    match free {
        free if free < LEAST => Check::failed("disk", found, cure),
        free if free < SCARCE => Check::warning("disk", found, cure),
        _ => Check::good("disk", found),
    }
}

/// Returns the folder, or its nearest existing ancestor.
fn existing(folder: &Path) -> PathBuf {
    let above = folder.ancestors().find(|above| above.exists() && !above.as_os_str().is_empty());
    above.unwrap_or(Path::new(".")).to_owned()
}

/// Checks whether an address can be listened on; the daemon itself may already be using it.
async fn address_free(address: SocketAddr) -> Check {
    let error = match TcpListener::bind(address) {
        Ok(_) => return Check::good("listens", format!("{address} is free")),
        Err(error) => error,
    };
    if error.kind() == std::io::ErrorKind::AddrInUse && is_daemon(address).await {
        return Check::good("listens", format!("a daemon answers at {address}, which may be this one"));
    }
    let cure = "name another address, or stop what has it";
    Check::failed("listens", format!("{address} cannot be listened on: {error}"), cure)
}

async fn is_daemon(address: SocketAddr) -> bool {
    let Ok(client) = http::client(TIMEOUT) else { return false };
    let health = http::fetch_json::<serde_json::Value>(client.get(format!("http://{address}/health")), 1024);
    health.await.is_ok_and(|health| health["status"] == "ok")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;
    use crate::commands::doctor::Verdict;

    fn secret(folder: &Path, name: &str, text: &str, mode: u32) -> SecretSource {
        let path = folder.join(name);
        let mut file =
            std::fs::OpenOptions::new().create_new(true).write(true).mode(mode).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        SecretSource::File(path)
    }

    #[test]
    fn secrets_that_others_read_or_that_serve_twice_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (secret(folder.path(), "a", "1", 0o600), secret(folder.path(), "b", "2", 0o600));
        let good = [a.clone(), b];
        assert_eq!(readable(&good).verdict, Verdict::Good);
        assert_eq!(twice(&good).verdict, Verdict::Good);
        let bad = [a, secret(folder.path(), "c", "1", 0o644)];
        let check = readable(&bad);
        assert!(check.verdict == Verdict::Failed && check.found.ends_with("/c"), "{}", check.found);
        assert_eq!(twice(&bad).verdict, Verdict::Failed);
    }

    #[tokio::test]
    async fn an_address_that_something_else_has_is_refused() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(address_free(address).await.verdict, Verdict::Failed);
        drop(taken);
        assert_eq!(address_free(address).await.verdict, Verdict::Good);
    }
}
