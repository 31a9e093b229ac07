//! Shows a contract's refusal in its own words, with the name of its page: what nodes and the chain wrap around it helps
//! nobody.

use super::explain;

/// Prefix of a message's failure; its index follows.
const MESSAGE: &str = "failed to execute message; message index: ";
/// Follows the code of a query's failure.
const QUERY: &str = " of sdk): ";

/// Returns the refusal that an error contains; `None` if no contract has refused.
pub(super) fn in_its_words(error: &str) -> Option<String> {
    let end = ["execute", "query", "instantiate", "migrate"]
        .iter()
        .filter_map(|what| error.find(&format!(": {what} wasm contract failed")))
        .min()?;
    let text = error.get(..end)?;
    let reason = match text.split_once(MESSAGE) {
        Some((_, rest)) => rest.split_once(": ")?.1,
        None => text.split_once(QUERY)?.1,
    };
    let reason = reason.trim_start_matches("dispatch: submessages: ");
    let page = explain::refusal(reason).map(|name| format!(" (gateway explain {name})"));
    Some(format!("the contract refuses: {reason}{}", page.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_contract_says_is_left_and_its_page_is_named() {
        let simulated = "query /cosmos.tx.v1beta1.Service/Simulate failed (code 6 of sdk): rpc error: code = Unknown desc = failed to \
                         execute message; message index: 0: this message is for the project's owner: execute wasm contract failed \
                         with gas used: '79480': unknown request";
        assert_eq!(
            in_its_words(simulated).as_deref(),
            Some(
                "the contract refuses: this message is for the project's owner (gateway explain unauthorized)"
            )
        );
        let queried = "query /cosmwasm.wasm.v1.Query/SmartContractState failed (code 6 of sdk): no project has the id 99: query wasm \
                       contract failed: unknown request";
        let shown = in_its_words(queried).unwrap();
        assert!(
            shown.starts_with("the contract refuses: no project has the id 99 (gateway explain "),
            "{shown}"
        );
        let others = "(code 5 of sdk): failed to execute message; message index: 1: dispatch: submessages: Error parsing: \
                      missing field: execute wasm contract failed";
        assert_eq!(
            in_its_words(others).as_deref(),
            Some("the contract refuses: Error parsing: missing field")
        );
        assert_eq!(in_its_words("cannot reach the node"), None);
    }
}
