//! The cache queries once per block however many callers ask, and marks an old answer as stale.

use std::sync::Arc;

use gateway_api::QueryMsg;
use gateway_chain::GatewayQuery;
use gateway_testkit::{CONTRACT, TestChain};
use tokio::sync::watch;

use super::{chain, questions};
use crate::cache::Cache;

fn cache(chain: &Arc<TestChain>) -> (Arc<Cache>, watch::Sender<u64>) {
    let height = watch::Sender::new(7);
    let query = GatewayQuery::new(chain.clone(), CONTRACT);
    (Arc::new(Cache::new(query, height.subscribe())), height)
}

#[tokio::test]
async fn many_callers_cause_one_question_a_block() {
    let chain = chain();
    let (cache, height) = cache(&chain);
    let ask = || {
        let cache = cache.clone();
        tokio::spawn(async move { cache.ask(&QueryMsg::Config {}).await })
    };
    let calls: Vec<_> = (0..50).map(|_| ask()).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().height, 7);
    }
    assert_eq!(questions(&chain), 1);
    height.send_replace(8);
    assert_eq!(ask().await.unwrap().unwrap().height, 8);
    assert_eq!(questions(&chain), 2);
}

#[tokio::test]
async fn while_the_chain_is_away_the_old_answer_is_marked_as_stale() {
    let chain = chain();
    let (cache, height) = cache(&chain);
    assert!(!cache.ask(&QueryMsg::Config {}).await.unwrap().stale);
    height.send_replace(8);
    chain.set_away(true);
    let old = cache.ask(&QueryMsg::Config {}).await.unwrap();
    assert_eq!((old.height, old.stale), (7, true));
    assert!(cache.ask(&QueryMsg::Counter {}).await.is_err(), "nothing is known of it");
    chain.set_away(false);
    let new = cache.ask(&QueryMsg::Config {}).await.unwrap();
    assert_eq!((new.height, new.stale), (8, false));
}
