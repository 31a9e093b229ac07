//! `gateway dev`: a page on this machine for developing a project. Each change of the editor or of the file runs the code as a
//! committee would, in the worker that production uses.

mod attempt;
mod routes;
mod workbench;

use std::sync::Arc;
use std::time::Duration;

use gateway_daemon_runtime::TaskGroup;
use gateway_daemon_runtime::health::Health;
use gateway_engine::{FetchConfig, Secret};
use gateway_http::{HttpConfig, Listen};
use tokio_util::sync::CancellationToken;
use workbench::Workbench;

use super::CommandError;
use super::project_file::ProjectFolder;
use crate::arguments::Dev;

/// Time that answers in flight get after a stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Workers that run code.
const WORKERS: usize = 4;

/// Runs `gateway dev`.
pub(super) async fn run(options: Dev, cancel: CancellationToken) -> Result<(), CommandError> {
    if !options.listen.ip().is_loopback() {
        return Err(format!(
            "--listen {}: the page runs code and is for this machine alone; takes 127.0.0.1 or [::1]",
            options.listen
        )
        .into());
    }
    let project = ProjectFolder::read(&options.folder)?;
    let secrets = options.secrets.iter();
    let secrets =
        secrets.map(|s| Secret::new(attempt::PROJECT, &s.name, &s.host, s.value.expose())).collect();
    let fetch = FetchConfig { allow_http_loopback: options.localhost, secrets, ..FetchConfig::default() };
    let engine = super::local_engine::start(WORKERS, fetch).await?;
    let listen = Listen { service: Some(options.listen), admin: None };
    let server = gateway_http::bind(listen, HttpConfig::default()).await?;
    let address = server.address().ok_or("the page has no address")?;
    let name = project.project.name.clone();
    let workbench = Arc::new(Workbench { project, engine });
    let mut group = TaskGroup::new(&cancel);
    server.spawn(&mut group, Health::new()).serve(routes::router(workbench, address));
    // Whoever reads the line may connect at once.
    println!("{name} at http://{address}/; Ctrl-C ends");
    // The engine's processes end when the last route drops it.
    Ok(group.run(DRAIN).await?)
}
