//! The nodes make the next epoch's seed: nobody else has a part in it.

use crate::network::start_with;
use gateway_api::{BeaconResponse, Epoch, EpochResponse, QueryMsg, SeedQuality};
use gateway_localnet::Localnet;
use gateway_protocol::{Domain, SecretKey, make_ticket, ticket_value};

/// Waits until an epoch above this one has begun.
async fn epoch_after(net: &Localnet, epoch: Epoch) -> BeaconResponse {
    let later = || async {
        let beacon: BeaconResponse = net.ask(&QueryMsg::Beacon {}).await?;
        Ok((beacon.epoch > epoch).then_some(beacon))
    };
    net.until("the next epoch", later).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lowest_of_the_nodes_tickets_makes_the_next_epochs_seed() {
    let (net, _home) = start_with(|config| config.epoch_blocks = 10).await;
    // The one after the nodes' first: they have been there for the whole of it.
    let first: BeaconResponse = net.ask(&QueryMsg::Beacon {}).await.unwrap();
    let BeaconResponse { epoch, seed, .. } = epoch_after(&net, first.epoch).await;
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    let tickets = (0..5).map(|index| {
        let secret = SecretKey::from_bytes(&net.node_secret(index)).unwrap();
        make_ticket(&domain, &seed, &secret).output
    });
    let lowest = tickets.min_by_key(|output| ticket_value(output, 1)).unwrap();

    let next = epoch_after(&net, epoch).await;
    assert_eq!(next.epoch, epoch.next());
    assert_eq!(next.seed, domain.epoch_seed(&seed, Some(&lowest)));
    assert_eq!(next.quality, SeedQuality::Beacon);
    let record: EpochResponse = net.ask(&QueryMsg::Epoch { epoch: next.epoch }).await.unwrap();
    assert_eq!(record.seed, next.seed);
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
