//! Every command for archwayd that the tool prints works as it stands: run by a shell on a real chain, whose binary has the same
//! commands as archwayd. Needs `E2E_CHAIN=wasmd=PATH`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gateway_localnet::{ChainKind, Localnet, example};
use serde_json::{Value, json};

use crate::cli::stderr;
use crate::network::start;

/// A folder with a project, archwayd and its keyring.
struct Shell {
    folder: PathBuf,
    path: String,
}

impl Shell {
    fn new(folder: &Path, program: &Path) -> Self {
        let bin = folder.join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(std::path::absolute(program).unwrap(), bin.join("archwayd")).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        Self { folder: folder.to_owned(), path }
    }

    /// Runs a line as a person would type it; its output, or what it complained about.
    fn try_line(&self, line: &str) -> Result<String, String> {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", line])
            .current_dir(&self.folder)
            .env("PATH", &self.path)
            .env("HOME", &self.folder)
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout.clone()).unwrap();
        if output.status.success() { Ok(out) } else { Err(format!("{out}{}", stderr(&output))) }
    }

    fn line(&self, line: &str) -> String {
        self.try_line(line).unwrap_or_else(|error| panic!("{line}\n{error}"))
    }

    /// What the tool prints instead of sending.
    fn printed(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(arguments)
            .arg("--generate-only")
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Claims as an operator whose node was in a committee; which one was is for the draw to say.
    fn claim(&self, net: &Localnet) {
        let printed = self.printed(&["node", "claim"]);
        let line = printed.lines().find(|line| line.starts_with("archwayd ")).unwrap();
        for index in 0.. {
            let key = net.operator_key(index).expect("no operator has anything to claim");
            let name = format!("operator{index}");
            self.line(&format!("archwayd keys import-hex {name} {key} --keyring-backend test"));
            if self.try_line(&line.replace("my-key", &name)).is_ok() {
                return;
            }
        }
    }

    /// Has the tool print a command, runs every archwayd line of it with the placeholders filled in, and returns the
    /// transactions as the printed query shows them.
    async fn carry_out(&self, arguments: &[&str], placeholders: &[(&str, &str)]) -> Vec<Value> {
        let printed = self.printed(arguments);
        let lines: Vec<&str> = printed.lines().filter(|line| line.starts_with("archwayd ")).collect();
        let (show, send) = lines.split_last().unwrap();
        let mut found = Vec::new();
        for line in send {
            let mut line = (*line).to_owned();
            for (name, value) in placeholders {
                line = line.replace(name, value);
            }
            if let Some(code) = found.last().and_then(|tx| attribute(tx, "store_code", "code_id")) {
                line = line.replace("<code id>", &code);
            }
            let sent: Value = serde_json::from_str(&self.line(&format!("{line} --output json"))).unwrap();
            assert_eq!(sent["code"], 0, "{line}: {sent}");
            found.push(self.included(&show.replace("<hash>", sent["txhash"].as_str().unwrap())).await);
        }
        assert!(!found.is_empty(), "nothing is sent: {printed}");
        found
    }

    /// Waits until a block holds the transaction.
    async fn included(&self, query: &str) -> Value {
        for _ in 0..100 {
            if let Ok(found) = self.try_line(query) {
                let found: Value = serde_json::from_str(&found).unwrap();
                assert_eq!(found["code"], 0, "{query}: {found}");
                return found;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        panic!("no block holds it: {query}");
    }
}

/// An attribute of an event of a transaction.
fn attribute(tx: &Value, event: &str, key: &str) -> Option<String> {
    let events = tx["events"].as_array()?;
    let mut attributes =
        events.iter().filter(|e| e["type"] == event).flat_map(|e| e["attributes"].as_array().unwrap());
    Some(attributes.find(|a| a["key"] == key)?["value"].as_str()?.to_owned())
}

fn write_network(net: &Localnet, folder: &Path) {
    let text = format!(
        "network = \"local\"\n\n[project]\nname = \"adder\"\ncode = \"adder.js\"\n\n[policy]\ncommittee = 5\n\n[networks.local]\nrpc = \"{}\"\n\
         chain_id = \"{}\"\ncontract = \"{}\"\ndenom = \"aarch\"\ngas_price = \"1\"\nkey_name = \"my-key\"\nkeyring_backend = \"test\"\n",
        net.chain().rpc_url(),
        net.chain_id(),
        net.contract()
    );
    std::fs::write(folder.join("gateway.toml"), text).unwrap();
    std::fs::write(folder.join("adder.js"), "export default ({ a, b }) => a + b;\n").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_printed_archwayd_command_is_taken_by_a_real_chain() {
    let Some(Ok(ChainKind::Wasmd { program })) = std::env::var("E2E_CHAIN").ok().map(|text| text.parse())
    else {
        eprintln!("not run: it needs a real chain, E2E_CHAIN=wasmd=PATH");
        return;
    };
    let (net, _home) = start().await;
    let asked = net.register(&example::addition()).await.unwrap();
    let work = tempfile::tempdir().unwrap();
    let folder = work.path();
    write_network(&net, folder);
    let shell = Shell::new(folder, &program);
    shell.line(&format!("archwayd keys import-hex my-key {} --keyring-backend test", net.user_key()));
    let me = shell.line("archwayd keys show my-key --address --keyring-backend test");
    let me = me.trim();

    let tx = shell.carry_out(&["deploy"], &[]).await;
    let project =
        attribute(&tx[0], "wasm-gateway-project-registered", "project").expect("the project's number");
    std::fs::write(folder.join("adder.js"), "export default ({ a, b }) => b + a;\n").unwrap();
    let tx = shell.carry_out(&["deploy", "--project", &project], &[]).await;
    assert_eq!(attribute(&tx[0], "wasm-gateway-version-added", "version").as_deref(), Some("2"));
    shell.carry_out(&["project", "activate", &project, "2"], &[]).await;
    shell.carry_out(&["project", "pause", &project], &[]).await;
    shell.carry_out(&["project", "resume", &project], &[]).await;
    shell.carry_out(&["project", "access", &project, "owner"], &[]).await;
    shell.carry_out(&["project", "transfer", &project, me], &[]).await;

    let asked = asked.get().to_string();
    let tx = shell.carry_out(&["request", &asked, "--input", r#"{"a": 3, "b": 5}"#], &[]).await;
    let request = attribute(&tx[0], "wasm-gateway-request-opened", "request").expect("the request's number");
    let answer = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .args(["result", &request, "--wait"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&answer.stdout).starts_with("ok 8"), "{answer:?}");
    shell.claim(&net);

    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts");
    let wasm = artifacts.join("gateway.wasm");
    let wasm = wasm.to_str().unwrap();
    let checksums = std::fs::read_to_string(artifacts.join("checksums.txt")).unwrap();
    let line = checksums.lines().find(|line| line.ends_with("gateway.wasm")).unwrap();
    let checksum = line.split_whitespace().next().unwrap();
    let placeholders = [("<your address>", me)];
    let tx = shell.carry_out(&["contract", "deploy", wasm, "--checksum", checksum], &placeholders).await;
    let contract = attribute(&tx[1], "instantiate", "_contract_address").expect("the contract's address");
    let own = |arguments: &[&str]| -> Vec<String> {
        arguments.iter().chain(&["--contract", &contract]).map(|&word| word.to_owned()).collect()
    };
    for arguments in [
        own(&["contract", "pause"]),
        own(&["contract", "resume"]),
        own(&["contract", "migrate", wasm, "--checksum", checksum]),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        shell.carry_out(&arguments, &[]).await;
    }
    let consumer = artifacts.join("consumer_example.wasm");
    let message = json!({ "gateway": net.contract() }).to_string();
    let tx = shell
        .carry_out(&["contract", "deploy", consumer.to_str().unwrap(), "--message", &message], &placeholders)
        .await;
    let consumer = attribute(&tx[1], "instantiate", "_contract_address").expect("the consumer's address");
    shell
        .carry_out(
            &["contract", "send", &consumer, r#"{"allow": {"project": 1, "code": null, "max_fee": "1"}}"#],
            &[],
        )
        .await;
    net.shutdown().await.unwrap();
}
