//! The same calls with Kamailio as provider and baresip and SIPp as far ends. Nothing in the
//! gateway knows any of them.

use sip_gateway::ports::{CallEvent, Disposition, HungUpBy};

use super::{
    audio::Audio,
    programs::{Baresip, Kamailio, Sipp, free_port},
    stage::{PASSWORD, Stage},
};

async fn at_kamailio(flags: &[&str]) -> (Stage, Kamailio) {
    let provider = Kamailio::start(flags).await;
    let mut stage = Stage::new().await;
    let line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    (stage, provider)
}

async fn end(stage: &mut Stage) -> (Disposition, HungUpBy, u16) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition,
                by,
                code,
                ..
            } => Some((disposition, by, code)),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_baresip_through_kamailio_is_heard_both_ways() {
    let (mut stage, provider) = at_kamailio(&[]).await;
    let baresip = Baresip::start(provider.address).await;
    let mut page = stage.browser("101").await;
    let call = loop {
        let audio = Audio::new(1300.0, &[880.0]).await;
        let call = page.dial("15550200", PASSWORD, audio.offer().await).await;
        // baresip may not have registered yet: then the provider says 404.
        match page.answered_or_refused().await {
            Ok(answer) => {
                audio.take_answer(&answer).await;
                audio.hears(&[880.0]).await;
                break call;
            }
            Err(cause) => assert_eq!(cause.code, 404, "{cause:?}"),
        }
    };
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    let answered = stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition: Disposition::Failed,
                ..
            } => None,
            CallEvent::CallEnded {
                disposition,
                by,
                code,
                ..
            } => Some((disposition, by, code)),
            _ => None,
        })
        .await;
    assert_eq!(answered, (Disposition::Answered, HungUpBy::Agent, 200));
    assert!(baresip.heard_ms(1300.0).await >= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_baresip_through_kamailio_is_heard_both_ways() {
    let (mut stage, provider) = at_kamailio(&[]).await;
    let mut baresip = Baresip::start(provider.address).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[880.0]).await;
    baresip.tell("dial", "sip:15550100@provider.test").await;
    let invite = page.rung().await;
    assert_eq!(invite.from.uri.user.as_deref(), Some("bob"));
    let our_number = stage
        .event(|event| match event {
            CallEvent::CallStarted { our_number, .. } => Some(our_number),
            _ => None,
        })
        .await;
    assert_eq!(our_number, "15550100");
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[880.0]).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    baresip.tell("hangup", "").await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Client, 200)
    );
    page.ended().await;
    assert!(baresip.heard_ms(1300.0).await >= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_with_sha_256_registers_the_line() {
    let (stage, _provider) = at_kamailio(&["-A", "WITH_SHA256"]).await;
    assert_eq!(stage.gateway.line_states().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_sipp_through_kamailio_echoes_the_agent() {
    let (mut stage, provider) = at_kamailio(&[]).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let sipp = Sipp::start(
        "sipp_calls_in.xml",
        provider.address,
        free_port(),
        "15550100",
    );
    let invite = page.rung().await;
    assert_eq!(invite.from.display.as_deref(), Some("Carrier"));
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[1300.0]).await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Client, 200)
    );
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_sipp_through_kamailio_echoes_the_agent() {
    let (mut stage, provider) = at_kamailio(&[]).await;
    let sipp = Sipp::start(
        "sipp_answers.xml",
        provider.address,
        provider.sipp_port,
        "x",
    );
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let call = page.dial("9700", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Agent, 200)
    );
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kamailios_refusals_reach_the_page() {
    let (mut stage, _provider) = at_kamailio(&[]).await;
    let mut page = stage.browser("101").await;
    for (number, code, disposition) in [
        ("9486", 486, Disposition::Busy),
        ("4711", 404, Disposition::Failed),
    ] {
        let audio = Audio::new(1300.0, &[880.0]).await;
        page.dial(number, PASSWORD, audio.offer().await).await;
        assert_eq!(page.ended().await.code, code);
        let ended = end(&mut stage).await;
        assert_eq!((ended.0, ended.2), (disposition, code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_offer_hold_and_resumption_keep_the_call() {
    let (mut stage, provider) = at_kamailio(&[]).await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let sipp = Sipp::start(
        "sipp_late_offer.xml",
        provider.address,
        free_port(),
        "15550100",
    );
    let invite = page.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[1300.0]).await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Client, 200)
    );
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_registered_here_is_called_and_heard() {
    let mut stage = Stage::new().await;
    let desk_phone = Baresip::desk_phone(stage.gateway.sip_addr(), "pcma").await;
    stage.phone_registered("102").await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[880.0]).await;
    let call = page.dial("102", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[880.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    end(&mut stage).await;
    assert!(desk_phone.heard_ms(1300.0).await >= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_dials_out_over_the_line() {
    let (mut stage, network) = Stage::with_network().await;
    let mut desk_phone = Baresip::desk_phone(stage.gateway.sip_addr(), "pcma").await;
    stage.phone_registered("102").await;
    desk_phone.tell("dial", "sip:602@trubka.test").await;
    let extension = stage
        .event(|event| match event {
            CallEvent::CallAnswered { extension, .. } => Some(extension),
            _ => None,
        })
        .await;
    assert_eq!(extension, "102");
    let heard = || {
        network
            .calls()
            .iter()
            .any(|call| call.media.heard_ms(880.0, 15.0) >= 500)
    };
    let search = async {
        while !heard() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(super::PATIENCE, search)
        .await
        .expect("the far end hears the desk phone");
    desk_phone.tell("hangup", "").await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Agent, 200)
    );
    assert!(desk_phone.heard_ms(1000.0).await >= 300);
}
