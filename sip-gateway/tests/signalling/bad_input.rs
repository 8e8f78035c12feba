//! What is sent to break it.

use std::sync::Arc;

use sip_gateway::{Gateway, GatewayConfig, StartError, ports::CallDirector};
use tokio::{net::UdpSocket, sync::mpsc};

use super::{PATIENCE, stage::Stage};

#[tokio::test]
async fn malformed_datagrams_break_nothing() {
    let stage = Stage::new().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let target = stage.gateway.sip_addr();
    let long = "A".repeat(60_000);
    let endless = format!(
        "INVITE sip:x SIP/2.0\r\nVia: {}",
        "SIP/2.0/UDP h;branch=z9hG4bK1,".repeat(1500)
    );
    let garbage: [&[u8]; 9] = [
        b"",
        b"\0\0\0\0",
        b"\r\n\r\n",
        b"hello",
        b"INVITE",
        b"INVITE sip:101@x SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: nonsense\r\n\r\n",
        long.as_bytes(),
        endless.as_bytes(),
    ];
    for datagram in garbage {
        socket.send_to(datagram, target).await.unwrap();
    }
    let options = format!(
        "OPTIONS sip:{target} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bKalive;rport\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:{target}>\r\nCall-ID: alive\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        socket.local_addr().unwrap()
    );
    socket.send_to(options.as_bytes(), target).await.unwrap();
    let mut buffer = [0; 4096];
    let answer = async {
        loop {
            let length = socket.recv(&mut buffer).await.unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]);
            if text.contains("z9hG4bKalive") {
                return text.into_owned();
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, answer)
        .await
        .expect("the gateway answers no more");
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
}

#[tokio::test]
async fn a_scanner_gets_no_answer() {
    let stage = Stage::new().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let target = stage.gateway.sip_addr();
    for (agent, branch) in [
        ("friendly-scanner", "z9hG4bKscan"),
        ("desk phone", "z9hG4bKphone"),
    ] {
        let options = format!(
            "OPTIONS sip:100@{target} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch={branch};rport\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:100@{target}>\r\nCall-ID: {branch}\r\nCSeq: 1 OPTIONS\r\nUser-Agent: {agent}\r\n\
             Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            socket.local_addr().unwrap()
        );
        socket.send_to(options.as_bytes(), target).await.unwrap();
    }
    let mut buffer = [0; 4096];
    let length = tokio::time::timeout(PATIENCE, socket.recv(&mut buffer))
        .await
        .unwrap()
        .unwrap();
    let first = String::from_utf8_lossy(&buffer[..length]);
    assert!(first.contains("z9hG4bKphone"), "{first}");
}

#[tokio::test]
async fn a_port_in_use_is_named_with_what_to_do() {
    let taken = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let stage = Stage::new().await;
    let config = GatewayConfig::new(address, stage.media(), stage.folder.path().join("other"));
    let director = Arc::clone(&stage.director) as Arc<dyn CallDirector>;
    let (events, _) = mpsc::channel(1);
    let Err(error) = Gateway::start(config, director, events).await else {
        panic!("started on a port in use");
    };
    assert!(matches!(error, StartError::SipPort { .. }));
    let text = error.to_string();
    assert!(
        text.contains(&address.to_string()) && text.contains("sip.bind"),
        "{text}"
    );
}
