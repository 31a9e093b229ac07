//! The archwayd equivalent of a `gateway` command: complete, so that it works as it stands.

use std::fmt::Write as _;

use super::network::Network;

/// Returns the command that executes a message (JSON) on a contract with funds in the network's denom.
pub(in crate::commands) fn execute(network: &Network, contract: &str, message: &str, funds: u128) -> String {
    let mut command = format!("archwayd tx wasm execute {contract} {}", quoted(message));
    // Writing to a string cannot fail.
    if funds > 0 {
        let _ = write!(command, " --amount {funds}{}", network.denom);
    }
    command + &transaction_flags(network)
}

/// Returns the command that instantiates a contract from stored code.
pub(super) fn instantiate(
    network: &Network,
    code_id: u64,
    message: &str,
    label: &str,
    admin: &str,
) -> String {
    format!(
        "archwayd tx wasm instantiate {code_id} {} --label {} --admin {admin}{}",
        quoted(message),
        quoted(label),
        transaction_flags(network)
    )
}

/// Returns the command that migrates a contract to stored code.
pub(super) fn migrate(network: &Network, contract: &str, code_id: u64, message: &str) -> String {
    format!("archwayd tx wasm migrate {contract} {code_id} {}{}", quoted(message), transaction_flags(network))
}

/// Returns the command that stores a contract's code.
pub(super) fn store(network: &Network, file: &str) -> String {
    format!("archwayd tx wasm store {}{}", quoted(file), transaction_flags(network))
}

/// Returns the command that shows a transaction with its events, which hold the ids.
pub(in crate::commands) fn show_transaction(network: &Network) -> String {
    format!("archwayd query tx <hash> --node {} --output json", network.rpc)
}

fn transaction_flags(network: &Network) -> String {
    let Network { key_name, chain_id, rpc, keyring_backend, gas_price, denom, .. } = network;
    format!(
        " --from {} --chain-id {chain_id} --node {rpc} --keyring-backend {keyring_backend} --gas auto \
         --gas-adjustment 1.3 --gas-prices {gas_price}{denom} --yes",
        quoted(key_name)
    )
}

/// Quotes an argument for a POSIX shell.
pub(in crate::commands) fn quoted(argument: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@".contains(&b);
    if !argument.is_empty() && argument.bytes().all(plain) {
        return argument.to_owned();
    }
    // A shell ends a quoted argument at the next quote.
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::arguments::ChainOptions;

    #[test]
    fn a_command_says_everything_that_the_chain_asks_for() {
        let options = ChainOptions { network: Some("archway".to_owned()), ..ChainOptions::default() };
        let network = Network::resolve(&options, Path::new("/nowhere")).unwrap();
        let command = execute(&network, "archway1c", r#"{"name":"Ada's"}"#, 5);
        for part in [
            r#"archwayd tx wasm execute archway1c '{"name":"Ada'\''s"}' --amount 5aarch --from my-key"#,
            " --chain-id archway-1 ",
            " --keyring-backend os ",
            " --gas auto ",
            " --gas-prices 196000000000aarch ",
            " --yes",
        ] {
            assert!(command.contains(part), "{part:?} is not in {command}");
        }
        assert!(!execute(&network, "archway1c", "{}", 0).contains("--amount"));
    }
}
