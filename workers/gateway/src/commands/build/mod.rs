//! `gateway build`: bundles a project's source and its npm modules into the one file that is hashed and registered.

mod bundler;
mod report;

use std::path::Path;

use bundler::Bundler;
use gateway_api::limits::MAX_CODE_BYTES;
use report::BuildReport;

use super::CommandError;
use super::chain::say;
use super::project_file::ProjectFolder;
use crate::arguments::{Build, OutputFormat};

/// Runs `gateway build`.
pub(super) fn run(options: &Build) -> Result<(), CommandError> {
    let project = ProjectFolder::read(&options.folder)?;
    let report = bundle(&project, options.esbuild.as_deref())?;
    say(&match options.output {
        OutputFormat::Text => report.text(),
        OutputFormat::Json => serde_json::to_string_pretty(&report)?,
    })
}

/// Bundles `entry` into `code` and reports the result.
///
/// # Errors
/// [`CommandError`], in which case nothing is written: the project names no entry, or one that is its `code`; the file exceeds
/// the size limit of a project's code, or cannot be written; or as [`Bundler::find`] and [`Bundler::bundle`].
pub(super) fn bundle(project: &ProjectFolder, esbuild: Option<&Path>) -> Result<BuildReport, CommandError> {
    let entry = project.project.entry.as_deref().ok_or(
        "gateway.toml has no `entry` under [project]: it names the source that is bundled, and `code` the file that comes out; \
         code that imports nothing needs no build",
    )?;
    if project.folder.join(entry) == project.code() {
        return Err(
            "gateway.toml: `entry` and `code` are the same file; `code` is the one that is written".into()
        );
    }
    let bundler = Bundler::find(&project.folder, esbuild)?;
    let bundle = bundler.bundle(entry)?;
    let report = BuildReport::new(&project.project.code, &bundle);
    if bundle.code.len() > MAX_CODE_BYTES as usize {
        return Err(format!(
            "{}\na project's code has at most {MAX_CODE_BYTES} bytes; nothing is written",
            report.text()
        )
        .into());
    }
    std::fs::write(project.code(), &bundle.code).map_err(|e| format!("{}: {e}", project.code().display()))?;
    Ok(report)
}
