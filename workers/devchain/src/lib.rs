//! A single-process CosmWasm chain that speaks the Tendermint RPC, for development, tests and the demo.
