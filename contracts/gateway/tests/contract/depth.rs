//! Sub-messages that the chain refuses for the depth of the call stack: nothing is credited, failed or used up instead.
//!
//! The simulated chain has no such bound. Here it passes the reply on with the text that Archway's wasmd gives: "codespace: wasm,
//! code: 30" where a sub-message would be the 500th nested call.

use cosmwasm_std::{DepsMut, Env, Reply, Response, SubMsgResult};
use cw_multi_test::{ContractWrapper, Executor};
use gateway_api::*;
use gateway_contract::contract::{execute, instantiate, migrate, query, reply};
use gateway_contract::ContractError;

use crate::rogue::Rogue;
use crate::world::{policy, World};

/// Every reply as it is at the maximum depth.
fn too_deep(deps: DepsMut<'_>, env: Env, mut answer: Reply) -> Result<Response, ContractError> {
    answer.result = SubMsgResult::Err("codespace: wasm, code: 30".to_owned());
    reply(deps, env, answer)
}

type Replies = fn(DepsMut<'_>, Env, Reply) -> Result<Response, ContractError>;

impl World {
    /// Has the contract receive other replies than the chain's.
    fn with_replies(&mut self, replies: Replies) {
        let contract = ContractWrapper::new(execute, instantiate, query).with_migrate(migrate);
        let code = self.app.store_code(Box::new(contract.with_reply(replies)));
        let (admin, gateway) = (self.admin.clone(), self.gateway.clone());
        self.app.migrate_contract(admin, gateway, &MigrateMsg {}, code).unwrap();
    }
}

/// A contract calls itself 499 times and then publishes: the callback that was never tried has not failed. The message
/// reverts as a whole.
#[test]
fn attack_51_calls_at_maximum_depth() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    let request = rogue.ask(&mut world, project);
    world.block();
    world.tick();
    let publication = world.publication(request, "3");
    world.with_replies(too_deep);
    let relay = world.relay.clone();
    let publish = ExecuteMsg::Publish { publications: vec![publication.clone()] };
    assert_eq!(world.send(&relay, &publish, 0).unwrap_err(), ContractError::CallDepth {});
    assert_eq!(world.status(request), RequestStatus::Drawn);

    world.with_replies(reply);
    assert_eq!(world.verdict(publication), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!(result.callback, CallbackStatus::Delivered {});
}
