//! The contract artifacts: what the chain accepts, and proof that they were built from the sources next to them.

mod rules;
mod snip;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::XtaskError;
use crate::{generated, workspace};

/// Returns every artifact, by name.
fn artifacts(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, XtaskError> {
    let file = |source| XtaskError::File { path: folder.to_owned(), source };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(file)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(file)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let bytes = fs::read(&path).map_err(|source| XtaskError::File { path, source })?;
            Ok((name, bytes))
        })
        .collect()
}

/// Returns the text of `checksums.txt`: the compiler, the sources' digest and each artifact's.
fn checksums(toolchain: &str, artifacts: &[(String, Vec<u8>)]) -> Result<String, XtaskError> {
    let mut text = format!("# toolchain: {toolchain}\n# sources: {}\n", source::digest()?);
    for (name, bytes) in artifacts {
        text.push_str(&format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))));
    }
    Ok(text)
}

fn check_rules(artifacts: &[(String, Vec<u8>)]) -> Result<(), XtaskError> {
    for (name, bytes) in artifacts {
        rules::check(bytes).map_err(|fault| XtaskError::Artifact { artifact: name.clone(), fault })?;
        println!("{name}: {} bytes, accepted", bytes.len());
    }
    // Every contract has its artifact: none is forgotten.
    let contracts = source::contracts()?;
    if artifacts.len() == contracts.len() {
        return Ok(());
    }
    Err(XtaskError::Artifact {
        artifact: "artifacts/".to_owned(),
        fault: format!("{} artifacts for the contracts {}", artifacts.len(), contracts.join(", ")),
    })
}

/// Checks freshly built artifacts and records what they were built from.
pub(crate) fn record(toolchain: &str) -> Result<(), XtaskError> {
    let folder = workspace::root().join("artifacts");
    let artifacts = artifacts(&folder)?;
    check_rules(&artifacts)?;
    generated::put(&folder.join("checksums.txt"), &checksums(toolchain, &artifacts)?, false, "wasm")
}

/// Empties the functions of a module that no contract can call.
pub(crate) fn snip(path: &Path) -> Result<(), XtaskError> {
    let file = |source| XtaskError::File { path: path.to_owned(), source };
    let wasm = fs::read(path).map_err(file)?;
    let (snipped, emptied) = snip::snip(&wasm)
        .map_err(|fault| XtaskError::Artifact { artifact: path.display().to_string(), fault })?;
    println!("{}: {emptied} functions emptied", path.display());
    fs::write(path, snipped).map_err(file)
}

/// Checks that the artifacts are accepted and were built from these sources. Only a build by the recorded compiler can prove
/// more, which `scripts/build-contracts.sh --check` does if that compiler is available.
pub(crate) fn check() -> Result<(), XtaskError> {
    let folder = workspace::root().join("artifacts");
    let path = folder.join("checksums.txt");
    let recorded =
        fs::read_to_string(&path).map_err(|source| XtaskError::File { path: path.clone(), source })?;
    let toolchain = recorded.lines().find_map(|line| line.strip_prefix("# toolchain: ")).unwrap_or_default();
    let artifacts = artifacts(&folder)?;
    check_rules(&artifacts)?;
    if checksums(toolchain, &artifacts)? == recorded {
        return Ok(());
    }
    Err(XtaskError::Artifact {
        artifact: "artifacts/checksums.txt".to_owned(),
        fault: "artifacts and sources do not belong together: run scripts/build-contracts.sh".to_owned(),
    })
}
