//! Keys by INFO (`application/dtmf-relay`, `application/dtmf`) on one side, and what the other side
//! wants them as: SIPp presses, baresip and the test network understand.

use sip_core::dtmf::{Key, KeyStyle};
use sip_gateway::ports::{DtmfMode, LineConfig};
use test_network::TestNetwork;

use super::{
    PATIENCE,
    audio::Audio,
    programs::{Baresip, Kamailio, Sipp},
    stage::{PASSWORD, Stage},
};

/// An INFO of SIPp's; its key's octets and CSeq. @STYLE@ and @BODY@ make it.
const INFO: &str = r#"
  <send retrans="500"><![CDATA[
INFO [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: @FROM@
To: @TO@
Call-ID: [call_id]
CSeq: @CSEQ@ INFO
Max-Forwards: 70
Content-Type: application/@STYLE@
Content-Length: [len]

@BODY@
]]></send>
  <recv response="200"/>
"#;

/// INFOs with 7, # and 0 in three spellings.
fn keys(from: &str, to: &str) -> String {
    let spellings = [
        ("dtmf-relay", "Signal=7\nDuration=160"),
        ("dtmf", "#"),
        ("dtmf-relay", "Signal= 0\nDuration= 250"),
    ];
    let info = |(number, (style, body)): (usize, (&str, &str))| {
        INFO.replace("@FROM@", from)
            .replace("@TO@", to)
            .replace("@CSEQ@", &(201 + number).to_string())
            .replace("@STYLE@", style)
            .replace("@BODY@", body)
    };
    spellings.into_iter().enumerate().map(info).collect()
}

async fn understood(network: &TestNetwork, wanted: &str) {
    let arrived = async {
        while !network
            .calls()
            .iter()
            .any(|call| call.media.digits == wanted)
        {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let arrived = tokio::time::timeout(PATIENCE, arrived).await;
    assert!(arrived.is_ok(), "the far end saw {:#?}", network.calls());
}

/// A SIP phone presses its keys by INFO in a call over a line that wants them so.
async fn pressed_by_info_towards(change: impl FnOnce(&mut LineConfig)) {
    let (stage, network) = Stage::with_network().await;
    let mut line = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
    change(&mut line);
    stage.gateway.set_lines(vec![line]);
    let own = "<sip:102@trubka>;tag=[pid]phone[call_number]";
    let values = [
        ("KEYS", keys(own, "<sip:602@trubka>[peer_tag_param]")),
        ("PASSWORD", PASSWORD.to_owned()),
    ];
    let gateway = stage.gateway.sip_addr();
    let phone = Sipp::phone("sipp_phone_presses_keys.xml", &values, gateway, "602");
    phone.succeeded().await;
    understood(&network, "7#0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_presses_by_info_is_understood_as_telephone_events() {
    pressed_by_info_towards(|line| line.dtmf = DtmfMode::Rfc4733).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_presses_by_info_is_understood_as_info() {
    pressed_by_info_towards(|line| line.dtmf = DtmfMode::Info).await;
}

async fn at_kamailio(dtmf: DtmfMode) -> (Stage, Kamailio) {
    let provider = Kamailio::start(&[]).await;
    let mut stage = Stage::new().await;
    let mut line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    line.dtmf = dtmf;
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    (stage, provider)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_end_that_presses_by_info_is_understood_by_a_phone_that_wants_events() {
    let (mut stage, provider) = at_kamailio(DtmfMode::Rfc4733).await;
    let own = "[$called];tag=[pid]keys[call_number]";
    let values = [("KEYS", keys(own, "[$caller]"))];
    let sipp = Sipp::adapted("sipp_presses_keys.xml", &values, &provider, 60);
    let mut phone = Baresip::desk_phone(stage.gateway.sip_addr(), "pcma").await;
    stage.phone_registered("102").await;
    phone.tell("dial", "sip:9700@trubka.test").await;
    phone.understands("7#0").await;
    phone.tell("hangup", "").await;
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_end_that_wants_info_understands_the_keys_of_a_page() {
    let (stage, provider) = at_kamailio(DtmfMode::Info).await;
    let mut bob = Baresip::start(provider.address).await;
    provider.has_registered("bob").await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[880.0]).await;
    let call = page.dial("15550200", PASSWORD, audio.offer().await).await;
    audio.take_answer(&page.answered().await).await;
    audio.hears(&[880.0]).await;
    for (symbol, style) in [('3', KeyStyle::Relay), ('*', KeyStyle::Plain)] {
        let duration_ms = 160;
        let key = Key {
            symbol,
            duration_ms,
        };
        page.does(move |ua, now| ua.send_key(now, call, key, style))
            .await;
    }
    bob.understands("3*").await;
}
