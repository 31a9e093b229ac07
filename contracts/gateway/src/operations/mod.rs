//! What several messages do in part: nothing here is a message of its own, and no message is carried out from here.

pub(crate) mod consumers;
pub(crate) mod opening;
pub(crate) mod reservation;
pub(crate) mod rounds;
pub(crate) mod schedules;
