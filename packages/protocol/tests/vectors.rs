//! Pins every preimage, seat, quorum and proof by `tests/vectors/proof.json`, which other implementations may read.
//!
//! The file is rewritten only by `REGENERATE_VECTORS=1 cargo test -p gateway-protocol --test vectors`; a change of it is a
//! change of the protocol.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::PathBuf;

use common::{Case, DOMAIN, outcome, secret};
use gateway_api::{
    AgreementRule, Attempt, AttestationBytes, CodeHash, Commit, MedianField, NodeKey, OutcomeClass,
    RequestId, Seed, VrfOutput,
};
use gateway_protocol::{
    BatchItem, ComparedValue, DrawContext, Threshold, WeightedValue, aggregate, body_digest, code_hash,
    compared_value, hash, input_hash, make_ticket, quorum_seats, ticket_value, verify_batch, verify_one,
    verify_possession, verify_ticket, weighted_median,
};
use serde_json::{Value, json};

const OPERATOR: &str = "archway1operator";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/proof.json")
}

fn hashes() -> Value {
    let cases: [(&str, &[&str]); 5] = [
        ("gateway/test", &[]),
        ("gateway/test", &[""]),
        ("gateway/test", &["1", "23"]),
        ("gateway/test", &["12", "3"]),
        ("", &["gateway"]),
    ];
    let mut rows: Vec<Value> = cases
        .into_iter()
        .map(|(tag, fields)| {
            let bytes: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
            json!({ "tag": tag, "fields": fields, "hash": hex::encode(hash(tag, &bytes)) })
        })
        .collect();
    let long = "x".repeat(300);
    rows.push(json!({
        "tag": "gateway/test", "fields": [long], "hash": hex::encode(hash("gateway/test", &[long.as_bytes()]))
    }));
    Value::Array(rows)
}

fn preimages() -> Value {
    let (request, key) = (RequestId(7), secret(1).public());
    let outcome = outcome(request, 4);
    let outcome_hash = DOMAIN.outcome(&outcome);
    let salt = secret(1).salt(&DOMAIN, request);
    let seed = Seed([9; 32]);
    let body = body_digest("{\"price\":1.5}");
    json!({
        "request": request,
        "outcome": {
            "code": outcome.code, "input": outcome.input, "engine": outcome.engine, "class": outcome.class,
            "body_sha256": outcome.body.sha256, "body_size": outcome.body.size, "hash": outcome_hash.to_string(),
        },
        "commit": { "key": key, "salt": salt, "hash": DOMAIN.commit(request, &key, &outcome_hash, &salt) },
        "salt": { "secret": hex::encode([1u8; 32]), "salt": salt },
        "seeds": {
            "genesis": { "height": 10, "time_ns": 1_700_000_000_000_000_000u64,
                "seed": DOMAIN.genesis_seed(10, 1_700_000_000_000_000_000) },
            "round": { "epoch_seed": seed, "previous": Seed([8; 32]), "height": 11, "time_ns": 5,
                "seed": DOMAIN.round_seed(&seed, &Seed([8; 32]), 11, 5) },
            "epoch": { "previous": seed, "lowest": VrfOutput([6; 32]),
                "seed": DOMAIN.epoch_seed(&seed, Some(&VrfOutput([6; 32]))) },
            "epoch_without_ticket": { "previous": seed, "seed": DOMAIN.epoch_seed(&seed, None) },
            "run": { "round_seed": seed, "code": CodeHash([1; 32]),
                "seed": hex::encode(DOMAIN.run_seed(&seed, request, &CodeHash([1; 32]))) },
        },
        "contents": {
            "code": { "text": "export default () => 1", "sha256": code_hash(b"export default () => 1") },
            "input": { "text": "{}", "sha256": input_hash("{}") },
            "body": { "text": "{\"price\":1.5}", "sha256": body.sha256, "size": body.size },
        },
    })
}

fn seats() -> Value {
    let mut rows = Vec::new();
    for (committee, total) in
        [(21u32, 1000u64), (21, 100), (11, 64), (41, u64::MAX), (1, 1), (21, 21), (5, 0)]
    {
        for attempt in 0..3 {
            let threshold = Threshold::new(committee, Attempt(attempt), total);
            let seats: Vec<Value> = (0u8..4)
                .map(|number| {
                    let output = VrfOutput(hash("gateway/test/output", &[&[number]]));
                    json!({ "output": output, "units": 64, "seats": threshold.seats(&output, 64) })
                })
                .collect();
            // Numbers above 2^53 as text, so that every JSON reader keeps them.
            rows.push(json!({
                "committee": committee, "attempt": attempt, "total_units": total.to_string(),
                "quorum_bps": 6000, "quorum_seats": quorum_seats(6000, committee, Attempt(attempt), total), "draws": seats,
            }));
        }
    }
    Value::Array(rows)
}

fn proofs() -> Value {
    let rows = (1u8..=5).map(|node| {
        let case = Case::new(node, u64::from(node), 9, 1);
        json!({
            "secret": hex::encode([node; 32]), "key": case.key, "seed": case.seed, "request": case.request,
            "commit": case.commit, "output": case.proof.output,
            "attestation": hex::encode(case.proof.to_binary()),
        })
    });
    Value::Array(rows.collect())
}

fn beacon() -> Value {
    let rows = (1u8..=3).map(|node| {
        let (key, seed, units) = (secret(node), Seed([9; 32]), 1 << (3 * (node - 1)));
        let ticket = make_ticket(&DOMAIN, &seed, &key);
        json!({
            "secret": hex::encode([node; 32]), "key": key.public(), "seed": seed, "output": ticket.output,
            "commit": hex::encode(hash("gateway/beacon", &[&seed.0, &key.public().0])),
            "ticket": hex::encode(ticket.to_binary()),
            "units": units, "value": ticket_value(&ticket.output, units),
        })
    });
    Value::Array(rows.collect())
}

/// Draws of the class `beacon`: tickets under a round's seed, in ascending order of their values, and the seed that they make.
fn beacon_draws() -> Value {
    let round = Seed([5; 32]);
    let rows = [1u8, 3, 7].map(|number| {
        let mut tickets: Vec<(Seed, Value, VrfOutput)> = (1..=number)
            .map(|node| {
                let (key, units) = (secret(node), u32::from(node));
                let ticket = make_ticket(&DOMAIN, &round, &key);
                let value = ticket_value(&ticket.output, units).unwrap();
                let row = json!({
                    "key": key.public(), "units": units, "ticket": hex::encode(ticket.to_binary()), "output": ticket.output,
                    "value": value,
                });
                (value, row, ticket.output)
            })
            .collect();
        tickets.sort_by_key(|(value, ..)| *value);
        let outputs: Vec<VrfOutput> = tickets.iter().map(|(.., output)| *output).collect();
        let seed = DOMAIN.beacon_seed(&round, &outputs);
        let rows: Vec<Value> = tickets.into_iter().map(|(_, row, _)| row).collect();
        json!({ "round_seed": round, "tickets": rows, "seed": seed })
    });
    Value::Array(rows.into())
}

fn possession() -> Value {
    let rows = (1u8..=3).map(|node| {
        json!({
            "operator": OPERATOR, "key": secret(node).public(),
            "possession": hex::encode(secret(node).prove_possession(&DOMAIN, OPERATOR)),
        })
    });
    Value::Array(rows.collect())
}

fn medians() -> Value {
    let cases: [&[(&str, u32)]; 4] = [
        &[("1.5", 1), ("2", 3), ("-7", 1)],
        &[("1", 2), ("2", 2)],
        &[("0.1", 5), ("0.09", 4), ("0.11", 3), ("1000000", 6)],
        &[("-3", 1), ("-2.5", 1), ("-2", 1)],
    ];
    let rows = cases.into_iter().map(|values| {
        let votes: Vec<WeightedValue> = values
            .iter()
            .map(|(value, seats)| WeightedValue { value: value.parse().unwrap(), seats: *seats })
            .collect();
        let median = weighted_median(&votes).unwrap();
        let agree: Vec<bool> = votes.iter().map(|vote| vote.value.agrees_with(median, 2500)).collect();
        json!({ "votes": values, "median": median.as_str(), "tolerance_bps": 2500, "agree": agree })
    });
    Value::Array(rows.collect())
}

fn aggregates() -> Value {
    let field = |path: &str, tolerance_bps| MedianField { path: path.to_owned(), tolerance_bps };
    let fields = |fields| AgreementRule::MedianFields { fields };
    let prices = || fields(vec![field("/usd", 100), field("/eur", 200)]);
    let deep = || fields(vec![field("/pairs/1/rate", 0)]);
    let mode = AgreementRule::Mode { min_bps: 3400 };
    let object = |eur: &str, usd: &str| format!(r#"{{"eur":{eur},"of":"atom","usd":{usd}}}"#);
    let cases: Vec<(AgreementRule, Vec<(String, u32)>)> = vec![
        (prices(), vec![(object("5", "6"), 3), (object("5.1", "6.03"), 3), (object("5.05", "7"), 2)]),
        // Each field has its own median: no node need have attested the result.
        (prices(), vec![(object("1", "3"), 1), (object("2", "1"), 1), (object("3", "2"), 1)]),
        (prices(), vec![(object("\"0.1\"", "-2"), 4), (object("\"0.1\"", "-2.01"), 4)]),
        // Other texts around them, and no values.
        (prices(), vec![(object("5", "6"), 1), (object("\"5\"", "6"), 1)]),
        (prices(), vec![]),
        (deep(), vec![(r#"{"pairs":[{"rate":1},{"a\"":"]","rate":1.5}]}"#.to_owned(), 1)]),
        (mode.clone(), vec![("\"a\"".to_owned(), 3), ("\"b\"".to_owned(), 2), ("\"b\"".to_owned(), 2)]),
        // Equally many seats: the lower SHA-256.
        (mode.clone(), vec![("1".to_owned(), 2), ("2".to_owned(), 2), ("3".to_owned(), 2)]),
        (mode.clone(), vec![("1".to_owned(), 0)]),
        (mode, vec![]),
    ];
    let rows = cases.into_iter().map(|(rule, votes)| {
        let values: Vec<(ComparedValue, u32)> = votes
            .iter()
            .map(|(body, seats)| (compared_value(&rule, OutcomeClass::Ok, body).unwrap().unwrap(), *seats))
            .collect();
        let found = aggregate(&rule, &values);
        let of_digest = |digest| votes.iter().map(|(body, _)| body).find(|body| body_digest(body) == digest);
        let body = found.as_ref().map(|found| found.text.clone().or_else(|| of_digest(found.body).cloned()));
        json!({ "rule": rule, "votes": votes, "body": body.flatten(), "agree": found.map(|found| found.agrees) })
    });
    Value::Array(rows.collect())
}

fn current() -> Value {
    json!({
        "chain_id": DOMAIN.chain_id, "contract": DOMAIN.contract,
        "hashes": hashes(), "preimages": preimages(), "seats": seats(), "proofs": proofs(), "beacon": beacon(),
        "beacon_draws": beacon_draws(), "possession": possession(), "medians": medians(),
        "aggregates": aggregates(),
    })
}

fn committed() -> Value {
    serde_json::from_str(&std::fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn the_vectors_are_what_the_code_computes() {
    let current = current();
    if std::env::var_os("REGENERATE_VECTORS").is_some() {
        std::fs::write(path(), serde_json::to_string_pretty(&current).unwrap() + "\n").unwrap();
    }
    let committed = committed();
    for section in [
        "hashes",
        "preimages",
        "seats",
        "proofs",
        "beacon",
        "beacon_draws",
        "possession",
        "medians",
        "aggregates",
    ] {
        assert_eq!(committed[section], current[section], "section {section}");
    }
    assert_eq!(committed, current);
}

/// The proofs of the file as they stand there, without any secret.
#[test]
fn the_vectors_proofs_are_valid() {
    fn read<T: serde::de::DeserializeOwned>(row: &Value, field: &str) -> T {
        serde_json::from_value(row[field].clone()).unwrap()
    }
    let bytes = |row: &Value, field: &str| hex::decode(row[field].as_str().unwrap()).unwrap();
    let vectors = committed();
    let rows: Vec<(DrawContext, NodeKey, AttestationBytes, Commit)> = vectors["proofs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let context = DrawContext::new(&DOMAIN, &read(row, "seed"), read(row, "request"));
            let proof = AttestationBytes::from_slice(&bytes(row, "attestation")).unwrap();
            (context, read(row, "key"), proof, read(row, "commit"))
        })
        .collect();
    assert!(rows.len() >= 5);
    for (context, key, proof, commit) in &rows {
        assert_eq!(verify_one(context, key, proof, commit), Ok(()));
    }
    let items: Vec<BatchItem<'_>> =
        rows.iter().map(|(context, key, proof, commit)| BatchItem { context, key, proof, commit }).collect();
    assert_eq!(verify_batch(&items), Ok(()));
    for row in vectors["beacon"].as_array().unwrap() {
        let ticket = AttestationBytes::from_slice(&bytes(row, "ticket")).unwrap();
        assert_eq!(verify_ticket(&DOMAIN, &read(row, "seed"), &read(row, "key"), &ticket), Ok(()));
    }
    for draw in vectors["beacon_draws"].as_array().unwrap() {
        for row in draw["tickets"].as_array().unwrap() {
            let ticket = AttestationBytes::from_slice(&bytes(row, "ticket")).unwrap();
            let seed = read(draw, "round_seed");
            assert_eq!(verify_ticket(&DOMAIN, &seed, &read(row, "key"), &ticket), Ok(()));
        }
    }
    for row in vectors["possession"].as_array().unwrap() {
        let operator = row["operator"].as_str().unwrap();
        assert_eq!(
            verify_possession(&DOMAIN, operator, &read(row, "key"), &bytes(row, "possession")),
            Ok(())
        );
    }
}
