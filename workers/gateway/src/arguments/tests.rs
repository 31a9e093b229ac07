//! The grammar: it is sound, its reference is fresh, and its errors name their bounds.

use clap::CommandFactory;

use super::*;

#[test]
fn the_grammar_is_sound() {
    Arguments::command().debug_assert();
}

/// Collects the help of a command and of everything below it.
#[cfg(feature = "node")]
fn help_of(command: &mut clap::Command, path: &str, out: &mut String) {
    let path = format!("{path}{}", command.get_name());
    out.push_str(&format!("\n## {path}\n\n```text\n{}```\n", command.render_long_help()));
    for below in command.get_subcommands_mut().filter(|c| c.get_name() != "help") {
        help_of(below, &format!("{path} "), out);
    }
}

#[test]
#[cfg(feature = "node")]
fn the_committed_help_is_fresh() {
    let mut text =
        "# The command line\n\nWritten by `REGENERATE_CLI=1 cargo test -p gateway help_is_fresh`.\n"
            .to_owned();
    help_of(&mut Arguments::command().term_width(100), "", &mut text);
    let text: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    if std::env::var_os("REGENERATE_CLI").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(committed == text, "docs/cli.md is stale: REGENERATE_CLI=1 cargo test -p gateway help_is_fresh");
}

#[test]
fn bounds_are_named() {
    let error =
        Arguments::try_parse_from(["gateway", "demo", "--block-time", "1ms"]).unwrap_err().to_string();
    assert!(error.contains("takes 50ms to 60s"), "{error}");
    let error = Arguments::try_parse_from(["gateway", "devchain", "--account", "x"]).unwrap_err().to_string();
    assert!(error.contains("takes address=amount"), "{error}");
    #[cfg(feature = "node")]
    for (arguments, word) in [
        (&["--rate", "0"][..], "takes 0.01 to 1000"),
        (&["--relay", "http://relay"], "--project"),
        (&["--project", "1"], "--relay"),
    ] {
        let arguments = ["gateway", "bench"].iter().chain(arguments);
        let error = Arguments::try_parse_from(arguments).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn an_input_may_be_a_negative_number() {
    for arguments in
        [&["gateway", "run", "code.js", "--input", "-5"][..], &["gateway", "run", "code.js", "--input=-5"]]
    {
        assert!(Arguments::try_parse_from(arguments).is_ok(), "{arguments:?}");
    }
}

/// Returns the part of a mention that is not in the grammar: an unknown subcommand, or an option that no command takes.
#[cfg(feature = "node")]
fn fault(mention: &str) -> Option<String> {
    let mut whole = Arguments::command();
    // Propagates options to the subcommands that take them from a parent.
    whole.build();
    let mut command = &whole;
    let mut words = mention.split_whitespace().skip(1).peekable();
    while let Some(below) = words.peek().and_then(|word| command.find_subcommand(word)) {
        command = below;
        words.next();
    }
    let first = words.peek().copied();
    if let Some(word) = first.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        && command.get_positionals().next().is_none()
    {
        return Some(format!("{} has no command {word}", command.get_name()));
    }
    let knows = |option: &str| {
        command.get_arguments().any(|argument| {
            argument.get_long() == Some(option)
                || argument.get_all_aliases().is_some_and(|aliases| aliases.contains(&option))
        })
    };
    let mut options = words.filter_map(|word| word.strip_prefix("--"));
    options
        .find(|option| !option.is_empty() && !knows(option.split('=').next().unwrap_or_default()))
        .map(|option| format!("{} does not take --{option}", command.get_name()))
}

#[test]
#[cfg(feature = "node")]
fn every_command_that_a_document_mentions_exists() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let listed = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md", "llms.txt"])
        .current_dir(root)
        .output()
        .unwrap();
    let mut faults = Vec::new();
    let mut mentions = 0;
    for name in String::from_utf8(listed.stdout).unwrap().lines() {
        let Ok(text) = std::fs::read_to_string(std::path::Path::new(root).join(name)) else { continue };
        let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
        for mention in spans.filter(|span| span.starts_with("gateway ") && !span.contains("__vm-worker")) {
            mentions += 1;
            faults.extend(fault(mention).map(|fault| format!("{name}: `{mention}`: {fault}")));
        }
    }
    assert!(mentions > 100, "{mentions}");
    assert_eq!(faults, Vec::<String>::new());
    assert!(fault("gateway node retire 1").is_some() && fault("gateway run a.ts --fast").is_some());
    assert_eq!(fault("gateway node status [ID] --output json"), None);
}
