//! The node's tasks together, on a real database, against a contract in memory and a relay on loopback.

mod beacon;
mod direct;
mod fixture;
mod flow;
mod overdue;
mod pure;
mod recovery;
