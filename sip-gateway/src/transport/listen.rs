//! Doors for SIP over TCP and TLS.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use sip_core::StreamKind;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{MOST_WAITING, StreamIds, StreamInput, connect::tune, stream};

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Handshakes at once: they are the dearest thing a stranger can ask for.
const HANDSHAKES: usize = 64;
/// Connections that may wait to be accepted.
const BACKLOG: i32 = 512;

/// Opens a door.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        None,
    )?;
    // So that a restart does not wait for the connections of the last run to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Takes connections until the agent task is gone.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    ids: StreamIds,
    input: mpsc::Sender<StreamInput>,
) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let (socket, peer) = tokio::select! {
            () = input.closed() => return,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, usually; it passes.
                    tracing::warn!(%error, "a connection was not accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        tune(&socket);
        let (id, input) = (ids.next(), input.clone());
        match &tls {
            None => drop(tokio::spawn(serve(
                socket,
                StreamKind::Tcp,
                id,
                peer,
                input,
            ))),
            Some(tls) => {
                let (tls, handshakes) = (tls.clone(), Arc::clone(&handshakes));
                tokio::spawn(async move {
                    if let Some(secured) = shake_hands(&tls, socket, &handshakes).await {
                        serve(secured, StreamKind::Tls, id, peer, input).await;
                    }
                });
            }
        }
    }
}

async fn shake_hands(
    tls: &TlsAcceptor,
    socket: TcpStream,
    handshakes: &Semaphore,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    let _turn = handshakes.acquire().await.ok()?;
    match timeout(HANDSHAKE, tls.accept(socket)).await {
        Ok(Ok(secured)) => Some(secured),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

async fn serve<S: tokio::io::AsyncRead + tokio::io::AsyncWrite>(
    socket: S,
    kind: StreamKind,
    id: u64,
    peer: SocketAddr,
    input: mpsc::Sender<StreamInput>,
) {
    let (sender, outgoing) = mpsc::channel(MOST_WAITING);
    let opened = StreamInput::Opened {
        id,
        kind,
        peer,
        sender,
    };
    if input.send(opened).await.is_ok() {
        stream::serve(socket, id, outgoing, input).await;
    }
}
