//! Disks: a log that cannot be written, and databases that something else holds for longer than a daemon waits for them.

use std::path::Path;

use gateway_localnet::Daemon;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use super::work::Work;
use super::{audit, start};

/// Holds a daemon's database for writing, as a backup or a curious operator's shell does, until `release`.
async fn hold(home: &Path, name: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(format!("sqlite:{}", home.join(format!("{name}.db")).display()));
    options.max_connections(1);
    let connection = Database::connect(options).await.unwrap();
    connection.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    connection
}

async fn release(connection: DatabaseConnection) {
    connection.execute_unprepared("ROLLBACK").await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stays_locked_is_waited_for() {
    let (net, temporary) = start().await;
    let home = temporary.path();
    let mut work = Work::new(&net).await;
    work.ask_relay(&net).await;
    work.done(&net).await;
    let names = ["relay", "global", "node-1"];
    let mut held = Vec::new();
    for name in names {
        held.push(hold(home, name).await);
    }
    work.ask(&net).await;
    work.ask_relay(&net).await;
    for name in names {
        net.until(&format!("{name} to find it locked"), || async {
            let log = std::fs::read_to_string(home.join(format!("{name}.log"))).unwrap_or_default();
            Ok(log.contains("database is locked").then_some(()))
        })
        .await
        .unwrap();
    }
    net.check().unwrap();
    for connection in held {
        release(connection).await;
    }
    work.done(&net).await;
    net.check().unwrap();
    audit(home);
    net.shutdown().await.unwrap();
}

/// Starts a daemon again with its log on a disk that is full.
async fn log_to_a_full_disk(daemon: &mut Daemon) {
    daemon.kill().await;
    std::fs::remove_file(daemon.log()).unwrap();
    std::os::unix::fs::symlink("/dev/full", daemon.log()).unwrap();
    daemon.start().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daemons_whose_logs_cannot_be_written_work_on() {
    let (mut net, home) = start().await;
    let mut work = Work::new(&net).await;
    log_to_a_full_disk(net.relay_mut()).await;
    log_to_a_full_disk(net.global_mut()).await;
    for node in net.nodes_mut() {
        log_to_a_full_disk(node).await;
    }
    work.ask(&net).await;
    work.ask_relay(&net).await;
    work.done(&net).await;
    net.check().unwrap();
    audit(home.path());
    net.shutdown().await.unwrap();
}
