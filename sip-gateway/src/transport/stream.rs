//! One TCP or TLS connection: bytes in, framed messages out, and the other way round.

use std::time::Duration;

use sip_core::{
    Millis,
    wire::{StreamFramer, StreamLimits},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, WriteHalf},
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::StreamInput;

/// How long the peer may take to accept a message, or the end.
const SEND_PATIENCE: Duration = Duration::from_secs(20);
/// How long an answer to what could not be framed may take.
const LAST_WORD: Duration = Duration::from_millis(500);
/// Octets read at once.
const READ: usize = 8 * 1024;

/// Serves until either side closes, then says so.
pub(super) async fn serve<S: AsyncRead + AsyncWrite>(
    stream: S,
    id: u64,
    outgoing: mpsc::Receiver<Vec<u8>>,
    input: mpsc::Sender<StreamInput>,
) {
    let (reader, mut writer) = tokio::io::split(stream);
    pump(reader, &mut writer, id, outgoing, &input).await;
    let _ = timeout(SEND_PATIENCE, writer.shutdown()).await;
    let _ = input.send(StreamInput::Closed { id }).await;
}

async fn pump<S: AsyncRead + AsyncWrite>(
    mut reader: tokio::io::ReadHalf<S>,
    writer: &mut WriteHalf<S>,
    id: u64,
    mut outgoing: mpsc::Receiver<Vec<u8>>,
    input: &mpsc::Sender<StreamInput>,
) {
    let began = Instant::now();
    let now = || Millis::try_from(began.elapsed().as_millis()).unwrap_or(Millis::MAX);
    let mut framer = StreamFramer::new(StreamLimits::default());
    let mut buffer = vec![0; READ];
    loop {
        let deadline = framer.deadline().map(Duration::from_millis);
        tokio::select! {
            bytes = outgoing.recv() => match bytes {
                Some(bytes) => if !write(writer, &bytes).await { return },
                // The agent task does not want this connection (any more) or has ended.
                None => return,
            },
            read = reader.read(&mut buffer) => {
                let Ok(length @ 1..) = read else { return };
                framer.push(now(), &buffer[..length]);
                if !pass_on(&mut framer, id, input).await {
                    return last_word(writer, &mut outgoing).await;
                }
            },
            () = sleep_until(began + deadline.unwrap_or_default()), if deadline.is_some() => {
                tracing::info!(connection = id, "a message comes in drops; it is closed");
                return;
            }
        }
    }
}

async fn write<S: AsyncRead + AsyncWrite>(writer: &mut WriteHalf<S>, bytes: &[u8]) -> bool {
    let write = async {
        writer.write_all(bytes).await?;
        writer.flush().await
    };
    matches!(timeout(SEND_PATIENCE, write).await, Ok(Ok(())))
}

/// Passes whole messages on; `false` when the rest makes no sense.
async fn pass_on(framer: &mut StreamFramer, id: u64, input: &mpsc::Sender<StreamInput>) -> bool {
    loop {
        match framer.next_frame() {
            Ok(Some(bytes)) => {
                if input
                    .send(StreamInput::Received { id, bytes })
                    .await
                    .is_err()
                {
                    return false;
                }
            }
            Ok(None) => return true,
            Err(error) => {
                tracing::debug!(connection = id, %error, "a connection is closed");
                if let Some(head) = framer.refused() {
                    let bytes = head.to_vec();
                    let _ = input.send(StreamInput::Received { id, bytes }).await;
                }
                return false;
            }
        }
    }
}

/// What the agent says to a message that could not be framed (400, 513).
async fn last_word<S: AsyncRead + AsyncWrite>(
    writer: &mut WriteHalf<S>,
    outgoing: &mut mpsc::Receiver<Vec<u8>>,
) {
    if let Ok(Some(bytes)) = timeout(LAST_WORD, outgoing.recv()).await {
        write(writer, &bytes).await;
    }
}
