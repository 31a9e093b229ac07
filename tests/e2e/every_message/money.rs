//! Who pays, and who is paid.

use gateway_api::{
    ExecuteMsg, NewRequest, NewSchedule, ProjectId, QueryMsg, RewardsResponse, SubscriptionConsumer,
};
use gateway_localnet::Localnet;

use super::{People, send};

pub(super) async fn subscription_and_schedules(net: &Localnet, people: &People, project: ProjectId) {
    let user = &people.user;
    let subscription = net.subscribe(1_000).await.unwrap();
    send(net, user, &ExecuteMsg::Deposit { subscription }, 500).await;
    let consumer = SubscriptionConsumer {
        address: user.address().to_owned(),
        projects: vec![project],
        max_fee: None,
        allowance: None,
    };
    send(net, user, &ExecuteMsg::SetConsumers { subscription, consumers: vec![consumer] }, 0).await;
    send(net, user, &ExecuteMsg::Withdraw { subscription, amount: None }, 0).await;

    // One that a keeper runs, and one that is far away.
    let fee = net.fee(project).await.unwrap();
    let new = |at: Option<u64>| NewSchedule {
        request: NewRequest::new(project, r#"{"a":1,"b":2}"#),
        at,
        every_blocks: None,
        until: None,
    };
    net.schedule(new(None), 2 * fee).await.unwrap();
    let far = net.height().await.unwrap() + 100_000;
    let schedule = net.schedule(new(Some(far)), 2 * fee).await.unwrap();
    send(net, user, &ExecuteMsg::FundSchedule { schedule }, 100).await;
    send(net, user, &ExecuteMsg::CancelSchedule { schedule }, 0).await;
    net.until("the keeper to run the schedule", || async { Ok((!net.any_schedule().await?).then_some(())) })
        .await
        .unwrap();
}

/// The neighbour's node has earned seats.
pub(super) async fn earnings_are_claimed(net: &Localnet, people: &People) {
    let address = people.neighbour.address().to_owned();
    let earned: RewardsResponse = net.ask(&QueryMsg::Rewards { address: address.clone() }).await.unwrap();
    assert!(!earned.amount.is_zero());
    send(net, &people.user, &ExecuteMsg::Claim { r#for: Some(address) }, 0).await;
}
