//! What several messages, replies or calls of the chain do in part: nothing here is a message of its own, and no message is
//! carried out from here.

pub(crate) mod callback;
pub(crate) mod consumers;
pub(crate) mod engines;
pub(crate) mod fee;
pub(crate) mod funds;
pub(crate) mod opening;
pub(crate) mod overdue;
pub(crate) mod penalty;
pub(crate) mod refund;
pub(crate) mod reservation;
pub(crate) mod rewards;
pub(crate) mod rounds;
pub(crate) mod schedules;
pub(crate) mod settle;
pub(crate) mod stake;
pub(crate) mod sweep;
pub(crate) mod treasury;
pub(crate) mod version_bounds;
