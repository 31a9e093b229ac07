//! Possession of a key: held by its owner alone, for one operator of one contract, and only for keys that are keys.

mod common;

use common::{DOMAIN, secret};
use gateway_api::NodeKey;
use gateway_protocol::{Domain, KeyError, check_key, verify_possession};

#[test]
fn the_owner_proves_possession_and_nobody_else_can_use_it() {
    let (key, operator) = (secret(1).public(), "archway1operator");
    let proof = secret(1).prove_possession(&DOMAIN, operator);
    assert_eq!(verify_possession(&DOMAIN, operator, &key, &proof), Ok(()));
    let other_chain = Domain { chain_id: "archway-test-2", ..DOMAIN };
    let other_contract = Domain { contract: "archway1other", ..DOMAIN };
    for (domain, operator, key) in [
        (other_chain, operator, key),
        (other_contract, operator, key),
        (DOMAIN, "archway1thief", key),
        (DOMAIN, operator, secret(2).public()),
    ] {
        assert_eq!(verify_possession(&domain, operator, &key, &proof), Err(KeyError::Signature));
    }
}

#[test]
fn a_border_between_chain_contract_and_operator_counts() {
    let key = secret(1).public();
    let proof = secret(1).prove_possession(&Domain { chain_id: "ab", contract: "c" }, "d");
    for (chain_id, contract, operator) in [("a", "bc", "d"), ("ab", "cd", ""), ("abc", "", "d")] {
        let domain = Domain { chain_id, contract };
        assert_eq!(verify_possession(&domain, operator, &key, &proof), Err(KeyError::Signature));
    }
}

#[test]
fn keys_that_are_no_keys_are_refused() {
    let proof = secret(1).prove_possession(&DOMAIN, "archway1operator");
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    let mut negative = [0; 32];
    negative[0] = 1;
    let mut high = secret(1).public().0;
    high[31] |= 0x80;
    for bytes in [[0; 32], [0xff; 32], prime, negative, high] {
        let key = NodeKey(bytes);
        assert_eq!(check_key(&key), Err(KeyError::Point));
        assert_eq!(verify_possession(&DOMAIN, "archway1operator", &key, &proof), Err(KeyError::Point));
    }
    assert_eq!(check_key(&secret(1).public()), Ok(()));
}

#[test]
fn a_malformed_signature_is_distinguished_from_a_false_one() {
    let key = secret(1).public();
    let proof = secret(1).prove_possession(&DOMAIN, "archway1operator");
    let verify = |bytes: &[u8]| verify_possession(&DOMAIN, "archway1operator", &key, bytes);
    assert_eq!(verify(&proof[..63]), Err(KeyError::Format));
    assert_eq!(verify(&[]), Err(KeyError::Format));
    let mut unmarked = proof;
    unmarked[63] &= 0x7f;
    assert_eq!(verify(&unmarked), Err(KeyError::Format));
    let mut above_order = proof;
    above_order[32..].fill(0xff);
    assert_eq!(verify(&above_order), Err(KeyError::Format));
    for at in [0, 31, 32, 62] {
        let mut turned = proof;
        turned[at] ^= 1;
        assert_eq!(verify(&turned), Err(KeyError::Signature), "byte {at}");
    }
}
