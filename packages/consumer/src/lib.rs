//! What a contract needs to ask the gateway and to receive its answer.
