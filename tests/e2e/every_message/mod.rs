//! Every message of the contract, carried out by the chain under test: people and daemons send them, and the blocks say which of
//! them the chain has included. Messages of Archway's own modules are refused by chains that have none, by their name.

mod governance;
mod included;
mod money;
mod nodes;
mod penalties;
mod projects;
mod requests;

use std::collections::BTreeSet;

use gateway_api::events::GatewayEvent;
use gateway_api::{ConfigResponse, ExecuteMsg, QueryMsg, Settings};
use gateway_localnet::{DevAccount, Localnet};
use serde_json::Value;
use tokio::sync::Mutex;

use self::included::Included;
use crate::impostor::Impostor;
use crate::network::start_with;

/// What a unit of stake costs.
const UNIT: u128 = 1_000_000_000_000_000_000;
/// Blocks of an epoch: enough for a batch to be answered in the epoch that draws it.
const EPOCH_BLOCKS: u64 = 30;
/// Blocks from a request to its expiry.
const TTL_BLOCKS: u64 = 100;

/// The people of the test: each has coins, and no daemon sends from its account.
struct People {
    /// The contract's admin, and the owner of projects.
    developer: DevAccount,
    /// Asks, pays, and operates the sixth node.
    user: DevAccount,
    /// Operates the first node, and is offered things.
    neighbour: DevAccount,
}

impl People {
    fn new() -> Self {
        let named = |name| DevAccount::named(name).unwrap();
        Self { developer: named("developer"), user: named("user"), neighbour: named("operator-1") }
    }
}

/// Sends a message that succeeds, and returns its events.
async fn send(net: &Localnet, who: &DevAccount, message: &ExecuteMsg, funds: u128) -> Vec<GatewayEvent> {
    let sent = net.execute(who, net.contract(), message, funds).await;
    net.events(&sent.unwrap_or_else(|error| panic!("{message:?}: {error}")))
}

/// Sends a message that the chain refuses, and returns why.
async fn refused(net: &Localnet, who: &DevAccount, message: &ExecuteMsg, funds: u128) -> String {
    let sent = net.execute(who, net.contract(), message, funds).await;
    let error = sent.map(drop).expect_err("it is refused");
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

async fn settings(net: &Localnet) -> Settings {
    net.ask::<ConfigResponse>(&QueryMsg::Config {}).await.unwrap().settings
}

/// The names of the contract's messages, from its schema.
fn declared() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(include_str!("../../../schema/gateway.json")).unwrap();
    let variants = schema["execute"]["oneOf"].as_array().expect("an enumeration");
    variants.iter().map(|variant| variant["required"][0].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chain_carries_out_every_message() {
    let (mut net, _home) = start_with(|config| {
        config.epoch_blocks = EPOCH_BLOCKS;
        config.ttl_blocks = TTL_BLOCKS;
    })
    .await;
    let people = People::new();
    let included = Mutex::new(Included::new());

    governance::changes_settings(&net, &people).await;
    let sixth = Impostor::registers(&net, &people.user).await;
    nodes::operator_runs_its_node(&net, &people, &sixth).await;
    governance::halts_pauses_and_hands_over(&net, &people).await;
    let project = projects::owner_runs_its_project(&net, &people).await;
    money::subscription_and_schedules(&net, &people, project).await;
    requests::is_cancelled_in_its_own_block(&net, &people, project).await;

    nodes::until_it_draws(&net, &sixth).await;
    requests::beacon_draws(&net).await;
    requests::expires_and_calls_back(&mut net, &people, &sixth, project).await;
    penalties::follow_silence_dissent_and_equivocation(&net, &people, &sixth).await;
    money::earnings_are_claimed(&net, &people).await;
    nodes::operator_leaves(&net, &people, &sixth).await;
    let refused = governance::archway(&net, &people).await;

    // What daemons send comes when it is due.
    let declared = declared();
    let expected: BTreeSet<String> = declared.difference(&refused).cloned().collect();
    let all = net.until("every message to be in a block", || async {
        Ok(expected.is_subset(&included.lock().await.read(&net).await).then_some(()))
    });
    let all = all.await;
    let names = included.lock().await.read(&net).await;
    assert!(all.is_ok(), "no block has {:?}", expected.difference(&names).collect::<Vec<_>>());
    assert_eq!(names.difference(&declared).collect::<Vec<_>>(), Vec::<&String>::new(), "the schema has them");
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
