//! A digest of everything the contracts are built from: their sources and those of the packages they use, the release of every
//! other crate they link, and the workspace's settings for them. Tests are excluded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use sha2::{Digest, Sha256};

use crate::error::XtaskError;
use crate::workspace;

fn metadata() -> Result<Metadata, XtaskError> {
    Ok(MetadataCommand::new()
        .manifest_path(workspace::root().join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(Vec::new()))
        .other_options(vec!["--filter-platform".to_owned(), "wasm32-unknown-unknown".to_owned()])
        .exec()?)
}

/// Returns whether a package is in the folder `contracts`; examples of consumers are built by their own tests alone.
fn is_contract(package: &Package) -> bool {
    package.manifest_path.as_std_path().starts_with(workspace::root().join("contracts"))
}

/// Returns the names of all contract crates.
pub(super) fn contracts() -> Result<Vec<String>, XtaskError> {
    let metadata = metadata()?;
    Ok(metadata.packages.iter().filter(|p| is_contract(p)).map(|p| p.name.to_string()).collect())
}

/// Returns everything the contracts link, directly or transitively.
fn closure(metadata: &Metadata) -> BTreeSet<PackageId> {
    let edges: BTreeMap<_, _> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| (&node.id, &node.deps))
        .collect();
    let mut todo: Vec<&PackageId> =
        metadata.packages.iter().filter(|p| is_contract(p)).map(|p| &p.id).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !found.insert(id.clone()) {
            continue;
        }
        for dep in edges.get(id).into_iter().copied().flatten() {
            if dep.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development) {
                todo.push(&dep.pkg);
            }
        }
    }
    found
}

/// Returns the digest, in hexadecimal.
pub(super) fn digest() -> Result<String, XtaskError> {
    let root = workspace::root();
    let metadata = metadata()?;
    let mut hasher = Sha256::new();
    let mut entry = |name: &str, bytes: &[u8]| {
        for part in [name.as_bytes(), bytes] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    };
    let mut own_dependencies = BTreeSet::new();
    let mut lines = BTreeSet::new();
    for id in closure(&metadata) {
        let package = &metadata[&id];
        if package.source.is_some() {
            lines.insert(format!("{} {}", package.name, package.version));
            continue;
        }
        own_dependencies.extend(package.dependencies.iter().map(|dependency| dependency.name.clone()));
        let folder = package.manifest_path.parent().map(|p| p.as_std_path().to_owned()).unwrap_or_default();
        let mut files = vec![folder.join("Cargo.toml")];
        sources(&folder.join("src"), &mut files)?;
        for path in files {
            let bytes = fs::read(&path).map_err(|source| XtaskError::File { path: path.clone(), source })?;
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            lines.insert(format!("{name} {}", hex::encode(Sha256::digest(bytes))));
        }
    }
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|source| XtaskError::File { path: manifest, source })?;
    lines.extend(settings(&text, &own_dependencies));
    for line in lines {
        entry("line", line.as_bytes());
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Collects every source file in a folder that is built into the contract.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), XtaskError> {
    let file = |source| XtaskError::File { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(file)? {
        let path = entry.map_err(file)?.path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        match () {
            () if is_test => {}
            () if path.is_dir() => sources(&path, files)?,
            () => files.push(path),
        }
    }
    Ok(())
}

/// Returns the lines of the workspace's manifest that affect the contracts: their dependencies, their profile, the edition.
fn settings(manifest: &str, dependencies: &BTreeSet<String>) -> Vec<String> {
    let mut section = "";
    let mut kept = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['=', '.']).next().unwrap_or_default().trim();
        let shapes = match section {
            "[workspace.dependencies]" => dependencies.contains(name),
            "[profile.release]" | "[workspace.package]" => true,
            other => other.starts_with("[profile.contract"),
        };
        if shapes && !line.trim().is_empty() {
            kept.push(format!("{section} {line}"));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shapes_the_contracts_counts() {
        let manifest = "[workspace.dependencies]\nserde = \"1\"\ntokio = \"1\"\n\n[profile.contract]\nlto = true\n[profile.contract.package]\nsha2 = 3\n[profile.dev]\ndebug = 1\n";
        let kept = settings(manifest, &BTreeSet::from(["serde".to_owned()]));
        assert_eq!(
            kept,
            [
                "[workspace.dependencies] serde = \"1\"",
                "[profile.contract] [profile.contract]",
                "[profile.contract] lto = true",
                "[profile.contract.package] [profile.contract.package]",
                "[profile.contract.package] sha2 = 3"
            ]
        );
    }

    #[test]
    fn contracts_link_the_packages_and_no_worker() {
        let metadata = metadata().unwrap();
        let names: BTreeSet<String> =
            closure(&metadata).iter().map(|id| metadata[id].name.to_string()).collect();
        assert!(names.contains("gateway-protocol") && names.contains("gateway-api"), "{names:?}");
        assert!(!names.contains("tokio") && !names.contains("cw-multi-test"), "{names:?}");
    }
}
