//! Each operation by number: reads its arguments, calls the protocol once and encodes the answer. `wasm.ts` has the same
//! list.

use gateway_api::{
    AgreementRule, Attempt, AttestationBytes, BodyHash, CodeHash, Commit, EngineId, InputHash, MedianField,
    NodeKey, OutcomeClass, RequestId, Salt, Seed, VrfOutput,
};
use gateway_protocol::{
    BodyDigest, Domain, DrawContext, OutcomeHash, OutcomePreimage, ProofError, Threshold, body_digest,
    code_hash, compared_value, hash, quorum_seats, ticket_value, verify_one, verify_ticket,
};

use crate::arguments::Arguments;

/// Runs an operation; `None` where there is none of that number or the arguments are not its own.
pub(crate) fn run(operation: u32, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut arguments = Arguments::new(bytes);
    let of = &mut arguments;
    let found = match operation {
        0 => code_hash(of.bytes()?).0.to_vec(),
        1 => tagged_hash(of)?,
        2 => outcome(of)?,
        3 => domain(of)?
            .commit(
                RequestId(of.u64()?),
                &NodeKey(of.array()?),
                &OutcomeHash(of.array()?),
                &Salt(of.array()?),
            )
            .0
            .to_vec(),
        4 => domain(of)?.genesis_seed(of.u64()?, of.u64()?).0.to_vec(),
        5 => domain(of)?.round_seed(&Seed(of.array()?), &Seed(of.array()?), of.u64()?, of.u64()?).0.to_vec(),
        6 => epoch_seed(of)?,
        7 => seats(of)?,
        8 => quorum_seats(of.u16()?, of.u32()?, attempt(of)?, of.u64()?).to_be_bytes().to_vec(),
        9 => proof(of)?,
        10 => ticket(of)?,
        11 => aggregate(of)?,
        13 => beacon_seed(of)?,
        14 => {
            ticket_value(&VrfOutput(of.array()?), of.u32()?).map(|value| value.0.to_vec()).unwrap_or_default()
        }
        _ => return None,
    };
    arguments.is_empty().then_some(found)
}

fn domain<'a>(of: &mut Arguments<'a>) -> Option<Domain<'a>> {
    Some(Domain { chain_id: of.text()?, contract: of.text()? })
}

fn attempt(of: &mut Arguments<'_>) -> Option<Attempt> {
    u8::try_from(of.u32()?).ok().map(Attempt)
}

fn tagged_hash(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let tag = of.text()?;
    let mut fields = Vec::new();
    while !of.is_empty() {
        fields.push(of.bytes()?);
    }
    Some(hash(tag, &fields).to_vec())
}

fn outcome(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let domain = domain(of)?;
    let preimage = OutcomePreimage {
        request: RequestId(of.u64()?),
        code: CodeHash(of.array()?),
        input: InputHash(of.array()?),
        engine: EngineId(of.array()?),
        class: of.text()?.parse().ok()?,
        body: BodyDigest { sha256: BodyHash(of.array()?), size: of.u32()? },
    };
    Some(domain.outcome(&preimage).0.to_vec())
}

fn epoch_seed(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let domain = domain(of)?;
    let previous = Seed(of.array()?);
    let lowest = if of.is_empty() { None } else { Some(VrfOutput(of.array()?)) };
    Some(domain.epoch_seed(&previous, lowest.as_ref()).0.to_vec())
}

fn beacon_seed(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let domain = domain(of)?;
    let round = Seed(of.array()?);
    let mut outputs = Vec::new();
    while !of.is_empty() {
        outputs.push(VrfOutput(of.array()?));
    }
    Some(domain.beacon_seed(&round, &outputs).0.to_vec())
}

fn seats(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let threshold = Threshold::new(of.u32()?, attempt(of)?, of.u64()?);
    let output = VrfOutput(of.array()?);
    Some(threshold.seats(&output, of.u32()?).to_be_bytes().to_vec())
}

/// A fault in words, or nothing where the proof holds.
fn fault(verdict: Result<(), ProofError>) -> Vec<u8> {
    verdict.err().map(|error| error.to_string().into_bytes()).unwrap_or_default()
}

fn proof(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let domain = domain(of)?;
    let context = DrawContext::new(&domain, &Seed(of.array()?), RequestId(of.u64()?));
    let key = NodeKey(of.array()?);
    let proof = AttestationBytes::from_slice(of.bytes()?).ok()?;
    Some(fault(verify_one(&context, &key, &proof, &Commit(of.array()?))))
}

fn ticket(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let domain = domain(of)?;
    let (seed, key) = (Seed(of.array()?), NodeKey(of.array()?));
    let ticket = AttestationBytes::from_slice(of.bytes()?).ok()?;
    Some(fault(verify_ticket(&domain, &seed, &key, &ticket)))
}

/// A rule that compares values, by its name and its parts.
fn rule(of: &mut Arguments<'_>) -> Option<AgreementRule> {
    Some(match of.text()? {
        "median" => AgreementRule::Median { tolerance_bps: of.u16()? },
        "median_fields" => {
            let mut fields = Vec::new();
            for _ in 0..of.u32()? {
                fields.push(MedianField { path: of.text()?.to_owned(), tolerance_bps: of.u16()? });
            }
            AgreementRule::MedianFields { fields }
        }
        "mode" => AgreementRule::Mode { min_bps: of.u16()? },
        _ => return None,
    })
}

/// What values come to: whether each agrees, then the body, or nothing where they come to none.
fn aggregate(of: &mut Arguments<'_>) -> Option<Vec<u8>> {
    let rule = rule(of)?;
    let (mut bodies, mut values) = (Vec::new(), Vec::new());
    while !of.is_empty() {
        let body = of.text()?;
        values.push((compared_value(&rule, OutcomeClass::Ok, body).ok()??, of.u32()?));
        bodies.push(body);
    }
    let Some(found) = gateway_protocol::aggregate(&rule, &values) else { return Some(Vec::new()) };
    let text = match &found.text {
        Some(text) => text.as_str(),
        None => bodies.iter().find(|body| body_digest(body) == found.body)?,
    };
    let mut answer: Vec<u8> = found.agrees.iter().copied().map(u8::from).collect();
    answer.extend_from_slice(text.as_bytes());
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(fields: &[&[u8]]) -> Vec<u8> {
        let length = |field: &[u8]| u32::try_from(field.len()).unwrap().to_le_bytes();
        fields.iter().flat_map(|field| [length(field).as_slice(), field].concat()).collect()
    }

    /// Every other operation is checked through the wasm itself by the explorer's own tests, over the golden vectors.
    #[test]
    fn a_proof_of_the_vectors_holds_until_a_bit_is_flipped() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/proof.json");
        let vectors: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let row = &vectors["proofs"][0];
        let bytes = |field: &str| hex::decode(row[field].as_str().unwrap()).unwrap();
        let mut proof = bytes("attestation");
        let mut ask = |flip: u8| {
            proof[70] ^= flip;
            let arguments = encode(&[
                vectors["chain_id"].as_str().unwrap().as_bytes(),
                vectors["contract"].as_str().unwrap().as_bytes(),
                &bytes("seed"),
                &row["request"].as_u64().unwrap().to_be_bytes(),
                &bytes("key"),
                &proof,
                &bytes("commit"),
            ]);
            run(9, &arguments)
        };
        assert_eq!(ask(0), Some(Vec::new()));
        assert_ne!(ask(1), Some(Vec::new()));
    }

    #[test]
    fn arguments_short_long_or_left_over_are_refused() {
        let genesis = encode(&[b"chain", b"contract", &[0; 8], &[0; 8]]);
        assert!(run(4, &genesis).is_some());
        assert_eq!(run(4, &genesis[..genesis.len() - 1]), None);
        assert_eq!(run(4, &[genesis.clone(), encode(&[b"x"])].concat()), None);
        assert_eq!(run(4, &encode(&[b"chain", b"contract", &[0; 8], &[0; 7]])), None);
        assert_eq!(run(99, &genesis), None);
        assert_eq!(run(0, &u32::MAX.to_le_bytes()), None);
    }
}
