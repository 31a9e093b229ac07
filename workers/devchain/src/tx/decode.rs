//! Decodes bytes to a well-formed transaction. Reads no state.

use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, TxBody, TxRaw};
use cosmrs::proto::prost::Message;
use cosmwasm_std::Coin;
use sha2::{Digest, Sha256};

use super::router;
use crate::error::{ExecError, code};
use crate::modules::{Chain, coins};

/// A decoded transaction.
pub(crate) struct DecodedTx {
    pub(crate) raw: TxRaw,
    pub(crate) body: TxBody,
    pub(crate) auth: AuthInfo,
    /// Length of the transaction's bytes.
    pub(crate) len: usize,
    pub(crate) fee: Vec<Coin>,
    pub(crate) gas_limit: u64,
    /// The required signers, each once, in the order of their messages. Never empty.
    pub(crate) signers: Vec<Vec<u8>>,
}

/// Returns the hash that identifies a transaction.
pub(crate) fn tx_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl DecodedTx {
    /// Decodes a transaction and finds its signers.
    pub(crate) fn decode(chain: &Chain, bytes: &[u8]) -> Result<Self, ExecError> {
        let parse = |e: cosmrs::proto::prost::DecodeError| ExecError::sdk(code::TX_DECODE, e);
        let raw = TxRaw::decode(bytes).map_err(parse)?;
        let body = TxBody::decode(raw.body_bytes.as_slice()).map_err(parse)?;
        let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).map_err(parse)?;
        if body.messages.is_empty() {
            return Err(ExecError::sdk(code::INVALID_REQUEST, "must contain at least one message"));
        }
        if !body.extension_options.is_empty() {
            return Err(ExecError::sdk(code::UNKNOWN_REQUEST, "unknown extension options"));
        }
        let mut signers: Vec<Vec<u8>> = Vec::new();
        for message in &body.messages {
            for signer in router::signers(chain, message)? {
                if !signers.contains(&signer) {
                    signers.push(signer);
                }
            }
        }
        let fee = auth.fee.as_ref().ok_or_else(|| ExecError::sdk(code::TX_DECODE, "the fee is missing"))?;
        if !fee.granter.is_empty() {
            return Err(ExecError::sdk(code::INVALID_REQUEST, "fee grants are not supported"));
        }
        // A zero fee may be written as a coin of zero; elsewhere that is not a valid coin.
        let paid: Vec<_> = fee.amount.iter().filter(|coin| coin.amount != "0").cloned().collect();
        let (gas_limit, amount) = (fee.gas_limit, coins::from_proto(&paid)?);
        if !fee.payer.is_empty() {
            let payer = chain.decode(&fee.payer)?;
            if signers.first() != Some(&payer) {
                return Err(ExecError::sdk(code::INVALID_REQUEST, "only the first signer can pay the fee"));
            }
        }
        Ok(Self { raw, body, auth, len: bytes.len(), fee: amount, gas_limit, signers })
    }

    /// Returns the payer of the fee: the first signer.
    pub(crate) fn fee_payer(&self) -> &[u8] {
        self.signers.first().map_or(&[], Vec::as_slice)
    }
}
