//! Messages, responses, typed events, ids and bounded types: the contract's wire format.
