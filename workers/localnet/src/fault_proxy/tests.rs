//! The proxy in front of a chain with a single answer.

use std::sync::Arc;

use gateway_chain::{Broadcaster, ChainConfig, ChainError, ChainReader, Endpoints};
use gateway_devchain::{Devchain, DevchainConfig};

use super::*;

struct Behind {
    chain: Devchain,
    proxy: FaultProxy,
    reader: Arc<Endpoints>,
}

async fn behind() -> Behind {
    let chain =
        Devchain::start(DevchainConfig { manual_blocks: true, ..DevchainConfig::default() }).await.unwrap();
    let proxy = FaultProxy::start(&chain.rpc_url()).await.unwrap();
    let config = ChainConfig::new(proxy.url(), DevchainConfig::default().chain_id, "");
    Behind { chain, proxy, reader: Arc::new(Endpoints::new(&config).unwrap()) }
}

#[tokio::test]
async fn without_a_fault_it_passes_on_and_each_fault_looks_as_it_does_at_a_node() {
    let Behind { chain, proxy, reader } = behind().await;
    assert_eq!(reader.status().await.unwrap().height, 1);
    for fault in [Fault::Drop, Fault::BadGateway, Fault::LoseAnswer] {
        proxy.set(fault, 100, 1);
        let error = reader.status().await.unwrap_err();
        let right = match fault {
            Fault::BadGateway => matches!(error, ChainError::HttpStatus { status: 502, .. }),
            _ => matches!(error, ChainError::Transport { .. }),
        };
        assert!(right, "{fault:?}: {error}");
    }
    proxy.set(Fault::NoState, 100, 1);
    let error = reader.balance("archway1x", "aarch").await.unwrap_err();
    assert!(matches!(error, ChainError::NodeUnwell { code: 18, .. }), "{error}");
    assert_eq!(reader.status().await.unwrap().height, 1, "not concerned");
    proxy.set(Fault::Stale, 100, 1);
    assert_eq!(reader.status().await.unwrap().height, 1);
    chain.produce_block().await.unwrap();
    assert_eq!(reader.status().await.unwrap().height, 1, "as before");
    proxy.set(Fault::Delay(Duration::from_millis(200)), 100, 1);
    let began = std::time::Instant::now();
    assert_eq!(reader.status().await.unwrap().height, 2);
    assert!(began.elapsed() >= Duration::from_millis(200));
    proxy.clear();
    reader.status().await.unwrap();
    chain.shutdown().await.unwrap();
    assert!(reader.status().await.is_err(), "a chain that is gone is gone");
}

#[tokio::test]
async fn a_broadcast_sent_twice_has_the_second_answer() {
    let Behind { chain, proxy, reader } = behind().await;
    let once = reader.broadcast(b"no transaction").await;
    proxy.set(Fault::SendTwice, 100, 1);
    let before = proxy.calls();
    assert_eq!(format!("{:?}", reader.broadcast(b"no transaction").await), format!("{once:?}"));
    assert_eq!((proxy.calls() - before, proxy.struck()), (1, 1));
    chain.shutdown().await.unwrap();
}

#[test]
fn a_seed_decides_which_calls_fail() {
    let struck = |seed, share| {
        let plan = Plan { fault: Fault::Drop, share, seed };
        (0..1000).filter(|number| plan.strikes(*number)).collect::<Vec<_>>()
    };
    assert_eq!(struck(3, 40), struck(3, 40));
    assert_ne!(struck(3, 40), struck(4, 40));
    assert!((300..500).contains(&struck(3, 40).len()), "{}", struck(3, 40).len());
    assert_eq!((struck(1, 0).len(), struck(1, 100).len()), (0, 1000));
}
