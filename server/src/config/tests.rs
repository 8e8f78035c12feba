//! What wins over what, and what mistakes are called.

use std::{ffi::OsString, fs, net::SocketAddr};

use super::{Config, ConfigError};

fn with(args: &[&str]) -> Result<Config, ConfigError> {
    Config::with(args.iter().map(OsString::from))
}

fn with_file(content: &str, args: &[&str]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trubka.toml");
    fs::write(&file, content).unwrap();
    let file = ["--config", file.to_str().unwrap()];
    with(&[&file, args].concat())
}

#[test]
fn the_command_line_wins_over_the_file() {
    let content = "http = \"127.0.0.1:1\"\nregion = \"de\"\nrtp-ports = \"5000-5100\"\n\
        trusted-proxy = [\"::1\", \"127.0.0.9\"]\npublic-url = \"https://a.example/\"\n";
    let config = with_file(content, &["--http", "127.0.0.1:2"]).unwrap();
    assert_eq!(config.http.port(), 2);
    assert_eq!(config.region, "DE");
    assert_eq!(config.trusted_proxy.len(), 2);
    assert_eq!(config.public_url.as_deref(), Some("https://a.example"));
    assert_eq!(
        (config.rtp_ports.first, config.rtp_ports.last),
        (5000, 5100)
    );
    let config = with_file(content, &["--trusted-proxy", "127.0.0.1"]).unwrap();
    assert_eq!(config.trusted_proxy.len(), 1);
}

#[test]
fn the_demo_stays_on_this_machine_even_when_the_file_asks_for_it() {
    let config = with(&[]).unwrap();
    assert!(config.sip_udp.ip().is_unspecified() && config.media_udp.ip().is_unspecified());
    assert_eq!(
        (config.sip_tls.port(), config.data.to_str()),
        (5061, Some("data"))
    );
    for config in [with(&["--demo"]), with_file("demo = true", &[])].map(Result::unwrap) {
        let addresses = [config.sip_udp, config.sip_tls, config.media_udp];
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
        assert_eq!(config.data.to_str(), Some("data/demo"));
    }
    assert!(!with_file("demo = false", &[]).unwrap().demo);
}

#[test]
fn tls_is_beside_the_other_sip_address_when_that_is_chosen() {
    let any = with(&["--sip-udp", "127.0.0.1:0"]).unwrap();
    assert_eq!(any.sip_tls, "127.0.0.1:0".parse::<SocketAddr>().unwrap());
    let both = ["--sip-udp", "127.0.0.1:0", "--sip-tls", "127.0.0.1:7"];
    assert_eq!(with(&both).unwrap().sip_tls.port(), 7);
}

#[test]
fn mistakes_are_named() {
    for (content, named) in [
        ("htpp = \"1\"", "htpp"),
        ("config = \"x\"", "config"),
        ("http = 1", "quotes"),
        ("sip-tls = false", "quotes"),
        ("rtp-ports = \"40000\"", "not a range of ports"),
        ("rtp-ports = \"5-6\"", "four ports"),
        ("region = \"zz\"", "no country"),
        ("sip-cert = \"a.pem\"", "--sip-key"),
        ("media-tcp = \"on\"", "IP:PORT, or off"),
        ("turn-url = \"turn:turn.example.com\"", "--turn-secret"),
        ("turn-secret = \"x\"", "--turn-url"),
        ("turn-lifetime = \"5\"", "20"),
        ("database = \"mysql://a/b\"", "only PostgreSQL"),
        ("database = \"postgres://a@b\"", "names no database"),
    ] {
        let error = with_file(content, &[]).unwrap_err().to_string();
        assert!(
            error.contains(named) && error.contains("trubka.toml"),
            "{error}"
        );
    }
    assert!(with(&["--region", "zz"]).is_err());
}

#[test]
fn media_over_tcp_is_taken_where_the_other_is_unless_somebody_says_otherwise() {
    let tcp = |args: &[&str]| with(args).unwrap().media_tcp();
    let address = |text: &str| Some(text.parse::<SocketAddr>().unwrap());
    let udp = ["--media-udp", "127.0.0.1:7"];
    assert_eq!(tcp(&udp), address("127.0.0.1:7"));
    assert_eq!(
        tcp(&[&udp[..], &["--media-tcp", "127.0.0.1:443"]].concat()),
        address("127.0.0.1:443")
    );
    assert_eq!(tcp(&[&udp[..], &["--media-tcp", "off"]].concat()), None);
}

#[test]
fn urls_of_relays_are_read_as_browsers_read_them() {
    let read = |url: &str| with(&["--turn-secret=x", &format!("--turn-url={url}")]);
    for good in [
        "turn:turn.example.com",
        "turn:192.0.2.1:3478?transport=udp",
        "turn:[2001:db8::1]:443?transport=tcp",
        "turns:turn.example.com:443?transport=tcp",
    ] {
        assert_eq!(read(good).unwrap().turn_url[0].as_str(), good);
    }
    for (bad, named) in [
        ("turn.example.com", "does not begin with turn:"),
        ("https://turn.example.com", "does not begin with turn:"),
        ("stun:stun.example.com", "STUN"),
        ("turn://turn.example.com", "no //"),
        ("turn:", "names no server"),
        ("turn:a b", "names no server"),
        ("turn:turn.example.com:x", "no port"),
        ("turn:turn.example.com:0", "no port"),
        ("turns:turn.example.com?transport=udp", "TLS over TCP"),
        ("turn:turn.example.com?transport=sctp", "transport=udp or"),
    ] {
        let error = read(bad).unwrap_err().to_string();
        assert!(error.contains(named), "{bad}: {error}");
    }
}

#[test]
fn the_secret_shared_with_the_relay_is_not_written_down() {
    let config = with(&["--turn-secret=hush", "--turn-url=turn:a"]).unwrap();
    assert_eq!(config.turn_secret.as_ref().unwrap().expose(), "hush");
    assert!(!format!("{config:?}").contains("hush"));
    assert!(with(&["--turn-secret=", "--turn-url=turn:a"]).is_err());
}

#[test]
fn the_password_of_the_database_is_not_written_down() {
    let config = with(&["--database=postgres://trubka:hush@db/trubka"]).unwrap();
    let url = config.database.as_ref().unwrap();
    assert!(url.expose().contains("hush") && !format!("{config:?}").contains("hush"));
}
