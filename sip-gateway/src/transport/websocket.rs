//! One RFC 7118 connection: one SIP message per WebSocket message, text or binary.

use std::{net::SocketAddr, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{SinkExt, StreamExt};
use sip_core::StreamKind;
use tokio::{sync::mpsc, time::timeout};

use super::{MAX_MESSAGE, MOST_WAITING, StreamInput};

/// How long a browser may take to accept a message, or the end.
const SEND_PATIENCE: Duration = Duration::from_secs(20);

/// Serves until either side closes.
pub(crate) async fn serve(
    socket: WebSocket,
    id: u64,
    peer: SocketAddr,
    input: mpsc::Sender<StreamInput>,
) {
    let (sender, mut outgoing) = mpsc::channel::<Vec<u8>>(MOST_WAITING);
    let opened = StreamInput::Opened {
        id,
        kind: StreamKind::Ws,
        peer,
        sender,
    };
    if input.send(opened).await.is_err() {
        return;
    }
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            bytes = outgoing.recv() => match bytes {
                Some(bytes) => match timeout(SEND_PATIENCE, sink.send(frame(bytes))).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => break,
                },
                // The agent task does not want this connection (any more) or has ended.
                None => break,
            },
            message = stream.next() => match message {
                Some(Ok(message)) => if !take(message, id, &input).await { break },
                Some(Err(_)) | None => break,
            },
        }
    }
    let _ = timeout(SEND_PATIENCE, sink.close()).await;
    let _ = input.send(StreamInput::Closed { id }).await;
}

/// RFC 7118 §5: text where the message is UTF-8, so that every client can read it.
fn frame(bytes: Vec<u8>) -> Message {
    match String::from_utf8(bytes) {
        Ok(text) => Message::Text(text.into()),
        Err(error) => Message::Binary(error.into_bytes().into()),
    }
}

/// Passes a message on; `false` ends the connection.
async fn take(message: Message, id: u64, input: &mpsc::Sender<StreamInput>) -> bool {
    let bytes = match message {
        Message::Text(text) => text.as_bytes().to_vec(),
        Message::Binary(bytes) => bytes.to_vec(),
        Message::Ping(_) | Message::Pong(_) => return true,
        Message::Close(_) => return false,
    };
    bytes.len() <= MAX_MESSAGE
        && input
            .send(StreamInput::Received { id, bytes })
            .await
            .is_ok()
}
