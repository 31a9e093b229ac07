//! Builds the book of `docs/` with mdbook and follows every link in its pages: to a page, to a heading, to a picture.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::error::XtaskError;
use crate::workspace;

/// Pages that mdbook generates itself, whose links are relative to another place.
const NOT_FOLLOWED: [&str; 3] = ["404.html", "print.html", "toc.html"];

/// Builds the book with this program and follows its links.
///
/// # Errors
/// [`XtaskError::Book`]: mdbook fails or warns, or a link leads nowhere; [`XtaskError::File`].
pub(crate) fn run(mdbook: &Path) -> Result<(), XtaskError> {
    let root = workspace::root();
    let out = root.join("target/book");
    let file = |path: &Path| {
        let path = path.to_owned();
        |source| XtaskError::File { path, source }
    };
    if out.exists() {
        std::fs::remove_dir_all(&out).map_err(file(&out))?;
    }
    let mut command = Command::new(mdbook);
    command.arg("build").arg(root.join("docs")).arg("--dest-dir").arg(&out);
    let output = command.output().map_err(file(mdbook))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> =
        log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    if !output.status.success() || !complaints.is_empty() {
        return Err(XtaskError::Book(format!("mdbook says: {log}")));
    }
    let mut pages = BTreeMap::new();
    read_pages(&out, &out, &mut pages)?;
    let broken = broken_links(&pages, |path| out.join(path).exists());
    if broken.is_empty() {
        println!("{} has {} pages, and every link leads somewhere", out.display(), pages.len());
        return Ok(());
    }
    Err(XtaskError::Book(format!("links that lead nowhere:\n{}", broken.join("\n"))))
}

fn read_pages(root: &Path, folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<(), XtaskError> {
    let fault = |path: &Path, source| XtaskError::File { path: path.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(|e| fault(folder, e))? {
        let path = entry.map_err(|e| fault(folder, e))?.path();
        if path.is_dir() {
            read_pages(root, &path, pages)?;
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let text = std::fs::read_to_string(&path).map_err(|e| fault(&path, e))?;
            pages.insert(path.strip_prefix(root).unwrap_or(&path).to_owned(), text);
        }
    }
    Ok(())
}

/// Returns links to missing files or headings, each as `page: link`.
fn broken_links(pages: &BTreeMap<PathBuf, String>, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let headings: BTreeMap<&Path, BTreeSet<&str>> =
        pages.iter().map(|(path, text)| (path.as_path(), attributes(text, "id").collect())).collect();
    let mut broken = Vec::new();
    for (page, text) in pages {
        if NOT_FOLLOWED.iter().any(|name| page.ends_with(name)) {
            continue;
        }
        for link in attributes(text, "href").chain(attributes(text, "src")) {
            if link.contains("://") || ["mailto:", "data:", "javascript:"].iter().any(|s| link.starts_with(s))
            {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { joined(page, path) };
            let there = match headings.get(target.as_path()) {
                Some(of_page) => heading.is_empty() || of_page.contains(heading),
                None => exists(&target),
            };
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    broken
}

/// Resolves a link's path relative to its page.
fn joined(page: &Path, link: &str) -> PathBuf {
    let mut target = page.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                target.pop();
            }
            Component::Normal(name) => target.push(name),
            _ => {}
        }
    }
    target
}

/// Returns the values of an attribute in a generated page: always in double quotes.
fn attributes<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(' ').filter_map(move |word| word.strip_prefix(name)?.strip_prefix("=\"")?.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_missing_page_heading_or_picture_is_found_and_the_others_are_not() {
        let page = |text: &str| text.to_owned();
        let pages = BTreeMap::from([
            (
                PathBuf::from("a.html"),
                page(
                    "<h1 id=\"top\"><a href=\"b/c.html#x\">c</a> <a href=\"#top\">a</a> <a href=\"https://x.example/no\">w</a> <img src=\"p.svg\">",
                ),
            ),
            (
                PathBuf::from("b/c.html"),
                page(
                    "<h2 id=\"x\"><a href=\"../a.html\">a</a> <a href=\"../gone.html\">g</a> <a href=\"#y\">y</a> <img src=\"q.svg\">",
                ),
            ),
            (PathBuf::from("404.html"), page("<a href=\"nowhere\">n</a>")),
        ]);
        let broken = broken_links(&pages, |path| path == Path::new("p.svg"));
        assert_eq!(broken, ["b/c.html: ../gone.html", "b/c.html: #y", "b/c.html: q.svg"]);
    }
}
