//! The grammar: it is sound, its reference is fresh, and its errors name their bounds.

use clap::CommandFactory;

use super::*;

#[test]
fn the_grammar_is_sound() {
    Arguments::command().debug_assert();
}

/// The help of a command and of everything below it.
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
