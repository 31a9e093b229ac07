//! Tickets of the beacon: fixed by key and epoch, bound to the chain and the contract, compared by their units.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{DOMAIN, secret};
use gateway_api::{AttestationBytes, RequestId, Salt, Seed};
use gateway_protocol::{Domain, DrawContext, ProofError, hash, make_ticket, ticket_value, verify_ticket};

const SEED: Seed = Seed([9; 32]);

#[test]
fn a_ticket_holds_for_its_key_its_epoch_its_chain_and_its_contract_alone() {
    let key = secret(1);
    let ticket = make_ticket(&DOMAIN, &SEED, &key);
    assert_eq!(ticket, make_ticket(&DOMAIN, &SEED, &key), "there is nothing to choose");
    assert_eq!(verify_ticket(&DOMAIN, &SEED, &key.public(), &ticket), Ok(()));
    let elsewhere =
        [Domain { chain_id: "other-1", ..DOMAIN }, Domain { contract: "archway1other", ..DOMAIN }];
    for domain in elsewhere {
        assert_eq!(verify_ticket(&domain, &SEED, &key.public(), &ticket), Err(ProofError::Equation));
    }
    assert_eq!(verify_ticket(&DOMAIN, &Seed([8; 32]), &key.public(), &ticket), Err(ProofError::Equation));
    assert_eq!(verify_ticket(&DOMAIN, &SEED, &secret(2).public(), &ticket), Err(ProofError::Equation));
    // An output that was not drawn, however low.
    let stolen = AttestationBytes { output: make_ticket(&DOMAIN, &SEED, &secret(2)).output, ..ticket };
    assert_eq!(verify_ticket(&DOMAIN, &SEED, &key.public(), &stolen), Err(ProofError::Equation));
}

/// A request cannot make a node reveal a ticket, nor the beacon make it reveal an attestation.
#[test]
fn no_requests_attestation_is_a_ticket() {
    let key = secret(1);
    let salt = Salt([0; 32]);
    let commit = gateway_api::Commit(hash("gateway/beacon", &[&SEED.0, &key.public().0]));
    let of_a_request = key.attest(&DrawContext::new(&DOMAIN, &SEED, RequestId(1)), &commit, salt);
    assert_eq!(verify_ticket(&DOMAIN, &SEED, &key.public(), &of_a_request), Err(ProofError::Equation));
}

#[test]
fn every_unit_is_a_chance_and_more_than_64_are_none() {
    let output = make_ticket(&DOMAIN, &SEED, &secret(1)).output;
    assert_eq!(ticket_value(&output, 0), None);
    let unit = |unit: u32| Seed(hash("gateway/ticket", &[&output.0, &unit.to_be_bytes()]));
    for units in [1, 2, 64] {
        assert_eq!(ticket_value(&output, units), (0..units).map(unit).min());
    }
    let below = (64..).map(unit).position(|value| value < ticket_value(&output, 64).unwrap()).unwrap();
    assert_eq!(ticket_value(&output, 65 + u32::try_from(below).unwrap()), ticket_value(&output, 64));
}
