//! Credentials for the TURN server, good for some hours. The server and coturn share a secret; coturn
//! needs no list of users (`use-auth-secret`, draft-uberti-behave-turn-rest §2.2).

use api_types::IceServer;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

use crate::config::Config;

/// What one user reaches the relay with from now (milliseconds since 1970) until the configured time
/// is over. Nothing, when there is no relay.
pub(crate) fn ice_servers(config: &Config, user: &str, now_ms: i64) -> Vec<IceServer> {
    let Some(secret) = &config.turn_secret else {
        return Vec::new();
    };
    let username = format!("{}:{user}", now_ms / 1000 + i64::from(config.turn_lifetime));
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose().as_bytes());
    let credential = STANDARD.encode(sign(&key, username.as_bytes()));
    let urls = config.turn_url.iter().map(|url| url.as_str().to_owned());
    vec![IceServer {
        urls: urls.collect(),
        username,
        credential,
    }]
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn config(args: &[&str]) -> Config {
        Config::with(args.iter().map(OsString::from)).unwrap()
    }

    /// The password was made by `printf %s 1700000600:101 | openssl dgst -sha1 -hmac north -binary | base64`.
    #[test]
    fn the_password_is_the_one_coturn_reckons() {
        let config = config(&[
            "--turn-url=turn:turn.example.com:3478,turns:turn.example.com:443?transport=tcp",
            "--turn-secret=north",
            "--turn-lifetime=600",
        ]);
        let servers = ice_servers(&config, "101", 1_700_000_000_900);
        let expected = IceServer {
            urls: vec![
                "turn:turn.example.com:3478".to_owned(),
                "turns:turn.example.com:443?transport=tcp".to_owned(),
            ],
            username: "1700000600:101".to_owned(),
            credential: "uR9fM7CjPEmqfZK0Do7wLyFBIYE=".to_owned(),
        };
        assert_eq!(servers, [expected]);
    }

    #[test]
    fn without_a_relay_there_is_nothing() {
        assert_eq!(ice_servers(&config(&[]), "101", 0), []);
    }
}
