//! A misbehaving consumer contract: it fails, or calls back into the gateway.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    coins, to_json_binary, Addr, Binary, Deps, DepsMut, Env, MessageInfo, Response, StdError, StdResult,
    WasmMsg,
};
use cw_multi_test::{ContractWrapper, Executor};
use gateway_api::*;

use crate::world::{rich, World, DENOM};

/// How it behaves.
#[cw_serde]
struct Script {
    gateway: String,
    /// What to call back into the gateway with.
    reenter: Option<ExecuteMsg>,
    /// Whether to fail.
    fail: bool,
}

#[cw_serde]
#[expect(clippy::large_enum_variant, reason = "a few values at a time, in a test")]
enum RogueMsg {
    Ask { project: ProjectId, funds: u128 },
    Behave { script: Script },
    GatewayResult(GatewayResult),
}

const SCRIPT: cw_storage_plus::Item<Script> = cw_storage_plus::Item::new("script");

fn rogue_instantiate(deps: DepsMut<'_>, _: Env, _: MessageInfo, msg: Script) -> StdResult<Response> {
    SCRIPT.save(deps.storage, &msg)?;
    Ok(Response::new())
}

fn rogue_execute(deps: DepsMut<'_>, _: Env, _: MessageInfo, msg: RogueMsg) -> StdResult<Response> {
    let script = SCRIPT.load(deps.storage)?;
    let call = |msg: &ExecuteMsg, funds| {
        Ok::<_, StdError>(WasmMsg::Execute {
            contract_addr: script.gateway.clone(),
            msg: to_json_binary(msg)?,
            funds,
        })
    };
    match msg {
        RogueMsg::Ask { project, funds } => {
            let callback = Some(CallbackRequest { gas_limit: None });
            let msg = ExecuteMsg::Request(NewRequest { callback, ..NewRequest::new(project, "1") });
            Ok(Response::new().add_message(call(&msg, coins(funds, DENOM))?))
        }
        RogueMsg::Behave { script } => {
            SCRIPT.save(deps.storage, &script)?;
            Ok(Response::new())
        }
        RogueMsg::GatewayResult(_) if script.fail => Err(StdError::generic_err("x".repeat(10_000))),
        RogueMsg::GatewayResult(_) => match &script.reenter {
            Some(msg) => Ok(Response::new().add_message(call(msg, vec![])?)),
            None => Ok(Response::new()),
        },
    }
}

fn rogue_query(_: Deps<'_>, _: Env, _: cosmwasm_std::Empty) -> StdResult<Binary> {
    Ok(Binary::default())
}

/// The consumer, deployed.
pub(crate) struct Rogue {
    pub(crate) address: Addr,
    gateway: String,
}

impl Rogue {
    pub(crate) fn new(world: &mut World) -> Self {
        let code = world.app.store_code(Box::new(ContractWrapper::new(
            rogue_execute,
            rogue_instantiate,
            rogue_query,
        )));
        let gateway = world.gateway.to_string();
        let script = Script { gateway: gateway.clone(), reenter: None, fail: false };
        let alice = world.alice.clone();
        let address = world.app.instantiate_contract(code, alice, &script, &[], "rogue", None).unwrap();
        rich(&mut world.app, &address);
        Self { address, gateway }
    }

    pub(crate) fn behave(&self, world: &mut World, fail: bool, reenter: Option<ExecuteMsg>) {
        let script = Script { gateway: self.gateway.clone(), reenter, fail };
        self.send(world, &RogueMsg::Behave { script });
    }

    pub(crate) fn ask(&self, world: &mut World, project: ProjectId) -> RequestId {
        let funds = world.fee(project);
        self.ask_for(world, project, funds)
    }

    pub(crate) fn ask_for(&self, world: &mut World, project: ProjectId, funds: u128) -> RequestId {
        self.send(world, &RogueMsg::Ask { project, funds });
        let open: OpenRequestsResponse =
            world.ask(&QueryMsg::OpenRequests { start_after: None, limit: Some(100) });
        open.requests.last().unwrap().request
    }

    fn send(&self, world: &mut World, msg: &RogueMsg) {
        let alice = world.alice.clone();
        world.app.execute_contract(alice, self.address.clone(), msg, &[]).unwrap();
    }
}
