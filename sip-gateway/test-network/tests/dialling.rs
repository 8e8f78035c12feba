//! Calls to the numbers.

use crate::{
    audio::Line,
    phone::{Phone, audio_address, header},
    provider, until,
};
use test_network::{EndedBy, FarState, Quirk, Quirks, TestNetwork};

/// The only call, once it has ended.
async fn ended(net: &TestNetwork) -> test_network::FarCall {
    until(net, "the call ends", |net| {
        net.calls()
            .pop()
            .filter(|call| call.state == FarState::Ended)
    })
    .await
}

#[tokio::test]
async fn numbers_that_refuse_say_why() {
    for (number, code) in [("603", 486), ("606", 603), ("12345", 404)] {
        let net = provider(Quirks::default()).await;
        let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
        let mut leg = phone.dial(number, &line.sdp("sendrecv")).await;
        let refusal = phone.expect(&format!("SIP/2.0 {code} ")).await;
        // Without an ACK it comes again (timer G).
        assert_eq!(phone.next().await, refusal);
        leg.to = header(&refusal, "To");
        phone.send(&phone.request("ACK", &leg, 2, "", "")).await;
        let call = ended(&net).await;
        assert_eq!(call.final_code, Some(code));
        assert_eq!(call.ended_by, Some(EndedBy::Us));
        assert_eq!(call.number.as_deref(), Some(number));
        net.shutdown().await;
    }
}

#[tokio::test]
async fn without_g711_there_is_no_call() {
    let net = provider(Quirks::default()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    phone
        .dial("600", &line.sdp("sendrecv").replace("AVP 8", "AVP 9"))
        .await;
    phone.expect("SIP/2.0 488 ").await;
    net.shutdown().await;
}

#[tokio::test]
async fn cancel_while_ringing_ends_with_487() {
    let net = provider(Quirks::default()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    let mut leg = phone.dial("604", &line.sdp("sendrecv")).await;
    phone.expect("SIP/2.0 180 ").await;
    phone.send(&phone.request("CANCEL", &leg, 2, "", "")).await;
    phone.expect("SIP/2.0 200 ").await;
    let terminated = phone.expect("SIP/2.0 487 ").await;
    leg.to = header(&terminated, "To");
    phone.send(&phone.request("ACK", &leg, 2, "", "")).await;
    let call = ended(&net).await;
    assert_eq!(
        (call.final_code, call.ended_by),
        (Some(487), Some(EndedBy::Them))
    );
    assert_eq!(call.seconds, 0.0);
    net.shutdown().await;
}

#[tokio::test]
async fn tones_and_digits_go_both_ways_and_hold_silences() {
    let net = provider(Quirks::default()).await;
    let (phone, mut line) = (Phone::new(&net, "alice").await, Line::open().await);
    let (leg, answer) = phone.call("602", &line.sdp("sendrecv")).await;
    let far = audio_address(&answer);
    assert_eq!(far.port() % 2, 0);
    let heard = line.talk(Some((far, 440.0)), 1000).await;
    assert!(heard.tone_ms(1000.0) >= 800, "{}", heard.tone_ms(1000.0));
    until(&net, "the far end hears 440 Hz", |net| {
        net.calls()
            .pop()
            .filter(|call| call.media.heard_ms(440.0, 5.0) >= 700)
    })
    .await;
    for digit in "42#".chars() {
        line.press(far, digit).await;
    }
    until(&net, "the digits arrive", |net| {
        net.calls().pop().filter(|call| call.media.digits == "42#")
    })
    .await;

    phone
        .send(&phone.invite(&leg, 3, "", &line.sdp("sendonly")))
        .await;
    let held = phone.expect("SIP/2.0 200 ").await;
    assert!(held.contains("a=recvonly\r\n"), "{held}");
    phone.send(&phone.request("ACK", &leg, 3, "", "")).await;
    assert!(line.falls_silent().await);
    assert!(net.calls()[0].held);
    phone
        .send(&phone.invite(&leg, 4, "", &line.sdp("sendrecv")))
        .await;
    phone.expect("SIP/2.0 200 ").await;
    phone.send(&phone.request("ACK", &leg, 4, "", "")).await;
    assert!(line.talk(None, 400).await.tone_ms(1000.0) >= 200);

    let info = "Content-Type: application/dtmf-relay\r\n";
    phone
        .send(&phone.request("INFO", &leg, 5, info, "Signal=7\r\nDuration=100\r\n"))
        .await;
    phone.expect("SIP/2.0 200 ").await;
    phone.send(&phone.request("BYE", &leg, 6, "", "")).await;
    let bye = phone.expect("SIP/2.0 200 ").await;
    phone.send(&phone.request("BYE", &leg, 6, "", "")).await;
    assert_eq!(phone.next().await, bye);
    let call = ended(&net).await;
    assert_eq!(
        (call.ended_by, call.reoffers, call.held),
        (Some(EndedBy::Them), 2, false)
    );
    assert_eq!(call.media.digits, "42#7");
    assert!(
        call.media.packets_out > 60 && call.seconds > 1.0,
        "{call:?}"
    );
    net.shutdown().await;
}

#[tokio::test]
async fn the_echo_gives_back_what_was_said() {
    let net = provider(Quirks::default()).await;
    let (phone, mut line) = (Phone::new(&net, "alice").await, Line::open().await);
    let (_, answer) = phone.call("600", &line.sdp("sendrecv")).await;
    let heard = line.talk(Some((audio_address(&answer), 700.0)), 800).await;
    assert!(heard.tone_ms(700.0) >= 500, "{}", heard.tone_ms(700.0));
    net.shutdown().await;
}

#[tokio::test]
async fn the_clock_speaks() {
    let net = provider(Quirks::default()).await;
    let (phone, mut line) = (Phone::new(&net, "alice").await, Line::open().await);
    phone.call("601", &line.sdp("sendrecv")).await;
    let heard = line.talk(None, 600).await;
    assert!(heard.packets >= 25, "{}", heard.packets);
    net.shutdown().await;
}

#[tokio::test]
async fn early_media_sounds_before_the_answer() {
    let net = provider(Quirks::default()).await;
    let (phone, mut line) = (Phone::new(&net, "alice").await, Line::open().await);
    let mut leg = phone.dial("605", &line.sdp("sendrecv")).await;
    let progress = phone.expect("SIP/2.0 183 ").await;
    let heard = line.talk(None, 700).await;
    assert!(heard.tone_ms(620.0) >= 500 && heard.tone_ms(1000.0) == 0);
    let answer = phone.expect("SIP/2.0 200 ").await;
    assert_eq!(audio_address(&progress), audio_address(&answer));
    leg.to = header(&answer, "To");
    phone.send(&phone.request("ACK", &leg, 2, "", "")).await;
    line.falls_silent().await; // what 620 Hz was left in the socket's buffer
    assert!(line.talk(None, 500).await.tone_ms(1000.0) >= 300);
    net.shutdown().await;
}

#[tokio::test]
async fn an_answer_is_repeated_until_its_ack_and_a_late_offer_is_answered_there() {
    let net = provider(Quirks::default()).await;
    let (phone, mut line) = (Phone::new(&net, "alice").await, Line::open().await);
    let mut leg = phone.dial("602", "").await;
    phone.expect("SIP/2.0 180 ").await;
    let answer = phone.expect("SIP/2.0 200 ").await;
    assert!(answer.contains("RTP/AVP 8 0 101"), "{answer}");
    assert_eq!(phone.next().await, answer);
    leg.to = header(&answer, "To");
    let kind = "Content-Type: application/sdp\r\n";
    phone
        .send(&phone.request("ACK", &leg, 2, kind, &line.sdp("sendrecv")))
        .await;
    assert!(line.talk(None, 500).await.tone_ms(1000.0) >= 300);
    // The far end may hang up now.
    let id = net.calls()[0].id;
    net.hang_up(id).await;
    let bye = phone.expect("BYE sip:alice@127.0.0.1:").await;
    phone.respond(&bye, "200 OK", "").await;
    assert_eq!(ended(&net).await.ended_by, Some(EndedBy::Us));
    net.shutdown().await;
}

#[tokio::test]
async fn with_record_route_only_the_route_leads_on() {
    let net = provider([Quirk::RecordRoute, Quirk::No180].into()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    let mut leg = phone.dial("602", &line.sdp("sendrecv")).await;
    let answer = phone.expect("SIP/2.0 200 ").await;
    assert!(header(&answer, "Contact").contains("127.0.0.1:9>"));
    leg.to = header(&answer, "To");
    phone.send(&phone.request("ACK", &leg, 2, "", "")).await;
    assert_eq!(
        phone.next().await,
        answer,
        "an ACK beside the route is lost"
    );
    leg.route = format!("Route: {}\r\n", header(&answer, "Record-Route"));
    phone.send(&phone.request("ACK", &leg, 2, "", "")).await;
    phone.send(&phone.request("BYE", &leg, 3, "", "")).await;
    let ok = phone.expect("SIP/2.0 200 ").await;
    assert_eq!(header(&ok, "CSeq"), "3 BYE");
    net.shutdown().await;
}

#[tokio::test]
async fn strangers_to_a_call_get_481() {
    let net = provider(Quirks::default()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    let (mut leg, _) = phone.call("602", &line.sdp("sendrecv")).await;
    leg.to.push('x');
    phone.send(&phone.request("BYE", &leg, 3, "", "")).await;
    phone.expect("SIP/2.0 481 ").await;
    leg.call_id.push('x');
    phone.send(&phone.request("BYE", &leg, 4, "", "")).await;
    phone.expect("SIP/2.0 481 ").await;
    assert_eq!(net.calls()[0].state, FarState::Answered);
    net.shutdown().await;
}

#[tokio::test]
async fn shutdown_says_goodbye() {
    let net = provider(Quirks::default()).await;
    let (phone, line) = (Phone::new(&net, "alice").await, Line::open().await);
    phone.call("602", &line.sdp("sendrecv")).await;
    let farewell = net.clone().shutdown();
    let answer = async {
        let bye = phone.expect("BYE ").await;
        phone.respond(&bye, "200 OK", "").await;
    };
    tokio::join!(farewell, answer);
    assert_eq!(ended(&net).await.ended_by, Some(EndedBy::Us));
}
