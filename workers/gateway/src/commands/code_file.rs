//! Reads a project's code as it is hashed, registered and run: JavaScript as it stands, TypeScript with its types blanked out.

use std::path::Path;

use super::CommandError;

/// Written first by some editors.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a file of code. The types of a `.ts` or `.mts` file are replaced by spaces, which preserves lines and columns; the
/// result is what a project pins.
///
/// # Errors
/// [`CommandError`] with the file's name: it cannot be read; or it is TypeScript that does not parse, or that needs more than
/// its types removed (`enum`, `namespace` with values, parameter properties, `import =`, `<T>x`); or it is JSX.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    from_text(file, bytes(file)?)
}

/// Does the same for a text that the file would have.
pub(super) fn from_text(file: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, CommandError> {
    match file.extension().and_then(|e| e.to_str()) {
        Some("ts" | "mts") => {
            let source = String::from_utf8(bytes).map_err(|e| format!("{}: {e}", file.display()))?;
            blank_types(&source)
                .map(String::into_bytes)
                .map_err(|e| format!("{}: {e}", file.display()).into())
        }
        Some("tsx" | "jsx") => Err(format!("{}: JSX has no meaning for the gateway", file.display()).into()),
        _ => Ok(bytes),
    }
}

/// Reads a file as it stands; an error names it.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()).into())
}

/// Reads a JSON file, with or without a byte order mark; `what` says what it should be.
///
/// # Errors
/// [`CommandError`] with the file's name: it cannot be read or is malformed.
pub(super) fn json<T: serde::de::DeserializeOwned>(file: &Path, what: &str) -> Result<T, CommandError> {
    let bytes = bytes(file)?;
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|e| format!("{} is not {what}: {e}", file.display()).into())
}

/// Replaces types by spaces.
fn blank_types(source: &str) -> Result<String, String> {
    // The parser recurses: its own thread bounds the stack that deeply nested code takes.
    let stripped = tsv_ts::run_with_stack(|| {
        tsv_ts::strip_with_goal(source, tsv_ts::Goal::Module).map_err(|error| format!("{error:#}"))
    });
    stripped.map_err(|e| e.to_string())?.map(|stripped| stripped.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_blanked_and_every_other_character_keeps_its_place() {
        let source = "interface In { pair: string }\nexport default async ({ pair }: In): Promise<string> =>\n  pair!;\n";
        let code = blank_types(source).unwrap();
        assert_eq!(code.lines().count(), source.lines().count());
        for (typed, plain) in source.lines().zip(code.lines()) {
            assert_eq!(typed.len(), plain.len(), "{plain}");
            for (a, b) in typed.chars().zip(plain.chars()) {
                assert!(a == b || b == ' ' || b == ')' || b == ';', "{typed:?} became {plain:?}");
            }
        }
        assert!(!code.contains("interface") && !code.contains("string"), "{code}");
    }

    #[test]
    fn what_needs_more_than_blanking_is_refused_with_its_place() {
        let error = blank_types("export default () => 1;\nenum E { A }\n").unwrap_err();
        assert!(error.contains("enum") && error.contains("2:1"), "{error}");
        let error = blank_types("export default (: number) => 1;\n").unwrap_err();
        assert!(error.contains("1:"), "{error}");
    }

    #[test]
    fn json_is_read_with_a_byte_order_mark_and_an_error_says_what_it_should_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        std::fs::write(&file, "\u{feff}[1, 2]").unwrap();
        assert_eq!(json::<Vec<u8>>(&file, "a list").unwrap(), [1, 2]);
        std::fs::write(&file, "1, 2").unwrap();
        let error = json::<Vec<u8>>(&file, "a list").unwrap_err().to_string();
        assert!(error.contains("a.json is not a list: "), "{error}");
    }

    #[test]
    fn only_files_of_typescript_are_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "const x: number = 1;\n").unwrap();
            read(&path)
        };
        assert_eq!(file("a.js").unwrap(), b"const x: number = 1;\n");
        assert_eq!(file("a.ts").unwrap(), b"const x         = 1;\n");
        assert!(file("a.tsx").unwrap_err().to_string().contains("JSX"));
    }
}
