//! Reports what a bundle is made of: its size and hash, its packages by size, the globals it uses that nodes do not have.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::bundler::Bundle;

/// Most packages listed for people.
const LISTED: usize = 12;

/// The result of a build.
#[derive(Debug, Serialize)]
pub(in crate::commands) struct BuildReport {
    /// The file.
    code: String,
    /// Its size, bytes.
    size: usize,
    /// Its SHA-256, which a project pins.
    sha256: String,
    /// Bytes of each package in it, the largest first.
    packages: Vec<Package>,
    /// Globals that it uses but that nodes do not have.
    missing_globals: Vec<&'static str>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Package {
    name: String,
    bytes: u64,
}

impl BuildReport {
    pub(super) fn new(file: &Path, bundle: &Bundle) -> Self {
        Self {
            code: file.display().to_string(),
            size: bundle.code.len(),
            sha256: hex::encode(Sha256::digest(&bundle.code)),
            packages: packages(&bundle.parts),
            missing_globals: bundle.missing.clone(),
        }
    }

    /// Returns the report for people. Writing to a string cannot fail.
    pub(in crate::commands) fn text(&self) -> String {
        let mut out = format!("{}  {} bytes, sha256 {}", self.code, self.size, self.sha256);
        for package in self.packages.iter().take(LISTED) {
            let _ = write!(out, "\n{:>9}  {}", package.bytes, package.name);
        }
        if let Some(more) = self.packages.len().checked_sub(LISTED).filter(|more| *more > 0) {
            let _ = write!(out, "\n           and {more} more");
        }
        if !self.missing_globals.is_empty() {
            let _ = write!(
                out,
                "\nit uses {}, which no node has: where the code reaches them without asking `typeof` first, it throws",
                self.missing_globals.join(", ")
            );
        }
        out
    }
}

/// Sums sources by npm package; a source outside any package is the project's own.
fn packages(parts: &BTreeMap<String, u64>) -> Vec<Package> {
    let mut sums = BTreeMap::<String, u64>::new();
    for (path, bytes) in parts {
        *sums.entry(package_of(path)).or_default() += bytes;
    }
    let mut packages: Vec<_> = sums.into_iter().map(|(name, bytes)| Package { name, bytes }).collect();
    packages.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    packages
}

fn package_of(path: &str) -> String {
    let Some((_, inside)) = path.rsplit_once("node_modules/") else { return path.to_owned() };
    let parts = if inside.starts_with('@') { 2 } else { 1 };
    inside.split('/').take(parts).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_summed_by_package_and_missing_globals_named() {
        let parts = [
            ("node_modules/big/a.js", 50),
            ("node_modules/big/node_modules/@scope/inner/b.js", 30),
            ("../node_modules/big/c.js", 10),
            ("src/main.ts", 20),
        ];
        let parts = parts.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
        let report = BuildReport::new(
            Path::new("feed.js"),
            &Bundle { code: b"1".to_vec(), parts, missing: vec!["Buffer"] },
        );
        let text = report.text();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not in {text}"));
        assert!(at("60  big") < at("30  @scope/inner") && at("30  @scope/inner") < at("20  src/main.ts"));
        assert!(at("it uses Buffer, which no node has") > 0);
    }
}
