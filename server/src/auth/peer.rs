//! Where a request comes from, also behind a reverse proxy.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{api::error::Error, app::Shared};

/// The client's address. Behind a trusted proxy it is the one the proxy saw, with the port of the
/// proxy's connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub SocketAddr);

impl FromRequestParts<Shared> for Peer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Error> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app)
            .await
            .map_err(Error::internal)?;
        Ok(Self(client(
            peer,
            &parts.headers,
            &app.config.trusted_proxy,
        )))
    }
}

/// Only the last address is the proxy's word; those before it anybody may have written.
fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> SocketAddr {
    let ip = peer.ip().to_canonical();
    if !trusted.iter().any(|proxy| proxy.to_canonical() == ip) {
        return peer;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let told = last
        .and_then(|value| value.to_str().ok()?.rsplit(',').next())
        .and_then(|text| read(text.trim()));
    match told {
        Some(ip) => SocketAddr::new(ip, peer.port()),
        None => peer,
    }
}

/// An address, with or without a port or brackets.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let ip = bare
        .parse()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(peer: &str, headers: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
        client(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn a_trusted_proxy_says_who_asks() {
        assert_eq!(told("10.0.0.1:5", &["192.0.2.7"]), "192.0.2.7:5");
        assert_eq!(told("[::ffff:10.0.0.1]:5", &["192.0.2.7"]), "192.0.2.7:5");
        assert_eq!(told("[::1]:5", &["2001:db8::7"]), "[2001:db8::7]:5");
        assert_eq!(told("[::1]:5", &["[2001:db8::7]:99"]), "[2001:db8::7]:5");
        assert_eq!(told("[::1]:5", &["192.0.2.7:99"]), "192.0.2.7:5");
    }

    #[test]
    fn what_the_client_wrote_itself_is_not_believed() {
        assert_eq!(told("10.0.0.1:5", &["1.1.1.1, 192.0.2.7"]), "192.0.2.7:5");
        assert_eq!(told("10.0.0.1:5", &["1.1.1.1", "192.0.2.7"]), "192.0.2.7:5");
        assert_eq!(told("10.0.0.2:5", &["192.0.2.7"]), "10.0.0.2:5");
        assert_eq!(told("10.0.0.1:5", &[]), "10.0.0.1:5");
        assert_eq!(told("10.0.0.1:5", &["192.0.2.7, unknown"]), "10.0.0.1:5");
    }
}
