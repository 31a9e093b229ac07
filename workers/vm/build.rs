//! Writes down what the engine id covers and only a build knows: the target, and the versions of the crates whose code
//! decides bytes of results, as Cargo.lock pins them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

/// Direct dependencies that decide no byte: walls, system calls, errors, frames.
const NOT_IN_RESULTS: &[&str] =
    &["gateway-vm-archive", "gateway-vm-protocol", "landlock", "nix", "seccompiler", "thiserror"];

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = std::env::var("CARGO_MANIFEST_DIR")?;
    let lock = Path::new(&manifest).join("../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=Cargo.toml");
    println!("cargo::rerun-if-env-changed=GATEWAY_V8_ARCHIVE_SHA256");
    println!("cargo::rustc-env=GATEWAY_VM_TARGET={}", std::env::var("TARGET")?);
    let direct = direct(&std::fs::read_to_string(Path::new(&manifest).join("Cargo.toml"))?);
    let versions = closure(&std::fs::read_to_string(lock)?, direct);
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("versions.txt"), versions)?;
    Ok(())
}

/// Names in the manifest's section of dependencies.
fn direct(manifest: &str) -> Vec<String> {
    let section = manifest.split_once("[dependencies]\n").map_or("", |(_, rest)| rest);
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !NOT_IN_RESULTS.contains(name))
        .map(str::to_owned)
        .collect()
}

/// A package of the lock file.
#[derive(Default)]
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    /// None for a member of the workspace: its code is covered by the policy version.
    checksum: Option<&'a str>,
    dependencies: Vec<&'a str>,
}

/// `name version checksum` of these packages and all they depend on, one a line, sorted.
fn closure(lock: &str, direct: Vec<String>) -> String {
    let mut packages: BTreeMap<&str, Vec<Package<'_>>> = BTreeMap::new();
    for text in lock.split("[[package]]\n").skip(1) {
        let package = package(text);
        packages.entry(package.name).or_default().push(package);
    }
    let mut wanted = direct;
    let mut seen = BTreeSet::new();
    let mut lines = BTreeSet::new();
    while let Some(wish) = wanted.pop() {
        if !seen.insert(wish.clone()) {
            continue;
        }
        // `name`, or `name version` where there are several.
        let mut words = wish.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next());
        for package in packages.get(name).into_iter().flatten() {
            let Some(checksum) = package.checksum else { continue };
            if version.is_none_or(|version| version == package.version) {
                lines.insert(format!("{name} {} {checksum}\n", package.version));
                wanted.extend(package.dependencies.iter().map(|name| (*name).to_owned()));
            }
        }
    }
    lines.into_iter().collect()
}

fn package(text: &str) -> Package<'_> {
    let mut package = Package::default();
    for line in text.lines() {
        if let Some(dependency) = line.strip_prefix(" \"") {
            package.dependencies.push(dependency.trim_end_matches(['"', ',']));
        } else if let Some((key, value)) = line.split_once(" = ") {
            let value = value.trim_matches('"');
            match key {
                "name" => package.name = value,
                "version" => package.version = value,
                "checksum" => package.checksum = Some(value),
                _ => {}
            }
        }
    }
    package
}
