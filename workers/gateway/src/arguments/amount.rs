//! Amounts on the command line: whole numbers of a coin's smallest unit, as in messages.

/// Decimal places of a coin: ARCH is 10^18 aarch.
const FRACTION: usize = 18;

/// Parses an amount. Whole coins are refused with the number of smallest units that they would be, because only the network
/// determines which coin is meant.
pub(super) fn amount(text: &str) -> Result<u128, String> {
    if let Ok(amount) = text.parse() {
        return Ok(amount);
    }
    let unit = "takes a whole number in the smallest unit, without a name";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let name = text.get(digits.len()..).unwrap_or_default();
    if digits.is_empty() || name.is_empty() || name.starts_with('a') {
        return Err(unit.to_owned());
    }
    Err(smallest(digits)
        .map_or_else(|| unit.to_owned(), |same| format!("{unit}: {digits} {name} are {same}")))
}

/// Converts whole coins with a fraction to the smallest unit.
fn smallest(coins: &str) -> Option<u128> {
    let (whole, part) = coins.split_once('.').unwrap_or((coins, ""));
    let scale = 10u128.pow(u32::try_from(FRACTION).ok()?);
    let part = if part.len() > FRACTION { return None } else { format!("{part:0<FRACTION$}") };
    whole.parse::<u128>().ok()?.checked_mul(scale)?.checked_add(part.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn whole_coins_are_answered_with_the_number_that_they_stand_for() {
        assert_eq!(amount("12"), Ok(12));
        let unit = "takes a whole number in the smallest unit, without a name";
        assert_eq!(amount("5ARCH"), Err(format!("{unit}: 5 ARCH are 5000000000000000000")));
        assert_eq!(amount("0.25ARCH"), Err(format!("{unit}: 0.25 ARCH are 250000000000000000")));
        for wrong in ["", "-1", "5aarch", "ARCH", "1.5", "999999999999999999999999ARCH"] {
            assert_eq!(amount(wrong), Err(unit.to_owned()), "{wrong}");
        }
    }
}
