//! Empties functions that no contract can call, so that the optimiser drops them together with everything that only they call:
//! printing a captured backtrace. The standard error of contracts has a field for one, which on this target is always empty;
//! the linker cannot know that, and would keep a name demangler and more, some twenty kilobytes.
//!
//! An emptied function traps if it is called after all, and a trap reverts the transaction.

use std::collections::BTreeSet;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// No locals, `unreachable`, `end`.
const EMPTY: [u8; 3] = [0x00, 0x00, 0x0b];
const HEADER: usize = 8;
/// The crate that demangles names.
const DEMANGLER: &str = "14rustc_demangle";

/// Returns whether a function, by its mangled name, prints the standard library's backtrace or a part of it. All parts are
/// named: whatever was ever called through a table is kept, even if nothing calls it any more.
///
/// A name may end with the crate that first needed a function of another crate: `<[u8]>::starts_with` instantiated for the
/// demangler is used by everyone, and is kept.
fn prints_backtrace(name: &str) -> bool {
    let all = |parts: &[&str]| parts.iter().all(|part| name.contains(part));
    let own = name.strip_suffix(DEMANGLER).unwrap_or(name);
    own.contains(DEMANGLER) || all(&["backtrace_rs"]) || all(&["backtrace", "Backtrace", "3fmt"])
}

/// Returns the module with those functions emptied, and how many there were.
pub(super) fn snip(wasm: &[u8]) -> Result<(Vec<u8>, usize), String> {
    let useless = useless(wasm)?;
    let mut out = wasm.get(..HEADER).ok_or("no header")?.to_vec();
    let (mut code, mut count, mut function, mut emptied) = (Vec::new(), 0, useless.imported, 0);
    let copy = |out: &mut Vec<u8>, id: u8, bytes: &[u8]| {
        out.push(id);
        number(out, bytes.len());
        out.extend_from_slice(bytes);
    };
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| error.to_string())?;
        match &payload {
            Payload::CodeSectionStart { count: bodies, .. } => {
                count = *bodies;
                number(&mut code, count as usize);
            }
            Payload::CodeSectionEntry(body) => {
                let empty = useless.functions.contains(&function);
                let bytes = if empty { Some(&EMPTY[..]) } else { wasm.get(body.range()) };
                let bytes = bytes.ok_or("a function outside the module")?;
                number(&mut code, bytes.len());
                code.extend_from_slice(bytes);
                (function, count, emptied) = (function + 1, count - 1, emptied + usize::from(empty));
                if count == 0 {
                    copy(&mut out, 10, &code);
                }
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    copy(&mut out, id, wasm.get(range).ok_or("a section outside the module")?);
                }
            }
        }
    }
    Ok((out, emptied))
}

/// Functions to empty.
struct Useless {
    /// Number of imported functions: the module's own are numbered after them.
    imported: u32,
    functions: BTreeSet<u32>,
}

fn useless(wasm: &[u8]) -> Result<Useless, String> {
    let mut found = Useless { imported: 0, functions: BTreeSet::new() };
    let fault = |error: wasmparser::BinaryReaderError| error.to_string();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(fault)? {
            Payload::ImportSection(imports) => {
                for import in imports {
                    let function = matches!(import.map_err(fault)?.ty, TypeRef::Func(_));
                    found.imported += u32::from(function);
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for part in names {
                    let Name::Function(functions) = part.map_err(fault)? else { continue };
                    for function in functions {
                        let function = function.map_err(fault)?;
                        if prints_backtrace(function.name) {
                            found.functions.insert(function.index);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Appends a number in the format's variable length.
fn number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_prints_a_backtrace_is_emptied() {
        let text = |printing: &str| {
            format!(
                r#"(module
                     (import "env" "debug" (func $debug (param i32)))
                     (memory 1)
                     (func $first (result i32) i32.const 1)
                     (func $_R3std9backtrace9Backtrace4core3fmt7Display3fmt (param i32) (result i32) {printing})
                     (func $last (export "last") (param i32) (result i32) local.get 0)
                     (data (i32.const 0) "kept"))"#
            )
        };
        let module = wat::parse_str(text("i32.const 7 drop local.get 0")).unwrap();
        let (snipped, emptied) = snip(&module).unwrap();
        assert_eq!(emptied, 1);
        assert_eq!(snipped, wat::parse_str(text("unreachable")).unwrap());
    }

    #[test]
    fn shared_functions_first_used_by_the_demangler_are_kept() {
        let shared = "_RNvMNtCseNiIxlyKPTN_4core5sliceSh11starts_withCsb8PVs7UTN1u_14rustc_demangle";
        let own = "_RNvMs2_NtCsb8PVs7UTN1u_14rustc_demangle2v0NtB5_6Parser4next";
        let of_its_type =
            "_RNvXs1i_NtC4core3fmtRNtCsb8PVs7UTN1u_14rustc_demangle13DemangleStyleNtB6_7Display3fmtBy_";
        assert_eq!([shared, own, of_its_type].map(prints_backtrace), [false, true, true]);
    }

    #[test]
    fn a_module_without_any_stays_as_it_is() {
        let module = wat::parse_str(r#"(module (func $backtrace (result i32) i32.const 1))"#).unwrap();
        assert_eq!(snip(&module).unwrap(), (module, 0));
        let empty = wat::parse_str("(module)").unwrap();
        assert_eq!(snip(&empty).unwrap(), (empty, 0));
    }
}
