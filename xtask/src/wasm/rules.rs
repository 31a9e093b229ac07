//! What the deployed chain accepts of a contract: its virtual machine's static checks at the chain's capabilities, the imports
//! its release offers (fewer than those of the one the checks come from), and our own bound on size.

use cosmwasm_vm::internals::{Logger, check_wasm};
use cosmwasm_vm::{WasmLimits, capabilities_from_csv};
use wasmparser::{Parser, Payload};

/// Capabilities that the chain offers.
const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4";

/// Host functions of release 1.5.8 of the virtual machine, which the chain runs.
const IMPORTS: [&str; 17] = [
    "abort",
    "addr_canonicalize",
    "addr_humanize",
    "addr_validate",
    "db_next",
    "db_next_key",
    "db_next_value",
    "db_read",
    "db_remove",
    "db_scan",
    "db_write",
    "debug",
    "ed25519_batch_verify",
    "ed25519_verify",
    "query_chain",
    "secp256k1_recover_pubkey",
    "secp256k1_verify",
];

/// Largest contract in bytes: 720 KiB, where the chain's own bound is 800 KiB. Loading costs the same whatever the size.
const MAX_BYTES: usize = 720 * 1024;

/// Returns what is wrong with a contract, if anything.
pub(super) fn check(wasm: &[u8]) -> Result<(), String> {
    if wasm.len() > MAX_BYTES {
        return Err(format!("{} bytes, allowed are {MAX_BYTES}", wasm.len()));
    }
    check_wasm(wasm, &capabilities_from_csv(CAPABILITIES), &WasmLimits::default(), Logger::Off)
        .map_err(|error| error.to_string())?;
    imports(wasm)
}

fn imports(wasm: &[u8]) -> Result<(), String> {
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ImportSection(section) = payload.map_err(|error| error.to_string())? else { continue };
        for import in section {
            let import = import.map_err(|error| error.to_string())?;
            if import.module != "env" || !IMPORTS.contains(&import.name) {
                return Err(format!("imports {}.{}, which the chain lacks", import.module, import.name));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the smallest module that the static checks accept, with one import.
    fn contract(import: &str, more: &str) -> Vec<u8> {
        wat::parse_str(format!(
            r#"(module
                 (import "env" "{import}" (func (param i32)))
                 (memory (export "memory") 1)
                 (func (export "interface_version_8"))
                 (func (export "allocate") (param i32) (result i32) i32.const 0)
                 (func (export "deallocate") (param i32))
                 (func (export "instantiate") (param i32 i32 i32) (result i32) i32.const 0)
                 {more})"#
        ))
        .unwrap()
    }

    #[test]
    fn the_chains_imports_are_accepted_and_no_newer_ones() {
        assert_eq!(check(&contract("debug", "")), Ok(()));
        let newer = check(&contract("bls12_381_aggregate_g1", "")).unwrap_err();
        assert!(newer.contains("bls12_381_aggregate_g1"), "{newer}");
    }

    #[test]
    fn a_contract_above_the_bound_is_refused() {
        let filler = |bytes: usize| format!(r#"(data (i32.const 0) "{}")"#, "x".repeat(bytes));
        assert_eq!(check(&contract("debug", &filler(60_000))), Ok(()));
        let large = check(&contract("debug", &filler(MAX_BYTES))).unwrap_err();
        assert!(large.contains(&format!("allowed are {MAX_BYTES}")), "{large}");
    }

    #[test]
    fn newer_instructions_and_capabilities_are_refused() {
        let bulk = r#"(func (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))"#;
        assert!(check(&contract("debug", bulk)).is_err());
        let capability = r#"(func (export "requires_cosmwasm_2_0"))"#;
        assert!(check(&contract("debug", capability)).unwrap_err().contains("cosmwasm_2_0"));
    }
}
