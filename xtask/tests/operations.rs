//! The files that operators load besides the daemons are accurate: alert rules and dashboard name metrics that the sources
//! record, and each alert has its place in the runbook.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace root").to_path_buf()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns every name in a text with the prefix of the daemons' metrics.
fn names(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.split(|c| !word(c)).filter(|name| name.starts_with("gateway_")).map(str::to_owned).collect()
}

fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn alerts_and_dashboard_name_metrics_that_are_recorded() {
    let mut code = String::new();
    sources(&root().join("workers"), &mut code);
    for file in ["ops/prometheus/alerts.yml", "ops/grafana/gateway.json"] {
        let used = names(&read(file));
        assert!(used.len() >= 8, "{file} names {used:?}");
        for name in used {
            let recorded = name.strip_suffix("_bucket").unwrap_or(&name);
            assert!(code.contains(&format!("\"{recorded}\"")), "{file}: no source records {recorded}");
        }
    }
}

#[test]
fn every_alert_has_its_place_in_the_runbook() {
    let guide = read("docs/operating.md");
    let alerts = read("ops/prometheus/alerts.yml");
    let alerts: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() >= 8, "{alerts:?}");
    for alert in alerts {
        assert!(
            guide.contains(&format!("`{alert}`")),
            "docs/operating.md does not say what to do about {alert}"
        );
    }
}

/// Checks systemd's verdict on the units; does nothing if systemd is not on this machine.
#[test]
fn systemd_takes_every_unit() {
    let found = std::process::Command::new("systemd-analyze").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: systemd-analyze is not on this machine");
        return;
    }
    // The binary that the units start, and the user that the package creates, do not exist on this machine.
    let work = tempfile::tempdir().expect("a folder");
    let folder = work.path().join("etc/systemd/system");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::create_dir_all(work.path().join("usr/bin")).expect("a folder");
    let program = work.path().join("usr/bin/gateway");
    std::fs::write(&program, "#!/bin/sh\n").expect("writes");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permits");
    let mut units = 0;
    for entry in std::fs::read_dir(root().join("ops/systemd")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let unit = folder.join(path.file_name().expect("a name"));
        std::fs::copy(&path, &unit).expect("copies");
        let verify = std::process::Command::new("systemd-analyze")
            .args(["verify", "--man=no", "--recursive-errors=no", "--root"])
            .args([work.path(), &unit])
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&verify.stderr);
        assert!(verify.status.success() && said.trim().is_empty(), "{}: {said}", path.display());
        units += 1;
    }
    assert_eq!(units, 4);
}
