//! `gateway explain REQUEST`: what happened to a request and when, who attested what, what is missing, what happens next. A
//! relay knows most of it; without one, the contract has the rest.

use std::path::Path;
use std::time::Duration;

use gateway_api::{QueryMsg, RequestId, RequestResponse, RequestStatus, ResultResponse, TalliesResponse};
use gateway_chain::ChainReader as _;
use gateway_daemon_runtime::http;
use gateway_relay::{AgreementView, ExplanationView};

use super::session::Session;
use crate::arguments::Explain;
use crate::commands::CommandError;

/// Time-out of a relay.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest explanation read, in bytes.
const MOST: usize = 8 << 20;

/// Explains a request.
pub(in crate::commands) async fn run(options: &Explain, request: RequestId) -> Result<(), CommandError> {
    let session = Session::open(&options.chain, Path::new("."))?;
    let relay = options.relay.as_deref().or(session.network.relay.as_deref());
    let explanation = match relay {
        Some(relay) => match ask_relay(relay, request).await {
            Ok(explanation) => explanation,
            Err(error) => {
                session.progress(&format!("{relay}: {error}; the contract is asked instead"));
                ask_contract(&session, request).await?
            }
        },
        None => ask_contract(&session, request).await?,
    };
    session.print(&explanation, || text(&explanation, relay.is_some()))
}

async fn ask_relay(relay: &str, request: RequestId) -> Result<ExplanationView, CommandError> {
    let url = format!("{}/v1/requests/{request}/explanation", relay.trim_end_matches('/'));
    Ok(http::fetch_json(http::client(TIMEOUT)?.get(url), MOST).await?)
}

async fn ask_contract(session: &Session, request: RequestId) -> Result<ExplanationView, CommandError> {
    let seen: RequestResponse = session.ask(&QueryMsg::Request { request }).await?;
    let result: Option<ResultResponse> = match seen.status {
        RequestStatus::Fulfilled => Some(session.ask(&QueryMsg::Result { request }).await?),
        _ => None,
    };
    let tallies = match seen.status {
        RequestStatus::Drawn => session.ask::<TalliesResponse>(&QueryMsg::Tallies { request }).await?.tallies,
        _ => Vec::new(),
    };
    let height = session.chain().await?.status().await?.height;
    Ok(ExplanationView::of_contract(seen, result, &tallies, height))
}

fn text(explained: &ExplanationView, asked_relay: bool) -> String {
    let mut lines =
        vec![format!("request {}: {}", explained.request, explained.status), explained.summary.clone()];
    lines.push("\nwhat happened".to_owned());
    for step in &explained.steps {
        let height = step.height.map_or_else(|| "-".to_owned(), |height| height.to_string());
        let time = step.time.as_deref().unwrap_or("-");
        lines.push(format!("  {height:>9}  {time:<24}  {}: {}", step.step, step.detail));
    }
    match &explained.view.agreement {
        Some(agreement) => lines.extend(attested(agreement)),
        None if !asked_relay => lines.push(
            "\nWho attested what, and who abstains and why, is known to relays: name one with --relay"
                .to_owned(),
        ),
        None => {}
    }
    lines.extend(explained.next.as_ref().map(|next| format!("\nnext\n  {next}")));
    lines.join("\n")
}

fn attested(agreement: &AgreementView) -> Vec<String> {
    let mut lines = vec![format!(
        "\nattested (attempt {}; {} seats of {} operators are needed)",
        agreement.attempt, agreement.quorum_seats, agreement.min_operators
    )];
    lines.extend(agreement.attestations.iter().map(|word| {
        let value = word.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
        let digest = word.digest.get(..12).unwrap_or(&word.digest);
        format!(
            "  node {:<4} {:>2} seats  {}{value}  {} bytes, sha256 {digest}…  {}",
            word.node, word.seats, word.class, word.size, word.operator
        )
    }));
    lines.extend(
        agreement
            .abstentions
            .iter()
            .map(|no| format!("  node {:<4} abstains  {}: {}", no.node, no.reason, no.detail)),
    );
    if agreement.attestations.is_empty() && agreement.abstentions.is_empty() {
        lines.push("  nothing has arrived".to_owned());
    }
    if !agreement.differences.is_empty() {
        lines.push("\ndiffers".to_owned());
    }
    for difference in &agreement.differences {
        let place = if difference.pointer.is_empty() { "the whole value" } else { &difference.pointer };
        lines.push(format!("  {place}"));
        lines.extend(difference.sides.iter().map(|side| {
            let nodes: Vec<_> = side.nodes.iter().map(ToString::to_string).collect();
            format!("    {}  (nodes {})", side.text.as_deref().unwrap_or("nothing"), nodes.join(", "))
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use gateway_relay::{AbstentionView, AttestationView, DifferenceView, SideView};

    use super::*;

    #[test]
    fn attestations_abstentions_and_differences_are_shown_by_node() {
        let attested_by = |node, digest: &str| AttestationView {
            node,
            operator: format!("archway1op{node}"),
            engine: "e".to_owned(),
            class: "ok".to_owned(),
            digest: digest.to_owned(),
            size: 7,
            value: None,
            seats: 2,
        };
        let agreement = AgreementView {
            attempt: 1,
            quorum_seats: 3,
            min_operators: 2,
            reason: "2 of 3 seats".to_owned(),
            attestations: vec![attested_by(1, &"ab".repeat(32)), attested_by(2, "cd")],
            abstentions: vec![AbstentionView {
                node: 3,
                reason: "code_not_found".to_owned(),
                detail: "no source has it".to_owned(),
            }],
            differences: vec![DifferenceView {
                pointer: "/usd".to_owned(),
                sides: vec![
                    SideView { text: Some("1".to_owned()), nodes: vec![1] },
                    SideView { text: None, nodes: vec![2] },
                ],
            }],
        };
        let text = super::attested(&agreement).join("\n");
        for part in [
            "attempt 1; 3 seats of 2 operators",
            "node 1     2 seats  ok  7 bytes, sha256 abababababab…  archway1op1",
            "node 3    abstains  code_not_found: no source has it",
            "/usd\n    1  (nodes 1)\n    nothing  (nodes 2)",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}
