//! The chain under test with three accounts and a contract, asked over plain JSON-RPC so that no client smooths anything.

use std::time::Duration;

use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmwasm::wasm::v1::{MsgExecuteContract, MsgInstantiateContract, MsgStoreCode};
use cosmrs::proto::prost::Message;
use futures::{SinkExt as _, StreamExt as _};
use gateway_devchain::{Devchain, DevchainConfig};
use gateway_localnet::ChainKind;
use gateway_localnet::chain::{Wasmd, WasmdConfig};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite;

use crate::account::{Account, Terms, message};

const CHAIN_ID: &str = "localnet-1";
const RICH: u128 = 1_000_000_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);
/// A scripted contract in one page of memory.
const CONTRACT: &str = include_str!("../../../workers/devchain/tests/counter.wat");

enum Chain {
    Devchain(Devchain),
    Wasmd(Box<Wasmd>),
}

/// The chain and who uses it.
pub(crate) struct World {
    chain: Chain,
    url: String,
    client: reqwest::Client,
    _home: TempDir,
    pub(crate) alice: Account,
    /// Has coins and has sent nothing.
    pub(crate) bob: Account,
    pub(crate) contract: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let kind = std::env::var("E2E_CHAIN").map_or(ChainKind::Devchain, |text| text.parse().unwrap());
        let accounts = [1, 2].map(|seed| (Account::new(seed).id.to_string(), RICH)).to_vec();
        let (chain, url) = match kind {
            ChainKind::Devchain => {
                let config = DevchainConfig {
                    chain_id: CHAIN_ID.to_owned(),
                    block_time: Duration::from_millis(300),
                    genesis_accounts: accounts,
                    min_gas_price: 1,
                    ..DevchainConfig::default()
                };
                let chain = Devchain::start(config).await.unwrap();
                let url = chain.rpc_url();
                (Chain::Devchain(chain), url)
            }
            ChainKind::Wasmd { program } => {
                let mut config = WasmdConfig::new(program, home.path().join("wasmd"));
                config.accounts = accounts;
                config.min_gas_price = "1aarch".to_owned();
                let chain = Wasmd::start(config).await.unwrap();
                let url = chain.rpc_url();
                (Chain::Wasmd(Box::new(chain)), url)
            }
            ChainKind::Rpc { .. } => panic!("the comparison makes its own chain"),
        };
        let mut world = Self {
            chain,
            url,
            client: reqwest::Client::new(),
            _home: home,
            alice: Account::new(1),
            bob: Account::new(2),
            contract: String::new(),
        };
        world.alice = world.known(1).await;
        world.bob = world.known(2).await;
        world.deploy().await;
        world
    }

    pub(crate) fn chain(&self) -> &'static str {
        match self.chain {
            Chain::Devchain(_) => "devchain",
            Chain::Wasmd(_) => "wasmd",
        }
    }

    pub(crate) async fn stop(self) {
        match self.chain {
            Chain::Devchain(chain) => chain.shutdown().await.unwrap(),
            Chain::Wasmd(chain) => chain.stop().await,
        }
    }

    async fn known(&self, seed: u8) -> Account {
        let mut account = Account::new(seed);
        let ask = QueryAccountRequest { address: account.id.to_string() };
        // The first block is announced before its state can be queried.
        let found = self
            .until("the account", async || {
                let answer = self.query("/cosmos.auth.v1beta1.Query/Account", &ask).await;
                QueryAccountResponse::decode(value(&answer).as_slice()).unwrap().account
            })
            .await;
        let found = BaseAccount::decode(found.value.as_slice()).unwrap();
        (account.number, account.sequence) = (found.account_number, found.sequence);
        account
    }

    async fn deploy(&mut self) {
        let wasm = wat::parse_str(CONTRACT).unwrap();
        let sender = self.alice.id.to_string();
        let store =
            MsgStoreCode { sender: sender.clone(), wasm_byte_code: wasm, instantiate_permission: None };
        self.run(message("/cosmwasm.wasm.v1.MsgStoreCode", &store)).await;
        let instantiate = MsgInstantiateContract {
            sender,
            admin: String::new(),
            code_id: 1,
            label: "parity".to_owned(),
            msg: b"{}".to_vec(),
            funds: Vec::new(),
        };
        let made = self.run(message("/cosmwasm.wasm.v1.MsgInstantiateContract", &instantiate)).await;
        let events = made["tx_result"]["events"].as_array().unwrap();
        let event = events.iter().find(|event| event["type"] == "instantiate").expect("an event");
        self.contract = event["attributes"][0]["value"].as_str().unwrap().to_owned();
    }

    /// The whole answer of a call, less its envelope.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.client.post(&self.url).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let mut answer: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| json!({ "text": text.trim() }));
        if status != 200 {
            answer["http"] = json!(format!("HTTP {status}"));
        }
        answer
    }

    /// The answer to a URL.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}/{path}", self.url)).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!({ "text": text.trim() }));
        json!({ "http": format!("HTTP {status}"), "answer": answer })
    }

    /// The answer to a body of any kind.
    pub(crate) async fn post(&self, body: Vec<u8>) -> Value {
        let request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!({ "text": text.trim() }));
        json!({ "http": format!("HTTP {status}"), "answer": answer })
    }

    /// The first messages of a websocket on which one call subscribes.
    pub(crate) async fn subscribe<const N: usize>(&self, query: &str) -> [Value; N] {
        let url = format!("{}/websocket", self.url.replace("http://", "ws://"));
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": { "query": query } });
        socket.send(tungstenite::Message::text(call.to_string())).await.unwrap();
        let mut messages = [const { Value::Null }; N];
        for message in &mut messages {
            let next = tokio::time::timeout(PATIENCE, socket.next()).await.expect("a message in time");
            *message = serde_json::from_str(next.unwrap().unwrap().to_text().unwrap()).unwrap();
        }
        messages
    }

    pub(crate) async fn query(&self, path: &str, request: &impl Message) -> Value {
        self.query_bytes(path, &request.encode_to_vec(), "0").await
    }

    pub(crate) async fn query_bytes(&self, path: &str, data: &[u8], height: &str) -> Value {
        let params = json!({ "path": path, "data": hex::encode(data), "height": height, "prove": false });
        self.call("abci_query", params).await
    }

    pub(crate) async fn broadcast(&self, tx: &[u8]) -> Value {
        self.call("broadcast_tx_sync", json!({ "tx": base64(tx) })).await
    }

    /// The height of the last block.
    pub(crate) async fn height(&self) -> u64 {
        let status = self.call("status", json!({})).await;
        status["result"]["sync_info"]["latest_block_height"].as_str().unwrap().parse().unwrap()
    }

    /// Waits for a block that is not there yet, and gives its height.
    pub(crate) async fn next_block(&self) -> u64 {
        let now = self.height().await;
        self.until("a block", async || Some(self.height().await).filter(|height| *height > now)).await
    }

    /// A transaction that Alice signs, once a block holds it: what `tx` says of it.
    pub(crate) async fn include(&mut self, messages: Vec<Any>, terms: &Terms) -> Value {
        let done = self.include_or_refusal(messages, terms).await;
        assert!(done.get("tx_result").is_some(), "{done}");
        done
    }

    /// The same for a transaction that may be refused before it gets into a block.
    pub(crate) async fn include_or_refusal(&mut self, messages: Vec<Any>, terms: &Terms) -> Value {
        let tx = self.alice.sign(messages, terms);
        let sent = self.broadcast(&tx).await;
        if sent["result"]["code"] != 0 {
            return sent;
        }
        self.alice.sequence += 1;
        let hash = hex::decode(sent["result"]["hash"].as_str().unwrap()).unwrap();
        self.included(&hash).await
    }

    async fn included(&self, hash: &[u8]) -> Value {
        self.until("the transaction", async || {
            let found = self.call("tx", json!({ "hash": base64(hash), "prove": false })).await;
            found.get("result").cloned()
        })
        .await
    }

    async fn run(&mut self, message: Any) -> Value {
        let done = self.include(vec![message], &Terms::default()).await;
        assert_eq!(done["tx_result"]["code"], 0, "{done}");
        done
    }

    async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let looking = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("no {what} in time"))
    }

    /// Coins from Alice to Bob.
    pub(crate) fn send(&self, amount: u128) -> Any {
        let send = MsgSend {
            from_address: self.alice.id.to_string(),
            to_address: self.bob.id.to_string(),
            amount: vec![Coin { denom: "aarch".to_owned(), amount: amount.to_string() }],
        };
        message("/cosmos.bank.v1beta1.MsgSend", &send)
    }

    /// A message of Alice to a contract.
    pub(crate) fn execute(&self, contract: &str, msg: &str) -> Any {
        let execute = MsgExecuteContract {
            sender: self.alice.id.to_string(),
            contract: contract.to_owned(),
            msg: msg.as_bytes().to_vec(),
            funds: Vec::new(),
        };
        message("/cosmwasm.wasm.v1.MsgExecuteContract", &execute)
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The value that a query answered with.
fn value(answer: &Value) -> Vec<u8> {
    use base64::Engine as _;
    let text = answer["result"]["response"]["value"].as_str().unwrap_or_default();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}
