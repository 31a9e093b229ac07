//! What every preimage of this contract is bound to: its chain and its address.

use cosmwasm_std::Env;
use gateway_protocol::Domain;

/// Binds what is hashed, proved or signed to this contract on this chain, so that it is worth nothing to another.
pub(crate) fn domain(env: &Env) -> Domain<'_> {
    Domain { chain_id: &env.block.chain_id, contract: env.contract.address.as_str() }
}
