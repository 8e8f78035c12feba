use super::*;
use crate::media::{sdp::SdesKeys, srtp::Profile};

const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const OTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";

fn line(srtp: SrtpMode, seed: u8) -> Exchange {
    exchange_with(policy(LegKind::Line, srtp), seed)
}

fn offer(protocol: &str, cryptos: &str) -> String {
    line_sdp(
        "203.0.113.9",
        &format!("m=audio 4000 {protocol} 8\r\n{cryptos}"),
    )
}

fn crypto(tag: u8, key: &str) -> String {
    format!("a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{key}\r\n")
}

fn accept(exchange: &mut Exchange, offer: &str) -> Result<Vec<Codec>, SdpError> {
    exchange.accept_offer(offer, &BOTH, credentials("x"))
}

fn keys(agreement: &Agreement) -> Option<SdesKeys> {
    match &agreement.peer {
        Peer::Line { keys, .. } => *keys,
        Peer::Browser { .. } => None,
    }
}

#[test]
fn without_srtp_an_encrypted_offer_is_refused_and_keys_in_a_plain_one_are_ignored() {
    let mut exchange = line(SrtpMode::Off, 1);
    let savp = offer("RTP/SAVP", &crypto(1, KEY));
    assert_eq!(accept(&mut exchange, &savp), Err(SdpError::WrongProtection));
    let (text, agreement) = answered(&mut exchange, &offer("RTP/AVP", &crypto(1, KEY)));
    assert_eq!(keys(&agreement), None);
    assert!(!text.contains("crypto"), "{text}");
    assert!(!line(SrtpMode::Off, 1).offer(ip(), &BOTH).contains("crypto"));
}

#[test]
fn required_takes_and_offers_nothing_but_savp() {
    let mut exchange = line(SrtpMode::Required, 1);
    let plain = offer("RTP/AVP", &crypto(1, KEY));
    assert_eq!(
        accept(&mut exchange, &plain),
        Err(SdpError::WrongProtection)
    );
    let keyless = offer(
        "RTP/SAVP",
        "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:x\r\n",
    );
    assert!(matches!(
        accept(&mut exchange, &keyless),
        Err(SdpError::Missing(_))
    ));
    let text = exchange.offer(ip(), &BOTH);
    assert_eq!(lines(&text, "m="), ["m=audio 30000 RTP/SAVP 8 0 101"]);
    assert_eq!(lines(&text, "a=crypto:").len(), 3);
    let plain = exchange.accept_answer(&offer("RTP/AVP", ""));
    assert_eq!(plain, Err(SdpError::WrongProtection));
}

#[test]
fn the_answer_repeats_the_tag_and_has_a_key_of_our_own() {
    let mut exchange = line(SrtpMode::Required, 1);
    let unknown = "a=crypto:1 F8_128_HMAC_SHA1_80 inline:x\r\n";
    let savp = offer("RTP/SAVP", &format!("{unknown}{}", crypto(5, KEY)));
    let (text, agreement) = answered(&mut exchange, &savp);
    assert_eq!(lines(&text, "m="), ["m=audio 30000 RTP/SAVP 8"]);
    let ours = lines(&text, "a=crypto:");
    assert!(ours[0].starts_with("a=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:"));
    assert!(ours.len() == 1 && !ours[0].contains(KEY), "{ours:?}");
    let keys = keys(&agreement).unwrap();
    assert_eq!(keys.receive.key(), b"YS___semctl () {");
    assert_ne!(keys.receive, keys.send);
}

#[test]
fn optional_offers_plain_audio_with_keys_and_takes_whatever_comes_back() {
    for (protocol, cryptos, encrypted) in [
        ("RTP/AVP", String::new(), false),
        ("RTP/AVP", crypto(1, KEY), true),
        ("RTP/SAVP", crypto(1, KEY), true),
    ] {
        let mut exchange = line(SrtpMode::Optional, 1);
        let text = exchange.offer(ip(), &BOTH);
        assert_eq!(lines(&text, "m="), ["m=audio 30000 RTP/AVP 8 0 101"]);
        assert_eq!(lines(&text, "a=crypto:").len(), 3);
        let agreement = exchange.accept_answer(&offer(protocol, &cryptos)).unwrap();
        assert_eq!(keys(&agreement).is_some(), encrypted, "{protocol}");
    }
}

#[test]
fn optional_takes_the_encrypted_one_of_two_lines_and_zeroes_the_other() {
    let both = line_sdp(
        "203.0.113.9",
        &format!(
            "m=audio 4000 RTP/AVP 8\r\nm=audio 4002 RTP/SAVP 8\r\n{}",
            crypto(1, KEY)
        ),
    );
    let (text, agreement) = answered(&mut line(SrtpMode::Optional, 1), &both);
    assert_eq!(
        lines(&text, "m="),
        ["m=audio 0 RTP/AVP 8", "m=audio 30000 RTP/SAVP 8"]
    );
    assert!(keys(&agreement).is_some());
    let (text, agreement) = answered(&mut line(SrtpMode::Off, 1), &both);
    assert!(lines(&text, "m=")[1].starts_with("m=audio 0 "), "{text}");
    assert_eq!(keys(&agreement), None);
}

#[test]
fn two_of_ours_agree_on_mirrored_keys() {
    let (mut caller, mut called) = (line(SrtpMode::Required, 1), line(SrtpMode::Optional, 2));
    let offer = caller.offer(ip(), &BOTH);
    let (answer, theirs) = answered(&mut called, &offer);
    let ours = keys(&caller.accept_answer(&answer).unwrap()).unwrap();
    let theirs = keys(&theirs).unwrap();
    assert_eq!((ours.send, ours.receive), (theirs.receive, theirs.send));
    assert_eq!(ours.send.profile, Profile::Cm80);
}

#[test]
fn a_reoffer_changes_the_peers_key_and_never_ours() {
    let mut exchange = line(SrtpMode::Required, 1);
    let (first_text, first) = answered(&mut exchange, &offer("RTP/SAVP", &crypto(1, KEY)));
    let (text, again) = answered(&mut exchange, &offer("RTP/SAVP", &crypto(1, KEY)));
    assert_eq!((text, &again), (first_text, &first));
    let (_, changed) = answered(&mut exchange, &offer("RTP/SAVP", &crypto(1, OTHER_KEY)));
    let (before, after) = (keys(&first).unwrap(), keys(&changed).unwrap());
    assert_eq!(before.send, after.send);
    assert_ne!(before.receive, after.receive);
    let ours = exchange.offer(ip(), &BOTH);
    assert_eq!(lines(&ours, "a=crypto:").len(), 1, "the suite in use");
}
