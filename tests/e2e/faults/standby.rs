//! Two relays with one key on one database of PostgreSQL: one works, the other waits and takes over. Without a server of PostgreSQL
//! (`STORE_TEST_POSTGRES`) there is nothing to see.

use std::net::TcpListener;
use std::path::Path;

use gateway_localnet::{Daemon, Localnet};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

use super::work::Work;
use super::{audit, drawn, proxy, seeds, start, until_says};

/// Calls to the chain that one request causes, about.
const LIFE: u64 = 250;
/// What a relay says that waits.
const WAITS: &str = "standby: another process holds the database";

/// A network with two relays; the first is the network's own.
struct Pair {
    net: Localnet,
    home: TempDir,
    second: Daemon,
    urls: [String; 2],
    database: DatabaseConnection,
    /// The one that works: 0 or 1.
    active: usize,
}

async fn pair(test: &str) -> Option<Pair> {
    let server = std::env::var("STORE_TEST_POSTGRES").ok()?;
    let admin = Database::connect(format!("{server}/postgres")).await.unwrap();
    let name = format!("gateway_e2e_{test}");
    for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        admin.execute_unprepared(&sql).await.unwrap();
    }
    let url = format!("{server}/{name}");
    let database = Database::connect(&url).await.unwrap();

    let (mut net, home) = start().await;
    net.relay_mut().stop().await.unwrap();
    let first = net.relay_url();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let second = format!("http://{free}");
    let folder = home.path();
    let file = folder.join("relay.db");
    let database_of = |address: &str| format!("database = '{address}'");
    let own = database_of(&format!("sqlite:{}", file.display()));
    change(folder, "relay", "relay", &own, &format!("{}\nstandby = true", database_of(&url)));
    let listen = |url: &str| format!("listen = '{}'", url.replace("http://", ""));
    change(folder, "relay", "second", &listen(&first), &listen(&second));
    for index in 1..=net.nodes_mut().len() {
        let name = format!("node-{index}");
        change(folder, &name, &name, &format!("['{first}']"), &format!("['{first}', '{second}']"));
    }
    for node in net.nodes_mut() {
        node.kill().await;
        node.start().unwrap();
    }
    net.start_relay().await.unwrap();
    let config = folder.join("second.toml");
    let program = Path::new(env!("CARGO_BIN_EXE_gateway"));
    let arguments = ["--log", "info", "relay", "--config", &config.to_string_lossy()];
    let mut daemon = Daemon::new("second", program, &arguments, folder);
    daemon.start().unwrap();
    until_says(&net, &second, Some(WAITS)).await;
    Some(Pair { net, home, second: daemon, urls: [first, second], database, active: 0 })
}

/// Writes the configuration of `name` as that of `to`, with one text in the place of another.
fn change(home: &Path, name: &str, to: &str, old: &str, new: &str) {
    let text = std::fs::read_to_string(home.join(format!("{name}.toml"))).unwrap();
    assert!(text.contains(old), "{old} is not in {text}");
    std::fs::write(home.join(format!("{to}.toml")), text.replace(old, new)).unwrap();
}

impl Pair {
    fn daemon(&mut self, index: usize) -> &mut Daemon {
        if index == 0 { self.net.relay_mut() } else { &mut self.second }
    }

    /// Waits until the other one works, and asks it from now on.
    async fn until_taken_over(&mut self, work: &mut Work) {
        self.active = 1 - self.active;
        let url = &self.urls[self.active];
        until_says(&self.net, url, None).await;
        work.ask_at(url);
    }

    /// Waits until the one that does not work waits for its turn.
    async fn until_one_waits(&self) {
        until_says(&self.net, &self.urls[1 - self.active], Some(WAITS)).await;
    }

    async fn metric(&self, index: usize, line: &str) -> bool {
        let page = reqwest::get(format!("{}/metrics", self.urls[index])).await.unwrap();
        page.text().await.unwrap().lines().any(|found| found == line)
    }

    async fn end(mut self, work: &Work) {
        work.done(&self.net).await;
        audit(self.home.path());
        self.second.stop().await.unwrap();
        self.net.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_killed_at_any_moment_is_taken_over_from_and_nothing_is_doubled() {
    let Some(mut pair) = pair("killed").await else { return };
    let mut work = Work::new(&pair.net).await;
    work.ask_relay(&pair.net).await;

    let waiting = &pair.urls[1];
    assert_eq!(reqwest::get(format!("{waiting}/health")).await.unwrap().status(), 200);
    let refused = reqwest::get(format!("{waiting}/v1/requests")).await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(pair.metric(1, "gateway_standby 1").await);

    for seed in seeds(3) {
        work.ask_relay(&pair.net).await;
        work.ask(&pair.net).await;
        proxy(&pair.net).after(drawn(seed, 2, LIFE)).await;
        let killed = pair.active;
        pair.daemon(killed).kill().await;
        pair.until_taken_over(&mut work).await;
        pair.daemon(killed).start().unwrap();
        pair.until_one_waits().await;
    }
    pair.end(&work).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_whose_connection_to_the_database_is_cut_waits_for_its_turn_again() {
    let Some(mut pair) = pair("cut").await else { return };
    let mut work = Work::new(&pair.net).await;
    let processes = [pair.daemon(0).pid(), pair.daemon(1).pid()];
    for seed in seeds(2) {
        work.ask_relay(&pair.net).await;
        work.ask(&pair.net).await;
        proxy(&pair.net).after(drawn(seed, 3, LIFE)).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        pair.database.execute_unprepared(cut).await.unwrap();
        pair.until_taken_over(&mut work).await;
        pair.until_one_waits().await;
        work.ask_relay(&pair.net).await;
    }
    assert!(pair.metric(pair.active, "gateway_standby 0").await);
    assert!(pair.metric(1 - pair.active, "gateway_standby 1").await);
    assert_eq!(processes, [pair.daemon(0).pid(), pair.daemon(1).pid()], "neither has ended");
    pair.end(&work).await;
}
