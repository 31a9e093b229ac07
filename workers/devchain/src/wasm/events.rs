//! A contract's attributes and events as the chain emits them: named, tagged with the contract, checked.

use cosmwasm_std::{Attribute, Event as ContractEvent, Response};

use crate::error::{ExecError, wasm_code};
use crate::event::Event;

/// The key reserved for the chain, always first.
pub(super) const CONTRACT: &str = "_contract_address";
const MIN_TYPE: usize = 2;

/// Returns the events of one response: `wasm` for its attributes, then `wasm-…` for each of its events.
pub(super) fn of_response(contract: &str, response: &Response) -> Result<Vec<Event>, ExecError> {
    let mut events = Vec::new();
    if !response.attributes.is_empty() {
        events.push(marked("wasm".to_owned(), contract, &response.attributes)?);
    }
    for event in &response.events {
        events.push(custom(contract, event)?);
    }
    Ok(events)
}

fn custom(contract: &str, event: &ContractEvent) -> Result<Event, ExecError> {
    let kind = event.ty.trim();
    if kind.len() < MIN_TYPE {
        return Err(invalid(format!("Event type too short: '{kind}'")));
    }
    marked(format!("wasm-{kind}"), contract, &event.attributes)
}

fn marked(kind: String, contract: &str, attributes: &[Attribute]) -> Result<Event, ExecError> {
    let mut event = Event::new(kind).with(CONTRACT, contract);
    for attribute in attributes {
        let (key, value) = (attribute.key.trim(), attribute.value.trim());
        if key.is_empty() {
            return Err(invalid(format!("Empty attribute key. Value: {}", attribute.value)));
        }
        if value.is_empty() {
            return Err(invalid(format!("Empty attribute value. Key: {key}")));
        }
        if key.starts_with('_') {
            return Err(invalid(format!("Attribute key starts with reserved prefix _: '{key}'")));
        }
        event = event.with(key, value);
    }
    Ok(event)
}

fn invalid(text: String) -> ExecError {
    ExecError::wasm(wasm_code::INVALID_EVENT, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_events_carry_the_contract_first() {
        let response: Response = Response::new()
            .add_attribute(" a ", "1")
            .add_event(ContractEvent::new("made").add_attribute("b", "2"));
        let events = of_response("addr", &response).unwrap();
        assert_eq!(
            events,
            [
                Event::new("wasm").with(CONTRACT, "addr").with("a", "1"),
                Event::new("wasm-made").with(CONTRACT, "addr").with("b", "2"),
            ]
        );
        assert_eq!(of_response("addr", &Response::<cosmwasm_std::Empty>::new()).unwrap(), []);
    }

    #[test]
    fn forged_and_empty_attributes_are_refused() {
        for (key, value) in [("_contract_address", "x"), ("", "x"), ("x", " ")] {
            let mut response: Response = Response::new();
            response.attributes.push(Attribute { key: key.into(), value: value.into() });
            assert_eq!(
                of_response("addr", &response).unwrap_err().code(),
                ("wasm", wasm_code::INVALID_EVENT)
            );
        }
        let short: Response = Response::new().add_event(ContractEvent::new("x"));
        assert!(of_response("addr", &short).is_err());
    }
}
