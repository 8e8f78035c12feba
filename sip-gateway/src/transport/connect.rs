//! Connections of ours to providers.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use sip_core::StreamKind;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls};

use super::{Connected, MOST_WAITING, StreamInput, stream, tls};
use crate::ports::Trouble;

/// How long TCP, and then TLS, may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what was sent may stay unacknowledged before the connection counts as lost.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// Where to connect, and how.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub address: SocketAddr,
    /// Address of ours to connect from; `None`: the system's choice.
    pub from: Option<IpAddr>,
    /// With TLS: the name its certificate must have and the certificates trusted beside the
    /// well-known ones (PEM).
    pub tls: Option<(String, Option<String>)>,
}

/// Connects, says how that went, and serves the connection until it ends.
pub(crate) async fn run(wanted: Wanted, id: u64, input: mpsc::Sender<StreamInput>) {
    let began = Instant::now();
    let socket = match tcp(&wanted).await {
        Ok(socket) => socket,
        Err(trouble) => return fail(id, trouble, &input).await,
    };
    let tcp_ms = ms_since(began);
    let (sender, outgoing) = mpsc::channel(MOST_WAITING);
    let mut stands = Connected {
        kind: StreamKind::Tcp,
        peer: wanted.address,
        sender,
        tcp_ms,
        tls: None,
    };
    let Some((name, ca)) = &wanted.tls else {
        if tell(id, stands, &input).await {
            stream::serve(socket, id, outgoing, input).await;
        }
        return;
    };
    let began = Instant::now();
    match secure(socket, wanted.address, name, ca.as_deref()).await {
        Ok(secured) => {
            let version = secured.get_ref().1.protocol_version();
            let version = version.map_or_else(String::new, |version| format!("{version:?}"));
            stands.kind = StreamKind::Tls;
            stands.tls = Some((ms_since(began), version));
            if tell(id, stands, &input).await {
                stream::serve(secured, id, outgoing, input).await;
            }
        }
        Err(trouble) => fail(id, trouble, &input).await,
    }
}

async fn tell(id: u64, stands: Connected, input: &mpsc::Sender<StreamInput>) -> bool {
    let connected = StreamInput::Connected { id, stands };
    input.send(connected).await.is_ok()
}

async fn fail(id: u64, trouble: Trouble, input: &mpsc::Sender<StreamInput>) {
    let _ = input.send(StreamInput::NotConnected { id, trouble }).await;
}

fn ms_since(began: Instant) -> u32 {
    u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX)
}

async fn tcp(wanted: &Wanted) -> Result<TcpStream, Trouble> {
    let address = wanted.address;
    let connect = async {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        if let Some(from) = wanted.from {
            socket.bind((from, 0).into())?;
        }
        socket.connect(address).await
    };
    match timeout(PATIENCE, connect).await {
        Ok(Ok(socket)) => {
            tune(&socket);
            Ok(socket)
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err(Trouble::ConnectionRefused { address })
        }
        Ok(Err(error)) => Err(Trouble::Unreachable {
            address,
            detail: error.to_string(),
        }),
        Err(_) => Err(no_answer(address)),
    }
}

fn no_answer(address: SocketAddr) -> Trouble {
    Trouble::NoAnswer {
        address,
        waited_ms: u32::try_from(PATIENCE.as_millis()).unwrap_or(u32::MAX),
    }
}

async fn secure(
    socket: TcpStream,
    address: SocketAddr,
    name: &str,
    ca: Option<&str>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Trouble> {
    let config = tls::client(ca).map_err(|detail| Trouble::BadCa { detail })?;
    let failed = |detail: String| Trouble::TlsFailed { address, detail };
    let server = rustls::pki_types::ServerName::try_from(name.to_owned())
        .map_err(|error| failed(error.to_string()))?;
    let connector = TlsConnector::from(Arc::new(config));
    match timeout(PATIENCE, connector.connect(server, socket)).await {
        Ok(Ok(secured)) => Ok(secured),
        Ok(Err(error)) => Err(match tls::certificate_problem(&error) {
            Some(problem) => Trouble::BadCertificate {
                address,
                name: name.to_owned(),
                problem,
            },
            None => failed(error.to_string()),
        }),
        Err(_) => Err(no_answer(address)),
    }
}

/// Small messages go at once, and a peer that is gone is noticed. Without that the connection
/// still works, so a system that refuses is no reason to give up.
pub(super) fn tune(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
    let socket = socket2::SockRef::from(socket);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(10));
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
}
