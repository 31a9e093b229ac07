//! One function for each kind of bytes that strangers may send. Each ends without a panic on anything, and holds what it
//! says of what it reads.

use std::sync::OnceLock;

use cosmwasm_std::{from_json, to_json_vec};
use gateway_api::{
    AttestationBytes, Commit, Equivocation, ExecuteMsg, GatewayCallback, InstantiateMsg, MedianField,
    NodeKey, Publication, QueryMsg, RequestId, Seed, SignedOutcome,
};
use gateway_protocol::{
    BatchItem, Decimal, Domain, DrawContext, FieldValues, SecretKey, WeightedValue, verify_batch, verify_one,
    weighted_median,
};
use gateway_vm_protocol::{
    FromWorker, HEADER_BYTES, MAX_FROM_WORKER, MAX_TO_WORKER, ToWorker, decode, encode, frame_length,
    read_frame,
};

/// JSON of the wire, read as the contract reads it: what is accepted is written and read again as the same.
pub fn message(data: &[u8]) {
    macro_rules! again {
        ($($ty:ty),*) => {$(
            if let Ok(read) = from_json::<$ty>(data) {
                let written = to_json_vec(&read).expect("what was read can be written");
                assert_eq!(from_json::<$ty>(&written).expect("what was written can be read"), read);
            }
        )*};
    }
    again!(ExecuteMsg, QueryMsg, InstantiateMsg, GatewayCallback, Publication, SignedOutcome, Equivocation);
    if let Ok(ExecuteMsg::RegisterProject { code, policy, .. }) = from_json::<ExecuteMsg>(data) {
        let _ = (code.fault(), policy.fault(), policy.attempt_blocks(1));
    }
    if let Ok(ExecuteMsg::UpdateSettings { settings }) = from_json::<ExecuteMsg>(data) {
        let _ = settings.validate();
    }
}

const DOMAIN: Domain<'static> = Domain { chain_id: "fuzz", contract: "gateway" };

/// An attestation with its key and what it signs.
type Signed = (NodeKey, AttestationBytes, Commit);

/// Three true attestations of one draw.
fn attestations() -> &'static (DrawContext, Vec<Signed>) {
    static MADE: OnceLock<(DrawContext, Vec<Signed>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let (seed, request) = (Seed([1; 32]), RequestId(1));
        let context = DrawContext::new(&DOMAIN, &seed, request);
        let made = (1..=3u8).map(|number| {
            let secret = SecretKey::from_bytes(&[number; 32]).expect("a key");
            let commit = Commit([number; 32]);
            let proof = secret.attest(&context, &commit, secret.salt(&DOMAIN, request));
            (secret.public(), proof, commit)
        });
        let made = made.collect();
        (context, made)
    })
}

/// Bytes of proofs, keys and commitments changed in any place: a batch is accepted exactly where each of it is.
///
/// The input is a list of changes: whose (two bits), where, and what is added there.
pub fn proof(data: &[u8]) {
    let _ = AttestationBytes::from_slice(data);
    let (context, made) = attestations();
    let mut bytes: Vec<Vec<u8>> = made
        .iter()
        .map(|(key, proof, commit)| [key.0.as_slice(), proof.to_binary().as_slice(), &commit.0].concat())
        .collect();
    for change in data.chunks_exact(3).take(64) {
        let [whose, place, add] = [change[0], change[1], change[2]];
        let of = &mut bytes[usize::from(whose) % 3];
        let at = (usize::from(place) + 64 * usize::from(whose / 3 % 4)) % of.len();
        of[at] = of[at].wrapping_add(add);
    }
    let read: Vec<_> = bytes
        .iter()
        .map(|bytes| {
            let part = |from: usize| {
                let mut part = [0; 32];
                part.copy_from_slice(&bytes[from..from + 32]);
                part
            };
            let proof = AttestationBytes::from_slice(&bytes[32..192]).expect("160 bytes");
            (NodeKey(part(0)), proof, Commit(part(192)))
        })
        .collect();
    let items: Vec<_> =
        read.iter().map(|(key, proof, commit)| BatchItem { context, key, proof, commit }).collect();
    let each = read.iter().all(|(key, proof, commit)| verify_one(context, key, proof, commit).is_ok());
    assert_eq!(verify_batch(&items).is_ok(), each);
    // Whatever is accepted here is what was signed: nothing malleable is left.
    for ((key, proof, commit), (own_key, own, own_commit)) in read.iter().zip(made) {
        if verify_one(context, key, proof, commit).is_ok() {
            let signed = |proof: &AttestationBytes| (proof.output, proof.r, proof.hr, proof.s);
            assert_eq!((key, signed(proof), commit), (own_key, signed(own), own_commit));
        }
    }
}

/// Decimals, one a line: what reads is its own shortest text, order is total, and the median is one of the values with
/// half of the seats at or below it and half at or above.
pub fn decimal(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let votes: Vec<WeightedValue> = text
        .lines()
        .take(32)
        .zip(1u32..)
        .filter_map(|(line, number)| {
            Some(WeightedValue { value: line.parse::<Decimal>().ok()?, seats: number % 5 })
        })
        .inspect(|vote| assert_eq!(vote.value.to_string().parse::<Decimal>().as_ref(), Ok(&vote.value)))
        .collect();
    // The same bytes as an object: what is taken out of it goes back in, and the rest is as it was.
    let field = |path: &str| MedianField { path: path.to_owned(), tolerance_bps: 0 };
    if let Ok(apart) = FieldValues::of(text, &[field("/a/0"), field("/b")]) {
        let own: Vec<Decimal> = apart.decimals().cloned().collect();
        let zeros = vec!["0".parse::<Decimal>().expect("a decimal"); own.len()];
        assert_eq!(apart.with(own).text(), text);
        let zeroed = FieldValues::of(&apart.with(zeros).text(), &[field("/a/0"), field("/b")]);
        assert_eq!(zeroed.as_ref().map(FieldValues::around), Ok(apart.around()));
    }
    for pair in votes.windows(2) {
        let [a, b] = [&pair[0].value, &pair[1].value];
        assert_eq!(a.cmp(b), b.cmp(a).reverse());
        assert_eq!(a.cmp(b).is_eq(), a.as_str() == b.as_str());
        assert!(a.agrees_with(a, 0));
        let _ = (a.agrees_with(b, 10_000), b.agrees_with(a, 1));
    }
    let all: u32 = votes.iter().map(|vote| vote.seats).sum();
    let Some(median) = weighted_median(&votes) else {
        assert_eq!(all, 0);
        return;
    };
    let seats = |which: &dyn Fn(&Decimal) -> bool| -> u32 {
        votes.iter().filter(|vote| which(&vote.value)).map(|vote| vote.seats).sum()
    };
    assert!(votes.iter().any(|vote| vote.value == *median && vote.seats > 0));
    assert!(2 * seats(&|value| value <= median) >= all && 2 * seats(&|value| value >= median) >= all);
}

/// Frames between a daemon and a worker that may be anybody's: as a body, and as a stream with its own lengths.
pub fn frame(data: &[u8]) {
    if let Ok(frame) = decode::<FromWorker>(data) {
        let wire = encode(&frame, MAX_FROM_WORKER).expect("what was read is within the cap");
        assert_eq!(decode::<FromWorker>(&wire[HEADER_BYTES..]).expect("what was written can be read"), frame);
    }
    if let Ok(frame) = decode::<ToWorker>(data) {
        let wire = encode(&frame, MAX_TO_WORKER).expect("what was read is within the cap");
        assert_eq!(decode::<ToWorker>(&wire[HEADER_BYTES..]).expect("what was written can be read"), frame);
    }
    if let Some(header) = data.first_chunk::<HEADER_BYTES>() {
        // A length above the cap is refused before anything is allocated for it.
        let length = u32::from_le_bytes(*header) as usize;
        assert_eq!(frame_length(*header, MAX_FROM_WORKER).is_ok(), length <= MAX_FROM_WORKER);
    }
    let mut stream = data;
    while let Ok(frame) = read_frame::<FromWorker>(&mut stream, 1 << 16) {
        assert!(encode(&frame, 1 << 16).is_ok());
    }
}
