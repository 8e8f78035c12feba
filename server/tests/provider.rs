//! Providers that answer every SIP request over UDP with what they are told to, or over TLS show a
//! certificate.

use std::{net::SocketAddr, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

pub struct Provider {
    pub address: SocketAddr,
}

impl Provider {
    /// Answers with this status line and these headers; an empty one: not at all.
    pub async fn answering(status: &'static str, headers: &'static str) -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut request = vec![0; 65_536];
            while let Ok((read, from)) = socket.recv_from(&mut request).await {
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                if !status.is_empty() {
                    let answer = answer(&text, status, headers);
                    let _ = socket.send_to(answer.as_bytes(), from).await;
                }
            }
        });
        Self { address }
    }
}

fn answer(request: &str, status: &str, headers: &str) -> String {
    let copied = |name: &&str| {
        ["via", "from", "call-id", "cseq"].iter().any(|wanted| {
            name.split(':')
                .next()
                .is_some_and(|n| n.eq_ignore_ascii_case(wanted))
        })
    };
    let mut answer = format!("SIP/2.0 {status}\r\n");
    for line in request.split("\r\n").filter(copied) {
        answer += &format!("{line}\r\n");
    }
    let to = request
        .split("\r\n")
        .find(|line| line.to_lowercase().starts_with("to:"));
    answer += &format!("{};tag=provider\r\n", to.unwrap_or("To: <sip:x>"));
    answer + headers + "Content-Length: 0\r\n\r\n"
}

/// A certificate authority of one test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, for those who trust it.
    pub pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "Test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A provider over TLS with a certificate for this name, valid from and to the first of a year.
    pub async fn provider(&self, name: &str, from: i32, to: i32) -> SocketAddr {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        shows(certificate.der().clone(), &key).await
    }
}

/// A provider over TLS whose certificate nobody but itself has signed.
pub async fn self_signed(name: &str) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    shows(made.cert.der().clone(), &made.signing_key).await
}

/// Shows a certificate to everybody who connects, and says nothing further.
async fn shows(certificate: CertificateDer<'static>, key: &KeyPair) -> SocketAddr {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { drop(acceptor.accept(stream).await) });
        }
    });
    address
}
