//! `gateway.toml`: a project's name, where its code is and the policy under which it is registered.

use std::path::{Path, PathBuf};

use gateway_api::{Policy, Read, limits};
use gateway_engine::Manifest;
use serde::Deserialize;

use super::CommandError;

/// Name of the file in a project's folder.
pub(super) const FILE: &str = "gateway.toml";

/// A project's folder and the content of its `gateway.toml`.
#[derive(Debug)]
pub(super) struct ProjectFolder {
    /// The folder.
    pub(super) folder: PathBuf,
    /// The section `[project]`.
    pub(super) project: ProjectSection,
    /// The section `[policy]`; omitted fields have the contract's defaults.
    pub(super) policy: Policy,
}

/// The section `[project]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectSection {
    /// Its name on the chain.
    pub(super) name: String,
    /// What it does.
    #[serde(default)]
    pub(super) description: String,
    /// The file of the code, relative to the folder.
    pub(super) code: PathBuf,
    /// The source that `gateway build` bundles into `code`, if the code is made of several modules.
    #[serde(default)]
    pub(super) entry: Option<PathBuf>,
    /// Whether its code is sealed to the nodes, and never published.
    #[serde(default)]
    pub(super) private: bool,
    /// Its number on each network where it is registered.
    #[serde(default)]
    pub(super) id: std::collections::BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectFile {
    project: ProjectSection,
    /// Parsed as the contract parses it, which refuses unknown fields.
    #[serde(default)]
    policy: toml::Table,
    /// The network used if no argument names one; read by the commands that use a chain.
    #[serde(default, rename = "network")]
    _network: serde::de::IgnoredAny,
    /// The networks; the same.
    #[serde(default, rename = "networks")]
    _networks: serde::de::IgnoredAny,
}

impl ProjectFolder {
    /// Reads the `gateway.toml` of a folder, or of the folder of a file.
    ///
    /// # Errors
    /// [`CommandError`]: there is none, or it is invalid; the text names the place.
    pub(super) fn read(path: &Path) -> Result<Self, CommandError> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let file = folder.join(FILE);
        let text = std::fs::read_to_string(&file)
            .map_err(|e| format!("{}: {e}; `gateway init` makes a folder with one", file.display()))?;
        let ProjectFile { project, policy, .. } =
            toml::from_str(&text).map_err(|e| format!("{}: {e}{}", file.display(), twice(e.message())))?;
        let Read(policy) = serde_json::from_value::<Read<Policy>>(serde_json::to_value(policy)?)
            .map_err(|e| format!("{}: policy: {e}", file.display()))?;
        if let Some(fault) = policy.fault() {
            return Err(format!("{}: policy: {fault}", file.display()).into());
        }
        Ok(Self { folder: folder.to_owned(), project, policy })
    }

    /// Returns the file of the code.
    pub(super) fn code(&self) -> PathBuf {
        self.folder.join(&self.project.code)
    }

    /// Returns the policy under which code with a manifest is registered: its hosts are informational, the manifest in the code
    /// is binding.
    ///
    /// # Errors
    /// [`CommandError`]: the contract would refuse the policy with these hosts.
    pub(super) fn policy_for(&self, manifest: Option<&Manifest>) -> Result<Policy, CommandError> {
        let policy = Policy { hosts: hosts_of(manifest), ..self.policy.clone() };
        match policy.fault() {
            Some(fault) => {
                let file = self.folder.join(FILE);
                Err(format!(
                    "{}: policy: {fault}, and the hosts in the manifest of the code are the policy's",
                    file.display()
                )
                .into())
            }
            None => Ok(policy),
        }
    }

    /// Writes the project's number on a network to `gateway.toml`; everything else in the file stays as it is.
    pub(super) fn remember(&self, network: &str, id: u64) -> Result<(), CommandError> {
        let id = i64::try_from(id)?;
        self.edit(|project| {
            let ids = project["id"].or_insert(toml_edit::Item::Value(toml_edit::InlineTable::new().into()));
            ids[network] = toml_edit::value(id);
        })
    }

    /// Records in `gateway.toml` that the code is private, so that no later deployment publishes it.
    pub(super) fn remember_private(&self) -> Result<(), CommandError> {
        if self.project.private {
            return Ok(());
        }
        self.edit(|project| project["private"] = toml_edit::value(true))
    }

    fn edit(&self, change: impl FnOnce(&mut toml_edit::Item)) -> Result<(), CommandError> {
        let file = self.folder.join(FILE);
        let fail = |e: String| format!("{}: {e}", file.display());
        let text = std::fs::read_to_string(&file).map_err(|e| fail(e.to_string()))?;
        let mut document: toml_edit::DocumentMut =
            text.parse().map_err(|e: toml_edit::TomlError| fail(e.to_string()))?;
        change(&mut document["project"]);
        Ok(std::fs::write(&file, document.to_string()).map_err(|e| fail(e.to_string()))?)
    }

    /// Returns the files of test cases in the folder, by name.
    pub(super) fn tests(&self) -> Result<Vec<PathBuf>, CommandError> {
        let entries =
            std::fs::read_dir(&self.folder).map_err(|e| format!("{}: {e}", self.folder.display()))?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_str().is_some_and(|name| name.ends_with(".test.json")))
            .collect();
        files.sort();
        Ok(files)
    }
}

/// Returns the hosts that a policy names for code with a manifest.
pub(super) fn hosts_of(manifest: Option<&Manifest>) -> Vec<String> {
    let hosts = manifest.into_iter().flat_map(|manifest| &manifest.hosts);
    hosts.take(limits::MAX_HOSTS).cloned().collect()
}

/// Returns advice about a table or a key that occurs twice in a file, which TOML refuses.
pub(super) fn twice(reason: &str) -> &'static str {
    if reason.contains("duplicate key") {
        "\nit stands there twice, as after a second `cat net/network.toml >> gateway.toml`: take the older one out"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProjectFolder, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        ProjectFolder::read(folder.path()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_project_is_read_with_the_defaults_of_a_policy() {
        let read = read(
            "[project]\nname = \"p\"\ncode = \"p.ts\"\nid = { devchain = 3 }\n[policy]\ncommittee = 11\nrule = { median = { tolerance_bps = 50 } }\n",
        )
        .unwrap();
        assert_eq!((read.policy.committee, read.policy.quorum_bps), (11, 6000));
        assert_eq!(read.project.id.get("devchain"), Some(&3));
        assert!(read.code().ends_with("p.ts"));
    }

    #[test]
    fn a_number_is_remembered_and_the_rest_of_the_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let text = "# mine\n[project]\nname = \"p\" # a name\ncode = \"p.ts\"\n\n[policy]\ncommittee = 11\n";
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let project = ProjectFolder::read(folder.path()).unwrap();
        project.remember("devchain", 3).unwrap();
        project.remember("archway", 9).unwrap();
        assert!(!ProjectFolder::read(folder.path()).unwrap().project.private);
        project.remember_private().unwrap();
        let project = ProjectFolder::read(folder.path()).unwrap();
        assert!(project.project.private);
        assert_eq!((project.project.id["devchain"], project.project.id["archway"]), (3, 9));
        let written = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(written.contains("# mine") && written.contains("# a name"), "{written}");
    }

    #[test]
    fn the_rules_of_the_document_are_read() {
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/projects.md");
        let document = std::fs::read_to_string(document).unwrap();
        let rules: Vec<&str> =
            document.split("```toml rule\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(rules.len(), 4);
        for rule in rules {
            let text = format!("[project]\nname = \"p\"\ncode = \"p.ts\"\n[policy]\n{rule}");
            assert!(read(&text).is_ok(), "{:?}", read(&text));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = read("[project]\nname = \"p\"\ncode = \"p.ts\"\n[policy]\ncomittee = 1\n").unwrap_err();
        assert!(error.contains("comittee"), "{error}");
        let error =
            read("[project]\nname = \"p\"\ncode = \"p.ts\"\n[policy]\ncommittee = 500\n").unwrap_err();
        assert!(error.contains("committee takes 1 to 101"), "{error}");
        let error = ProjectFolder::read(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(error.contains("gateway init"), "{error}");
    }
}
