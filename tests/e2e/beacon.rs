//! The nodes make the seeds: of the next epoch, and of the draws of the class `beacon`. Nobody else has a part in it.

use gateway_api::{
    BeaconResponse, DrawClass, Epoch, EpochResponse, ProjectId, QueryMsg, RoundResponse, SeedQuality, limits,
};
use gateway_localnet::{Localnet, example};
use gateway_protocol::{Domain, SecretKey, make_ticket, ticket_value};
use serde_json::json;

use crate::network::start_with;

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

/// A request of a project that draws by tickets ends with a seed that the nodes' tickets made.
async fn drawn_by_tickets(net: &Localnet, project: ProjectId) {
    let ticket = net.request(project, &json!({"a": 40, "b": 2})).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.value(), json!(42));
    assert_eq!((reading.record.draw, reading.record.fallback), (DrawClass::Beacon, false));
    let round: RoundResponse = net.ask(&QueryMsg::Round { round: reading.record.round }).await.unwrap();
    let shown = round.beacon.unwrap();
    assert_eq!((shown.lowest.len(), shown.needed), (5, 5));
    let draw = reading.request.draw.unwrap();
    let outputs: Vec<_> = shown.lowest.iter().map(|ticket| ticket.output).collect();
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    assert_eq!(draw.seed, domain.beacon_seed(&round.seed, &outputs));
    assert!(draw.height >= round.height + limits::BEACON_BLOCKS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_is_drawn_by_the_nodes_tickets_with_a_relay_and_without() {
    let (mut net, _home) = start_with(|_| ()).await;
    let by_tickets = example::addition().with_policy(|policy| policy.draw = DrawClass::Beacon);
    let project = net.register(&by_tickets).await.unwrap();
    drawn_by_tickets(&net, project).await;
    net.relay_mut().kill().await;
    drawn_by_tickets(&net, project).await;
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
