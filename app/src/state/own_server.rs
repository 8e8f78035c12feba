//! Another SIP server than Trubka's, chosen for the telephone of this browser (RFC 7118).

use gloo::storage::{LocalStorage as Kept, Storage};
use phone::PhoneConfig;
use serde::{Deserialize, Serialize};

/// The server and the account there. Kept in this browser alone, so that the telephone is back after a
/// reload.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OwnServer {
    /// Address of its SIP WebSocket, `wss://…`.
    pub websocket: String,
    /// Domain of the account.
    pub domain: String,
    /// User of the account: the address of record is `user@domain`.
    pub user: String,
    /// For digest.
    pub password: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not begin with `wss://`.
    NotSecure,
    /// There is no host in it.
    NoHost,
    /// No user is given.
    NoUser,
}

impl OwnServer {
    /// What was typed, without blanks, the domain taken from the address where none is given.
    /// `is_secure`: whether the page is, from which browsers open no `ws://` but to this machine.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(typed: &Self, is_secure: bool) -> Result<Self, Fault> {
        let websocket = typed.websocket.trim();
        let rest = websocket.strip_prefix("wss://");
        let plain = websocket.strip_prefix("ws://");
        let rest = match (rest, plain) {
            (Some(rest), _) => rest,
            (None, Some(plain)) if !is_secure || is_here(host_of(plain)) => plain,
            _ => return Err(Fault::NotSecure),
        };
        let host = host_of(rest);
        if host.is_empty() || websocket.contains(char::is_whitespace) {
            return Err(Fault::NoHost);
        }
        let given = typed.domain.trim();
        let domain = if given.is_empty() { host } else { given };
        let user = typed.user.trim();
        let user = user.strip_prefix("sip:").unwrap_or(user);
        let user = user.split('@').next().unwrap_or_default();
        if user.is_empty() {
            return Err(Fault::NoUser);
        }
        Ok(Self {
            websocket: websocket.to_owned(),
            domain: domain.to_owned(),
            user: user.to_owned(),
            password: typed.password.clone(),
        })
    }

    /// The choice made here by whoever has this extension.
    pub fn kept(extension: &str) -> Option<Self> {
        Kept::get(key(extension)).ok()
    }

    /// Keeps it, or goes back to Trubka.
    pub fn keep(extension: &str, server: Option<&Self>) -> bool {
        match server {
            Some(server) => Kept::set(key(extension), server).is_ok(),
            None => {
                Kept::delete(key(extension));
                true
            }
        }
    }

    /// For the telephone.
    pub fn config(self, display_name: String) -> PhoneConfig {
        PhoneConfig {
            websocket: self.websocket,
            domain: self.domain,
            extension: self.user.clone(),
            username: self.user,
            password: self.password,
            display_name,
            gathers: true,
            ice_servers: Vec::new(),
            ice_secs: 0,
        }
    }
}

fn key(extension: &str) -> String {
    format!("trubka.server.{extension}")
}

fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host == "::1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        websocket: &str,
        domain: &str,
        user: &str,
        is_secure: bool,
    ) -> Result<OwnServer, Fault> {
        let typed = OwnServer {
            websocket: websocket.to_owned(),
            domain: domain.to_owned(),
            user: user.to_owned(),
            password: " p ".to_owned(),
        };
        OwnServer::read(&typed, is_secure)
    }

    #[test]
    fn the_domain_is_that_of_the_address_unless_given() {
        let read_as = |websocket, domain| read(websocket, domain, "100", true).unwrap().domain;
        assert_eq!(read_as("wss://pbx.example:8089/ws", ""), "pbx.example");
        assert_eq!(
            read_as(" wss://pbx.example ", " sip.example "),
            "sip.example"
        );
        assert_eq!(read_as("wss://[2001:db8::1]:443/", ""), "2001:db8::1");
    }

    #[test]
    fn a_whole_address_is_taken_for_the_user() {
        let server = read("wss://pbx.example", "", "sip:100@pbx.example", true).unwrap();
        assert_eq!(
            (server.user.as_str(), server.password.as_str()),
            ("100", " p ")
        );
    }

    #[test]
    fn mistakes_are_told_apart() {
        for (websocket, user, is_secure, fault) in [
            ("https://pbx.example", "100", true, Fault::NotSecure),
            ("pbx.example", "100", false, Fault::NotSecure),
            ("ws://pbx.example", "100", true, Fault::NotSecure),
            ("wss://", "100", true, Fault::NoHost),
            ("wss:///ws", "100", true, Fault::NoHost),
            ("wss://pbx. example", "100", true, Fault::NoHost),
            ("wss://pbx.example", " ", true, Fault::NoUser),
            ("wss://pbx.example", "@pbx.example", true, Fault::NoUser),
        ] {
            assert_eq!(
                read(websocket, "", user, is_secure),
                Err(fault),
                "{websocket}"
            );
        }
        assert!(read("ws://127.0.0.1:8088/ws", "", "100", true).is_ok());
        assert!(read("ws://pbx.example", "", "100", false).is_ok());
    }
}
