//! The way a call takes: stages of phones, a forward, line after line; and what is told of it.

use std::{net::SocketAddr, time::Duration};

use sip_gateway::ports::{
    CallEvent, CallerIdHeader, Disposition, ForwardTo, IncomingPlan, LineAttempt, LineConfig,
    LineMode, OutgoingPlan, PathStep, RingOrder, RingStage, StageEnd,
};
use test_network::{RobotCall, TestNetwork};
use tokio::{net::UdpSocket, time::timeout};

use super::{
    PATIENCE,
    audio::Audio,
    stage::{PASSWORD, Stage},
};

fn stage_of(rule: &str, extensions: &[&str], how: RingOrder, ring_secs: u32) -> RingStage {
    RingStage {
        extensions: extensions.iter().map(|e| (*e).to_owned()).collect(),
        how,
        ring_secs,
        rule: rule.to_owned(),
    }
}

fn plan(stage: &Stage, stages: Vec<RingStage>, forward: Option<ForwardTo>) {
    *stage.director.incoming.lock().unwrap() = Some(IncomingPlan::Ring { stages, forward });
}

async fn robot_calls(network: &TestNetwork) {
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.talk_ms = u64::MAX;
    network.ring(robot).await.unwrap();
}

/// The steps up to the call's end, and how it ended.
async fn path_to_end(stage: &mut Stage) -> (Vec<PathStep>, Disposition, u16) {
    let mut steps = Vec::new();
    let (disposition, code) = stage
        .event(|event| match event {
            CallEvent::PathStep { step, .. } => {
                steps.push(step);
                None
            }
            CallEvent::CallEnded {
                disposition, code, ..
            } => Some((disposition, code)),
            _ => None,
        })
        .await;
    (steps, disposition, code)
}

fn rang_out(steps: &[PathStep]) -> Vec<(String, StageEnd)> {
    let ends = steps.iter().filter_map(|step| match step {
        PathStep::RangOut { rule, end, .. } => Some((rule.clone(), end.clone())),
        _ => None,
    });
    ends.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responsible_one_rings_first_and_then_the_others_one_by_one() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    plan(
        &stage,
        vec![
            stage_of("responsible", &["101"], RingOrder::AtOnce, 1),
            stage_of("group", &["101", "102"], RingOrder::InTurn, 1),
        ],
        None,
    );
    robot_calls(&network).await;
    anna.rung().await;
    assert_eq!(anna.ended().await.code, 480);
    anna.rung().await;
    let invite = boris.rung().await;
    let audio = Audio::new(1300.0, &[]).await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, answer).await;
    let answered = stage
        .event(|event| match event {
            CallEvent::CallAnswered { extension, .. } => Some(extension),
            _ => None,
        })
        .await;
    assert_eq!(answered, "102");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declines_or_is_not_there_is_passed_over_at_once_and_said_so() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    plan(
        &stage,
        vec![
            stage_of("away", &["102"], RingOrder::AtOnce, 60),
            stage_of("here", &["101"], RingOrder::AtOnce, 60),
        ],
        None,
    );
    robot_calls(&network).await;
    let invite = anna.rung().await;
    anna.does(move |ua, now| ua.reject(now, invite.call, 486, "Busy", Vec::new()))
        .await;
    let (steps, disposition, _) = path_to_end(&mut stage).await;
    assert_eq!(disposition, Disposition::Rejected);
    assert_eq!(
        rang_out(&steps),
        [
            ("away".to_owned(), StageEnd::Unreachable),
            ("here".to_owned(), StageEnd::Declined { code: 486 }),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_and_the_call_is_forwarded_with_the_callers_number() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let forward = ForwardTo {
        attempts: vec![LineAttempt::new(stage.line, "602")],
        ring_secs: 15,
        rule: "forward".to_owned(),
    };
    plan(
        &stage,
        vec![stage_of("all", &["101"], RingOrder::AtOnce, 1)],
        Some(forward),
    );
    robot_calls(&network).await;
    anna.rung().await;
    anna.ended().await;
    let mut steps = Vec::new();
    let extension = stage
        .event(|event| match event {
            CallEvent::PathStep { step, .. } => {
                steps.push(step);
                None
            }
            CallEvent::CallAnswered { extension, .. } => Some(extension),
            _ => None,
        })
        .await;
    assert_eq!(extension, "", "nobody of ours talks");
    assert_eq!(
        rang_out(&steps),
        [
            ("all".to_owned(), StageEnd::NoAnswer),
            ("forward".to_owned(), StageEnd::Answered("602".to_owned())),
        ]
    );
    let calls = network.calls();
    assert!(
        calls
            .iter()
            .any(|call| call.number.as_deref() == Some("602")),
        "{calls:#?}"
    );
}

/// A provider played by the test: answers every OPTIONS and refuses every INVITE with one code.
async fn refuses_with(code: &'static str) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_535];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let answer = match text.split(' ').next() {
                Some("INVITE") => code,
                Some("OPTIONS") => "200 OK",
                _ => continue,
            };
            let same = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
            let mut reply = format!("SIP/2.0 {answer}\r\n");
            for line in text
                .lines()
                .filter(|line| same.iter().any(|s| line.starts_with(s)))
            {
                let tag = if line.starts_with("To:") {
                    ";tag=1"
                } else {
                    ""
                };
                reply.push_str(&format!("{line}{tag}\r\n"));
            }
            reply.push_str("Content-Length: 0\r\n\r\n");
            socket.send_to(reply.as_bytes(), peer).await.unwrap();
        }
    });
    address
}

/// A second line beside the stage's, at `provider`.
async fn with_trunk(stage: &mut Stage, network: &TestNetwork, provider: SocketAddr) -> LineConfig {
    let trunk = LineConfig {
        mode: LineMode::IpTrunk {
            sources: Vec::new(),
        },
        host: Some(provider.to_string()),
        ..LineConfig::new(uuid::Uuid::new_v4(), "trunk", "", "trunk.test")
    };
    let first = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
    stage.gateway.set_lines(vec![first, trunk.clone()]);
    let id = trunk.id;
    stage
        .event(|event| match event {
            CallEvent::LineChanged {
                line,
                state: sip_gateway::ports::LineState::Reachable { .. },
            } if line == id => Some(()),
            _ => None,
        })
        .await;
    trunk
}

async fn dials_over(stage: &Stage, lines: &[&LineConfig], number: &str) -> super::browser::Browser {
    let attempts = lines.iter().map(|line| LineAttempt::new(line.id, number));
    *stage.director.outgoing.lock().unwrap() = Some(OutgoingPlan::Lines {
        attempts: attempts.collect(),
        emergency: false,
    });
    let page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[]).await;
    page.dial(number, PASSWORD, audio.offer().await).await;
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_fails_is_followed_by_the_next_and_one_that_answers_is_not() {
    for (answer, next) in [
        ("503 Service Unavailable", true),
        ("500 Broken", true),
        ("408 Request Timeout", true),
        ("486 Busy Here", false),
        ("404 Not Found", false),
        ("603 Decline", false),
    ] {
        let (mut stage, network) = Stage::with_network().await;
        let trunk = with_trunk(&mut stage, &network, refuses_with(answer).await).await;
        let good = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
        let _page = dials_over(&stage, &[&trunk, &good], "602").await;
        let failed = stage
            .event(|event| match event {
                CallEvent::PathStep {
                    step: PathStep::LineFailed { line, next, .. },
                    ..
                } => Some((line, next)),
                _ => None,
            })
            .await;
        assert_eq!(failed, (trunk.id, next), "{answer}");
        let answered = stage
            .event(|event| match event {
                CallEvent::CallAnswered { .. } => Some(true),
                CallEvent::CallEnded { .. } => Some(false),
                _ => None,
            })
            .await;
        assert_eq!(answered, next, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_whose_channels_are_in_use_is_passed_over_and_an_emergency_call_is_not_stopped() {
    let (mut stage, network) = Stage::with_network().await;
    let mut line = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
    line.channels = Some(1);
    stage.gateway.set_lines(vec![line.clone()]);
    let mut first = dials_over(&stage, &[&line], "602").await;
    first.answered().await;
    let in_use = stage
        .event(|event| match event {
            CallEvent::LineUsage { in_use, .. } => Some(in_use),
            _ => None,
        })
        .await;
    assert_eq!(in_use, 1);
    let mut second = dials_over(&stage, &[&line], "602").await;
    let refused = second.ended().await;
    assert_eq!(refused.code, 503);
    assert!(refused.reason.contains("channels"), "{refused:?}");
    *stage.director.outgoing.lock().unwrap() = Some(OutgoingPlan::Lines {
        attempts: vec![LineAttempt::new(line.id, "602")],
        emergency: true,
    });
    let audio = Audio::new(1300.0, &[]).await;
    second.dial("112", PASSWORD, audio.offer().await).await;
    second.answered().await;
}

/// The first INVITE that comes to a trunk's provider.
async fn invite_of(line: impl FnOnce(&mut LineConfig), caller_id: Option<&str>) -> String {
    let provider = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stage = Stage::new().await;
    let mut config = stage.line_at(
        provider.local_addr().unwrap(),
        "account",
        "",
        "provider.test",
    );
    config.mode = LineMode::IpTrunk {
        sources: Vec::new(),
    };
    config.number = Some("15550100".to_owned());
    line(&mut config);
    stage.gateway.set_lines(vec![config.clone()]);
    *stage.director.outgoing.lock().unwrap() = Some(OutgoingPlan::Lines {
        attempts: vec![LineAttempt {
            caller_id: caller_id.map(str::to_owned),
            ..LineAttempt::new(config.id, "4711")
        }],
        emergency: false,
    });
    let page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[]).await;
    page.dial("4711", PASSWORD, audio.offer().await).await;
    let mut buffer = vec![0; 65_535];
    let invite = async {
        loop {
            let (length, _) = provider.recv_from(&mut buffer).await.unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with("INVITE ") {
                return text;
            }
        }
    };
    timeout(PATIENCE, invite).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_number_is_written_where_the_line_wants_it() {
    let from = invite_of(|_| {}, None).await;
    assert!(
        from.contains("From: <sip:15550100@provider.test>"),
        "{from}"
    );
    let chosen = invite_of(|_| {}, Some("15550199")).await;
    assert!(
        chosen.contains("From: <sip:15550199@provider.test>"),
        "{chosen}"
    );
    let asserted = invite_of(
        |line| {
            line.caller_id = CallerIdHeader::PAssertedIdentity;
            line.from_domain = Some("customer.test".to_owned());
        },
        None,
    )
    .await;
    assert!(
        asserted.contains("From: <sip:account@customer.test>"),
        "{asserted}"
    );
    for name in ["P-Asserted-Identity", "P-Preferred-Identity"] {
        let wanted = format!("{name}: <sip:15550100@customer.test>");
        assert!(asserted.contains(&wanted), "{asserted}");
    }
    let remote = invite_of(|line| line.caller_id = CallerIdHeader::RemotePartyId, None).await;
    let wanted = "Remote-Party-ID: <sip:15550100@provider.test>;party=calling";
    assert!(remote.contains(wanted), "{remote}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbound_proxy_gets_the_request_and_stands_in_its_route() {
    let invite = invite_of(
        |line| {
            line.outbound_proxy = Some(format!(
                "{}:{}",
                line.host.take().unwrap(),
                line.port.take().unwrap()
            ));
        },
        None,
    )
    .await;
    assert!(
        invite.starts_with("INVITE sip:4711@provider.test SIP/2.0"),
        "{invite}"
    );
    assert!(invite.contains("Route: <sip:127.0.0.1:"), "{invite}");
}

/// What a UDP peer at `from` hears to an INVITE to a trunk's number.
async fn knocks(stage: &Stage, from: &str) -> String {
    let socket = UdpSocket::bind((from, 0)).await.unwrap();
    let local = socket.local_addr().unwrap();
    let invite = format!(
        "INVITE sip:15550100@{gateway} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\n\
         From: <sip:4711@x.test>;tag=1\r\nTo: <sip:15550100@x.test>\r\nCall-ID: {branch}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:x@{local}>\r\nDiversion: <sip:15550111@x.test>;reason=unconditional\r\n\
         Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        gateway = stage.gateway.sip_addr(),
        branch = uuid::Uuid::new_v4().simple(),
    );
    socket
        .send_to(invite.as_bytes(), stage.gateway.sip_addr())
        .await
        .unwrap();
    let mut buffer = vec![0; 65_535];
    loop {
        let heard = timeout(Duration::from_secs(5), socket.recv(&mut buffer)).await;
        let length = heard.unwrap().unwrap();
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if !text.starts_with("SIP/2.0 100") && text.starts_with("SIP/2.0") {
            return text.lines().next().unwrap().to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_takes_calls_from_its_networks_only_and_says_which_number_was_called() {
    let stage = Stage::new().await;
    let trunk = LineConfig {
        mode: LineMode::IpTrunk {
            sources: vec!["127.0.5.0/24".parse().unwrap()],
        },
        host: Some("127.0.6.1:5099".to_owned()),
        numbers: vec!["+1 555 0100".to_owned()],
        ..LineConfig::new(stage.line, "trunk", "", "trunk.test")
    };
    stage.gateway.set_lines(vec![trunk]);
    plan(
        &stage,
        vec![stage_of("all", &["101"], RingOrder::AtOnce, 30)],
        None,
    );
    let _page = stage.browser("101").await;
    assert_eq!(knocks(&stage, "127.0.5.77").await, "SIP/2.0 180 Ringing");
    let asked = stage.director.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].did.as_deref(), Some("+1 555 0100"));
    assert_eq!(asked[0].redirected_by.as_deref(), Some("15550111"));
    assert_eq!(
        knocks(&stage, "127.0.7.1").await,
        "SIP/2.0 401 Unauthorized"
    );
    assert_eq!(stage.director.asked.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_gave_up_waiting_counts_as_no_answer() {
    let (mut stage, _network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[]).await;
    // 603 of the test network rings for ever.
    let call = page.dial("604", PASSWORD, audio.offer().await).await;
    stage
        .event(|event| match event {
            CallEvent::CallRinging { .. } => Some(()),
            _ => None,
        })
        .await;
    page.does(move |ua, now| {
        ua.hang_up(
            now,
            call,
            Some("SIP;cause=408;text=\"No answer\"".to_owned()),
        );
    })
    .await;
    page.ended().await;
    let (_, disposition, _) = path_to_end(&mut stage).await;
    assert_eq!(disposition, Disposition::NoAnswer);
}
