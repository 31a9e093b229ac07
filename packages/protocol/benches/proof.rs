//! Proving and verifying. Read them as ratios: `batch/n` against `schnorrkel/n`, n single verifications by the library.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gateway_api::{AttestationBytes, Commit, NodeKey, RequestId, Seed};
use gateway_protocol::{
    BatchItem, Domain, DrawContext, KeyError, SecretKey, Threshold, verify_batch, verify_one,
};
use schnorrkel::vrf::{KUSAMA_VRF, VRFPreOut, VRFProof, VRFProofBatchable};

const DOMAIN: Domain<'static> = Domain { chain_id: "archway-1", contract: "archway1gateway" };
const SEED: Seed = Seed([9; 32]);
const NODES: u8 = 21;

struct Row {
    context: DrawContext,
    key: NodeKey,
    proof: AttestationBytes,
    commit: Commit,
}

/// `count` proofs: requests of seven nodes each, so that keys come again in large batches as they do on the chain.
fn rows(count: usize) -> Result<Vec<Row>, KeyError> {
    (0..count)
        .map(|at| {
            let key = SecretKey::from_bytes(&[1 + (at % usize::from(NODES)) as u8; 32])?;
            let request = RequestId((at / 7) as u64);
            let (context, commit) = (DrawContext::new(&DOMAIN, &SEED, request), Commit([at as u8; 32]));
            let proof = key.attest(&context, &commit, key.salt(&DOMAIN, request));
            Ok(Row { context, key: key.public(), proof, commit })
        })
        .collect()
}

fn draw(request: u64) -> merlin::Transcript {
    let mut t = merlin::Transcript::new(b"gateway/draw");
    t.append_message(b"chain", DOMAIN.chain_id.as_bytes());
    t.append_message(b"contract", DOMAIN.contract.as_bytes());
    t.append_message(b"seed", &SEED.0);
    t.append_message(b"request", &request.to_be_bytes());
    t
}

fn extra(commit: &Commit) -> merlin::Transcript {
    let mut t = merlin::Transcript::new(b"gateway/attest");
    t.append_message(b"commit", &commit.0);
    t
}

/// The library's own verification of the same proof, in the short form that it takes.
fn by_schnorrkel(row: &Row, at: usize, short: &VRFProof) -> bool {
    let output = VRFPreOut(row.proof.output.0);
    schnorrkel::PublicKey::from_bytes(&row.key.0).is_ok_and(|public| {
        public.vrf_verify_extra(draw((at / 7) as u64), &output, short, extra(&row.commit)).is_ok()
    })
}

fn shorten(row: &Row, at: usize) -> Option<VRFProof> {
    let public = schnorrkel::PublicKey::from_bytes(&row.key.0).ok()?;
    let batchable = VRFProofBatchable::from_bytes(&[row.proof.r, row.proof.hr, row.proof.s].concat()).ok()?;
    let in_out = VRFPreOut(row.proof.output.0).attach_input_hash(&public, draw((at / 7) as u64)).ok()?;
    Some(batchable.shorten_dleq(extra(&row.commit), &public, &in_out, KUSAMA_VRF))
}

fn proofs(c: &mut Criterion) {
    let Ok(secret) = SecretKey::from_bytes(&[1; 32]) else { return };
    let context = DrawContext::new(&DOMAIN, &SEED, RequestId(1));
    let salt = secret.salt(&DOMAIN, RequestId(1));
    c.bench_function("draw", |b| b.iter(|| secret.draw(black_box(&context))));
    c.bench_function("attest", |b| b.iter(|| secret.attest(black_box(&context), &Commit([1; 32]), salt)));
    let (output, threshold) = (secret.draw(&context), Threshold::new(21, gateway_api::Attempt(0), 1000));
    c.bench_function("seats/64 units", |b| b.iter(|| threshold.seats(black_box(&output), 64)));

    let mut group = c.benchmark_group("verify");
    for count in [1usize, 3, 7, 21, 147] {
        let Ok(rows) = rows(count) else { return };
        let items: Vec<BatchItem<'_>> = rows
            .iter()
            .map(|row| BatchItem {
                context: &row.context,
                key: &row.key,
                proof: &row.proof,
                commit: &row.commit,
            })
            .collect();
        let short: Vec<VRFProof> = rows.iter().enumerate().filter_map(|(at, row)| shorten(row, at)).collect();
        assert!(verify_batch(&items).is_ok() && short.len() == count);
        assert!(rows.iter().zip(&short).enumerate().all(|(at, (row, short))| by_schnorrkel(row, at, short)));
        group
            .bench_function(BenchmarkId::new("batch", count), |b| b.iter(|| verify_batch(black_box(&items))));
        group.bench_function(BenchmarkId::new("one", count), |b| {
            b.iter(|| {
                rows.iter().all(|row| verify_one(&row.context, &row.key, &row.proof, &row.commit).is_ok())
            });
        });
        group.bench_function(BenchmarkId::new("schnorrkel", count), |b| {
            b.iter(|| rows.iter().zip(&short).enumerate().all(|(at, (row, s))| by_schnorrkel(row, at, s)));
        });
    }
    group.finish();
}

criterion_group!(benches, proofs);
criterion_main!(benches);
