mod sdes;

use std::net::IpAddr;

use super::{
    Direction, IceCredentials, Policy, Remote, SEED, own_keys,
    session::{Agreement, Exchange, Identity, Payload, Peer},
};
use crate::{
    media::{Codec, LegKind, SdpError, addresses::Candidates},
    ports::SrtpMode,
};

const BOTH: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];
const FINGERPRINT: &str = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:\
                           00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

fn ip() -> IpAddr {
    IpAddr::from([192, 0, 2, 1])
}

fn credentials(name: &str) -> IceCredentials {
    IceCredentials {
        ufrag: name.to_owned(),
        password: "p".repeat(24),
    }
}

fn policy(kind: LegKind, srtp: SrtpMode) -> Policy {
    Policy { kind, srtp }
}

fn exchange(kind: LegKind) -> Exchange {
    exchange_with(policy(kind, SrtpMode::Off), 1)
}

/// `seed` tells the keys of one from another's.
fn exchange_with(policy: Policy, seed: u8) -> Exchange {
    let identity = Identity {
        policy,
        masters: own_keys(&[seed; SEED]),
        session_id: 4711,
        port: 30_000,
        ssrc: 99,
        candidates: Candidates {
            udp: vec![
                "192.0.2.1:30000".parse().unwrap(),
                "198.51.100.1:30000".parse().unwrap(),
            ],
            tcp: vec!["192.0.2.1:443".parse().unwrap()],
        },
        fingerprint: FINGERPRINT.to_owned(),
    };
    Exchange::new(identity, credentials("ours"))
}

fn line_sdp(connection: &str, rest: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 203.0.113.9\r\ns=-\r\nc=IN IP4 {connection}\r\nt=0 0\r\n{rest}")
}

fn browser_sdp(ufrag: &str, setup: &str, rest: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8 110 126\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n\
         a=ice-ufrag:{ufrag}\r\na=ice-pwd:{}\r\na=fingerprint:sha-256 {FINGERPRINT}\r\n\
         a=setup:{setup}\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
         a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\n{rest}",
        "q".repeat(24)
    )
}

fn lines(text: &str, start: &str) -> Vec<String> {
    text.lines()
        .filter(|line| line.starts_with(start))
        .map(str::to_owned)
        .collect()
}

fn answered(exchange: &mut Exchange, offer: &str) -> (String, Agreement) {
    let common = exchange
        .accept_offer(offer, &BOTH, credentials("fresh"))
        .unwrap();
    exchange.answer(ip(), common[0]).unwrap()
}

#[test]
fn a_line_offer_is_answered_with_the_peers_payload_types() {
    let mut exchange = exchange(LegKind::Line);
    let offer = line_sdp(
        "203.0.113.9",
        "m=audio 4000 RTP/AVP 18 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\n",
    );
    assert_eq!(
        exchange
            .accept_offer(&offer, &BOTH, credentials("x"))
            .unwrap(),
        BOTH
    );
    let (text, agreement) = exchange.answer(ip(), Codec::Pcmu).unwrap();
    assert_eq!(lines(&text, "m="), ["m=audio 30000 RTP/AVP 0 96"]);
    assert_eq!(agreement.audio_payload, 0);
    assert_eq!(agreement.dtmf.map(|events| events.payload), Some(96));
    assert!(
        agreement
            .receive
            .contains(&(8, Payload::Audio(Codec::Pcma)))
    );
    let rtp = Some("203.0.113.9:4000".parse().unwrap());
    let rtcp = Some("203.0.113.9:4001".parse().unwrap());
    let keys = None;
    assert_eq!(agreement.peer, Peer::Line { rtp, rtcp, keys });
}

#[test]
fn our_offer_lists_the_codecs_in_the_order_asked_for() {
    let mut exchange = exchange(LegKind::Line);
    let text = exchange.offer(ip(), &[Codec::Pcmu, Codec::Pcma]);
    assert_eq!(lines(&text, "m="), ["m=audio 30000 RTP/AVP 0 8 101"]);
    let answer = line_sdp(
        "203.0.113.9",
        "m=audio 4000 RTP/AVP 8 97\r\na=rtpmap:97 telephone-event/8000\r\n",
    );
    let agreement = exchange.accept_answer(&answer).unwrap();
    assert_eq!(agreement.codec, Codec::Pcma);
    assert_eq!(agreement.dtmf.map(|events| events.payload), Some(97));
    // Asymmetric payload types: it sends what we named, or what it named.
    assert!(agreement.receive.contains(&(101, Payload::Dtmf(8000))));
    assert!(agreement.receive.contains(&(97, Payload::Dtmf(8000))));
}

#[test]
fn hold_is_answered_by_the_mirrored_direction() {
    for (offered, expected, may_send) in [
        ("a=sendonly\r\n", "a=recvonly", false),
        ("a=inactive\r\n", "a=inactive", false),
        ("a=recvonly\r\n", "a=sendonly", true),
        ("", "a=sendrecv", true),
    ] {
        let mut exchange = exchange(LegKind::Line);
        let offer = line_sdp(
            "203.0.113.9",
            &format!("m=audio 4000 RTP/AVP 8\r\n{offered}"),
        );
        let (text, agreement) = answered(&mut exchange, &offer);
        assert!(text.contains(expected), "{offered} gave {text}");
        assert_eq!(agreement.may_send, may_send);
    }
}

#[test]
fn a_null_address_is_hold_and_no_destination() {
    let mut exchange = exchange(LegKind::Line);
    let (text, agreement) = answered(
        &mut exchange,
        &line_sdp("0.0.0.0", "m=audio 4000 RTP/AVP 8\r\n"),
    );
    assert!(text.contains("a=recvonly"));
    assert!(!agreement.may_send);
    assert_eq!(
        agreement.peer,
        Peer::Line {
            rtp: None,
            rtcp: None,
            keys: None
        }
    );
}

#[test]
fn the_version_rises_only_when_the_text_changes() {
    let mut exchange = exchange(LegKind::Line);
    let plain = line_sdp("203.0.113.9", "m=audio 4000 RTP/AVP 8\r\n");
    let held = line_sdp("203.0.113.9", "m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n");
    let mut origin = |offer: &str| lines(&answered(&mut exchange, offer).0, "o=").remove(0);
    let first = origin(&plain);
    assert!(first.starts_with("o=- 4711 1 "));
    assert_eq!(origin(&plain), first);
    assert!(origin(&held).starts_with("o=- 4711 2 "));
    assert!(origin(&plain).starts_with("o=- 4711 3 "));
}

#[test]
fn other_lines_are_refused_with_port_zero_and_stay_in_later_offers() {
    let mut exchange = exchange(LegKind::Line);
    let offer = line_sdp(
        "203.0.113.9",
        "m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8\r\nm=image 6000 udptl t38\r\n",
    );
    let (text, _) = answered(&mut exchange, &offer);
    let expected = [
        "m=video 0 RTP/AVP 31",
        "m=audio 30000 RTP/AVP 8",
        "m=image 0 udptl t38",
    ];
    assert_eq!(lines(&text, "m="), expected);
    let offer = exchange.offer(ip(), &[Codec::Pcma]);
    assert_eq!(lines(&offer, "m=").len(), 3);
    assert_eq!(lines(&offer, "m=")[1], "m=audio 30000 RTP/AVP 8 101");
}

#[test]
fn a_browsers_offer_gets_an_ice_lite_answer_that_waits_for_dtls() {
    let mut exchange = exchange(LegKind::Browser);
    let (text, agreement) = answered(&mut exchange, &browser_sdp("theirs", "actpass", ""));
    for expected in [
        "a=ice-lite",
        "a=group:BUNDLE 0",
        "a=mid:0",
        "a=rtcp-mux",
        "a=setup:passive",
        "a=ice-ufrag:ours",
        "a=end-of-candidates",
        "m=audio 30000 UDP/TLS/RTP/SAVPF 0 126",
    ] {
        assert!(
            text.lines().any(|line| line == expected),
            "{expected} is missing in {text}"
        );
    }
    // RFC 6544 §4.5: of TCP passive ones only, and behind all of UDP.
    assert_eq!(
        lines(&text, "a=candidate"),
        [
            "a=candidate:1 1 udp 2130706431 192.0.2.1 30000 typ host",
            "a=candidate:2 1 udp 2130706175 198.51.100.1 30000 typ host",
            "a=candidate:3 1 tcp 1520435199 192.0.2.1 443 typ host tcptype passive",
        ]
    );
    let Peer::Browser {
        active,
        fingerprints,
        ..
    } = agreement.peer
    else {
        panic!("a line?")
    };
    assert!(!active);
    assert_eq!(fingerprints.len(), 1);
}

#[test]
fn a_passive_answer_makes_us_start_dtls_and_the_role_stays() {
    let mut exchange = exchange(LegKind::Browser);
    let offer = exchange.offer(ip(), &BOTH);
    assert!(offer.contains("a=setup:actpass"));
    let agreement = exchange
        .accept_answer(&browser_sdp("theirs", "passive", ""))
        .unwrap();
    assert!(matches!(agreement.peer, Peer::Browser { active: true, .. }));
    let (text, agreement) = answered(&mut exchange, &browser_sdp("theirs", "actpass", ""));
    assert!(text.contains("a=setup:active"));
    assert!(matches!(agreement.peer, Peer::Browser { active: true, .. }));
}

#[test]
fn an_ice_restart_changes_our_credentials_and_nothing_else_does() {
    let mut exchange = exchange(LegKind::Browser);
    answered(&mut exchange, &browser_sdp("first", "actpass", ""));
    let (text, _) = answered(
        &mut exchange,
        &browser_sdp("first", "actpass", "a=sendonly\r\n"),
    );
    assert!(text.contains("a=ice-ufrag:ours") && text.contains("a=recvonly"));
    let (text, agreement) = answered(&mut exchange, &browser_sdp("second", "actpass", ""));
    assert!(text.contains("a=ice-ufrag:fresh"));
    let Peer::Browser { ice, .. } = agreement.peer else {
        panic!("a line?")
    };
    assert_eq!(ice.ufrag, "fresh");
}

#[test]
fn what_cannot_be_used_is_said_in_words() {
    let mut exchange = exchange(LegKind::Line);
    let mut refused = |text: &str| exchange.accept_offer(text, &BOTH, credentials("x"));
    assert!(matches!(refused("hello"), Err(SdpError::Unreadable(_))));
    let no_audio = line_sdp("203.0.113.9", "m=video 5000 RTP/AVP 31\r\n");
    assert_eq!(refused(&no_audio), Err(SdpError::NoAudio));
    let g729 = line_sdp("203.0.113.9", "m=audio 4000 RTP/AVP 18 3\r\n");
    assert_eq!(
        refused(&g729),
        Err(SdpError::NoCommonCodec("G729, GSM".to_owned()))
    );
    let bare = browser_sdp("a", "actpass", "").replace("a=fingerprint", "a=fingerscrossed");
    let missing = Remote::parse(policy(LegKind::Browser, SrtpMode::Off), &bare);
    assert_eq!(
        missing,
        Err(SdpError::Missing("a=fingerprint with sha-256"))
    );
}

#[test]
fn names_are_matched_whatever_their_case() {
    let text = line_sdp(
        "203.0.113.9",
        "m=audio 4000 rtp/avp 97 100\r\na=rtpmap:97 pcma/8000/1\r\n\
         a=rtpmap:100 Telephone-Event/8000\r\n",
    );
    let remote = Remote::parse(policy(LegKind::Line, SrtpMode::Off), &text).unwrap();
    assert_eq!(remote.codecs, [(97, Codec::Pcma)]);
    assert_eq!(remote.dtmf[0].payload, 100);
    assert_eq!(remote.direction, Direction::SendRecv);
}
