//! G.722 and Opus end to end, untouched by the gateway: baresip speaks them at the far end of a line,
//! a browser's peer connection and another baresip on our side.

use sip_gateway::{
    media::Codec,
    ports::{CallEvent, LineCodec},
};

use super::{
    programs::{Baresip, Kamailio},
    stage::{PASSWORD, Stage},
};
use crate::media::{AGENT_HZ, CLIENT_HZ, browser::Browser as Peer};

/// A line at Kamailio with this codec alone, and bob behind it, who speaks no other and says
/// `CLIENT_HZ`.
async fn with_bob(codec: LineCodec, name: &str) -> (Stage, Kamailio, Baresip) {
    let provider = Kamailio::start(&[]).await;
    let account = Baresip::bob(provider.address, &format!("audio_codecs={name};ptime=20"));
    let bob = Baresip::saying(CLIENT_HZ, &account).await;
    provider.has_registered("bob").await;
    let mut stage = Stage::new().await;
    let mut line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    line.codecs = vec![codec];
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    (stage, provider, bob)
}

async fn a_browser_speaks(codec: LineCodec, spoken: Codec, name: &str) {
    let (stage, _provider, bob) = with_bob(codec, name).await;
    let mut page = stage.browser("101").await;
    let peer = Peer::new().await;
    let call = page.dial("15550200", PASSWORD, peer.offer().await).await;
    let answer = page.answered().await;
    peer.answered(&answer).await;
    peer.talk(spoken, AGENT_HZ);
    peer.ears.expect(CLIENT_HZ).await;
    let foreign = |payload_type| payload_type != spoken.static_payload();
    let heard = peer.ears.all();
    assert!(!heard.iter().any(|packet| foreign(packet.payload_type)));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert!(bob.heard_ms(AGENT_HZ).await >= 300);
}

async fn a_desk_phone_speaks(codec: LineCodec, name: &str) {
    let (mut stage, _provider, bob) = with_bob(codec, name).await;
    let mut phone = Baresip::desk_phone(stage.gateway.sip_addr(), name).await;
    stage.phone_registered("102").await;
    phone.tell("dial", "sip:15550200@trubka.test").await;
    stage
        .event(|event| match event {
            CallEvent::CallAnswered { .. } => Some(()),
            _ => None,
        })
        .await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    phone.tell("hangup", "").await;
    assert!(phone.heard_ms(CLIENT_HZ).await >= 300);
    assert!(bob.heard_ms(Baresip::TONE_HZ).await >= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_and_baresip_speak_g722_over_a_line() {
    a_browser_speaks(LineCodec::G722, Codec::G722, "g722").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_and_baresip_speak_opus_over_a_line() {
    a_browser_speaks(LineCodec::Opus, Codec::Opus, "opus/48000/2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_and_baresip_speak_g722_over_a_line() {
    a_desk_phone_speaks(LineCodec::G722, "g722").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_and_baresip_speak_opus_over_a_line() {
    a_desk_phone_speaks(LineCodec::Opus, "opus/48000/2").await;
}
