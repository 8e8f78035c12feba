//! The sockets others reach us at.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, UdpSocket},
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    config::{GatewayConfig, StartError},
    transport::{StreamIds, StreamInput, listen, tls},
};

/// Kernel buffer of the SIP socket, octets: a burst of registrations after a restart fits.
const SOCKET_BUFFER: usize = 4 << 20;
/// Ports tried until one is free for UDP and TCP alike, when any will do.
const TRIES: usize = 20;

/// All of them.
pub(super) struct Doors {
    pub udp: UdpSocket,
    /// Of UDP and TCP.
    pub address: SocketAddr,
    tcp: Option<TcpListener>,
    tls: Option<(TcpListener, TlsAcceptor)>,
}

/// Binds what the configuration names.
pub(super) fn open(config: &GatewayConfig) -> Result<Doors, StartError> {
    let (udp, tcp) = datagrams_and_streams(config.sip_udp_bind)?;
    let address = udp.local_addr().map_err(|source| StartError::SipPort {
        address: config.sip_udp_bind,
        source,
    })?;
    let tls = config.sip_tls.as_ref().map(|door| {
        let shown = tls::server(&door.identity).map_err(StartError::SipCertificate)?;
        let listener = listen::bind(door.bind).map_err(|source| StartError::SipTcpPort {
            address: door.bind,
            source,
        })?;
        Ok((listener, TlsAcceptor::from(Arc::new(shown))))
    });
    Ok(Doors {
        udp,
        address,
        tcp: Some(tcp),
        tls: tls.transpose()?,
    })
}

impl Doors {
    /// Lets connections in; the address of the TLS door.
    pub(super) fn serve_streams(
        &mut self,
        ids: &StreamIds,
        streams: &mpsc::Sender<StreamInput>,
    ) -> Option<SocketAddr> {
        if let Some(listener) = self.tcp.take() {
            tokio::spawn(listen::accept(listener, None, ids.clone(), streams.clone()));
        }
        let (listener, acceptor) = self.tls.take()?;
        let address = listener.local_addr().ok();
        let accept = listen::accept(listener, Some(acceptor), ids.clone(), streams.clone());
        tokio::spawn(accept);
        address
    }
}

/// UDP and TCP at the same port.
fn datagrams_and_streams(wanted: SocketAddr) -> Result<(UdpSocket, TcpListener), StartError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let udp = bind(wanted)?;
        let address = udp.local_addr().map_err(|source| StartError::SipPort {
            address: wanted,
            source,
        })?;
        match listen::bind(address) {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if wanted.port() == 0 && tries < TRIES => {
                tracing::debug!(%error, "a port is free for datagrams only; another one is tried");
            }
            Err(source) => return Err(StartError::SipTcpPort { address, source }),
        }
    }
}

fn bind(address: SocketAddr) -> Result<UdpSocket, StartError> {
    let open = || -> io::Result<UdpSocket> {
        let socket = socket2::Socket::new(
            socket2::Domain::for_address(address),
            socket2::Type::DGRAM,
            None,
        )?;
        // A smaller buffer than asked for is no reason not to start.
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        UdpSocket::from_std(socket.into())
    };
    open().map_err(|source| StartError::SipPort { address, source })
}
