//! `gateway explain`: the page of an error class, an abstention or a refusal, from `docs/errors`, inside the binary; or a
//! request.

use std::fmt::Write as _;

use gateway_api::RequestId;

use super::CommandError;
use super::chain::{explain_request, say};
use crate::arguments::Explain;

macro_rules! pages {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../../docs/errors/", $name, ".md")))),+]
    };
}

/// One page per outcome class and abstention.
const PAGES: [(&str, &str); 22] = pages![
    "js_throw",
    "js_syntax",
    "no_function",
    "import_denied",
    "never_settled",
    "not_json",
    "output_too_large",
    "input_not_json",
    "fetch_denied",
    "http_status",
    "cpu",
    "wall",
    "heap",
    "array_buffers",
    "memory",
    "network",
    "crash",
    "sandbox",
    "secret",
    "engine_missing",
    "source",
    "protocol",
];

/// Pages with one section per refusal.
const SECTIONS: [(&str, &str); 2] = pages!["refusals", "contract"];

/// Runs `gateway explain`.
pub(super) async fn run(options: Explain) -> Result<(), CommandError> {
    let Some(name) = options.what.as_deref() else { return say(&list()) };
    if let Ok(request) = name.trim().parse() {
        return explain_request::run(&options, RequestId(request)).await;
    }
    let name = name.trim().replace('-', "_");
    let found = find(&name);
    if found.is_empty() {
        return Err(
            format!("nothing is called {name:?}; `gateway explain` lists what can be explained").into()
        );
    }
    say(&found.join("\n\n"))
}

fn find(name: &str) -> Vec<String> {
    let pages = PAGES.iter().filter(|(page, _)| *page == name).map(|(_, text)| text.trim().to_owned());
    let sections = SECTIONS.iter().flat_map(|(_, text)| {
        let title = text.lines().next().unwrap_or_default();
        sections(text)
            .filter(|(section, _)| *section == name)
            .map(move |(section, body)| format!("{title}: {section}\n\n{body}"))
    });
    pages.chain(sections).collect()
}

/// Returns the sections of a page: their names and texts.
fn sections(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.split("\n## ").skip(1).filter_map(|section| {
        let (name, body) = section.split_once('\n')?;
        Some((name.trim(), body.trim()))
    })
}

/// Returns the name of the contract's refusal with this text: its page quotes the contract's text, with names in place of
/// values.
pub(super) fn refusal(text: &str) -> Option<&'static str> {
    let (_, page) = SECTIONS[1];
    let quoted = sections(page).filter_map(|(name, body)| {
        let quote = body.lines().next()?.strip_prefix("> ")?;
        fits(quote, text).map(|letters| (letters, name))
    });
    quoted.max().map(|(_, name)| name)
}

/// Returns how many letters of a text match a quotation whose `{…}` stand for any text; `None` if it is another text, or if too
/// few match to decide.
fn fits(quote: &str, text: &str) -> Option<usize> {
    const FEW: usize = 8;
    let mut parts = quote
        .split('{')
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) });
    let first = parts.next()?;
    let mut rest = text.strip_prefix(first)?;
    let (mut letters, mut last) = (first.len(), first);
    for part in parts {
        rest = rest.split_at_checked(rest.find(part)? + part.len())?.1;
        letters += part.len();
        last = part;
    }
    let whole = rest.is_empty() || last.is_empty();
    (whole && letters >= FEW).then_some(letters)
}

/// Lists what can be explained, by kind.
fn list() -> String {
    let mut out = String::from("Outcome classes and abstentions:\n");
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {}", PAGES.map(|(name, _)| name).join(", "));
    for (_, text) in SECTIONS {
        let names: Vec<_> = sections(text).map(|(name, _)| name).collect();
        let _ = writeln!(
            out,
            "{}:\n  {}",
            text.lines().next().unwrap_or_default().trim_start_matches("# "),
            names.join(", ")
        );
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use gateway_api::OutcomeClass;

    use super::*;

    #[test]
    fn every_class_abstention_and_refusal_has_its_text() {
        for class in OutcomeClass::ALL.into_iter().filter(|class| *class != OutcomeClass::Ok) {
            assert_eq!(find(class.as_str()).len(), 1, "{class}");
        }
        // The names in the sources, so that this test notices a new one.
        let named = |text: &str, before: &str| -> Vec<String> {
            let names = text
                .lines()
                .filter_map(|line| line.split_once(before)?.1.strip_suffix("\",").map(str::to_owned));
            names.collect()
        };
        let abstentions = named(include_str!("../../../engine/src/abstain.rs"), "=> \"");
        let refusals = named(include_str!("../../../../packages/api/src/publication.rs"), "=> \"");
        assert!(abstentions.len() >= 9 && refusals.len() >= 18, "{abstentions:?} {refusals:?}");
        for name in abstentions.iter().chain(&refusals) {
            assert!(!find(name).is_empty(), "{name} has no page in docs/errors");
        }
    }

    #[test]
    fn every_refusal_of_the_contract_has_its_section() {
        let source = include_str!("../../../../contracts/gateway/src/error.rs");
        let (_, kinds) = source.split_once("pub enum ContractError {").unwrap();
        let kinds = kinds.split("\n}\n").next().unwrap();
        let mut count = 0;
        for line in kinds.lines().filter_map(|line| line.strip_prefix("    ")) {
            let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
            if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                continue;
            }
            let mut snake = String::new();
            for c in name.chars() {
                if c.is_ascii_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.push(c.to_ascii_lowercase());
            }
            assert!(!find(&snake).is_empty(), "{snake} has no section in docs/errors/contract.md");
            count += 1;
        }
        assert!(count > 40, "{count}");
    }

    #[test]
    fn every_page_in_the_folder_is_in_the_binary() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = PAGES.iter().chain(&SECTIONS).any(|(page, _)| name == format!("{page}.md"));
            assert!(known || name == "README.md", "{name}");
        }
    }
}
