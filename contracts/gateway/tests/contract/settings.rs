//! Replacing the settings.

use cosmwasm_std::Uint128;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, settings, World, SEAT};

#[test]
fn bounds_hold_and_the_denom_stays() {
    let mut world = World::empty();
    let admin = world.admin.clone();
    let bad = Settings { ttl_blocks: 3, ..settings() };
    let refused = world.send(&admin, &ExecuteMsg::UpdateSettings { settings: bad }, 0).unwrap_err();
    assert_eq!(refused.to_string(), "settings: ttl_blocks takes 4 to 100000 blocks");
    let other = Settings { denom: "other".to_owned(), ..settings() };
    let refused = world.send(&admin, &ExecuteMsg::UpdateSettings { settings: other }, 0).unwrap_err();
    assert!(matches!(refused, ContractError::InvalidSettings(error) if error.field == "denom"));
}

/// An open request keeps the settings it was opened with: price, deadline and the length of its attempts.
#[test]
fn attack_48_settings_change_mid_request() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let before: RequestResponse = world.ask(&QueryMsg::Request { request });
    let newer =
        Settings { seat_price: Uint128::new(1000), ttl_blocks: 4, block_time_ms: 60_000, ..settings() };
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: newer }, 0).unwrap();
    let config: ConfigResponse = world.ask(&QueryMsg::Config {});
    assert_eq!(config.settings_version, SettingsVersion(2));
    assert_eq!(world.fee(project), 5 * 1000 + 7);

    let after: RequestResponse = world.ask(&QueryMsg::Request { request });
    assert_eq!(before, after);
    world.blocks(5);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    assert_eq!(world.rewards(&world.nodes[0].operator.clone()), SEAT);
}
