//! Attestations: one proof, a batch and the library agree on what is valid, and nothing that was touched is.

mod common;

use common::{Case, DOMAIN, secret};
use curve25519_dalek::scalar::Scalar;
use gateway_api::{Commit, NodeKey, RequestId, Seed, VrfOutput};
use gateway_protocol::{BatchItem, DrawContext, ProofError, verify_batch, verify_one};
use proptest::prelude::*;

fn one(case: &Case) -> Result<(), ProofError> {
    verify_one(&case.context(), &case.key, &case.proof, &case.commit)
}

fn batch(cases: &[Case]) -> Result<(), ProofError> {
    let contexts: Vec<DrawContext> = cases.iter().map(Case::context).collect();
    let items: Vec<BatchItem<'_>> = cases
        .iter()
        .zip(&contexts)
        .map(|(case, context)| BatchItem {
            context,
            key: &case.key,
            proof: &case.proof,
            commit: &case.commit,
        })
        .collect();
    verify_batch(&items)
}

/// Asserts that a case is refused by each verifier, with this error from ours.
#[track_caller]
fn refused(case: &Case, error: ProofError) {
    assert_eq!(one(case), Err(error), "one");
    assert_eq!(batch(std::slice::from_ref(case)), Err(error), "batch of one");
    let good: Vec<Case> = (1..4).map(|node| Case::new(node, 7, 9, 1)).collect();
    for at in 0..=good.len() {
        let mut cases = good.clone();
        cases.insert(at, case.clone());
        assert_eq!(batch(&cases), Err(error), "among valid ones, at {at}");
    }
    assert!(!case.schnorrkel_accepts(), "schnorrkel");
}

#[test]
fn a_valid_attestation_is_accepted_by_all_three() {
    let case = Case::new(1, 7, 9, 1);
    assert_eq!(one(&case), Ok(()));
    assert_eq!(batch(std::slice::from_ref(&case)), Ok(()));
    assert!(case.schnorrkel_accepts());
    assert_eq!(secret(1).draw(&case.context()), case.proof.output);
}

#[test]
fn a_batch_spans_nodes_requests_and_rounds() {
    assert_eq!(batch(&[]), Ok(()));
    let cases: Vec<Case> = (0u8..60).map(|n| Case::new(1 + n % 7, u64::from(n / 7), n % 3, n % 2)).collect();
    assert_eq!(batch(&cases), Ok(()));
    // Sixty proofs take another algorithm than a few; one bad among them is still seen.
    let mut spoilt = cases.clone();
    spoilt[41].commit = spoilt[40].commit;
    assert_eq!(batch(&spoilt), Err(ProofError::Equation));
    let bad: Vec<usize> = (0..60).filter(|at| one(&spoilt[*at]).is_err()).collect();
    assert_eq!(bad, [41]);
}

#[test]
fn the_proof_is_bound_to_all_it_is_about() {
    let case = Case::new(1, 7, 9, 1);
    let changes: [fn(&mut Case); 6] = [
        |c| c.chain_id = "archway-test-2".to_owned(),
        |c| c.contract = "archway1other".to_owned(),
        |c| c.seed = Seed([8; 32]),
        |c| c.request = RequestId(8),
        |c| c.key = secret(2).public(),
        |c| c.commit = Commit([0; 32]),
    ];
    for change in changes {
        let mut other = case.clone();
        change(&mut other);
        refused(&other, ProofError::Equation);
    }
}

#[test]
fn another_nodes_proof_or_part_of_it_is_refused() {
    let (a, b) = (Case::new(1, 7, 9, 1), Case::new(2, 7, 9, 1));
    let parts: [fn(&mut Case, &Case); 5] = [
        |c, o| c.proof.output = o.proof.output,
        |c, o| c.proof.r = o.proof.r,
        |c, o| c.proof.hr = o.proof.hr,
        |c, o| c.proof.s = o.proof.s,
        |c, o| c.commit = o.commit,
    ];
    for part in parts {
        let mut mixed = a.clone();
        part(&mut mixed, &b);
        refused(&mixed, ProofError::Equation);
    }
    let mut swapped = a.clone();
    std::mem::swap(&mut swapped.proof.r, &mut swapped.proof.hr);
    refused(&swapped, ProofError::Equation);
}

/// Encodings that are no canonical point: the field's prime (zero again), a negative element, a non-square, high bits.
fn not_points() -> Vec<[u8; 32]> {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    let mut one = [0; 32];
    one[0] = 1;
    let mut high = Case::new(3, 7, 9, 1).proof.output.0;
    high[31] |= 0x80;
    vec![prime, one, high, [0xff; 32]]
}

#[test]
fn points_that_are_not_canonical_are_refused_by_name() {
    let case = Case::new(1, 7, 9, 1);
    for bytes in not_points() {
        let mut bad = case.clone();
        bad.proof.output = VrfOutput(bytes);
        refused(&bad, ProofError::Output);
        let mut bad = case.clone();
        bad.key = NodeKey(bytes);
        refused(&bad, ProofError::Key);
        for first in [true, false] {
            let mut bad = case.clone();
            *(if first { &mut bad.proof.r } else { &mut bad.proof.hr }) = bytes;
            // One proof is verified by encoding what R must be, so that it sees an equation that does not hold.
            assert_eq!(one(&bad), Err(ProofError::Equation));
            assert_eq!(batch(std::slice::from_ref(&bad)), Err(ProofError::Nonce));
            assert!(!bad.schnorrkel_accepts());
        }
    }
}

#[test]
fn the_identity_is_neither_key_nor_output() {
    let mut bad = Case::new(1, 7, 9, 1);
    bad.proof.output = VrfOutput([0; 32]);
    refused(&bad, ProofError::Output);
    let mut bad = Case::new(1, 7, 9, 1);
    bad.key = NodeKey([0; 32]);
    refused(&bad, ProofError::Key);
    // With both the identity, any s and R = s·B, Hr = s·H would hold.
    bad.proof.output = VrfOutput([0; 32]);
    assert!(one(&bad).is_err() && batch(&[bad.clone()]).is_err() && !bad.schnorrkel_accepts());
}

#[test]
fn a_scalar_above_the_order_is_refused() {
    // The group's order, little-endian.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10u8,
    ];
    let mut bad = Case::new(1, 7, 9, 1);
    let mut carry = 0u16;
    for (byte, add) in bad.proof.s.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    refused(&bad, ProofError::Scalar);
}

/// Two false proofs whose errors cancel each other: what a sum without weights would accept.
#[test]
fn errors_that_cancel_are_seen() {
    let shift = |bytes: [u8; 32], by: Scalar| {
        (Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes)).unwrap() + by).to_bytes()
    };
    let (mut a, mut b) = (Case::new(1, 7, 9, 1), Case::new(1, 7, 9, 2));
    assert_eq!(batch(&[a.clone(), b.clone()]), Ok(()));
    let delta = Scalar::from(5u8);
    a.proof.s = shift(a.proof.s, delta);
    b.proof.s = shift(b.proof.s, -delta);
    assert_eq!(batch(&[a, b]), Err(ProofError::Equation));
}

/// Whoever attests twice for one draw has one output: a second proof wins nothing.
#[test]
fn two_proofs_have_one_output_and_a_rerun_gives_the_same_bytes() {
    let (a, b) = (Case::new(1, 7, 9, 1), Case::new(1, 7, 9, 2));
    assert_eq!(a.proof.output, b.proof.output);
    assert_eq!(a.proof.salt, b.proof.salt);
    assert_ne!(a.commit, b.commit);
    // Nonces differ, or the two would give the key away.
    assert_ne!(a.proof.r, b.proof.r);
    assert_eq!(a.proof, Case::new(1, 7, 9, 1).proof);
}

#[test]
fn a_salt_is_the_keys_own_for_a_request_on_a_contract() {
    let salt = secret(1).salt(&DOMAIN, RequestId(7));
    assert_eq!(salt, secret(1).salt(&DOMAIN, RequestId(7)));
    assert_ne!(salt, secret(2).salt(&DOMAIN, RequestId(7)));
    assert_ne!(salt, secret(1).salt(&DOMAIN, RequestId(8)));
    let other = gateway_protocol::Domain { contract: "archway1other", ..DOMAIN };
    assert_ne!(salt, secret(1).salt(&other, RequestId(7)));
}

#[test]
fn a_secret_prints_its_public_key_only() {
    let text = format!("{:?}", secret(0x5a));
    assert_eq!(text, format!("SecretKey(public {})", secret(0x5a).public()));
    assert!(!text.contains("5a5a5a5a"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever one bit is turned in, all three verifiers refuse; whatever is left alone, all three accept.
    #[test]
    fn any_turned_bit_is_refused_by_all(
        nodes in proptest::collection::vec(1u8..20, 1..6),
        request in any::<u64>(),
        at in any::<prop::sample::Index>(),
        field in 0usize..8,
        bit in 0usize..256,
    ) {
        let cases: Vec<Case> = nodes.iter().map(|node| Case::new(*node, request, 9, 1)).collect();
        prop_assert_eq!(batch(&cases), Ok(()));
        let at = at.index(cases.len());
        let mut spoilt = cases.clone();
        let case = &mut spoilt[at];
        let bytes: &mut [u8; 32] = match field {
            0 => &mut case.proof.output.0,
            1 => &mut case.proof.r,
            2 => &mut case.proof.hr,
            3 => &mut case.proof.s,
            4 => &mut case.commit.0,
            5 => &mut case.seed.0,
            6 => &mut case.key.0,
            // The salt travels outside the proof: the commitment it opens binds it.
            _ => &mut case.proof.salt.0,
        };
        bytes[bit / 8] ^= 1 << (bit % 8);
        let valid = field == 7;
        prop_assert_eq!(one(&spoilt[at]).is_ok(), valid);
        prop_assert_eq!(spoilt[at].schnorrkel_accepts(), valid);
        prop_assert_eq!(batch(&spoilt).is_ok(), valid);
        for (other, case) in spoilt.iter().enumerate() {
            prop_assert!(other == at || one(case).is_ok());
        }
    }

    /// Random bytes are refused by all three and by none with a panic.
    #[test]
    fn random_bytes_are_refused(parts in any::<[[u8; 32]; 6]>()) {
        let mut case = Case::new(1, 7, 9, 1);
        let [output, r, hr, s, key, commit] = parts;
        case.proof.output = VrfOutput(output);
        (case.proof.r, case.proof.hr, case.proof.s) = (r, hr, s);
        (case.key, case.commit) = (NodeKey(key), Commit(commit));
        prop_assert!(one(&case).is_err() && batch(&[case.clone()]).is_err() && !case.schnorrkel_accepts());
    }
}
