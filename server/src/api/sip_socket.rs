//! `GET /sip`: SIP over WebSocket (RFC 7118). Cookies mean nothing here: digest says who it is.

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use super::error::Error;
use crate::{
    app::Shared,
    auth::{Peer, origin},
};

/// The subprotocol's name (RFC 7118 §4).
const PROTOCOL: &str = "sip";
/// Octets a SIP message may have.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// Upgrades and hands the connection to the gateway.
pub(super) async fn open(
    State(app): State<Shared>,
    Peer(peer): Peer,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    let bad = |message: &str| Error::Unreadable {
        status: StatusCode::BAD_REQUEST,
        message: message.to_owned(),
    };
    let upgrade =
        upgrade.map_err(|_| bad("this address speaks SIP over WebSocket (RFC 7118) only"))?;
    if !origin::may_open_socket(&headers, &app.config) {
        return Err(Error::ForeignOrigin);
    }
    if !offers_sip(&headers) {
        return Err(bad("the WebSocket subprotocol must be sip"));
    }
    let gateway = app.gateway.clone();
    Ok(upgrade
        .protocols([PROTOCOL])
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| async move { gateway.websocket(socket, peer).await }))
}

fn offers_sip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    offers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == PROTOCOL)
}
