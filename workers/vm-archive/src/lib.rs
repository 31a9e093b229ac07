//! Measures the V8 archive that the VM worker links: its SHA-256 becomes part of the engine id, and another archive than
//! the pinned one ends the build.
//!
//! A macro and not a build script, because cargo runs the build script of a crate before, after or beside those of its
//! dependencies, and compiles the crate after all of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro::{Literal, TokenStream, TokenTree};

/// Environment variable that names another archive's SHA-256, for whoever builds with one on purpose.
const ACCEPTED: &str = "GATEWAY_V8_ARCHIVE_SHA256";

/// The SHA-256 of the linked archive, uncompressed, as 64 hexadecimal digits in a string literal. Takes the pinned
/// SHA-256, or nothing on a target for which none is pinned. The calling crate needs a build script and a dependency
/// on `v8`.
#[proc_macro]
pub fn linked_v8_sha256(pinned: TokenStream) -> TokenStream {
    let pinned = pinned.to_string();
    match measure(Some(pinned.trim_matches('"')).filter(|pinned| !pinned.is_empty())) {
        Ok(sha256) => TokenTree::from(Literal::string(&sha256)).into(),
        // The text is a literal of our own making.
        Err(error) => format!("compile_error!({error:?})").parse().unwrap_or_default(),
    }
}

fn measure(pinned: Option<&str>) -> Result<String, String> {
    let archive = archive()?;
    let sha256 = sha256(&archive)?;
    let accepted = std::env::var(ACCEPTED).ok();
    match pinned.filter(|pinned| *pinned != sha256 && accepted.as_ref() != Some(&sha256)) {
        None => Ok(sha256),
        Some(pinned) => Err(format!(
            "the V8 archive that would be linked has SHA-256 {sha256}; this release's has {pinned}. If the repository brought a \
             new one, the build folder still has the old one: run `cargo clean --package v8`, with --release for a release build. \
             Otherwise build inside the repository with RUSTY_V8_MIRROR and RUSTY_V8_ARCHIVE unset, or set RUSTY_V8_MIRROR to its \
             third_party/rusty_v8. With {ACCEPTED}={sha256} the other one is linked: the engine id is another then, and no \
             attestation counts together with those of this release"
        )),
    }
}

/// Where the build script of the `v8` crate puts the archive: three levels above any build script's own folder.
fn archive() -> Result<PathBuf, String> {
    let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: the crate has no build script")?;
    let profile = Path::new(&out).ancestors().nth(3).ok_or("OUT_DIR is not a folder of cargo's")?;
    Ok(profile.join("gn_out/obj/librusty_v8.a"))
}

fn sha256(path: &Path) -> Result<String, String> {
    // Of the system's: unoptimised, as macros are compiled, our own would take a minute.
    let output = Command::new("sha256sum")
        .arg(path)
        .output()
        .map_err(|error| format!("sha256sum cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.split_whitespace().next() {
        Some(sha256) if output.status.success() && sha256.len() == 64 => Ok(sha256.to_owned()),
        _ => Err(format!(
            "the V8 archive {} cannot be measured: {}",
            path.display(),
            String::from_utf8_lossy(&output.stderr).trim_end()
        )),
    }
}
