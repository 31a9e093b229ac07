//! `gateway subscription`: balances out of which contracts and people send requests without attaching funds.

use std::path::Path;

use gateway_api::events::GatewayEvent;
use gateway_api::{
    ExecuteMsg, ProjectId, QueryMsg, SubscriptionConsumer, SubscriptionId, SubscriptionResponse, limits,
};
use serde_json::json;

use super::coins;
use super::session::Session;
use crate::arguments::{Subscription, SubscriptionAction};
use crate::commands::CommandError;

/// Runs a command on subscriptions.
pub(in crate::commands) async fn run(command: Subscription) -> Result<(), CommandError> {
    let session = Session::open(&command.chain, Path::new("."))?;
    let id = SubscriptionId;
    match command.action {
        SubscriptionAction::Create { funds, consumers } => create(&session, funds, &consumers).await,
        SubscriptionAction::Show { subscription } => show(&session, id(subscription)).await,
        SubscriptionAction::Deposit { subscription, amount } => {
            let message = ExecuteMsg::Deposit { subscription: id(subscription) };
            send(&session, &message, amount, id(subscription)).await
        }
        SubscriptionAction::Withdraw { subscription, amount } => {
            let amount = match amount.as_str() {
                "all" => None,
                number => Some(
                    number
                        .parse::<u128>()
                        .map_err(|_| "amount takes a whole number of coins, or all")?
                        .into(),
                ),
            };
            let message = ExecuteMsg::Withdraw { subscription: id(subscription), amount };
            send(&session, &message, 0, id(subscription)).await
        }
        SubscriptionAction::Consumers { subscription, consumers: wanted } => {
            let message = ExecuteMsg::SetConsumers {
                subscription: id(subscription),
                consumers: consumers(&session, &wanted)?,
            };
            send(&session, &message, 0, id(subscription)).await
        }
    }
}

async fn create(session: &Session, funds: u128, wanted: &[String]) -> Result<(), CommandError> {
    let message = ExecuteMsg::Subscribe { consumers: consumers(session, wanted)? };
    let Some(sent) = session.send(&message, funds).await? else { return Ok(()) };
    let begun = sent.events.iter().find_map(|event| match event {
        GatewayEvent::SubscriptionChanged(changed) => Some(changed.subscription),
        _ => None,
    });
    let subscription = begun.ok_or("the transaction began no subscription")?;
    session.print(&sent.json(json!({ "subscription": subscription })), || {
        let text = format!("subscription {subscription} (transaction {})", sent.hash);
        match wanted {
            [] => format!("{text}\n{}", nobody(subscription)),
            _ => text,
        }
    })
}

/// Sends a message and shows the subscription's new state.
async fn send(
    session: &Session,
    message: &ExecuteMsg,
    funds: u128,
    subscription: SubscriptionId,
) -> Result<(), CommandError> {
    if session.send(message, funds).await?.is_none() {
        return Ok(());
    }
    show(session, subscription).await
}

async fn show(session: &Session, subscription: SubscriptionId) -> Result<(), CommandError> {
    let seen: SubscriptionResponse = session.ask(&QueryMsg::Subscription { subscription }).await?;
    let denom = &session.network.denom;
    session.print(&seen, || {
        let mut lines = vec![
            format!("subscription {subscription}"),
            format!("owner    {}", seen.owner),
            format!("balance  {}", coins(seen.balance.u128(), denom)),
        ];
        lines
            .extend(seen.consumers.iter().map(|consumer| format!("may ask  {}", described(consumer, denom))));
        if seen.consumers.is_empty() {
            lines.push(nobody(subscription));
        }
        lines.join("\n")
    })
}

fn nobody(subscription: SubscriptionId) -> String {
    format!(
        "nobody may ask at its cost, its owner included: `gateway subscription consumers {subscription} --consumer ADDRESS` says who may"
    )
}

fn described(consumer: &SubscriptionConsumer, denom: &str) -> String {
    let projects = match consumer.projects.as_slice() {
        [] => "any project".to_owned(),
        some => format!("projects {}", some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    let limit = |amount: Option<u128>, words: &str| {
        amount.map(|most| format!("; {} {words}", coins(most, denom))).unwrap_or_default()
    };
    format!(
        "{} {projects}{}{}",
        consumer.address,
        limit(consumer.max_fee.map(|most| most.u128()), "a request at most"),
        limit(consumer.allowance.map(|most| most.u128()), "are left of its allowance")
    )
}

fn consumers(session: &Session, wanted: &[String]) -> Result<Vec<SubscriptionConsumer>, CommandError> {
    if wanted.len() > limits::MAX_CONSUMERS {
        return Err(format!("--consumer may be given {} times at most", limits::MAX_CONSUMERS).into());
    }
    wanted.iter().map(|text| consumer(text, &session.network.prefix)).collect()
}

fn consumer(text: &str, prefix: &str) -> Result<SubscriptionConsumer, CommandError> {
    let mut parts = text.split(',').map(str::trim);
    let address = parts.next().unwrap_or_default();
    gateway_chain::tx::address("--consumer", address, prefix)?;
    let mut consumer = SubscriptionConsumer {
        address: address.to_owned(),
        projects: Vec::new(),
        max_fee: None,
        allowance: None,
    };
    for part in parts {
        let wrong = || format!("--consumer: {part:?} is none of projects=1+2, max_fee=N and allowance=N");
        let (name, value) = part.split_once('=').ok_or_else(wrong)?;
        let number = || value.parse::<u128>().map(Into::into).map_err(|_| wrong());
        match name {
            "projects" => {
                let ids = value.split('+').map(|id| id.trim().parse().map(ProjectId));
                consumer.projects = ids.collect::<Result<_, _>>().map_err(|_| wrong())?;
            }
            "max_fee" => consumer.max_fee = Some(number()?),
            "allowance" => consumer.allowance = Some(number()?),
            _ => return Err(wrong().into()),
        }
    }
    Ok(consumer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

    #[test]
    fn a_consumer_is_an_address_with_its_limits() {
        let read = consumer(&format!("{ADDRESS},projects=1+7,max_fee=5,allowance=50"), "archway").unwrap();
        assert_eq!((read.address.as_str(), read.projects), (ADDRESS, vec![ProjectId(1), ProjectId(7)]));
        assert_eq!((read.max_fee, read.allowance), (Some(5u128.into()), Some(50u128.into())));
        assert_eq!(consumer(ADDRESS, "archway").unwrap().projects, []);
        for wrong in ["archway1x", &format!("{ADDRESS},fee=3"), &format!("{ADDRESS},max_fee=x")] {
            assert!(consumer(wrong, "archway").is_err(), "{wrong}");
        }
    }
}
