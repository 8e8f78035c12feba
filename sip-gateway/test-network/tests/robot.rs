//! The robot's calls.

use crate::{
    audio::Line,
    phone::{Phone, audio_address, header},
    provider, until,
};
use test_network::{
    EndedBy, FarCallId, FarState, Quirk, Quirks, RingError, RobotCall, TestNetwork,
};

async fn ended(net: &TestNetwork, id: FarCallId) -> test_network::FarCall {
    until(net, "the robot's call ends", |net| {
        net.call(id).filter(|call| call.state == FarState::Ended)
    })
    .await
}

#[tokio::test]
async fn who_is_not_registered_is_not_called() {
    let net = provider(Quirks::default()).await;
    let ring = |user: &str| net.ring(RobotCall::new(user, None));
    assert_eq!(ring("alice").await, Err(RingError::NotRegistered));
    assert_eq!(ring("mallory").await, Err(RingError::UnknownAccount));
    assert!(net.calls().is_empty());
    net.shutdown().await;
}

#[tokio::test]
async fn an_answered_robot_plays_listens_dials_and_hangs_up() {
    for record_route in [false, true] {
        let net = provider(
            record_route
                .then_some(Quirk::RecordRoute)
                .into_iter()
                .collect(),
        )
        .await;
        let (phone, mut line) = (Phone::new(&net, "alice").await, Line::open().await);
        phone.registered().await;
        let order = RobotCall {
            caller_name: Some("Zoë \"Z\"".to_owned()),
            talk_ms: 1500,
            dtmf: Some("12*".to_owned()),
            ..RobotCall::new("alice", Some("+15550199"))
        };
        let id = net.ring(order).await.unwrap();
        let invite = phone.expect("INVITE sip:alice@127.0.0.1:").await;
        let caller = "\"Zoë \\\"Z\\\"\" <sip:+15550199@test.trubka>";
        assert!(header(&invite, "From").starts_with(&format!("{caller};tag=")));
        assert_eq!(header(&invite, "P-Asserted-Identity"), caller);
        assert_eq!(header(&invite, "To"), "<sip:15550100@test.trubka>");
        phone.respond(&invite, "180 Ringing", "").await;
        until(&net, "it rings", |net| {
            net.call(id).filter(|call| call.state == FarState::Ringing)
        })
        .await;
        phone
            .respond(&invite, "200 OK", &line.sdp("sendrecv"))
            .await;
        let ack = phone.expect("ACK sip:alice@127.0.0.1:").await;
        assert_eq!(header(&ack, "CSeq"), "1 ACK");
        assert!(
            !ack.contains("\r\nRoute: "),
            "the provider does not route by itself"
        );
        let heard = line.talk(Some((audio_address(&invite), 700.0)), 1400).await;
        assert!(heard.tone_ms(850.0) >= 500, "{}", heard.tone_ms(850.0));
        assert_eq!(heard.digits, "12*");
        let bye = phone.expect("BYE sip:alice@127.0.0.1:").await;
        phone.respond(&bye, "200 OK", "").await;
        let call = ended(&net, id).await;
        assert_eq!(
            (call.ended_by, call.final_code),
            (Some(EndedBy::Us), Some(200))
        );
        assert!(call.media.heard_ms(700.0, 5.0) >= 1000, "{call:?}");
        assert_eq!(call.number.as_deref(), Some("+15550199"));
        net.shutdown().await;
    }
}

#[tokio::test]
async fn an_anonymous_caller_has_no_name_and_no_number() {
    let net = provider(Quirks::default()).await;
    let phone = Phone::new(&net, "alice").await;
    phone.registered().await;
    let id = net.ring(RobotCall::new("alice", None)).await.unwrap();
    let invite = phone.expect("INVITE ").await;
    assert!(header(&invite, "From").starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>"));
    assert_eq!(header(&invite, "Privacy"), "id");
    assert!(!invite.contains("P-Asserted-Identity"));
    phone.respond(&invite, "486 Busy Here", "").await;
    let ack = phone.expect("ACK ").await;
    assert_eq!(header(&ack, "Via"), header(&invite, "Via"));
    // A refusal that comes again is acknowledged again.
    phone.respond(&invite, "486 Busy Here", "").await;
    assert_eq!(phone.next().await, ack);
    let call = ended(&net, id).await;
    assert_eq!(
        (call.final_code, call.ended_by),
        (Some(486), Some(EndedBy::Them))
    );
    assert_eq!(call.reason, "Busy Here");
    net.shutdown().await;
}

#[tokio::test]
async fn a_silent_phone_is_asked_again_and_given_up_by_cancel() {
    let net = provider(Quirks::default()).await;
    let phone = Phone::new(&net, "alice").await;
    phone.registered().await;
    let order = RobotCall {
        ring_ms: 700,
        ..RobotCall::new("alice", Some("1"))
    };
    let id = net.ring(order).await.unwrap();
    let invite = phone.expect("INVITE ").await;
    assert_eq!(phone.next().await, invite, "timer A");
    phone.respond(&invite, "180 Ringing", "").await;
    let cancel = phone.expect("CANCEL ").await;
    assert_eq!(header(&cancel, "Via"), header(&invite, "Via"));
    assert_eq!(header(&cancel, "CSeq"), "1 CANCEL");
    phone.respond(&cancel, "200 OK", "").await;
    phone.respond(&invite, "487 Request Terminated", "").await;
    phone.expect("ACK ").await;
    let call = ended(&net, id).await;
    assert_eq!(
        (call.final_code, call.ended_by),
        (Some(487), Some(EndedBy::Us))
    );
    net.shutdown().await;
}

#[tokio::test]
async fn an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let net = provider(Quirks::default()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    phone.registered().await;
    let id = net.ring(RobotCall::new("alice", Some("1"))).await.unwrap();
    let invite = phone.expect("INVITE ").await;
    phone.respond(&invite, "180 Ringing", "").await;
    until(&net, "it rings", |net| {
        net.call(id).filter(|call| call.state == FarState::Ringing)
    })
    .await;
    net.hang_up(id).await;
    phone.expect("CANCEL ").await;
    phone
        .respond(&invite, "200 OK", &line.sdp("sendrecv"))
        .await;
    let ack = phone.expect("ACK ").await;
    assert_ne!(header(&ack, "Via"), header(&invite, "Via"));
    let bye = phone.expect("BYE ").await;
    assert_eq!(header(&bye, "CSeq"), "2 BYE");
    phone.respond(&bye, "200 OK", "").await;
    assert_eq!(ended(&net, id).await.ended_by, Some(EndedBy::Us));
    net.shutdown().await;
}

#[tokio::test]
async fn a_second_fork_that_answers_is_ended_at_once() {
    let net = provider(Quirks::default()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    phone.registered().await;
    let id = net.ring(RobotCall::new("alice", Some("1"))).await.unwrap();
    let invite = phone.expect("INVITE ").await;
    phone
        .respond(&invite, "200 OK", &line.sdp("sendrecv"))
        .await;
    phone.expect("ACK ").await;
    let fork = invite.replace(
        "To: <sip:15550100@test.trubka>",
        "To: <sip:15550100@test.trubka>;tag=b",
    );
    phone.respond(&fork, "200 OK", &line.sdp("sendrecv")).await;
    assert!(header(&phone.expect("ACK ").await, "To").ends_with(";tag=b"));
    assert!(header(&phone.expect("BYE ").await, "To").ends_with(";tag=b"));
    assert_eq!(net.call(id).unwrap().state, FarState::Answered);
    net.shutdown().await;
}
