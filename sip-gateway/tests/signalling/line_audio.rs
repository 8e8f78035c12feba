//! A line's codecs and its way of sending keys.

use sip_core::dtmf::{Key, KeyStyle};
use sip_gateway::ports::{CallEvent, DtmfMode, LineCodec, LineConfig};
use test_network::TestNetwork;

use super::{
    PATIENCE,
    audio::Audio,
    stage::{PASSWORD, Stage},
};

async fn with_line(change: impl FnOnce(&mut LineConfig)) -> (Stage, TestNetwork) {
    let (stage, network) = Stage::with_network().await;
    let mut line = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
    change(&mut line);
    stage.gateway.set_lines(vec![line]);
    (stage, network)
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_as_info_to_a_line_that_wants_them_so() {
    let (stage, network) = with_line(|line| line.dtmf = DtmfMode::Info).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    let call = page.dial("602", PASSWORD, audio.offer().await).await;
    audio.take_answer(&page.answered().await).await;
    audio.hears(&[1000.0]).await;
    for (symbol, style) in [('4', KeyStyle::Relay), ('#', KeyStyle::Plain)] {
        let duration_ms = 160;
        let key = Key {
            symbol,
            duration_ms,
        };
        page.does(move |ua, now| ua.send_key(now, call, key, style))
            .await;
    }
    let arrived = async {
        while !network.calls().iter().any(|call| call.media.digits == "4#") {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let arrived = tokio::time::timeout(PATIENCE, arrived).await;
    assert!(arrived.is_ok(), "the far end saw {:#?}", network.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_codec_in_common_with_the_line_is_refused_with_488() {
    let (mut stage, _network) = with_line(|line| line.codecs = vec![LineCodec::Opus]).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    page.dial("602", PASSWORD, audio.offer().await).await;
    let refused = page.answered_or_refused().await;
    assert_eq!(refused.err().map(|cause| cause.code), Some(488));
    stage
        .event(|event| match event {
            CallEvent::CallEnded { code: 488, .. } => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_codec_of_the_line_is_the_first_of_its_offer() {
    let (stage, network) =
        with_line(|line| line.codecs = vec![LineCodec::Pcmu, LineCodec::Pcma]).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    let call = page.dial("602", PASSWORD, audio.offer().await).await;
    audio.take_answer(&page.answered().await).await;
    audio.hears(&[1000.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(network.calls()[0].media.codec, "PCMU");
}
