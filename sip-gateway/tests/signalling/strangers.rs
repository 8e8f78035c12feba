//! The same calls with Kamailio as provider and baresip and SIPp as far ends. Nothing in the
//! gateway knows any of them.

use std::sync::{Arc, Mutex};

use sip_gateway::ports::{CallEvent, Disposition, HungUpBy};
use tokio::net::UdpSocket;

use super::{
    audio::Audio,
    browser::Browser,
    processes::free_port,
    programs::{Baresip, Kamailio, Sipp},
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

/// Talks until both have heard each other, then the page hangs up.
async fn talks(
    stage: &mut Stage,
    page: &mut Browser,
    call: sip_core::CallHandle,
    ears: [&Audio; 2],
) {
    ears[0].hears(&[880.0]).await;
    ears[1].hears(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    let ended = end(stage).await;
    assert_eq!(ended, (Disposition::Answered, HungUpBy::Agent, 200));
}

/// With address and port of its candidate, as browsers write them once they know them; rtpengine takes
/// the `webrtc` crate's 0.0.0.0 for hold.
fn gathered(sdp: &str) -> String {
    let candidate = sdp.lines().find(|line| line.contains(" 127.0.0.1 "));
    let port = candidate.and_then(|line| line.split_once(" 127.0.0.1 ")?.1.split(' ').next());
    sdp.replace("m=audio 9 ", &format!("m=audio {} ", port.unwrap_or("9")))
        .replace("c=IN IP4 0.0.0.0", "c=IN IP4 127.0.0.1")
}

/// The `webrtc` crate rejects media without a group, which browsers take.
fn bundled(sdp: &str) -> String {
    let mid = sdp.split_once("a=mid:").map(|(_, rest)| rest);
    let mid = mid.and_then(|rest| rest.lines().next()).unwrap_or("0");
    match sdp.contains("a=group:BUNDLE") {
        true => sdp.to_owned(),
        false => sdp.replacen(
            "t=0 0\r\n",
            &format!("t=0 0\r\na=group:BUNDLE {mid}\r\n"),
            1,
        ),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_client_of_kamailios_is_called_and_calls_with_its_audio_encrypted() {
    let provider = Kamailio::start(&["-A", "WITH_WS"]).await;
    let mut stage = Stage::new().await;
    let line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    let url = provider.ws_url();
    let mut client = Browser::elsewhere(&url, "web", "provider.test", "webpw").await;
    let mut page = stage.browser("101").await;
    // Out: the client behind Kamailio answers.
    let (near, far) = (
        Audio::new(1300.0, &[880.0]).await,
        Audio::new(880.0, &[1300.0]).await,
    );
    let call = page.dial("15550300", PASSWORD, near.offer().await).await;
    let invite = client.rung().await;
    let offer = invite.sdp.as_deref().unwrap();
    assert!(offer.contains("UDP/TLS/RTP/SAVPF"), "{offer}");
    let answer = gathered(&far.answer(&bundled(offer)).await);
    client.accept(invite.call, answer).await;
    near.take_answer(&page.answered().await).await;
    talks(&mut stage, &mut page, call, [&near, &far]).await;
    client.ended().await;
    // In: the client calls the line's number.
    let (near, far) = (
        Audio::new(1300.0, &[880.0]).await,
        Audio::new(880.0, &[1300.0]).await,
    );
    let offer = gathered(&far.offer().await);
    client.dial("15550100", "webpw", offer).await;
    let invite = page.rung().await;
    let answer = near.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    far.take_answer(&bundled(&client.answered().await)).await;
    talks(&mut stage, &mut page, invite.call, [&near, &far]).await;
}

/// Passes datagrams on to a provider and back; what went there.
async fn overheard(
    provider: std::net::SocketAddr,
) -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
    let front = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let back = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = front.local_addr().unwrap();
    let log = Arc::new(Mutex::new(Vec::new()));
    let said = Arc::clone(&log);
    tokio::spawn(async move {
        let (mut ours, mut theirs) = (vec![0; 65_535], vec![0; 65_535]);
        let mut peer = None;
        loop {
            tokio::select! {
                Ok((length, from)) = front.recv_from(&mut ours) => {
                    peer = Some(from);
                    said.lock().unwrap().push(String::from_utf8_lossy(&ours[..length]).into_owned());
                    back.send_to(&ours[..length], provider).await.unwrap();
                }
                Ok((length, _)) = back.recv_from(&mut theirs) => {
                    front.send_to(&theirs[..length], peer.unwrap()).await.unwrap();
                }
            }
        }
    });
    (address, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nonce_a_provider_gives_for_next_time_spares_the_line_a_challenge() {
    let provider = Kamailio::start(&["-A", "WITH_NEXTNONCE"]).await;
    let (address, said) = overheard(provider.address).await;
    let mut stage = Stage::new().await;
    let mut line = stage.line_at(address, "trunk1", "secret1", "provider.test");
    line.expires_secs = 4;
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    let registers = || {
        let said = said.lock().unwrap();
        let registers = said.iter().filter(|text| text.starts_with("REGISTER"));
        registers
            .map(|text| text.contains("\nAuthorization:"))
            .collect::<Vec<_>>()
    };
    let refreshed = async {
        while registers().len() < 4 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let refreshed = tokio::time::timeout(super::PATIENCE, refreshed).await;
    assert!(refreshed.is_ok(), "{:?}", registers());
    // One without credentials at the very beginning, none after it.
    assert_eq!(registers()[..4], [false, true, true, true]);
}
