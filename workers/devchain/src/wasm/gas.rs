//! The contract module's prices, in SDK gas: wasmd's gas register of the chain's version.

use cosmwasm_std::{Attribute, Event};

/// VM gas per SDK gas, for the VM version used here.
pub(crate) const MULTIPLIER: u64 = 140_000;
/// Loading a contract that is not pinned.
pub(super) const INSTANCE: u64 = 60_000;
const COMPILE_BYTE: u64 = 3;
const ATTRIBUTE: u64 = 10;
const ATTRIBUTE_BYTE: u64 = 1;
const FREE_ATTRIBUTE_BYTES: u64 = 100;
const CUSTOM_EVENT: u64 = 20;
/// One call that converts an address to text, in SDK gas.
pub(super) const HUMANIZE: u64 = 5;
/// One call that converts an address to bytes, in SDK gas.
pub(super) const CANONICALIZE: u64 = 4;

/// Converts SDK gas to VM gas; never more than the VM can count.
pub(super) fn to_vm(sdk: u64) -> u64 {
    sdk.saturating_mul(MULTIPLIER)
}

/// Converts VM gas to SDK gas, rounded down.
pub(super) fn from_vm(vm: u64) -> u64 {
    vm / MULTIPLIER
}

/// Returns the price of compiling code of this length.
pub(super) fn compile(bytes: usize) -> u64 {
    COMPILE_BYTE * bytes as u64
}

/// Returns the price of unpacking a gzip archive of this length: 0.15 per byte.
pub(super) fn uncompress(bytes: usize) -> u64 {
    bytes as u64 * 15 / 100
}

/// Returns the price of the attributes and events of one response; 100 bytes in total are free.
pub(super) fn events(attributes: &[Attribute], events: &[Event]) -> u64 {
    let mut free = FREE_ATTRIBUTE_BYTES;
    let mut cost = attribute_costs(attributes, &mut free);
    for event in events {
        cost += CUSTOM_EVENT;
        cost += ATTRIBUTE_BYTE * beyond(event.ty.len() as u64, &mut free);
        cost += attribute_costs(&event.attributes, &mut free);
    }
    cost
}

/// Returns the price of loading a contract for a reply with these events. Data and error text are free, as messages are.
pub(super) fn reply(events: &[crate::event::Event]) -> u64 {
    let mut free = FREE_ATTRIBUTE_BYTES;
    let types: u64 = events.iter().map(|e| e.kind.len() as u64 * ATTRIBUTE_BYTE).sum();
    let pairs = events.iter().flat_map(|e| &e.attributes);
    let (count, bytes) = pairs.fold((0, 0), |(n, b), (k, v)| (n + 1, b + (k.len() + v.len()) as u64));
    INSTANCE + types + ATTRIBUTE * count + ATTRIBUTE_BYTE * beyond(bytes, &mut free)
}

fn attribute_costs(attributes: &[Attribute], free: &mut u64) -> u64 {
    let bytes = attributes.iter().map(|a| (a.key.len() + a.value.len()) as u64).sum();
    ATTRIBUTE * attributes.len() as u64 + ATTRIBUTE_BYTE * beyond(bytes, free)
}

/// Returns the part of `bytes` not covered by the free tier, and uses the tier up.
fn beyond(bytes: u64, free: &mut u64) -> u64 {
    let covered = bytes.min(*free);
    *free -= covered;
    bytes - covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_cost_per_attribute_and_per_byte_above_the_free_ones() {
        let attributes = [Attribute::new("k".repeat(60), "v".repeat(60))];
        assert_eq!(super::events(&attributes, &[]), 10 + 20);
        let event = Event::new("abcd").add_attributes(attributes.clone());
        assert_eq!(super::events(&attributes, &[event]), 30 + 20 + 4 + 10 + 120);
        assert_eq!(super::events(&[], &[Event::new("abcd")]), 20);
    }
}
