//! Accounts: number, sequence and public key. Holds no money; see `bank`.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::auth::v1beta1::BaseAccount;
use cosmrs::proto::prost::{Message, Name};

use crate::address::AddressCodec;
use crate::error::{ExecError, code};
use crate::state::{Session, keys};

/// Returns the type of every account here, as clients expect it.
pub(crate) fn type_url() -> String {
    format!("/{}", BaseAccount::full_name())
}

/// Returns an account, if it exists.
pub(crate) fn get(state: &mut Session, address: &[u8]) -> Result<Option<BaseAccount>, ExecError> {
    let Some(bytes) = state.get(&keys::account(address))? else { return Ok(None) };
    let stored = Any::decode(bytes.as_slice()).map_err(|e| ExecError::Store(e.to_string()))?;
    let account =
        BaseAccount::decode(stored.value.as_slice()).map_err(|e| ExecError::Store(e.to_string()))?;
    Ok(Some(account))
}

/// Returns an account that must exist.
pub(crate) fn require(
    state: &mut Session,
    codec: &AddressCodec,
    address: &[u8],
) -> Result<BaseAccount, ExecError> {
    match get(state, address)? {
        Some(account) => Ok(account),
        None => {
            let text = codec.encode(address).unwrap_or_default();
            Err(ExecError::sdk(code::UNKNOWN_ADDRESS, format!("account {text} does not exist")))
        }
    }
}

/// Stores an account.
pub(crate) fn set(state: &mut Session, address: &[u8], account: &BaseAccount) -> Result<(), ExecError> {
    let stored = Any { type_url: type_url(), value: account.encode_to_vec() };
    state.set(keys::account(address), stored.encode_to_vec())
}

/// Creates the account with the next number if there is none yet; returns whether it did.
pub(crate) fn ensure(state: &mut Session, codec: &AddressCodec, address: &[u8]) -> Result<bool, ExecError> {
    if get(state, address)?.is_some() {
        return Ok(false);
    }
    let text = codec.encode(address).map_err(|e| ExecError::sdk(code::INVALID_ADDRESS, e))?;
    let account_number = next_number(state, keys::next_account_number(), 0)?;
    let account = BaseAccount { address: text, pub_key: None, account_number, sequence: 0 };
    set(state, address, &account)?;
    Ok(true)
}

/// Takes the next number of a counter that starts at `first`, and advances it.
pub(crate) fn next_number(state: &mut Session, key: Vec<u8>, first: u64) -> Result<u64, ExecError> {
    let number = match state.get(&key)? {
        Some(bytes) => {
            let bytes: [u8; 8] =
                bytes.try_into().map_err(|_| ExecError::Store("a counter is not 8 bytes".to_owned()))?;
            u64::from_be_bytes(bytes)
        }
        None => first,
    };
    state.set(key, number.saturating_add(1).to_be_bytes().to_vec())?;
    Ok(number)
}
