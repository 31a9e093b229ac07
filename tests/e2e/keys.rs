//! Keys wherever they are kept: open, encrypted, in a keyring of the Cosmos SDK. One address each time.

use std::path::Path;

use crate::cli::{ends, gateway_in, stderr};
use crate::network::start;

/// The public test mnemonic of BIP-39 with entropy of zeros, and its address.
const ADDRESS: &str = "archway1r5v5srda7xfth3hn2s26txvrcrntldjuwqmlag";

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn one_key_has_one_address_wherever_it_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    write(folder, "open.key", &format!("{}art\n", "abandon ".repeat(23)));
    write(folder, "pass", "correct horse\n");
    assert_eq!(ends(folder, 0, &["key", "address", "--key-file", "open.key"]).trim(), ADDRESS);

    let encrypt = [
        "key",
        "encrypt",
        "--from",
        "open.key",
        "--out",
        "sealed.key",
        "--passphrase-file",
        "pass",
        "--memory-kib",
        "512",
    ];
    assert!(ends(folder, 0, &encrypt).contains("encrypted = {"));
    let sealed = std::fs::read_to_string(folder.join("sealed.key")).unwrap();
    assert!(sealed.contains("argon2id") && !sealed.contains("abandon"), "{sealed}");
    let again = gateway_in(folder, &encrypt);
    assert!(stderr(&again).contains("never overwritten"), "{}", stderr(&again));
    let address = ["key", "address", "--encrypted", "sealed.key", "--passphrase-file", "pass"];
    assert_eq!(ends(folder, 0, &address).trim(), ADDRESS);
    write(folder, "pass", "wrong horse");
    let refused = gateway_in(folder, &address);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("the passphrase is wrong"), "{}", stderr(&refused));

    // A keyring that wasmd wrote.
    write(folder, "pass", "correct horse");
    let keyring = Path::new(env!("CARGO_MANIFEST_DIR")).join("../daemon-runtime/testdata/keyring");
    let keyring = ["key", "address", "--keyring", keyring.to_str().unwrap()];
    let test = ends(folder, 0, &[&keyring[..], &["--name", "tester", "--backend", "test"]].concat());
    assert_eq!(test.trim(), ADDRESS);
    let file = ["--name", "filer", "--passphrase-file", "pass"];
    assert_eq!(ends(folder, 0, &[&keyring[..], &file].concat()).trim(), ADDRESS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daemons_run_on_encrypted_keys() {
    let (mut net, home) = start().await;
    net.kill_all_daemons().await;
    let folder = home.path();
    write(folder, "pass", "correct horse");
    for (file, key) in [("relay", "relay.key"), ("global", "global.key"), ("node-1", "node-1.vrf")] {
        let sealed = format!("{key}.sealed");
        tokio::task::block_in_place(|| {
            ends(
                folder,
                0,
                &[
                    "key",
                    "encrypt",
                    "--from",
                    key,
                    "--out",
                    &sealed,
                    "--passphrase-file",
                    "pass",
                    "--memory-kib",
                    "512",
                ],
            );
        });
        let config = folder.join(format!("{file}.toml"));
        let text = std::fs::read_to_string(&config).unwrap();
        let open = format!("key = {{ file = '{}' }}", folder.join(key).display());
        assert!(text.contains(&open), "{text}");
        let place = |name: &str| folder.join(name).display().to_string();
        let encrypted = format!(
            "key = {{ encrypted = {{ file = '{}', passphrase = {{ file = '{}' }} }} }}",
            place(&sealed),
            place("pass")
        );
        std::fs::write(&config, text.replacen(&open, &encrypted, 1)).unwrap();
        std::fs::remove_file(folder.join(key)).unwrap();
    }
    net.start_all_daemons().await.unwrap();

    // A second process with a node's key is refused, whatever its database is.
    let config = std::fs::read_to_string(folder.join("node-1.toml")).unwrap();
    let copy = config.replace("node-1.db", "copy.db");
    let copy: Vec<_> = copy.lines().filter(|line| !line.starts_with("listen")).collect();
    write(folder, "copy.toml", &copy.join("\n"));
    tokio::task::block_in_place(|| {
        let refused = gateway_in(folder, &["node", "--config", "copy.toml"]);
        assert_eq!(refused.status.code(), Some(1));
        let said = stderr(&refused);
        assert!(said.contains("another process of this machine attests with the key"), "{said}");
    });
    assert!(!folder.join("copy.db").exists(), "it was refused before it touched anything");
    net.shutdown().await.unwrap();
}
