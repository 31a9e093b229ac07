//! One websocket: calls as over HTTP, plus subscriptions. A client that does not keep up loses its subscriptions, as on a real
//! node.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response as HttpResponse;
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;

use super::Rpc;
use super::jsonrpc::{Answer, Request, Response, RpcError, answer};
use super::params::Params;
use super::subscriptions::Subscriptions;
use crate::chain::NewBlock;

/// The socket is closed, broken, or cut: nothing more can be sent on it.
struct Gone;

pub(super) async fn upgrade(State(rpc): State<Rpc>, upgrade: WebSocketUpgrade) -> HttpResponse {
    let max = rpc.engine.chain.config.max_body_bytes;
    upgrade.max_message_size(max).on_upgrade(move |socket| async move { serve(rpc, socket).await })
}

async fn serve(rpc: Rpc, mut socket: WebSocket) {
    let mut subscriptions = Subscriptions::default();
    let mut news = rpc.engine.subscribe();
    let mut cut = rpc.engine.faults.websocket_epoch();
    let stop = rpc.stop.clone();
    loop {
        let step = tokio::select! {
            () = stop.cancelled() => Err(Gone),
            // Returning drops the socket without a closing handshake, which is the point of this fault.
            _ = cut.changed() => Err(Gone),
            message = socket.recv() => match message {
                Some(Ok(message)) => receive(&rpc, &mut socket, &mut subscriptions, message).await,
                Some(Err(_)) | None => Err(Gone),
            },
            block = news.recv() => match block {
                Ok(block) => publish(&mut socket, &subscriptions, &block).await,
                Err(RecvError::Lagged(_)) => cancel(&mut socket, &mut subscriptions).await,
                Err(RecvError::Closed) => Err(Gone),
            },
        };
        if step.is_err() {
            return;
        }
    }
}

async fn receive(
    rpc: &Rpc,
    socket: &mut WebSocket,
    subscriptions: &mut Subscriptions,
    message: Message,
) -> Result<(), Gone> {
    let text = match message {
        Message::Text(text) => text.as_bytes().to_vec(),
        Message::Binary(bytes) => bytes.to_vec(),
        Message::Close(_) => return Err(Gone),
        Message::Ping(_) | Message::Pong(_) => return Ok(()),
    };
    let response = match serde_json::from_slice::<Value>(&text) {
        Ok(call) => respond(rpc, subscriptions, call).await,
        Err(error) => Response::new(Value::Null, Err(RpcError::parse(error))),
    };
    send_response(socket, &response).await
}

async fn respond(rpc: &Rpc, subscriptions: &mut Subscriptions, call: Value) -> Response {
    let method = call.get("method").and_then(Value::as_str);
    if !matches!(method, Some("subscribe" | "unsubscribe" | "unsubscribe_all")) {
        return super::http::answer(rpc, call).await;
    }
    match serde_json::from_value::<Request>(call) {
        Ok(request) => {
            let id = request.id.clone();
            Response::new(id, change(subscriptions, request))
        }
        Err(error) => Response::new(Value::Null, Err(RpcError::parse(error))),
    }
}

fn change(subscriptions: &mut Subscriptions, request: Request) -> Answer {
    let params = Params::from_json(request.params)?;
    match request.method.as_str() {
        "subscribe" => subscriptions.add(request.id, params.required_text("query")?)?,
        "unsubscribe" => subscriptions.remove(&params.required_text("query")?)?,
        _ => subscriptions.clear(),
    }
    answer(&serde_json::json!({}))
}

async fn publish(
    socket: &mut WebSocket,
    subscriptions: &Subscriptions,
    block: &Arc<NewBlock>,
) -> Result<(), Gone> {
    for message in subscriptions.messages(block).map_err(|_| Gone)? {
        socket.send(Message::text(message)).await.map_err(|_| Gone)?;
    }
    Ok(())
}

async fn cancel(socket: &mut WebSocket, subscriptions: &mut Subscriptions) -> Result<(), Gone> {
    for id in subscriptions.ids() {
        let reason = "subscription was canceled (reason: client is not pulling messages fast enough)";
        send_response(socket, &Response::new(id, Err(RpcError::server(reason)))).await?;
    }
    subscriptions.clear();
    Ok(())
}

async fn send_response(socket: &mut WebSocket, response: &Response) -> Result<(), Gone> {
    let text = serde_json::to_string(response).map_err(|_| Gone)?;
    socket.send(Message::text(text)).await.map_err(|_| Gone)
}
