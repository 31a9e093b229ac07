//! What a devchain's tests share: a chain, an account that signs, and a contract.
#![allow(dead_code, unreachable_pub)] // each test file uses its own part of this module

use cosmrs::cosmwasm::{MsgExecuteContract, MsgInstantiateContract, MsgStoreCode};
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    QueryRawContractStateRequest, QueryRawContractStateResponse, QuerySmartContractStateRequest,
    QuerySmartContractStateResponse,
};
use cosmrs::proto::prost::Message;
use cosmrs::tx::{Body, Fee, Msg, SignDoc, SignerInfo};
use cosmrs::{AccountId, Any, Coin};
use gateway_devchain::{Devchain, DevchainConfig};
use tendermint_rpc::client::CompatMode;
use tendermint_rpc::endpoint::broadcast::tx_sync;
use tendermint_rpc::endpoint::tx;
use tendermint_rpc::{Client, HttpClient};

/// Initial balance of every test account.
pub const RICH: u128 = 1_000_000_000_000;
const ENOUGH_GAS: u64 = 5_000_000;

/// A chain, a client of it, and a funded account.
pub struct World {
    pub chain: Devchain,
    pub client: HttpClient,
    pub alice: Account,
    pub bob: Account,
    /// The fee that `run` pays.
    pub fee: u128,
}

/// A key and its next sequence.
pub struct Account {
    key: SigningKey,
    pub id: AccountId,
    pub number: u64,
    pub sequence: u64,
}

/// Deviations from the usual way a transaction is signed.
#[derive(Clone)]
pub struct Options {
    pub chain_id: String,
    pub gas: u64,
    pub fee: u128,
    pub timeout_height: u32,
    pub memo: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            chain_id: "devchain-1".into(),
            gas: ENOUGH_GAS,
            fee: 0,
            timeout_height: 0,
            memo: String::new(),
        }
    }
}

impl Account {
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        let id = key.public_key().account_id("archway").unwrap();
        Self { key, id, number: 0, sequence: 0 }
    }

    /// Signs messages and advances the sequence.
    pub fn sign(&mut self, messages: Vec<Any>, options: &Options) -> Vec<u8> {
        let body = Body::new(messages, options.memo.clone(), options.timeout_height);
        let info = SignerInfo::single_direct(Some(self.key.public_key()), self.sequence);
        let fee = Fee::from_amount_and_gas(coin(options.fee), options.gas);
        let auth = info.auth_info(fee);
        let chain_id = options.chain_id.parse().unwrap();
        let doc = SignDoc::new(&body, &auth, &chain_id, self.number).unwrap();
        self.sequence += 1;
        doc.sign(&self.key).unwrap().to_bytes().unwrap()
    }
}

pub fn coin(amount: u128) -> Coin {
    Coin { denom: "aarch".parse().unwrap(), amount }
}

/// Returns the test contract.
pub fn counter_wasm() -> Vec<u8> {
    wat::parse_str(include_str!("../counter.wat")).unwrap()
}

/// Returns a configuration with two rich accounts and blocks on demand.
pub fn config() -> DevchainConfig {
    let account = |seed| (Account::new(seed).id.to_string(), RICH);
    DevchainConfig {
        manual_blocks: true,
        genesis_accounts: vec![account(1), account(2)],
        ..DevchainConfig::default()
    }
}

impl World {
    pub async fn start() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: DevchainConfig) -> Self {
        let chain = Devchain::start(config).await.unwrap();
        let client = HttpClient::builder(chain.rpc_url().parse().unwrap())
            .compat_mode(CompatMode::V0_38)
            .build()
            .unwrap();
        let mut world = Self { chain, client, alice: Account::new(1), bob: Account::new(2), fee: 0 };
        for seed in [1, 2] {
            let fresh = Account::new(seed);
            let found = world.account(&fresh.id).await.unwrap();
            let account = if seed == 1 { &mut world.alice } else { &mut world.bob };
            (account.number, account.sequence) = (found.account_number, found.sequence);
        }
        world
    }

    /// Creates the same on a chain that charges for transactions.
    pub async fn with_fees(config: DevchainConfig) -> Self {
        let fee = ENOUGH_GAS as u128 * config.min_gas_price;
        Self { fee, ..Self::with(config).await }
    }

    /// Queries the application; `Err` holds code and log.
    pub async fn query<A: Message + Default>(
        &self,
        path: &str,
        request: &impl Message,
    ) -> Result<A, (u32, String)> {
        let data = request.encode_to_vec();
        let response = self.client.abci_query(Some(path.into()), data, None, false).await.unwrap();
        if response.code.is_err() {
            return Err((response.code.value(), response.log));
        }
        Ok(A::decode(response.value.as_slice()).unwrap())
    }

    pub async fn account(&self, id: &AccountId) -> Option<BaseAccount> {
        let request = QueryAccountRequest { address: id.to_string() };
        let found: Result<QueryAccountResponse, _> =
            self.query("/cosmos.auth.v1beta1.Query/Account", &request).await;
        found.ok().map(|f| BaseAccount::decode(f.account.unwrap().value.as_slice()).unwrap())
    }

    pub async fn balance(&self, address: impl ToString) -> u128 {
        let request = QueryBalanceRequest { address: address.to_string(), denom: "aarch".into() };
        let found: QueryBalanceResponse =
            self.query("/cosmos.bank.v1beta1.Query/Balance", &request).await.unwrap();
        found.balance.unwrap().amount.parse().unwrap()
    }

    pub async fn smart(&self, contract: &str, msg: &str) -> Result<String, (u32, String)> {
        let request =
            QuerySmartContractStateRequest { address: contract.into(), query_data: msg.as_bytes().to_vec() };
        let found: QuerySmartContractStateResponse =
            self.query("/cosmwasm.wasm.v1.Query/SmartContractState", &request).await?;
        Ok(String::from_utf8(found.data).unwrap())
    }

    /// Returns the counter of a test contract, read straight from its storage.
    pub async fn count(&self, contract: &str) -> String {
        let request = QueryRawContractStateRequest { address: contract.into(), query_data: b"c".to_vec() };
        let found: QueryRawContractStateResponse =
            self.query("/cosmwasm.wasm.v1.Query/RawContractState", &request).await.unwrap();
        String::from_utf8(found.data).unwrap()
    }

    pub async fn broadcast(&self, tx: Vec<u8>) -> tx_sync::Response {
        self.client.broadcast_tx_sync(tx).await.unwrap()
    }

    /// Signs as Alice; the transaction is included in the next block.
    pub async fn run_with(&mut self, messages: Vec<Any>, options: &Options) -> tx::Response {
        let tx = self.alice.sign(messages, options);
        let checked = self.broadcast(tx).await;
        assert!(checked.code.is_ok(), "{}", checked.log);
        self.chain.produce_block().await.unwrap();
        self.client.tx(checked.hash, false).await.unwrap()
    }

    pub async fn run(&mut self, messages: Vec<Any>) -> tx::Response {
        self.run_with(messages, &Options { fee: self.fee, ..Options::default() }).await
    }

    /// Uploads the test contract and creates an instance with Alice as its admin.
    pub async fn deploy(&mut self) -> String {
        let store = MsgStoreCode {
            sender: self.alice.id.clone(),
            wasm_byte_code: counter_wasm(),
            instantiate_permission: None,
        };
        let stored = self.run(vec![store.to_any().unwrap()]).await;
        assert!(stored.tx_result.code.is_ok(), "{}", stored.tx_result.log);
        let code_id = attribute(&stored, "store_code", "code_id").parse().unwrap();
        let instantiate = MsgInstantiateContract {
            sender: self.alice.id.clone(),
            admin: Some(self.alice.id.clone()),
            code_id,
            label: Some("counter".into()),
            msg: b"{}".to_vec(),
            funds: vec![],
        };
        let made = self.run(vec![instantiate.to_any().unwrap()]).await;
        assert!(made.tx_result.code.is_ok(), "{}", made.tx_result.log);
        attribute(&made, "instantiate", "_contract_address")
    }

    /// Creates a message from Alice to a contract.
    pub fn execute(&self, contract: &str, msg: impl ToString, funds: Vec<Coin>) -> Any {
        let msg = MsgExecuteContract {
            sender: self.alice.id.clone(),
            contract: contract.parse().unwrap(),
            msg: msg.to_string().into_bytes(),
            funds,
        };
        msg.to_any().unwrap()
    }
}

/// Returns the first attribute `key` of an event `kind`.
#[track_caller]
pub fn attribute(tx: &tx::Response, kind: &str, key: &str) -> String {
    let event = tx.tx_result.events.iter().find(|e| e.kind == kind).expect(kind);
    let found = event.attributes.iter().find(|a| a.key_str().unwrap() == key).expect(key);
    found.value_str().unwrap().to_owned()
}

/// Formats an event as one line: `kind{key=value,…}`.
pub fn lines(events: &[tendermint::abci::Event]) -> Vec<String> {
    let line = |event: &tendermint::abci::Event| {
        let pairs: Vec<_> = event
            .attributes
            .iter()
            .map(|a| format!("{}={}", a.key_str().unwrap(), a.value_str().unwrap()))
            .collect();
        format!("{}{{{}}}", event.kind, pairs.join(","))
    };
    events.iter().map(line).collect()
}
