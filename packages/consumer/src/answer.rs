//! Checks and reads what the gateway calls back with.

use cosmwasm_std::{Addr, SubMsgResponse, from_json};
use gateway_api::{
    Body, CodeHash, DrawClass, GatewayResult, ProjectId, RequestId, Resolution, ScheduleId, Version,
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::ConsumerError;

/// A checked answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    result: GatewayResult,
}

/// What an answer must be about. What is absent may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The project that was asked.
    pub project: ProjectId,
    /// The version that must have run.
    pub version: Option<Version>,
    /// The hash of the code that must have run.
    pub code: Option<CodeHash>,
}

/// Checks that the gateway itself calls, that its answer is waited for, and that the expected code gave it. `take_pending`
/// removes the request from the consumer's own list and returns what was expected of it: so an answer is taken once.
///
/// # Errors
/// [`ConsumerError::NotTheGateway`], [`ConsumerError::NotWaitedFor`], [`ConsumerError::Unexpected`].
pub fn check(
    sender: &Addr,
    gateway: &Addr,
    result: GatewayResult,
    take_pending: impl FnOnce(RequestId) -> Option<Expected>,
) -> Result<Answer, ConsumerError> {
    if sender != gateway {
        return Err(ConsumerError::NotTheGateway {});
    }
    let request = result.request;
    let expected = take_pending(request).ok_or(ConsumerError::NotWaitedFor { request })?;
    as_expected(result, &expected)
}

/// Checks that the gateway itself calls, for a schedule of the consumer's own, and that the expected code gave the answer.
/// `expected_of` returns what is expected of a schedule that the consumer has begun: the ids of its requests are not known
/// beforehand. The gateway delivers the answer of each request once.
///
/// # Errors
/// [`ConsumerError::NotTheGateway`], [`ConsumerError::NotWaitedFor`], [`ConsumerError::Unexpected`].
pub fn check_scheduled(
    sender: &Addr,
    gateway: &Addr,
    result: GatewayResult,
    expected_of: impl FnOnce(ScheduleId) -> Option<Expected>,
) -> Result<Answer, ConsumerError> {
    if sender != gateway {
        return Err(ConsumerError::NotTheGateway {});
    }
    let request = result.request;
    let expected = result.schedule.and_then(expected_of).ok_or(ConsumerError::NotWaitedFor { request })?;
    as_expected(result, &expected)
}

fn as_expected(result: GatewayResult, expected: &Expected) -> Result<Answer, ConsumerError> {
    let request = result.request;
    if result.project != expected.project
        || expected.version.is_some_and(|version| version != result.version)
        || expected.code.is_some_and(|code| code != result.code)
    {
        return Err(ConsumerError::Unexpected { request });
    }
    Ok(Answer { result })
}

impl Answer {
    /// The request answered.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.result.request
    }

    /// The schedule that asked, where one did.
    #[must_use]
    pub fn schedule(&self) -> Option<ScheduleId> {
        self.result.schedule
    }

    /// How the committee was drawn: `fast` draws can be steered by the requester.
    #[must_use]
    pub fn draw(&self) -> DrawClass {
        self.result.draw
    }

    /// How it ended, as the gateway says it.
    #[must_use]
    pub fn resolution(&self) -> &Resolution {
        &self.result.resolution
    }

    /// The value's text from somebody who brings it, where the value is kept off the chain: checked against the hash that
    /// the committee agreed on. See [`verify_body`] for bodies that come in a later message.
    ///
    /// # Errors
    /// [`ConsumerError::NotTheBody`] where the text is not the body; [`ConsumerError::AgreedError`] or
    /// [`ConsumerError::Expired`] where the request ended without a value.
    pub fn verified<'a>(&self, text: &'a str) -> Result<&'a str, ConsumerError> {
        match &self.result.resolution {
            Resolution::Expired {} => Err(ConsumerError::Expired {}),
            Resolution::Fulfilled { class, .. } if *class != gateway_api::OutcomeClass::Ok => {
                Err(ConsumerError::AgreedError { class: *class })
            }
            Resolution::Fulfilled { body, .. } => verify_body(body, text).map(|()| text),
        }
    }

    /// The value's text: canonical JSON.
    ///
    /// # Errors
    /// [`ConsumerError::OffChain`] where the value is kept off the chain; [`ConsumerError::AgreedError`] or
    /// [`ConsumerError::Expired`] where the request ended without one.
    pub fn text(&self) -> Result<&str, ConsumerError> {
        match &self.result.resolution {
            Resolution::Expired {} => Err(ConsumerError::Expired {}),
            Resolution::Fulfilled { class, .. } if *class != gateway_api::OutcomeClass::Ok => {
                Err(ConsumerError::AgreedError { class: *class })
            }
            Resolution::Fulfilled { body: Body::Hashed { .. }, .. } => Err(ConsumerError::OffChain {}),
            Resolution::Fulfilled { body: Body::Inline { text }, .. } => Ok(text),
        }
    }

    /// The value, typed.
    ///
    /// # Errors
    /// As [`Self::text`], or the value is of another form.
    pub fn value<T: DeserializeOwned>(&self) -> Result<T, ConsumerError> {
        from_json(self.text()?).map_err(|error| ConsumerError::Body(error.to_string()))
    }
}

/// Checks that a text is an answer's body, inline or hashed: anybody may bring one that is kept off the chain, for example
/// from a relay's `GET /v1/results/{id}/body`.
///
/// # Errors
/// [`ConsumerError::NotTheBody`].
pub fn verify_body(body: &Body, text: &str) -> Result<(), ConsumerError> {
    let same = match body {
        Body::Inline { text: known } => known == text,
        Body::Hashed { sha256, size } => {
            u64::from(*size) == text.len() as u64 && sha256.0 == <[u8; 32]>::from(Sha256::digest(text))
        }
    };
    if same { Ok(()) } else { Err(ConsumerError::NotTheBody {}) }
}

/// The request's id from the gateway's reply to [`crate::Ask::message`].
///
/// # Errors
/// [`ConsumerError::NoRequestId`]: the reply is another message's.
pub fn parse_request_id(response: &SubMsgResponse) -> Result<RequestId, ConsumerError> {
    parse_id(response)
}

/// The schedule's id from the gateway's reply to [`crate::Ask::schedule`].
///
/// # Errors
/// [`ConsumerError::NoRequestId`]: the reply is another message's.
pub fn parse_schedule_id(response: &SubMsgResponse) -> Result<ScheduleId, ConsumerError> {
    parse_id(response)
}

fn parse_id<T: DeserializeOwned>(response: &SubMsgResponse) -> Result<T, ConsumerError> {
    #[allow(deprecated)] // The field that chains of version 1.5 fill; newer ones still fill it.
    let data = response.data.as_ref().ok_or(ConsumerError::NoRequestId {})?;
    let data = execute_data(data.as_slice()).ok_or(ConsumerError::NoRequestId {})?;
    from_json(data).map_err(|_| ConsumerError::NoRequestId {})
}

/// The bytes of `MsgExecuteContractResponse`: field 1, length, data.
fn execute_data(bytes: &[u8]) -> Option<&[u8]> {
    let [0x0a, rest @ ..] = bytes else { return None };
    // An id is a short text: its length takes one byte.
    let (length, data) = rest.split_first()?;
    (*length < 0x80 && data.len() == usize::from(*length)).then_some(data)
}

#[cfg(test)]
mod tests {
    use gateway_api::OutcomeClass;

    use super::*;

    fn result(resolution: Resolution) -> GatewayResult {
        GatewayResult {
            request: RequestId(7),
            project: ProjectId(1),
            version: Version(1),
            code: CodeHash([7; 32]),
            draw: DrawClass::Normal,
            schedule: None,
            resolution,
        }
    }

    const EXPECTED: Expected = Expected { project: ProjectId(1), version: None, code: None };

    fn inline(class: OutcomeClass, text: &str) -> Resolution {
        Resolution::Fulfilled { class, body: Body::Inline { text: text.to_owned() } }
    }

    fn checked(resolution: Resolution) -> Answer {
        let gateway = Addr::unchecked("gateway");
        check(&gateway, &gateway, result(resolution), |_| Some(EXPECTED)).unwrap()
    }

    #[test]
    fn only_the_gateway_and_only_what_is_waited_for() {
        let (gateway, other) = (Addr::unchecked("gateway"), Addr::unchecked("other"));
        let ok = || result(inline(OutcomeClass::Ok, "1"));
        assert_eq!(check(&other, &gateway, ok(), |_| Some(EXPECTED)), Err(ConsumerError::NotTheGateway {}));
        assert_eq!(
            check(&gateway, &gateway, ok(), |_| None),
            Err(ConsumerError::NotWaitedFor { request: RequestId(7) })
        );
    }

    #[test]
    fn an_answer_of_another_project_version_or_code_is_refused() {
        let gateway = Addr::unchecked("gateway");
        let checked = |expected| {
            let ok = result(inline(OutcomeClass::Ok, "1"));
            check(&gateway, &gateway, ok, |_| Some(expected)).map(|_| ())
        };
        let refused = Err(ConsumerError::Unexpected { request: RequestId(7) });
        let all = Expected { version: Some(Version(1)), code: Some(CodeHash([7; 32])), ..EXPECTED };
        assert_eq!(checked(all), Ok(()));
        assert_eq!(checked(Expected { project: ProjectId(2), ..EXPECTED }), refused);
        assert_eq!(checked(Expected { version: Some(Version(2)), ..EXPECTED }), refused);
        assert_eq!(checked(Expected { code: Some(CodeHash([8; 32])), ..EXPECTED }), refused);
    }

    #[test]
    fn an_answer_to_a_schedule_is_taken_for_ones_own_schedule_alone() {
        let gateway = Addr::unchecked("gateway");
        let of = |schedule| GatewayResult { schedule, ..result(inline(OutcomeClass::Ok, "1")) };
        let expected = |schedule| (schedule == ScheduleId(3)).then_some(EXPECTED);
        let checked = |sender: &str, result| {
            check_scheduled(&Addr::unchecked(sender), &gateway, result, expected)
                .map(|answer| answer.schedule())
        };
        assert_eq!(checked("gateway", of(Some(ScheduleId(3)))), Ok(Some(ScheduleId(3))));
        assert_eq!(checked("other", of(Some(ScheduleId(3)))), Err(ConsumerError::NotTheGateway {}));
        for schedule in [None, Some(ScheduleId(4))] {
            let refused = Err(ConsumerError::NotWaitedFor { request: RequestId(7) });
            assert_eq!(checked("gateway", of(schedule)), refused);
        }
        let other = GatewayResult { project: ProjectId(2), ..of(Some(ScheduleId(3))) };
        assert_eq!(checked("gateway", other), Err(ConsumerError::Unexpected { request: RequestId(7) }));
    }

    #[test]
    fn values_are_typed_and_everything_else_says_what_it_is() {
        assert_eq!(checked(inline(OutcomeClass::Ok, "[1,2]")).value::<Vec<u32>>(), Ok(vec![1, 2]));
        assert!(matches!(
            checked(inline(OutcomeClass::Ok, "\"x\"")).value::<u32>(),
            Err(ConsumerError::Body(_))
        ));
        assert_eq!(
            checked(inline(OutcomeClass::JsThrow, "{}")).text(),
            Err(ConsumerError::AgreedError { class: OutcomeClass::JsThrow })
        );
        assert_eq!(checked(Resolution::Expired {}).text(), Err(ConsumerError::Expired {}));
    }

    #[test]
    fn a_body_kept_off_the_chain_is_taken_from_anybody_who_brings_it_and_nothing_else_is() {
        let text = "[1,2,3]";
        let sha256 = gateway_api::BodyHash(Sha256::digest(text).into());
        let body = Body::Hashed { sha256, size: 7 };
        let answer = checked(Resolution::Fulfilled { class: OutcomeClass::Ok, body: body.clone() });
        assert_eq!(answer.text(), Err(ConsumerError::OffChain {}));
        assert_eq!(answer.verified(text), Ok(text));
        assert_eq!(verify_body(&body, text), Ok(()));
        let other_size = Body::Hashed { sha256, size: 8 };
        for (body, text) in [(&body, "[1,2,4]"), (&body, "[1,2,3] "), (&body, ""), (&other_size, text)] {
            assert_eq!(verify_body(body, text), Err(ConsumerError::NotTheBody {}), "{body:?} {text}");
        }
        let whole = Body::Inline { text: "1".to_owned() };
        assert_eq!(verify_body(&whole, "1"), Ok(()));
        assert_eq!(verify_body(&whole, "2"), Err(ConsumerError::NotTheBody {}));
        let failed = Resolution::Fulfilled { class: OutcomeClass::JsThrow, body };
        assert_eq!(
            checked(failed).verified(text),
            Err(ConsumerError::AgreedError { class: OutcomeClass::JsThrow })
        );
        assert_eq!(checked(Resolution::Expired {}).verified(text), Err(ConsumerError::Expired {}));
    }

    #[test]
    fn the_id_is_read_from_the_replys_data() {
        assert_eq!(execute_data(&[0x0a, 2, b'4', b'2']), Some(b"42".as_slice()));
        for bad in [&[][..], &[0x0a], &[0x0a, 3, b'4'], &[0x12, 1, b'4'], &[0x0a, 1, b'4', b'2']] {
            assert_eq!(execute_data(bad), None);
        }
    }
}
