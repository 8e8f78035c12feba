//! Scanners, crackers and floods learn nothing, get nothing and break nothing.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sip_core::{
    AgentConfig, Event, Flow, Output, RegistrationRequest, RegistrationState, UserAgent,
    digest::Credentials, uri::SipUri,
};
use sip_gateway::ports::{CallEvent, LockedOut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::{
    PATIENCE,
    processes::free_port,
    stage::{PASSWORD, Stage},
};

/// Registers over UDP from an address with the real thing; the code, 200 when it went well.
async fn register_from(ip: [u8; 4], gateway: SocketAddr, user: &str, password: &str) -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::from(ip), 0)).await.unwrap();
    let local = socket.local_addr().unwrap();
    let config = AgentConfig {
        product: "Phone".to_owned(),
        via_host: local.to_string(),
        allow: Vec::new(),
    };
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    let mut ua = UserAgent::new(config, seed);
    let began = Instant::now();
    let now = || began.elapsed().as_millis() as u64;
    ua.register(
        now(),
        RegistrationRequest {
            flow: Flow::Udp { remote: gateway },
            registrar: SipUri::from_host("trubka"),
            aor: SipUri::new(user, "trubka"),
            contact: SipUri::new(user, ip.map(|b| b.to_string()).join("."))
                .with_port(Some(local.port())),
            contact_params: Vec::new(),
            credentials: Credentials::new(user, password),
            expires_secs: 60,
        },
    );
    let mut buffer = vec![0; 65_535];
    while began.elapsed() < Duration::from_secs(3) {
        while let Some(output) = ua.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => {
                    socket.send_to(&bytes, gateway).await.unwrap();
                }
                Output::Event(Event::RegistrationChanged { state, .. }) => match state {
                    RegistrationState::Registered { .. } => return 200,
                    RegistrationState::Failed { code, .. } => return code,
                    RegistrationState::Trying | RegistrationState::Removed => {}
                },
                Output::Event(_) => {}
            }
        }
        if let Ok(Ok((length, peer))) =
            timeout(Duration::from_millis(100), socket.recv_from(&mut buffer)).await
        {
            ua.handle_bytes(now(), Flow::Udp { remote: peer }, &buffer[..length]);
        }
        ua.handle_timeout(now());
    }
    0
}

#[tokio::test]
async fn after_ten_wrong_passwords_the_right_one_is_refused_too_and_elsewhere_it_is_not() {
    let mut stage = Stage::new().await;
    let gateway = stage.gateway.sip_addr();
    let cracker = [127, 0, 9, 1];
    for _ in 0..10 {
        assert_eq!(register_from(cracker, gateway, "102", "wrong").await, 403);
    }
    assert_eq!(register_from(cracker, gateway, "102", PASSWORD).await, 403);
    let told = stage
        .event(|event| match event {
            CallEvent::LockedOut {
                address,
                username,
                whom,
                ..
            } => Some((address, username, whom)),
            _ => None,
        })
        .await;
    let cracked = "102".to_owned();
    assert_eq!(told, (cracker.into(), cracked, LockedOut::AddressAtUser));
    assert_eq!(
        register_from([127, 0, 9, 2], gateway, "102", PASSWORD).await,
        200
    );
    assert_eq!(stage.gateway.bindings().len(), 1);
}

#[tokio::test]
async fn who_tries_many_users_is_not_answered_any_more() {
    let stage = Stage::new().await;
    let gateway = stage.gateway.sip_addr();
    let sprayer = [127, 0, 9, 3];
    let mut silent = false;
    for number in 200..240 {
        if register_from(sprayer, gateway, &number.to_string(), "1234").await == 0 {
            silent = true;
            break;
        }
    }
    assert!(silent, "somebody who sprays passwords is still answered");
}

/// One message over TCP, and the final answer to it.
async fn ask_over_tcp(gateway: SocketAddr, message: &str) -> String {
    let mut connection = TcpStream::connect(gateway).await.unwrap();
    connection.write_all(message.as_bytes()).await.unwrap();
    let mut text = String::new();
    let mut buffer = [0; 8192];
    let read = async {
        loop {
            let length = connection.read(&mut buffer).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&buffer[..length]));
            let last = text.rfind("SIP/2.0 ").map(|at| text[at..].to_owned());
            match last {
                Some(answer) if length == 0 || !answer.starts_with("SIP/2.0 100") => {
                    return answer;
                }
                _ if length == 0 => return String::new(),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, read).await.unwrap()
}

pub fn request(method: &str, user: &str, more: &str) -> String {
    let branch = uuid::Uuid::new_v4().simple();
    format!(
        "{method} sip:{user}@trubka SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK{branch};rport\r\n\
         From: <sip:{user}@trubka>;tag=1\r\nTo: <sip:{user}@trubka>\r\nCall-ID: {branch}\r\n\
         CSeq: 1 {method}\r\nContact: <sip:{user}@127.0.0.1:5099;transport=tcp>\r\nMax-Forwards: 70\r\n\
         {more}Content-Length: 0\r\n\r\n"
    )
}

/// What of an answer does not change from one to the next.
fn shape(answer: &str) -> Vec<String> {
    let changing = ["Via", "To", "From", "Call-ID", "nonce"];
    let lines = answer.lines().map(|line| match line.split_once(':') {
        Some((name, _)) if changing.contains(&name) => name.to_owned(),
        Some(("WWW-Authenticate", value)) => value
            .split(',')
            .filter(|part| !part.contains("nonce"))
            .collect::<Vec<_>>()
            .join(","),
        _ => line.to_owned(),
    });
    lines.collect()
}

#[tokio::test]
async fn users_that_exist_are_answered_like_users_that_do_not() {
    let stage = Stage::new().await;
    let gateway = stage.gateway.sip_addr();
    for method in ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE"] {
        let known = ask_over_tcp(gateway, &request(method, "101", "")).await;
        let unknown = ask_over_tcp(gateway, &request(method, "4711", "")).await;
        assert!(!known.is_empty(), "{method} is answered");
        assert_eq!(shape(&known), shape(&unknown), "{method}");
    }
    for password in ["wrong", "other"] {
        let known = register_from([127, 0, 9, 4], gateway, "101", password).await;
        let unknown = register_from([127, 0, 9, 4], gateway, "4711", password).await;
        assert_eq!((known, unknown), (403, 403));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_calls_over_a_line_who_has_not_proved_to_be_allowed() {
    let (stage, network) = Stage::with_network().await;
    let gateway = stage.gateway.sip_addr();
    let made_up = "Authorization: Digest username=\"101\", realm=\"trubka\", nonce=\"00\", \
                   uri=\"sip:602@trubka\", response=\"00000000000000000000000000000000\"\r\n";
    let identity = "P-Asserted-Identity: <sip:101@trubka>\r\nFrom: <sip:101@trubka>;tag=2\r\n";
    for more in ["", made_up, identity] {
        let answer = ask_over_tcp(gateway, &request("INVITE", "602", more)).await;
        let refused = ["SIP/2.0 401", "SIP/2.0 400", "SIP/2.0 403"];
        assert!(
            refused.iter().any(|code| answer.starts_with(code)),
            "{answer}"
        );
    }
    assert!(network.calls().is_empty(), "{:#?}", network.calls());
}

/// A program of sipvicious, as it comes.
async fn sipvicious(program: &str, arguments: &[&str], folder: &std::path::Path) -> String {
    // Some of them never end by themselves when nobody answers.
    let mut command = Command::new("timeout");
    command
        .args(["-k", "2", "25", program])
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::null());
    let run = tokio::task::spawn_blocking(move || command.output());
    let output = run.await.unwrap().unwrap();
    if output.status.code() != Some(127) {
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        return text;
    }
    panic!("{program} is missing; install it with: apt-get install -y sipvicious");
}

#[tokio::test(flavor = "multi_thread")]
async fn svmap_svwar_and_svcrack_find_nothing() {
    let stage = Stage::new().await;
    let _page = stage.browser("101").await;
    let folder = tempfile::tempdir().unwrap();
    let port = stage.gateway.sip_addr().port().to_string();
    let own = free_port().to_string();
    let map = sipvicious(
        "svmap",
        &["-x", "127.0.0.1", "-P", &own, "-p", &port, "127.0.0.1"],
        folder.path(),
    )
    .await;
    assert!(!map.contains("Trubka"), "{map}");
    let target = format!("udp://127.0.0.1:{port}");
    let war = sipvicious(
        "svwar",
        &[
            "-x",
            "127.0.0.1",
            "-P",
            &own,
            "-e",
            "100-103",
            "-m",
            "REGISTER",
            &target,
        ],
        folder.path(),
    )
    .await;
    assert!(!war.contains("reqauth"), "{war}");
    let words = folder.path().join("words");
    std::fs::write(&words, format!("one\ntwo\n{PASSWORD}\nthree\n")).unwrap();
    let words = words.to_str().unwrap();
    let crack = sipvicious(
        "svcrack",
        &[
            "-x",
            "127.0.0.1",
            "-P",
            &own,
            "-u",
            "101",
            "-d",
            words,
            &target,
        ],
        folder.path(),
    )
    .await;
    assert!(!crack.contains(PASSWORD), "{crack}");
}

#[tokio::test]
async fn what_is_no_sip_is_answered_with_a_closed_connection() {
    let stage = Stage::new().await;
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
    ] {
        let mut connection = TcpStream::connect(stage.gateway.sip_addr()).await.unwrap();
        connection.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, connection.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "{bytes:?} left the connection open");
    }
}
