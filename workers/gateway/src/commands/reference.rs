//! `gateway completions` and `gateway man`: files that a package ships, generated from the grammar itself.

use std::io::Write as _;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::CommandError;
use super::say::say;
use crate::arguments::Arguments;

/// Runs `gateway completions`.
pub(super) fn completions(shell: Shell) -> Result<(), CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "gateway", &mut text);
    Ok(std::io::stdout().write_all(&text)?)
}

/// Runs `gateway man`: writes `gateway.1`, and one page for each command below it.
pub(super) fn manual(folder: &Path) -> Result<(), CommandError> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    clap_mangen::generate_to(Arguments::command(), folder)?;
    say(&format!("{} has the pages", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists the pages that a command and everything below it should have.
    fn pages(command: &clap::Command, name: &str, out: &mut Vec<String>) {
        out.push(format!("{name}.1"));
        for below in
            command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
        {
            pages(below, &format!("{name}-{}", below.get_name()), out);
        }
    }

    #[test]
    fn every_command_has_its_page() {
        let folder = tempfile::tempdir().unwrap();
        manual(folder.path()).unwrap();
        let mut expected = Vec::new();
        pages(&Arguments::command(), "gateway", &mut expected);
        assert!(expected.len() > 30, "{expected:?}");
        for page in expected {
            assert!(folder.path().join(&page).is_file(), "{page} is missing");
        }
    }

    #[test]
    fn every_shell_knows_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "gateway", &mut text);
            let text = String::from_utf8(text).unwrap();
            for command in Arguments::command().get_subcommands() {
                assert!(text.contains(command.get_name()), "{shell} does not know {}", command.get_name());
            }
        }
    }
}
