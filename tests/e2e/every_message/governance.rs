//! What the admin and the guardian do.

use std::collections::BTreeSet;

use gateway_api::{
    ArchwaySettings, CounterResponse, EngineId, EngineRelease, Epoch, ExecuteMsg, QueryMsg, Settings,
};
use gateway_chain::tx::Msg;
use gateway_chain::{ChainReader, Coin};
use gateway_localnet::{Localnet, OTHER_DENOM};

use super::{EPOCH_BLOCKS, People, TTL_BLOCKS, UNIT, refused, send, settings};

/// Makes misconduct cost something, for a short time.
pub(super) async fn changes_settings(net: &Localnet, people: &People) {
    let settings = Settings {
        unbonding_blocks: 2 * EPOCH_BLOCKS + TTL_BLOCKS,
        jail_blocks: 1,
        slash_bps: 1_000,
        dissent_slash_bps: 100,
        silence_bps: 5_000,
        ..settings(net).await
    };
    send(net, &people.developer, &ExecuteMsg::UpdateSettings { settings }, 0).await;
}

pub(super) async fn halts_pauses_and_hands_over(net: &Localnet, people: &People) {
    let People { developer, user, neighbour } = people;
    let guardian = Some(neighbour.address().to_owned());
    send(net, developer, &ExecuteMsg::SetGuardian { guardian }, 0).await;
    send(net, neighbour, &ExecuteMsg::Halt { blocks: 1_000 }, 0).await;
    send(net, developer, &ExecuteMsg::Resume {}, 0).await;
    for paused in [true, false] {
        send(net, developer, &ExecuteMsg::SetPaused { paused }, 0).await;
    }
    for (from, to) in [(developer, user), (user, developer)] {
        send(net, from, &ExecuteMsg::OfferAdmin { to: Some(to.address().to_owned()) }, 0).await;
        send(net, to, &ExecuteMsg::AcceptAdmin {}, 0).await;
    }
    let counter: CounterResponse = net.ask(&QueryMsg::Counter {}).await.unwrap();
    let engine = EngineRelease { jitless: EngineId([1; 32]), jit: EngineId([2; 32]) };
    let from_epoch = Epoch(counter.epoch.get() + 500);
    let announce = ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps: 10_000 };
    send(net, developer, &announce, 0).await;
    send(net, developer, &ExecuteMsg::WithdrawEngine {}, 0).await;

    // Coins that were sent to the contract by mistake.
    let by_mistake = Msg::send(user.address(), net.contract(), &[Coin::new(7, OTHER_DENOM)]);
    net.submit(user, vec![by_mistake]).await.unwrap();
    let reader = net.reader();
    let before = reader.balance(neighbour.address(), OTHER_DENOM).await.unwrap();
    let recover =
        ExecuteMsg::RecoverCoins { denom: OTHER_DENOM.to_owned(), to: neighbour.address().to_owned() };
    send(net, developer, &recover, 0).await;
    assert_eq!(reader.balance(neighbour.address(), OTHER_DENOM).await.unwrap(), before + 7);
}

/// Sends the messages that only Archway can carry out, and returns the names of those that this chain has no module for.
pub(super) async fn archway(net: &Localnet, people: &People) -> BTreeSet<String> {
    let archway =
        ArchwaySettings { sweep_blocks: 10, sweep_requests: 1, reservation_fee: UNIT.into(), tick_fee: None };
    let settings = Settings { archway: Some(archway), ..settings(net).await };
    send(net, &people.developer, &ExecuteMsg::UpdateSettings { settings }, 0).await;
    let contract = net.contract().to_owned();
    let set = ExecuteMsg::SetRewards { owner_address: contract.clone(), rewards_address: contract };
    let messages = [
        ("start_sweep", ExecuteMsg::StartSweep {}, UNIT, "archway.callback.v1.MsgRequestCallback"),
        ("set_rewards", set, 0, "archway.rewards.v1.MsgSetContractMetadata"),
        ("withdraw_rewards", ExecuteMsg::WithdrawRewards {}, 0, "archway.rewards.v1.MsgWithdrawRewards"),
    ];
    let mut unknown = BTreeSet::new();
    for (name, message, funds, module) in messages {
        // The devchain has Archway's callbacks.
        if name == "start_sweep" && net.chain().devchain().is_some() {
            send(net, &people.developer, &message, funds).await;
            continue;
        }
        let why = refused(net, &people.developer, &message, funds).await;
        assert!(why.contains(module), "the contract has asked for {module}: {why}");
        unknown.insert(name.to_owned());
    }
    unknown
}
