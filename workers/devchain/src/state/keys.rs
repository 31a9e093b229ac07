//! The layout of state keys. The lengths after the first byte are those of the SDK's and wasmd's stores, since gas is charged
//! by length.

/// Prefix of the account module's keys.
const AUTH: u8 = b'a';
/// Prefix of the bank's keys.
const BANK: u8 = b'b';
/// Prefix of the keys of reserved callbacks.
const CALLBACK: u8 = b'c';
/// Prefix of the contract module's keys.
const WASM: u8 = b'w';

fn key(module: u8, prefix: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len() + 2);
    key.extend_from_slice(&[module, prefix]);
    key.extend_from_slice(rest);
    key
}

/// Returns the key of an account.
pub(crate) fn account(address: &[u8]) -> Vec<u8> {
    key(AUTH, 1, address)
}

/// Returns the key of the number that the next account gets.
pub(crate) fn next_account_number() -> Vec<u8> {
    key(AUTH, 2, b"globalAccountNumber")
}

/// Returns the prefix of all balances of an address.
pub(crate) fn balances(address: &[u8]) -> Vec<u8> {
    let mut rest = vec![u8::try_from(address.len()).unwrap_or(u8::MAX)];
    rest.extend_from_slice(address);
    key(BANK, 2, &rest)
}

/// Returns the key of an address's balance in one denomination.
pub(crate) fn balance(address: &[u8], denom: &str) -> Vec<u8> {
    let mut key = balances(address);
    key.extend_from_slice(denom.as_bytes());
    key
}

/// Returns the key of the supply of a denomination.
pub(crate) fn supply(denom: &str) -> Vec<u8> {
    key(BANK, 0, denom.as_bytes())
}

/// Returns the key of a code's record.
pub(crate) fn code(id: u64) -> Vec<u8> {
    key(WASM, 1, &id.to_be_bytes())
}

/// Returns the key of a contract's record.
pub(crate) fn contract(address: &[u8]) -> Vec<u8> {
    key(WASM, 2, address)
}

/// Returns the prefix of a contract's own storage.
pub(crate) fn contract_storage(address: &[u8]) -> Vec<u8> {
    key(WASM, 3, address)
}

/// Returns the key of the last code's id.
pub(crate) fn last_code_id() -> Vec<u8> {
    key(WASM, 4, b"lastCodeId")
}

/// Returns the key of the last contract's number.
pub(crate) fn last_instance_id() -> Vec<u8> {
    key(WASM, 4, b"lastContractId")
}

/// Returns the prefix of the contracts that run a code, oldest first; height, index and address follow it.
pub(crate) fn contracts_of_code(id: u64) -> Vec<u8> {
    key(WASM, 6, &id.to_be_bytes())
}

/// Returns the prefix of the callbacks of a height.
pub(crate) fn callbacks(height: u64) -> Vec<u8> {
    key(CALLBACK, 1, &height.to_be_bytes())
}

/// Returns the key of a callback.
pub(crate) fn callback(height: u64, contract: &[u8], job: u64) -> Vec<u8> {
    let mut key = callbacks(height);
    key.extend_from_slice(contract);
    key.extend_from_slice(&job.to_be_bytes());
    key
}

/// Returns the smallest key above every key starting with `prefix`; `None` if there is none.
pub(crate) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_carries() {
        assert_eq!(after_prefix(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(after_prefix(&[1, 255]), Some(vec![2]));
        assert_eq!(after_prefix(&[255]), None);
    }
}
