//! An example contract that asks the gateway for a result and receives the callback.
