//! A page that goes while its call is being handed on or parked, and pages that go twice.

use std::time::Duration;

use sip_gateway::ports::Disposition;

use super::{
    audio::Audio,
    hold::robot_hears_now,
    parking::{park, parked},
    reattach::{AWAY_HZ, dialog, end, in_talk, reattached, registers, replace_as, vanished},
    stage::{PASSWORD, Stage},
    transfer::{ROBOT_HZ, answer, refer, robot_hears, taken},
};

const ANNA_HZ: f32 = 1300.0;
const BORIS_HZ: f32 = 700.0;
const RINGBACK_HZ: f32 = 425.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_nobody_took_is_waited_for_when_the_one_who_handed_it_on_is_gone() {
    let (mut stage, network) = Stage::with_network().await;
    let (mut anna, audio, call, _) = in_talk(&stage, &network).await;
    let dialog = dialog(&anna, call).await.to_string();
    let mut boris = stage.browser("102").await;
    let wish = refer(&anna, call, "102").await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    let invite = boris.rung().await;
    audio.close().await;
    let mut anna = anna.reloaded(&stage.url).await;
    boris
        .does(move |ua, now| ua.reject(now, invite.call, 486, "Busy Here", Vec::new()))
        .await;
    assert_eq!(vanished(&mut stage).await.as_deref(), Some("101"));
    robot_hears_now(&network, &[AWAY_HZ], ANNA_HZ).await;

    registers(&mut anna).await;
    let audio = Audio::new(BORIS_HZ, &[ROBOT_HZ]).await;
    let sdp = replace_as(("101", PASSWORD), &mut anna, &audio, &dialog).await;
    audio.take_answer(&sdp.unwrap()).await;
    audio.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, BORIS_HZ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_loaded_again_while_it_hands_on_hears_it_ring_and_is_let_go_when_it_is_taken() {
    let (mut stage, network) = Stage::with_network().await;
    let (mut anna, audio, call, _) = in_talk(&stage, &network).await;
    let dialog = dialog(&anna, call).await.to_string();
    let mut boris = stage.browser("102").await;
    let wish = refer(&anna, call, "102").await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    let invite = boris.rung().await;
    audio.close().await;
    let mut anna = anna.reloaded(&stage.url).await;
    registers(&mut anna).await;
    let audio = Audio::new(ANNA_HZ, &[RINGBACK_HZ]).await;
    let sdp = replace_as(("101", PASSWORD), &mut anna, &audio, &dialog).await;
    audio.take_answer(&sdp.unwrap()).await;
    assert_eq!(reattached(&mut stage).await.as_deref(), Some("101"));
    audio.hears(&[RINGBACK_HZ]).await;

    let at_boris = Audio::new(BORIS_HZ, &[ROBOT_HZ]).await;
    let sdp = at_boris.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, sdp).await;
    anna.ended().await;
    at_boris.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, BORIS_HZ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_colleague_who_goes_for_good_ends_the_call_and_one_who_comes_back_waits_on() {
    let (mut stage, _network) =
        Stage::with_network_so(|config| config.waits.vanished = Duration::from_secs(4)).await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(ANNA_HZ, &[BORIS_HZ]).await;
    let own = anna.dial("102", PASSWORD, at_anna.offer().await).await;
    let at_boris = Audio::new(BORIS_HZ, &[ANNA_HZ]).await;
    let call = answer(&mut boris, &at_boris).await;
    at_anna.take_answer(&anna.answered().await).await;
    at_boris.hears(&[ANNA_HZ]).await;
    let theirs = dialog(&boris, call).await.to_string();
    assert_eq!(park(&mut anna, own).await.0, 200);
    parked(&mut stage).await;

    at_boris.close().await;
    let mut boris = boris.reloaded(&stage.url).await;
    registers(&mut boris).await;
    let at_boris = Audio::new(BORIS_HZ, &[]).await;
    let sdp = replace_as(("102", PASSWORD), &mut boris, &at_boris, &theirs).await;
    at_boris.take_answer(&sdp.unwrap()).await;
    assert_eq!(reattached(&mut stage).await.as_deref(), Some("102"));
    assert_eq!(stage.gateway.calls().len(), 1);

    at_boris.close().await;
    drop(boris);
    let (_, disposition, _, reason) = end(&mut stage).await;
    assert_eq!(disposition, Disposition::Answered);
    assert!(reason.starts_with("The phone of 102 vanished"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_loaded_twice_while_it_calls_is_called_again() {
    let stage = Stage::new().await;
    let anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let before = Audio::new(ANNA_HZ, &[]).await;
    anna.dial("102", PASSWORD, before.offer().await).await;
    let invite = boris.rung().await;
    let mut anna = anna.reloaded(&stage.url).await;
    drop(before);
    registers(&mut anna).await;
    anna.rung().await;
    let mut anna = anna.reloaded(&stage.url).await;
    registers(&mut anna).await;
    let audio = Audio::new(ANNA_HZ, &[BORIS_HZ]).await;
    answer(&mut anna, &audio).await;
    let at_boris = Audio::new(BORIS_HZ, &[ANNA_HZ]).await;
    let sdp = at_boris.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, sdp).await;
    audio.hears(&[BORIS_HZ]).await;
    at_boris.hears(&[ANNA_HZ]).await;
}
