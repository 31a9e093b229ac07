//! The devchain beside a real chain: one table of calls and situations, run on whichever chain `E2E_CHAIN` names (the
//! devchain without it) and compared field by field with what is recorded of that chain in `tests/real-chain/golden`.
//!
//! `REGENERATE_PARITY=1` records instead. What may differ between the two chains stands in `differences`, each with its reason.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod answers;
mod cases;
mod differences;
mod mask;
mod world;

use answers::Answers;
use world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_the_recorded_one() {
    let mut world = World::start().await;
    let mut answers = Answers::new(world.chain());
    cases::methods(&mut world, &mut answers).await;
    cases::subscriptions(&world, &mut answers).await;
    cases::refusals(&mut world, &mut answers).await;
    cases::queries(&mut world, &mut answers).await;
    cases::blocks(&mut world, &mut answers).await;
    world.stop().await;
    answers.compare();
}

#[test]
fn the_chains_differ_where_it_is_said_and_nowhere_else() {
    let [devchain, wasmd] = ["devchain", "wasmd"].map(answers::recorded);
    let cases: std::collections::BTreeSet<_> = devchain.keys().chain(wasmd.keys()).collect();
    for case in cases {
        let differs = devchain.get(case) != wasmd.get(case);
        let reason = differences::MEANT.iter().find(|(named, _)| named == case);
        assert!(
            !differs || reason.is_some(),
            "{case} differs: mend the devchain, or say why in `differences`"
        );
        assert!(differs || reason.is_none(), "{case} no longer differs: take it out of `differences`");
    }
    for (case, why) in differences::MEANT {
        assert!(devchain.contains_key(*case) && !why.is_empty(), "{case} is no case");
    }
}
