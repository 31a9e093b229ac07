//! Archway's callback and rewards modules as far as a contract sees them: they take messages, estimate and keep fees, and pay.

use std::cell::RefCell;
use std::rc::Rc;

use cosmwasm_std::{
    coins, Addr, Api, BankMsg, Binary, BlockInfo, CustomMsg, CustomQuery, Empty, Querier, Storage, Uint128,
};
use cw_multi_test::error::{bail, AnyResult};
use cw_multi_test::{
    App, AppResponse, BankKeeper, BankSudo, CosmosRouter, DistributionKeeper, FailingModule,
    GovFailingModule, IbcFailingModule, StakeKeeper, Stargate, SudoMsg, WasmKeeper,
};
use gateway_api::{ArchwaySettings, Settings};
use serde::de::DeserializeOwned;

use crate::world::settings;

/// What a reservation costs on the tests' chain, and may cost by their settings.
pub(crate) const FEE: u128 = 10;
/// Blocks between two sweeps in the tests' settings.
pub(crate) const EVERY: u64 = 5;

/// Settings of a chain that calls back.
pub(crate) fn on_archway() -> Settings {
    let reservation_fee = Uint128::new(FEE);
    let archway = ArchwaySettings { sweep_blocks: EVERY, sweep_requests: 2, reservation_fee, tick_fee: None };
    Settings { archway: Some(archway), ..settings() }
}

/// A chain with those modules.
pub(crate) type Chain = App<
    BankKeeper,
    cosmwasm_std::testing::MockApi,
    cosmwasm_std::testing::MockStorage,
    FailingModule<Empty, Empty, Empty>,
    WasmKeeper<Empty, Empty>,
    StakeKeeper,
    DistributionKeeper,
    IbcFailingModule,
    GovFailingModule,
    Archway,
>;

/// A callback that was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub(crate) job: u64,
    pub(crate) height: u64,
    pub(crate) fee: u128,
}

/// What the modules keep.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    pub(crate) refuse: bool,
    /// What a reservation costs above [`FEE`].
    pub(crate) surcharge: u128,
    /// Whether contracts get no answer about fees, as on Archway v10.
    pub(crate) silent: bool,
    pub(crate) reservations: Vec<Reservation>,
    /// Owner and receiver of rewards, once they are set.
    pub(crate) metadata: Option<(String, String)>,
    /// Coins that wait for the contract.
    pub(crate) rewards: u128,
}

/// The modules.
#[derive(Clone, Default)]
pub(crate) struct Archway(pub(crate) Rc<RefCell<Modules>>);

/// A field of a protocol buffer's message.
#[derive(Debug, PartialEq, Eq)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// A message's fields, in order.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (inner, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(inner)
            }
            kind => panic!("wire type {kind}"),
        };
        fields.push((tag >> 3, field));
    }
    fields
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Stargate for Archway {
    fn execute_stargate<ExecC, QueryC>(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        router: &dyn CosmosRouter<ExecC = ExecC, QueryC = QueryC>,
        block: &BlockInfo,
        sender: Addr,
        type_url: String,
        value: Binary,
    ) -> AnyResult<AppResponse>
    where
        ExecC: CustomMsg + DeserializeOwned + 'static,
        QueryC: CustomQuery + DeserializeOwned + 'static,
    {
        let mut modules = self.0.borrow_mut();
        let read = fields(&value);
        match (type_url.as_str(), read.as_slice()) {
            _ if modules.refuse => bail!("codespace: callback, code: 2"),
            (
                "/archway.callback.v1.MsgRequestCallback",
                [(1, Field::Bytes(from)), (2, Field::Bytes(contract)), (3, Field::Number(job)), (4, Field::Number(height)), (5, Field::Bytes(fees))],
            ) => {
                assert_eq!((text(from), text(contract)), (sender.to_string(), sender.to_string()));
                let fees = fields(fees);
                let [(1, Field::Bytes(denom)), (2, Field::Bytes(amount))] = fees.as_slice() else {
                    bail!("no coin: {fees:?}")
                };
                let (job, height, fee) = (*job, *height, text(amount).parse()?);
                if height <= block.height {
                    bail!("codespace: callback, code: 3");
                }
                // What is offered above the exact fee would be kept.
                assert_eq!(fee, FEE + modules.surcharge);
                modules.reservations.push(Reservation { job, height, fee });
                let to_address =
                    cosmwasm_std::testing::MockApi::default().addr_make("callback module").into_string();
                let pay = BankMsg::Send { to_address, amount: coins(fee, text(denom)) };
                router.execute(api, storage, block, sender, pay.into())
            }
            (
                "/archway.rewards.v1.MsgSetContractMetadata",
                [(1, Field::Bytes(from)), (2, Field::Bytes(metadata))],
            ) => {
                assert_eq!(text(from), sender.to_string());
                let metadata = fields(metadata);
                let [(1, Field::Bytes(contract)), (2, Field::Bytes(owner)), (3, Field::Bytes(rewards))] =
                    metadata.as_slice()
                else {
                    bail!("no metadata: {metadata:?}")
                };
                assert_eq!(text(contract), sender.to_string());
                modules.metadata = Some((text(owner), text(rewards)));
                Ok(AppResponse::default())
            }
            ("/archway.rewards.v1.MsgWithdrawRewards", [(1, Field::Bytes(to)), (2, Field::Bytes(limit))]) => {
                assert_eq!(text(to), sender.to_string());
                assert_eq!(fields(limit), [(1, Field::Number(100))]);
                let amount = coins(std::mem::take(&mut modules.rewards), crate::world::DENOM);
                if amount[0].amount.is_zero() {
                    return Ok(AppResponse::default());
                }
                let mint = BankSudo::Mint { to_address: sender.into_string(), amount };
                router.sudo(api, storage, block, SudoMsg::Bank(mint))
            }
            (url, read) => bail!("no such message: {url} {read:?}"),
        }
    }

    fn query_stargate(
        &self,
        _api: &dyn Api,
        _storage: &dyn Storage,
        _querier: &dyn Querier,
        block: &BlockInfo,
        path: String,
        data: Binary,
    ) -> AnyResult<Binary> {
        let read = fields(&data);
        match (path.as_str(), read.as_slice()) {
            ("/archway.callback.v1.Query/EstimateCallbackFees", [(1, Field::Number(height))])
                if *height > block.height && !self.0.borrow().silent =>
            {
                let amount = (FEE + self.0.borrow().surcharge).to_string();
                let coin = serde_json::json!({ "denom": crate::world::DENOM, "amount": amount });
                let answer = serde_json::json!({ "total_fees": coin, "fee_split": {} });
                Ok(Binary::new(serde_json::to_vec(&answer)?))
            }
            (path, read) => bail!("no such query: {path} {read:?}"),
        }
    }
}
