//! Attended transfer: an employee with two calls joins those they talk with.

use std::sync::Arc;

use sip_core::{CallHandle, Event, agent::OutgoingHandle, header::ReferTo, uri::SipUri};
use sip_gateway::{
    media::Codec,
    ports::{CallEvent, CallId, Direction, Disposition},
};

use super::{
    audio::Audio,
    browser::Browser,
    recorded::heard_ms,
    stage::{PASSWORD, Stage},
    transfer::{ROBOT_HZ, answer, outcome, refer_to, robot_and, robot_hears, taken},
};
use crate::media::{AGENT_HZ, CLIENT_HZ, browser::Browser as Peer, line::Line};

const ANNA_HZ: f32 = 1300.0;
const BORIS_HZ: f32 = 700.0;

/// REFER in one call that names another one of the same phone.
pub async fn refer_replacing(
    page: &Browser,
    call: CallHandle,
    other: CallHandle,
) -> OutgoingHandle {
    let dialog = page.does(move |ua, _| ua.dialog_id(other)).await.unwrap();
    let target = SipUri::new("102", "trubka");
    refer_to(page, call, ReferTo::replacing(target, &dialog)).await
}

/// Anna calls Boris, who answers.
pub async fn consult(
    anna: &mut Browser,
    boris: &mut Browser,
    at_boris: &Audio,
) -> (CallHandle, Audio) {
    let at_anna = Audio::new(ANNA_HZ, &[BORIS_HZ]).await;
    let consult = anna.dial("102", PASSWORD, at_anna.offer().await).await;
    answer(boris, at_boris).await;
    at_anna.take_answer(&anna.answered().await).await;
    at_anna.hears(&[BORIS_HZ]).await;
    (consult, at_anna)
}

/// The one who transferred hears that it worked, and both its calls end, in whatever order.
pub async fn told_and_rid_of_both(page: &mut Browser) {
    let (mut told, mut ended) = (None, 0);
    while told.is_none() || ended < 2 {
        page.wait(|event| match event {
            Event::ReferProgress {
                cause, done: true, ..
            } => {
                told = Some(cause.code);
                Some(())
            }
            Event::Ended { .. } => {
                ended += 1;
                Some(())
            }
            _ => None,
        })
        .await;
    }
    assert_eq!(told, Some(200));
}

/// Everything told until both calls have ended and the recording is there.
async fn told_until_recorded(stage: &mut Stage) -> (Vec<CallEvent>, std::path::PathBuf) {
    let (mut told, mut ended) = (Vec::new(), 0);
    let mut file = None;
    while file.is_none() || ended < 2 {
        let event = stage.event(Some).await;
        ended += usize::from(matches!(event, CallEvent::CallEnded { .. }));
        if let CallEvent::RecordingReady { files, .. } = &event {
            file = Some(files.mp3.clone());
        }
        told.push(event);
    }
    (told, file.unwrap())
}

fn began(told: &[CallEvent], wanted: Direction) -> CallId {
    told.iter()
        .find_map(|event| match event {
            CallEvent::CallStarted { id, direction, .. } if *direction == wanted => Some(*id),
            _ => None,
        })
        .unwrap()
}

/// A customer, Anna and Boris; Anna transfers from the customer's call or from Boris's.
async fn customer_is_joined_with_boris(from_the_customers: bool) {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(ANNA_HZ, &[ROBOT_HZ]).await;
    let customer = robot_and(&mut anna, &network, &at_anna).await;
    at_anna.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, ANNA_HZ).await;
    let at_boris = Audio::new(BORIS_HZ, &[ROBOT_HZ, ANNA_HZ]).await;
    let (consult, _second) = consult(&mut anna, &mut boris, &at_boris).await;

    let (within, named) = match from_the_customers {
        true => (customer, consult),
        false => (consult, customer),
    };
    let wish = refer_replacing(&anna, within, named).await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    told_and_rid_of_both(&mut anna).await;
    at_boris.hears(&[ROBOT_HZ, ANNA_HZ]).await;
    robot_hears(&network, BORIS_HZ).await;

    network.hang_up(network.calls()[0].id).await;
    boris.ended().await;
    let (told, mp3) = told_until_recorded(&mut stage).await;
    let (call, consulted) = (
        began(&told, Direction::Incoming),
        began(&told, Direction::Internal),
    );
    let transferred = told.iter().find_map(|event| match event {
        CallEvent::CallTransferred { id, to, joined, .. } => Some((*id, to.clone(), *joined)),
        _ => None,
    });
    assert_eq!(
        transferred,
        Some((call, Some("102".to_owned()), Some(consulted)))
    );
    let joined = told.iter().find_map(|event| match event {
        CallEvent::CallJoined { id, into, .. } => Some((*id, *into)),
        _ => None,
    });
    assert_eq!(joined, Some((consulted, call)));
    let ends: Vec<(CallId, Disposition)> = told
        .iter()
        .filter_map(|event| match event {
            CallEvent::CallEnded {
                id, disposition, ..
            } => Some((*id, *disposition)),
            _ => None,
        })
        .collect();
    let answered = Disposition::Answered;
    assert_eq!(ends, [(consulted, answered), (call, answered)], "once each");
    // One recording: first Anna on the left, then Boris; the customer on the right.
    let [left, right] = heard_ms(&mp3, [ANNA_HZ, BORIS_HZ]);
    assert!(left[0] >= 400 && left[1] >= 400, "{left:?}");
    assert_eq!(right, [0, 0]);
    assert!(heard_ms(&mp3, [ROBOT_HZ, ANNA_HZ])[1][0] >= 800);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_joined_with_the_colleague_who_was_asked_first() {
    customer_is_joined_with_boris(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_conversation_stays_whichever_call_the_transfer_is_made_from() {
    customer_is_joined_with_boris(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_not_there_or_not_ones_own_is_not_joined() {
    let (stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(ANNA_HZ, &[ROBOT_HZ]).await;
    let customer = robot_and(&mut anna, &network, &at_anna).await;
    let at_boris = Audio::new(BORIS_HZ, &[1000.0]).await;
    let his = boris.dial("602", PASSWORD, at_boris.offer().await).await;
    at_boris.take_answer(&boris.answered().await).await;

    let target = SipUri::new("102", "trubka");
    let nothing = "nothing@nowhere;to-tag=1;from-tag=2".parse().unwrap();
    let wish = refer_to(
        &anna,
        customer,
        ReferTo::replacing(target.clone(), &nothing),
    )
    .await;
    assert_eq!(taken(&mut anna, wish).await, 404);

    let his = boris.does(move |ua, _| ua.dialog_id(his)).await.unwrap();
    let wish = refer_to(&anna, customer, ReferTo::replacing(target, &his)).await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    assert_eq!(outcome(&mut anna).await, 403);
    at_anna.hears(&[ROBOT_HZ]).await;
    at_boris.hears(&[1000.0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_speaks_opus_is_offered_the_codec_of_the_line() {
    let (stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(ANNA_HZ, &[ROBOT_HZ]).await;
    let customer = robot_and(&mut anna, &network, &at_anna).await;
    // Boris calls Anna with plain RTP: the peer connection of this test does not change its codec.
    let (second, at_boris) = (Peer::new().await, Arc::new(Line::new(Codec::Opus).await));
    boris.dial("101", PASSWORD, at_boris.sdp("")).await;
    let invite = anna.rung().await;
    let sdp = second.answer(invite.sdp.as_deref().unwrap()).await;
    anna.accept(invite.call, sdp).await;
    at_boris.aim(&boris.answered().await);
    second.talk(Codec::Opus, AGENT_HZ);
    at_boris.ears.expect(AGENT_HZ).await;

    let wish = refer_replacing(&anna, customer, invite.call).await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    let at_boris = Arc::new(Line::new(Codec::Pcma).await);
    offered_again(&mut boris, &at_boris).await;
    at_boris.talk(CLIENT_HZ);
    robot_hears(&network, CLIENT_HZ).await;
    assert!(at_boris.ears.count() > 20, "the robot is heard");
}

/// Answers the gateway's offer of another codec.
async fn offered_again(page: &mut Browser, peer: &Line) {
    let (call, sdp) = page
        .wait(|event| match event {
            Event::ReOffer { call, sdp } => Some((call, sdp.unwrap())),
            _ => None,
        })
        .await;
    assert!(sdp.contains("PCMA"), "{sdp}");
    peer.aim(&sdp);
    let answer = peer.sdp("");
    page.does(move |ua, now| ua.accept_reoffer(now, call, answer))
        .await;
}
