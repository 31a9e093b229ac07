//! Coins: decoding them from messages, validating them as the SDK does, and their text.

use cosmrs::proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmwasm_std::Coin;

use crate::error::{ExecError, code};

/// Decodes coins that must be sorted by denomination, without repetition, and all positive.
pub(crate) fn from_proto(coins: &[ProtoCoin]) -> Result<Vec<Coin>, ExecError> {
    let invalid = || ExecError::sdk(code::INVALID_COINS, proto_text(coins));
    let mut read: Vec<Coin> = Vec::with_capacity(coins.len());
    for coin in coins {
        let amount: u128 = coin.amount.parse().map_err(|_| invalid())?;
        let sorted = read.last().is_none_or(|last| last.denom < coin.denom);
        if amount == 0 || !sorted || !valid_denom(&coin.denom) {
            return Err(invalid());
        }
        read.push(Coin::new(amount, coin.denom.clone()));
    }
    Ok(read)
}

/// Converts coins to the form in messages, sorted by denomination as a contract's coins need not be.
pub(crate) fn to_proto_sorted(coins: &[Coin]) -> Vec<ProtoCoin> {
    let mut sorted: Vec<ProtoCoin> = coins.iter().map(to_proto).collect();
    sorted.sort_by(|a, b| a.denom.cmp(&b.denom));
    sorted
}

/// Converts one coin to the form in messages.
pub(crate) fn to_proto(coin: &Coin) -> ProtoCoin {
    ProtoCoin { denom: coin.denom.clone(), amount: coin.amount.to_string() }
}

/// Formats coins as in events, such as `5aarch,7other`.
pub(crate) fn text(coins: &[Coin]) -> String {
    let texts: Vec<String> = coins.iter().map(ToString::to_string).collect();
    texts.join(",")
}

fn proto_text(coins: &[ProtoCoin]) -> String {
    let texts: Vec<String> = coins.iter().map(|c| format!("{}{}", c.amount, c.denom)).collect();
    texts.join(",")
}

/// Returns whether a denomination is valid: a letter, then 2 to 127 letters, digits and `/:._-`.
fn valid_denom(denom: &str) -> bool {
    let mut chars = denom.chars();
    (3..=128).contains(&denom.len())
        && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || "/:._-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coin(amount: &str, denom: &str) -> ProtoCoin {
        ProtoCoin { amount: amount.into(), denom: denom.into() }
    }

    #[test]
    fn only_sorted_positive_coins_are_coins() {
        assert_eq!(text(&from_proto(&[coin("5", "aarch"), coin("7", "uusd")]).unwrap()), "5aarch,7uusd");
        for bad in [
            vec![coin("0", "aarch")],
            vec![coin("-1", "aarch")],
            vec![coin("1", "a")],
            vec![coin("1", "uusd"), coin("1", "aarch")],
            vec![coin("1", "aarch"), coin("1", "aarch")],
        ] {
            assert_eq!(from_proto(&bad).unwrap_err().code(), ("sdk", code::INVALID_COINS));
        }
    }
}
