//! Writes the book's pages that are derived from other files: the types of code, the daemons' HTTP.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::error::XtaskError;
use crate::{generated, workspace};

const WRITTEN: &str = "Written by `cargo xtask reference`";

/// Writes or checks the pages.
pub(crate) fn run(check: bool) -> Result<(), XtaskError> {
    let root = workspace::root();
    let pages = [("types.md", types(&root)?), ("http.md", http(&root)?)];
    for (name, text) in pages {
        generated::put(&root.join("docs").join(name), &text, check, "reference")?;
    }
    Ok(())
}

fn read(root: &Path, file: &str) -> Result<String, XtaskError> {
    let path = root.join(file);
    std::fs::read_to_string(&path).map_err(|source| XtaskError::File { path, source })
}

fn types(root: &Path) -> Result<String, XtaskError> {
    let types = read(root, "types/gateway.d.ts")?;
    Ok(format!(
        "# Types of code\n\n{WRITTEN} from `types/gateway.d.ts`, which `gateway init` puts into a project's folder. A test compares it with \
         what the isolate has: what is not here does not exist for code. [Code for the gateway](vm.md) explains it.\n\n```ts\n{}\n```\n",
        types.trim_end()
    ))
}

fn http(root: &Path) -> Result<String, XtaskError> {
    let mut out = format!(
        "# HTTP of relay and global\n\n{WRITTEN} from the OpenAPI documents in `schema`, which the daemons serve at `/openapi.json` and which \
         have the shapes of all bodies. Errors are problem documents (RFC 9457). An API key goes into the header \
         `authorization: Bearer KEY`. `/health`, `/ready` and `/metrics` are in [Operating](operating.md).\n"
    );
    for daemon in ["relay", "global"] {
        let text = read(root, &format!("schema/{daemon}-openapi.json"))?;
        let document: Value = serde_json::from_str(&text).map_err(|e| XtaskError::Schema(e.to_string()))?;
        let _ = write!(out, "\n## {daemon}\n");
        for (path, operations) in entries(&document["paths"]) {
            for (method, operation) in entries(operations) {
                operation_text(&mut out, path, method, operation);
            }
        }
    }
    Ok(out)
}

/// Returns the members of an object; none for anything else.
fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn operation_text(out: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(out, "\n### `{} {path}`\n\n{}", method.to_uppercase(), line(&operation["summary"]));
    if operation.get("security").is_some() {
        out.push_str(" Takes an API key.");
    }
    if let Some(body) = shape(&operation["requestBody"]) {
        let _ = write!(out, " The body is {body}.");
    }
    out.push('\n');
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        out.push_str("\n| parameter | in | |\n|---|---|---|\n");
    }
    for parameter in parameters {
        let [name, place, text] = ["name", "in", "description"].map(|key| line(&parameter[key]));
        let _ = writeln!(out, "| `{name}` | {place} | {text} |");
    }
    out.push_str("\n| status | body | |\n|---|---|---|\n");
    for (status, answer) in entries(&operation["responses"]) {
        let body = shape(answer).unwrap_or_default();
        let _ = writeln!(out, "| {status} | {body} | {} |", line(&answer["description"]));
    }
}

/// Formats a text as one line of a table.
fn line(text: &Value) -> String {
    text.as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

/// Describes the content of a request or an answer: the name of its schema, or its media type.
fn shape(of: &Value) -> Option<String> {
    let (media, content) = entries(&of["content"]).next()?;
    let name = content["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    Some(name.map_or_else(|| media.clone(), |name| format!("`{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_shows_parameters_bodies_and_statuses() {
        let operation = serde_json::json!({
            "summary": "Stores it.", "security": [{}],
            "parameters": [{"name": "id", "in": "path", "description": "Which\nor | what"}],
            "requestBody": {"content": {"text/plain": {}}},
            "responses": {"200": {"description": "Done", "content": {"application/json": {"schema": {"$ref": "#/a/Stored"}}}}},
        });
        let mut out = String::new();
        operation_text(&mut out, "/v1/x/{id}", "put", &operation);
        assert_eq!(
            out,
            "\n### `PUT /v1/x/{id}`\n\nStores it. Takes an API key. The body is text/plain.\n\n| parameter | in | |\n|---|---|---|\n\
             | `id` | path | Which or \\| what |\n\n| status | body | |\n|---|---|---|\n| 200 | `Stored` | Done |\n"
        );
    }
}
