//! `gateway init`: creates a folder with a starter project. The templates are the examples, inside the binary; nothing is
//! fetched.

use std::path::Path;

use super::CommandError;
use super::chain::{archwayd, say};
use crate::arguments::{Init, OutputFormat, Template};

/// A file of a template: its name and content.
type TemplateFile = (&'static str, &'static str);

macro_rules! files {
    ($folder:literal: $($name:literal),+) => {
        &[$(($name, include_str!(concat!("../../../../examples/", $folder, "/", $name)))),+]
    };
}

/// Files in every project's folder.
const COMMON: [TemplateFile; 2] = [
    ("gateway.d.ts", include_str!("../../../../types/gateway.d.ts")),
    ("tsconfig.json", include_str!("../../../../types/tsconfig.json")),
];

const fn files(template: Template) -> &'static [TemplateFile] {
    match template {
        Template::Price => {
            files!("price": "price.ts", "price.test.json", "recording.json", "gateway.toml", "README.md")
        }
        Template::Weather => {
            files!("weather": "weather.ts", "weather.test.json", "recording.json", "not-yet.json", "gateway.toml", "README.md")
        }
        Template::Sports => {
            files!("sports": "sports.ts", "sports.test.json", "recording.json", "running.json", "gateway.toml", "README.md")
        }
        Template::Github => {
            files!("github": "github.ts", "github.test.json", "recording.json", "missing.json", "gateway.toml", "README.md")
        }
        Template::Json => {
            files!("json": "json.ts", "json.test.json", "recording.json", "gateway.toml", "README.md")
        }
        Template::Random => files!("random": "random.ts", "random.test.json", "gateway.toml", "README.md"),
        Template::Llm => {
            files!("llm": "llm.ts", "llm.test.json", "recording.json", "gateway.toml", "README.md")
        }
        Template::Social => {
            files!("social": "social.ts", "social.test.json", "recording.json", "gateway.toml", "README.md")
        }
        Template::Reserves => {
            files!("reserves": "reserves.ts", "reserves.test.json", "recording.json", "gateway.toml", "README.md")
        }
        Template::Flight => {
            files!("flight": "flight.ts", "flight.test.json", "recording.json", "flying.json", "cancelled.json", "gateway.toml", "README.md")
        }
        Template::Nft => {
            files!("nft": "nft.ts", "nft.test.json", "recording.json", "nameless.json", "gateway.toml", "README.md")
        }
        Template::EvmRead => {
            files!("evm-read": "evm-read.ts", "evm-read.test.json", "recording.json", "gateway.toml", "README.md")
        }
    }
}

/// Runs `gateway init`.
pub(super) fn run(options: &Init) -> Result<(), CommandError> {
    let folder = &options.folder;
    let name = project_name(folder)?;
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    if std::fs::read_dir(folder)?.next().is_some() {
        return Err(format!("{}: the folder is not empty", folder.display()).into());
    }
    for (file, text) in files(options.template).iter().chain(&COMMON) {
        let text = if *file == super::project_file::FILE { named(text, &name) } else { (*text).to_owned() };
        std::fs::write(folder.join(file), text)
            .map_err(|e| format!("{}: {e}", folder.join(file).display()))?;
    }
    let written = files(options.template).iter().chain(&COMMON).map(|(file, _)| folder.join(file));
    let written: Vec<String> = written.map(|path| path.display().to_string()).collect();
    match options.output {
        OutputFormat::Json => say(&serde_json::json!({ "name": name, "files": written }).to_string()),
        OutputFormat::Text => {
            let folder = archwayd::quoted(&folder.display().to_string());
            say(&format!("{}\n\nNext:\n  cd {folder}\n  gateway test", written.join("\n")))
        }
    }
}

/// Derives a project's name from the folder's.
fn project_name(folder: &Path) -> Result<String, CommandError> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name =
        gateway_api::Name::new(name).map_err(|e| format!("the folder's name becomes the project's: {e}"))?;
    Ok(name.as_str().to_owned())
}

/// Returns the template's `gateway.toml` with the project's own name.
fn named(text: &str, name: &str) -> String {
    let line = format!("name = {}", toml::Value::from(name));
    text.lines()
        .map(|l| if l.starts_with("name = ") { line.as_str() } else { l })
        .flat_map(|l| [l, "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::commands::project_file::ProjectFolder;

    #[test]
    fn every_template_is_a_whole_project_with_each_file_of_its_example() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Template::value_variants().len(), 12);
        for template in Template::value_variants() {
            let name = template.to_possible_value().unwrap().get_name().to_owned();
            let path = folder.path().join(format!("my \"{name}\""));
            run(&Init { folder: path.clone(), template: *template, output: OutputFormat::Text }).unwrap();
            let project = ProjectFolder::read(&path).unwrap();
            assert_eq!(project.project.name, format!("my \"{name}\""));
            assert!(project.code().exists() && !project.tests().unwrap().is_empty(), "{name}");
            let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(&name);
            for file in std::fs::read_dir(example).unwrap() {
                let file = file.unwrap().file_name();
                assert!(path.join(&file).exists(), "the template {name} lacks {file:?}");
            }
        }
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.ts"), "").unwrap();
        let init =
            Init { folder: folder.path().to_owned(), template: Template::Json, output: OutputFormat::Text };
        let error = run(&init).unwrap_err();
        assert!(error.to_string().contains("not empty"), "{error}");
    }
}
