//! Measures every operation, publications of many sizes, the proofs alone, and the same operations after short and long
//! histories.

use gateway_api::ExecuteMsg;

use super::bench::{Bench, fault};
use super::chain::Cost;
use crate::error::XtaskError;

/// Committee sizes that are measured.
const COMMITTEES: [u32; 6] = [1, 3, 5, 7, 11, 21];
/// The batch of the speed goal: number of results and proofs of each.
pub(super) const BATCH: (u32, u32) = (150, 7);
/// Requests before the second measurement of the same operations.
const LONG_HISTORY: u64 = 100_000;
const SHORT_HISTORY: u64 = 10;

/// The cost of one committee size.
pub(super) struct Committee {
    pub(super) proofs: u32,
    /// Publishing its result.
    pub(super) publish: Cost,
    /// Checking whether it would be accepted: verified, and nothing written.
    pub(super) check: Cost,
}

/// Everything measured.
pub(super) struct Figures {
    pub(super) wasm_bytes: usize,
    pub(super) operations: Vec<(&'static str, Cost)>,
    pub(super) committees: Vec<Committee>,
    /// The batch, and as many results of one proof each.
    pub(super) batch: Cost,
    pub(super) batch_of_ones: Cost,
    /// Name, after the short and after the long history.
    pub(super) histories: Vec<(&'static str, Cost, Cost)>,
    pub(super) history_lengths: (u64, u64),
}

/// Measures everything.
pub(super) fn measure(wasm: &[u8]) -> Result<Figures, XtaskError> {
    let mut operations = Vec::new();
    let mut bench = Bench::new(wasm, 21, &mut operations)?;
    let project = bench.project(21, &mut operations)?;
    bench.chain.block();
    let (request, opened) = bench.request(project)?;
    operations.push(("request, 256 bytes of input", opened));
    bench.chain.block();
    operations.push(("tick that opens a round", bench.tick()?));
    operations.push(("tick with nothing to do", bench.tick()?));
    let publication = bench.publication(request, 21)?;
    let again = publication.clone();
    bench.publish(vec![publication])?;
    operations.push(("publish for a request that has ended", bench.publish(vec![again])?));
    let (relay, claim) = (bench.relay.clone(), ExecuteMsg::Claim { r#for: None });
    operations.push(("claim", bench.chain.execute(&relay, &claim, 0)?.0));
    bench.request(project)?;
    for _ in 0..200 {
        bench.chain.block();
    }
    operations.push(("expire one request", bench.expire()?));

    let (results, proofs) = BATCH;
    Ok(Figures {
        wasm_bytes: wasm.len(),
        operations,
        committees: COMMITTEES.into_iter().map(|proofs| committee(wasm, proofs)).collect::<Result<_, _>>()?,
        batch: batch(wasm, results, proofs)?,
        batch_of_ones: batch(wasm, results, 1)?,
        histories: histories(wasm)?,
        history_lengths: (SHORT_HISTORY, LONG_HISTORY),
    })
}

fn committee(wasm: &[u8], proofs: u32) -> Result<Committee, XtaskError> {
    // The first is not measured: what a first result creates, later ones only change.
    let (mut bench, mut publications) = Bench::ready(wasm, proofs, 2)?;
    let second = publications.pop().ok_or_else(|| fault("two were asked for"))?;
    bench.publish(publications)?;
    let check = bench.check(second.clone())?;
    Ok(Committee { proofs, publish: bench.publish(vec![second])?, check })
}

fn batch(wasm: &[u8], results: u32, proofs: u32) -> Result<Cost, XtaskError> {
    let (mut bench, publications) = Bench::ready(wasm, proofs, results)?;
    bench.publish(publications)
}

/// Measures the same operations after a short and after a long history of requests, half of them ended.
fn histories(wasm: &[u8]) -> Result<Vec<(&'static str, Cost, Cost)>, XtaskError> {
    let mut bench = Bench::new(wasm, 7, &mut Vec::new())?;
    let project = bench.project(7, &mut Vec::new())?;
    let mut opened = 0;
    let mut looks = Vec::new();
    for length in [SHORT_HISTORY, LONG_HISTORY] {
        while opened < length {
            bench.request_natively(project)?;
            opened += 1;
            if opened % 100 == 0 {
                bench.chain.block();
                let relay = bench.relay.clone();
                bench.chain.execute_natively(&relay, ExecuteMsg::Tick {}, 0)?;
                bench.chain.execute_natively(
                    &relay,
                    ExecuteMsg::Expire { limit: Some(100), requests: None },
                    0,
                )?;
            }
        }
        bench.chain.block();
        bench.tick()?;
        let (request, asked) = bench.request(project)?;
        bench.chain.block();
        let ticked = bench.tick()?;
        let publication = bench.publication(request, 7)?;
        let published = bench.publish(vec![publication])?;
        for _ in 0..200 {
            bench.chain.block();
        }
        let expired = bench.expire()?;
        looks.push([asked, ticked, published, expired]);
        // The sweep empties the rest, so that both measurements see a request that expires.
        let relay = bench.relay.clone();
        bench.chain.execute_natively(&relay, ExecuteMsg::Expire { limit: Some(100), requests: None }, 0)?;
    }
    let names = ["request", "tick that opens a round", "publish, 7 proofs", "expire one request"];
    let [short, long] = looks[..] else { return Err(fault("two looks were taken")) };
    Ok(names.into_iter().zip(short).zip(long).map(|((name, short), long)| (name, short, long)).collect())
}
