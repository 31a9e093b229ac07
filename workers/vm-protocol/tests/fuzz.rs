//! The fuzz targets of tests/fuzz, run over their committed corpus, over the examples of the wire's shapes, and over some
//! thousand changes of both: what libFuzzer does for hours, every build does for a moment.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

// The library of the fuzz crate makes them public.
#[allow(unreachable_pub)]
#[path = "../../../tests/fuzz/src/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};

use gateway_vm_protocol::{
    FetchFailure, FromWorker, LogLevel, MAX_FROM_WORKER, MAX_TO_WORKER, ToWorker, encode,
};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(tests().join("fuzz/corpus").join(target)).unwrap();
    let mut files: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no corpus");
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A change or more: a byte, a bit, a cut, a piece twice, a piece of another input.
fn changed(rng: &mut StdRng, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut input = inputs.choose(rng).unwrap().clone();
    for _ in 0..rng.gen_range(1..4) {
        let other = inputs.choose(rng).unwrap();
        let at = rng.gen_range(0..=input.len());
        match rng.gen_range(0..5) {
            0 if at < input.len() => input[at] = rng.r#gen(),
            1 if at < input.len() => input[at] ^= 1 << rng.gen_range(0..8),
            2 => input.truncate(at),
            3 => {
                let piece = input[at..].to_vec();
                input.extend(piece);
            }
            _ => {
                let from = rng.gen_range(0..=other.len());
                input.splice(at..at, other[from..].iter().take(64).copied());
            }
        }
        input.truncate(1 << 15);
    }
    input
}

fn drive(target: &str, run: fn(&[u8]), more: Vec<Vec<u8>>, changes: u32) {
    let inputs: Vec<_> = corpus(target).into_iter().chain(more).collect();
    inputs.iter().for_each(|input| run(input));
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..changes {
        run(&changed(&mut rng, &inputs));
    }
}

#[test]
fn messages() {
    let shapes = std::fs::read_to_string(tests().join("vectors/shapes.json")).unwrap();
    let shapes: serde_json::Value = serde_json::from_str(&shapes).unwrap();
    let examples = shapes.as_object().unwrap().values().flat_map(|of| of.as_object().unwrap().values());
    drive(
        "message",
        targets::message,
        examples.map(|example| example.to_string().into_bytes()).collect(),
        5000,
    );
}

#[test]
fn proofs() {
    drive("proof", targets::proof, vec![Vec::new()], 500);
}

#[test]
fn decimals() {
    drive("decimal", targets::decimal, vec![b"0\n-1\n2.5\n-0.001\n99999999999999999999".to_vec()], 5000);
}

#[test]
fn frames() {
    let log = FromWorker::Log { level: LogLevel::Warn, text: "words".to_owned() };
    let wire = encode(&log, MAX_FROM_WORKER).unwrap();
    let refusal = FetchFailure::Denied("words".to_owned());
    let answer =
        encode(&ToWorker::Fetched { id: 1, took_ms: 0, result: Err(refusal) }, MAX_TO_WORKER).unwrap();
    // A body, a stream of two, and a size that only a bomb declares.
    let bomb = [u32::MAX.to_le_bytes().as_slice(), b"boom"].concat();
    let more = vec![wire[4..].to_vec(), [wire.clone(), wire].concat(), answer[4..].to_vec(), bomb];
    drive("frame", targets::frame, more, 5000);
}
