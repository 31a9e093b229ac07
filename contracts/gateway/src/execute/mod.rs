//! What each message does, one file per verb. Verbs do not call each other; what several need is in a file of its own.

pub(crate) mod activate_version;
pub(crate) mod add_version;
pub(crate) mod attest;
pub(crate) mod callback;
pub(crate) mod cancel;
pub(crate) mod cancel_schedule;
pub(crate) mod claim;
pub(crate) mod deliver_callback;
pub(crate) mod deposit;
pub(crate) mod expire;
pub(crate) mod fee;
pub(crate) mod fund_schedule;
pub(crate) mod funds;
pub(crate) mod halt;
pub(crate) mod instantiate;
pub(crate) mod manage_node;
pub(crate) mod penalty;
pub(crate) mod publish;
pub(crate) mod recover_coins;
pub(crate) mod refund;
pub(crate) mod register_node;
pub(crate) mod register_project;
pub(crate) mod report_dissent;
pub(crate) mod report_silence;
pub(crate) mod request;
pub(crate) mod requests;
pub(crate) mod resume;
pub(crate) mod rewards;
pub(crate) mod run_schedules;
pub(crate) mod schedule;
pub(crate) mod schedule_version;
pub(crate) mod set_access;
pub(crate) mod set_consumers;
pub(crate) mod set_guardian;
pub(crate) mod set_node_accounts;
pub(crate) mod set_paused;
pub(crate) mod settle;
pub(crate) mod stake;
pub(crate) mod submit_evidence;
pub(crate) mod submit_round_tickets;
pub(crate) mod submit_ticket;
pub(crate) mod subscribe;
pub(crate) mod sweep;
pub(crate) mod tick;
pub(crate) mod transfer;
pub(crate) mod treasury;
pub(crate) mod update_settings;
pub(crate) mod withdraw;

use gateway_protocol::Domain;

/// What every preimage of this contract is bound to.
pub(crate) fn domain(env: &cosmwasm_std::Env) -> Domain<'_> {
    Domain { chain_id: &env.block.chain_id, contract: env.contract.address.as_str() }
}
