//! The same habits in programs that nobody here wrote: SIPp behind Kamailio.

use sip_core::Event;
use sip_gateway::ports::CallEvent;

use crate::signalling::{
    audio::Audio,
    programs::{Kamailio, Sipp},
    stage::{PASSWORD, Stage},
};

async fn line_at(provider: &Kamailio) -> Stage {
    let mut stage = Stage::new().await;
    let line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_forks_plays_early_media_holds_and_offers_fax_and_video() {
    let provider = Kamailio::start(&[]).await;
    let mut stage = line_at(&provider).await;
    let sipp = Sipp::start("sipp_quirks.xml", provider.address, provider.sipp_port, "x");
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let call = page.dial("9700", PASSWORD, audio.offer().await).await;
    let early = page.wait(|event| match event {
        Event::Progress { sdp: Some(sdp), .. } => Some(sdp),
        _ => None,
    });
    audio.take_answer(&early.await).await;
    audio.hears(&[1300.0]).await;
    page.wait(|event| matches!(event, Event::Answered { .. }).then_some(()))
        .await;
    for key in ['4', '2'] {
        let pressed = stage.event(|event| match event {
            CallEvent::Digit { digit, .. } => Some(digit),
            _ => None,
        });
        assert_eq!(pressed.await, key);
    }
    // Six re-INVITEs later the audio is back.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    audio.hears_anew(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kamailio_without_qop_registers_the_line_and_takes_its_call() {
    let provider = Kamailio::start(&["-A", "WITH_NO_QOP"]).await;
    let stage = line_at(&provider).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    page.dial("9486", PASSWORD, audio.offer().await).await;
    assert_eq!(page.ended().await.code, 486);
}
