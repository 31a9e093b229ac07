//! Claiming what was earned.

use gateway_api::events::{GatewayEvent, RewardsClaimed};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, World, SEAT};

#[test]
fn rewards_gather_and_are_paid_once() {
    let mut world = World::new();
    let project = world.project(policy());
    for _ in 0..3 {
        let request = world.drawn_request(project);
        assert_eq!(world.verdict(world.publication(request, "3")), None);
    }
    let operator = world.nodes[0].operator.clone();
    let before = world.balance(&operator);
    let response = world.send(&operator, &ExecuteMsg::Claim { r#for: None }, 0).unwrap();
    let paid = 3 * SEAT;
    assert_eq!(
        world.events(&response),
        [GatewayEvent::RewardsClaimed(RewardsClaimed { address: operator.to_string(), amount: paid.into() })]
    );
    assert_eq!(world.balance(&operator) - before, paid);
    assert_eq!(
        world.send(&operator, &ExecuteMsg::Claim { r#for: None }, 0).unwrap_err(),
        ContractError::NothingToClaim {}
    );
}
