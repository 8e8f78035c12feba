//! ICE over TCP: what a browser gets whose network blocks UDP, and what a stranger gets.

use std::time::{Duration, Instant};

use rtc_crypto::providers::RingCrypto;
use rtc_stun::{
    attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USERNAME},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, Setter, TransactionId},
    textattrs::TextAttribute,
    xoraddr::XorMappedAddress,
};
use sip_gateway::media::{LegId, LegKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{BOTH, PATIENCE, Plane, start};

/// What a browser's checks are signed with.
struct Credentials {
    ufrag: String,
    password: String,
}

impl Plane {
    /// A leg that waits for a browser.
    async fn waiting_leg(&self) -> (LegId, Credentials) {
        let leg = self.engine.create_leg(LegKind::Browser).unwrap();
        let offer = self.engine.offer(leg, &BOTH).await.unwrap();
        let value = |name: &str| {
            let line = offer.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().to_owned()
        };
        let (ufrag, password) = (value("a=ice-ufrag:"), value("a=ice-pwd:"));
        (leg, Credentials { ufrag, password })
    }

    async fn stream(&self) -> TcpStream {
        let address = self.engine.browser_tcp().unwrap();
        TcpStream::connect(address).await.unwrap()
    }

    /// A connection over which a check was answered.
    async fn proven(&self, credentials: &Credentials) -> TcpStream {
        let mut stream = self.stream().await;
        send(&mut stream, &check(credentials)).await;
        assert_eq!(answer(&mut stream).await.typ, BINDING_SUCCESS);
        stream
    }
}

fn check(credentials: &Credentials) -> Vec<u8> {
    let mut message = Message::new();
    message.typ = BINDING_REQUEST;
    message.transaction_id = TransactionId::new();
    message.write_header();
    let name = format!("{}:theirs", credentials.ufrag);
    let name = TextAttribute::new(ATTR_USERNAME, name);
    name.add_to(&mut message).unwrap();
    message.add(ATTR_ICE_CONTROLLING, &[1; 8]);
    message.add(ATTR_PRIORITY, &[1, 2, 3, 4]);
    let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
        credentials.password.clone(),
        &RingCrypto,
    );
    integrity.add_to(&mut message).unwrap();
    FINGERPRINT.add_to(&mut message).unwrap();
    message.raw
}

/// RFC 4571 §2.
async fn send(stream: &mut TcpStream, packet: &[u8]) {
    let length = u16::try_from(packet.len()).unwrap();
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(packet);
    stream.write_all(&frame).await.unwrap();
}

async fn answer(stream: &mut TcpStream) -> Message {
    let read = async {
        let length = stream.read_u16().await.unwrap();
        let mut packet = vec![0; usize::from(length)];
        stream.read_exact(&mut packet).await.unwrap();
        packet
    };
    let packet = timeout(PATIENCE, read).await.expect("an answer");
    let mut message = Message::new();
    message.unmarshal_binary(&packet).unwrap();
    message
}

/// Waits until the connection is closed from the other side; how long that took.
async fn hung_up(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    // A reset says the same.
    let _ = read.expect("it is closed");
    began.elapsed()
}

#[tokio::test]
async fn a_check_is_answered_with_the_address_it_came_from() {
    let plane = start();
    let (_, credentials) = plane.waiting_leg().await;
    let mut stream = plane.stream().await;
    let request = check(&credentials);
    // However the stream is cut.
    let length = u16::try_from(request.len()).unwrap().to_be_bytes();
    for piece in [&length[..1], &length[1..], &request[..7], &request[7..]] {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let reply = answer(&mut stream).await;
    assert_eq!(reply.typ, BINDING_SUCCESS);
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&reply).unwrap();
    let own = stream.local_addr().unwrap();
    assert_eq!((mapped.ip, mapped.port), (own.ip(), own.port()));
}

#[tokio::test]
async fn a_closed_leg_takes_its_connections_along() {
    let plane = start();
    let (leg, credentials) = plane.waiting_leg().await;
    let mut stream = plane.proven(&credentials).await;
    plane.engine.close(leg);
    assert!(hung_up(&mut stream).await < Duration::from_secs(3));
}

#[tokio::test]
async fn who_begins_with_anything_but_a_check_of_a_call_is_hung_up_on_at_once() {
    let plane = start();
    let (_, credentials) = plane.waiting_leg().await;
    let nobody = Credentials {
        ufrag: "nobody".to_owned(),
        password: credentials.password.clone(),
    };
    let stranger = Credentials {
        ufrag: credentials.ufrag.clone(),
        password: "not the password at all".to_owned(),
    };
    let mut padded = check(&credentials);
    padded.resize(577, 0);
    for packet in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![22, 254, 253, 0, 0],
        vec![0x80; 172],
        Vec::new(),
        check(&nobody),
        check(&stranger),
        padded,
    ] {
        let mut stream = plane.stream().await;
        send(&mut stream, &packet).await;
        let took = hung_up(&mut stream).await;
        assert!(took < Duration::from_secs(2), "{packet:?}: {took:?}");
    }
}

#[tokio::test]
async fn who_says_nothing_is_hung_up_on_after_five_seconds() {
    let plane = start();
    let mut silent = plane.stream().await;
    let mut slow = plane.stream().await;
    slow.write_all(&[0]).await.unwrap();
    for stream in [&mut silent, &mut slow] {
        let took = hung_up(stream).await;
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}

#[tokio::test]
async fn a_crowd_of_silent_connections_does_not_shut_out_a_browser() {
    let plane = start();
    let (_, credentials) = plane.waiting_leg().await;
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(plane.stream().await);
    }
    // Of one address 64 may wait: the first ones had to go.
    assert!(hung_up(&mut crowd[0]).await < Duration::from_secs(2));
    plane.proven(&credentials).await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_holds_nobody_up() {
    let plane = start();
    let (_, credentials) = plane.waiting_leg().await;
    let deaf = plane.proven(&credentials).await;
    let one = check(&credentials);
    let mut frame = u16::try_from(one.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(&one);
    let (_keeps_open, mut writer) = deaf.into_split();
    // 40,000 answers are over 3 MB: more than all the buffers on the way.
    let flood = tokio::spawn(async move {
        for _ in 0..400 {
            writer.write_all(&frame.repeat(100)).await.unwrap();
        }
        writer
    });
    let mut other = plane.proven(&credentials).await;
    let mut slowest = Duration::ZERO;
    while !flood.is_finished() {
        let began = Instant::now();
        send(&mut other, &one).await;
        assert_eq!(answer(&mut other).await.typ, BINDING_SUCCESS);
        slowest = slowest.max(began.elapsed());
    }
    let writer = timeout(PATIENCE, flood).await.expect("all of it is read");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    drop(writer);
}
