//! A project's sealed secrets are read once, and again after they have changed.

use gateway_api::Policy;
use gateway_store::JobState;

use super::fixture::{Relay, Vm, World};

#[tokio::test]
async fn a_run_has_the_secrets_of_the_newest_block_that_the_node_has_seen() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    let secrets = || vm.secrets.lock().unwrap().clone();
    // Each is drawn in a block of its own, so that the one before has run.
    let mut asked = 0;
    let mut run = async |id| {
        world.open(id, Policy::default());
        world.chain.draw();
        let height = world.chain.commit();
        node.job(id, JobState::Sent).await;
        let reads = world.sealed_asked().split_off(asked);
        asked += reads.len();
        assert!(reads.iter().all(|least| *least >= height), "{reads:?} are older than block {height}");
        reads.len()
    };

    world.seal("KEY");
    assert!(run(1).await > 0);
    assert_eq!(run(2).await, 0, "what was read is kept");
    world.seal("OTHER");
    assert!(run(3).await > 0);

    let (one, two) = ("Secret(KEY of project 1 for a.example)", "Secret(OTHER of project 1 for a.example)");
    assert_eq!(secrets(), [format!("[{one}]"), format!("[{one}]"), format!("[{one}, {two}]")]);
    node.stop().await;
}
