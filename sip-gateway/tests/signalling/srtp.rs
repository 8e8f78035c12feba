//! SDES-SRTP towards a line: off, optional, required, with baresip at the far end.

use sip_gateway::ports::{CallEvent, Disposition, LineConfig, SrtpMode};

use super::{
    audio::Audio,
    browser::Browser,
    programs::{Baresip, Kamailio},
    recorded::heard_ms,
    stage::{PASSWORD, Stage},
};

/// What baresip says and what the agent says.
const FAR_HZ: f32 = 880.0;
const AGENT_HZ: f32 = 1300.0;

async fn at_kamailio(srtp: SrtpMode) -> (Stage, Kamailio) {
    let provider = Kamailio::start(&[]).await;
    let mut stage = Stage::new().await;
    let line = LineConfig {
        srtp,
        ..stage.line_at(provider.address, "trunk1", "secret1", "provider.test")
    };
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    (stage, provider)
}

async fn baresip(provider: &Kamailio, encryption: &str) -> Baresip {
    let media = format!("audio_codecs=pcma,pcmu;ptime=20{encryption}");
    Baresip::with_media(provider.address, &media).await
}

/// How the next call ends; a number that is not registered yet does not count.
async fn end(stage: &mut Stage) -> (Disposition, u16) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded { code: 404, .. } => None,
            CallEvent::CallEnded {
                disposition, code, ..
            } => Some((disposition, code)),
            _ => None,
        })
        .await
}

/// Dials baresip until it is there; what came of it.
async fn dial(page: &mut Browser) -> Result<(sip_core::CallHandle, Audio), u16> {
    loop {
        let audio = Audio::new(AGENT_HZ, &[FAR_HZ]).await;
        let call = page.dial("15550200", PASSWORD, audio.offer().await).await;
        match page.answered_or_refused().await {
            Ok(answer) => {
                audio.take_answer(&answer).await;
                return Ok((call, audio));
            }
            Err(cause) if cause.code == 404 => {}
            Err(cause) => return Err(cause.code),
        }
    }
}

/// Both hear each other, and the recording holds each on its side.
async fn is_heard_both_ways_and_recorded(srtp: SrtpMode, encryption: &str) {
    let (mut stage, provider) = at_kamailio(srtp).await;
    let far = baresip(&provider, encryption).await;
    let mut page = stage.browser("101").await;
    let (call, audio) = dial(&mut page).await.unwrap();
    audio.hears(&[FAR_HZ]).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(end(&mut stage).await, (Disposition::Answered, 200));
    assert!(far.heard_ms(AGENT_HZ).await >= 300);
    let files = stage
        .event(|event| match event {
            CallEvent::RecordingReady { files, .. } => Some(files),
            _ => None,
        })
        .await;
    let [left, right] = heard_ms(&files.mp3, [AGENT_HZ, FAR_HZ]);
    assert!(left[0] >= 500 && left[1] == 0, "the agent: {left:?}");
    assert!(right[1] >= 500 && right[0] == 0, "the client: {right:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_requires_srtp_talks_with_baresip_that_requires_it() {
    is_heard_both_ways_and_recorded(SrtpMode::Required, ";mediaenc=srtp-mand").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_line_encrypts_where_the_far_end_does() {
    is_heard_both_ways_and_recorded(SrtpMode::Optional, ";mediaenc=srtp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_line_talks_plainly_where_the_far_end_cannot_encrypt() {
    is_heard_both_ways_and_recorded(SrtpMode::Optional, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_far_end_is_refused_by_a_line_that_requires_srtp() {
    let (mut stage, provider) = at_kamailio(SrtpMode::Required).await;
    let mut far = baresip(&provider, "").await;
    let mut page = stage.browser("101").await;
    assert_eq!(dial(&mut page).await.err(), Some(488));
    assert_eq!(end(&mut stage).await, (Disposition::Failed, 488));
    far.tell("dial", "sip:15550100@provider.test").await;
    assert_eq!(end(&mut stage).await, (Disposition::Failed, 488));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_end_that_requires_srtp_is_refused_by_a_line_without_it() {
    let (mut stage, provider) = at_kamailio(SrtpMode::Off).await;
    let mut far = baresip(&provider, ";mediaenc=srtp-mand").await;
    let mut page = stage.browser("101").await;
    assert!(dial(&mut page).await.is_err());
    end(&mut stage).await;
    far.tell("dial", "sip:15550100@provider.test").await;
    assert_eq!(end(&mut stage).await, (Disposition::Failed, 488));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_call_comes_in_and_is_heard_both_ways() {
    let (mut stage, provider) = at_kamailio(SrtpMode::Required).await;
    let mut far = baresip(&provider, ";mediaenc=srtp-mand").await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(AGENT_HZ, &[FAR_HZ]).await;
    far.tell("dial", "sip:15550100@provider.test").await;
    let invite = page.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[FAR_HZ]).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    far.tell("hangup", "").await;
    assert_eq!(end(&mut stage).await, (Disposition::Answered, 200));
    assert!(far.heard_ms(AGENT_HZ).await >= 300);
}
