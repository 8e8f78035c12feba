//! Where the phone registers, and with what.

use api_types::PhoneCredentials;
use gloo::timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use phone::{Command, IceServer, PhoneConfig};

use super::{PhoneLink, tabs::topic};
use crate::{state::own_server::OwnServer, view::failure::Failure};

/// Wait before credentials are asked for again when the server is away, in milliseconds.
const CREDENTIALS_RETRY_MS: u32 = 2_000;

impl PhoneLink {
    /// Another server was chosen: the tab that leads goes there.
    pub(super) fn change_server(self) {
        match self.phone.with_value(Option::is_some) {
            true => self.fetch_credentials(),
            false => self.tabs.say(topic::SERVER, ""),
        }
    }

    /// Registers again with fresh credentials.
    pub fn reconnect(self) {
        self.fetch_credentials();
    }

    pub(super) fn fetch_credentials(self) {
        if let Some(server) = self.own_server() {
            let name = self.session.me_now(|me| me.name.clone());
            self.send(Command::Start(server.config(name.unwrap_or_default())));
            // Lines are Trubka's.
            return self.send(Command::CallFrom(None));
        }
        spawn_local(async move {
            match self.api.phone_credentials().await {
                Ok(credentials) => {
                    self.send(Command::Start(config(credentials)));
                    self.call_by(self.chosen_line());
                }
                Err(Failure::Unreachable) => {
                    Timeout::new(CREDENTIALS_RETRY_MS, move || self.fetch_credentials()).forget();
                }
                Err(_) => {}
            }
        });
    }

    /// Another server than Trubka, if one was chosen in this browser.
    pub(in crate::state) fn own_server(self) -> Option<OwnServer> {
        OwnServer::kept(&self.own_extension()?)
    }
}

fn config(credentials: PhoneCredentials) -> PhoneConfig {
    PhoneConfig {
        websocket: absolute(&credentials.websocket),
        domain: credentials.domain,
        extension: credentials.extension,
        username: credentials.username,
        password: credentials.password,
        display_name: credentials.display_name,
        gathers: false,
        ice_servers: credentials.ice_servers.into_iter().map(relay).collect(),
        ice_secs: credentials.ice_expires_secs,
    }
}

fn relay(server: api_types::IceServer) -> IceServer {
    IceServer {
        urls: server.urls,
        username: server.username,
        credential: server.credential,
    }
}

/// A path becomes a WebSocket URL of this page's server.
fn absolute(websocket: &str) -> String {
    if !websocket.starts_with('/') {
        return websocket.to_owned();
    }
    let location = window().location();
    let scheme = if location
        .protocol()
        .is_ok_and(|protocol| protocol == "https:")
    {
        "wss"
    } else {
        "ws"
    };
    format!(
        "{scheme}://{}{websocket}",
        location.host().unwrap_or_default()
    )
}
