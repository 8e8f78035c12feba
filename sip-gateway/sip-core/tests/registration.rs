//! Registration against a registrar that challenges, and against hand-made ones with quirks.

use sip_core::{Event, RegistrationState, message::Request};

use crate::support::{Bench, Net, Registrar, Side, registration, udp, ws};

fn states(events: &[Event]) -> Vec<RegistrationState> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::RegistrationChanged { state, .. } => Some(state.clone()),
            _ => None,
        })
        .collect()
}

fn last(bench: &Bench) -> RegistrationState {
    states(&bench.events).pop().unwrap()
}

fn register(password: &str) -> (Bench, sip_core::RegistrationHandle) {
    let mut bench = Bench::new();
    let handle = bench
        .agent
        .register(bench.now, registration(bench.flow, password));
    bench.drain();
    (bench, handle)
}

const CHALLENGE: (&str, &str) = (
    "WWW-Authenticate",
    r#"Digest realm="r", nonce="n1", qop="auth""#,
);

fn granted(bench: &mut Bench, request: &Request, expires: &str) {
    let contact = format!("<sip:alice@192.0.2.1:5060>;expires={expires}");
    bench.respond(request, 200, "reg", &[("Contact", &contact)]);
}

#[test]
fn digest_registration_refreshes_with_the_same_nonce_and_ends_on_request() {
    let mut net = Net::new(1);
    let mut registrar = Registrar::new();
    let handle = net
        .left
        .register(net.now, registration(Net::to_right(), "secret"));
    let mut script = |side, event: &Event, agent: &mut sip_core::UserAgent, now| {
        if side == Side::Right {
            registrar.answer(event, agent, now);
        }
    };
    net.run_with(1000, &mut script);
    assert_eq!(
        states(&net.left_events),
        [
            RegistrationState::Trying,
            RegistrationState::Registered {
                expires_secs: 600,
                round_trip_ms: 20,
                seen_as: Some("192.0.2.1:5060".parse().unwrap()),
            },
        ]
    );
    assert_eq!(net.sent_by(Side::Left, "REGISTER"), 2);
    // The refresh comes at 80–85 % and first tries the old nonce, which has expired by then.
    net.run_with(470_000, &mut script);
    assert_eq!(net.sent_by(Side::Left, "REGISTER"), 2);
    net.run_with(45_000, &mut script);
    assert_eq!(net.sent_by(Side::Left, "REGISTER"), 4);
    assert!(matches!(
        states(&net.left_events)[2],
        RegistrationState::Registered { .. }
    ));
    net.left.unregister(net.now, handle);
    net.run_with(60_000, &mut script);
    assert_eq!(
        states(&net.left_events).last(),
        Some(&RegistrationState::Removed)
    );
    assert_eq!(net.left.poll_timeout(), None);
}

#[test]
fn a_wrong_password_is_not_tried_for_ever() {
    let (mut bench, handle) = register("wrong");
    let first = bench.last("REGISTER");
    bench.respond(&first, 401, "reg", &[CHALLENGE]);
    let second = bench.last("REGISTER");
    assert_eq!(second.header("CSeq"), Some("2 REGISTER"));
    assert_eq!(second.call_id(), first.call_id());
    bench.respond(
        &second,
        401,
        "reg",
        &[("WWW-Authenticate", r#"Digest realm="r", nonce="n2""#)],
    );
    assert!(matches!(
        last(&bench),
        RegistrationState::Failed {
            code: 401,
            retry_at: None,
            ..
        }
    ));
    bench.run(1_000_000);
    assert_eq!(bench.requests("REGISTER").len(), 2);
    bench.agent.refresh_registration(bench.now, handle, None);
    bench.drain();
    assert_eq!(bench.requests("REGISTER").len(), 3);
}

#[test]
fn a_stale_nonce_is_replaced_even_if_the_registrar_does_not_say_stale() {
    let (mut bench, handle) = register("secret");
    let first = bench.last("REGISTER");
    bench.respond(&first, 401, "reg", &[CHALLENGE]);
    let second = bench.last("REGISTER");
    granted(&mut bench, &second, "600");
    bench.agent.refresh_registration(bench.now, handle, None);
    bench.drain();
    let third = bench.last("REGISTER");
    assert!(
        third
            .header("Authorization")
            .unwrap()
            .contains("nc=00000002")
    );
    bench.respond(
        &third,
        401,
        "reg",
        &[("WWW-Authenticate", r#"Digest realm="r", nonce="n2""#)],
    );
    let fourth = bench.last("REGISTER");
    assert!(fourth.header("Authorization").unwrap().contains("n2"));
    granted(&mut bench, &fourth, "600");
    assert!(matches!(last(&bench), RegistrationState::Registered { .. }));
}

#[test]
fn a_too_brief_interval_is_made_longer() {
    let (mut bench, _) = register("secret");
    let first = bench.last("REGISTER");
    bench.respond(&first, 423, "reg", &[("Min-Expires", "1800")]);
    let second = bench.last("REGISTER");
    assert_eq!(second.expires(), Some(1800));
    granted(&mut bench, &second, "1800");
    assert!(matches!(
        last(&bench),
        RegistrationState::Registered {
            expires_secs: 1800,
            ..
        }
    ));
}

#[test]
fn retry_after_is_obeyed_and_other_failures_back_off_up_to_a_minute() {
    let (mut bench, _) = register("secret");
    let first = bench.last("REGISTER");
    bench.respond(&first, 503, "reg", &[("Retry-After", "120 (maintenance)")]);
    let RegistrationState::Failed {
        code: 503,
        retry_at: Some(at),
        ..
    } = last(&bench)
    else {
        panic!()
    };
    assert_eq!(at, bench.now + 120_000);
    bench.run(119_000);
    assert_eq!(bench.requests("REGISTER").len(), 1);
    bench.run(2000);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let request = bench.last("REGISTER");
        bench.respond(&request, 500, "reg", &[]);
        let RegistrationState::Failed {
            retry_at: Some(at), ..
        } = last(&bench)
        else {
            panic!()
        };
        waits.push(at - bench.now);
        bench.run(at - bench.now);
    }
    assert!(
        waits[0] <= 2000 && waits.iter().all(|wait| (500..=60_000).contains(wait)),
        "{waits:?}"
    );
    assert!(waits[8] >= 30_000, "{waits:?}");
}

#[test]
fn no_answer_is_408_and_a_new_connection_registers_again() {
    let (mut bench, _) = register("secret");
    bench.run(33_000);
    let failed =
        |state: &RegistrationState| matches!(state, RegistrationState::Failed { code: 408, .. });
    assert!(states(&bench.events).iter().any(failed));

    let mut bench = Bench::over(ws(1));
    let handle = bench
        .agent
        .register(bench.now, registration(ws(1), "secret"));
    bench.drain();
    bench.agent.handle_flow_closed(bench.now, ws(1));
    bench.drain();
    assert!(matches!(
        last(&bench),
        RegistrationState::Failed {
            code: 503,
            retry_at: None,
            ..
        }
    ));
    bench
        .agent
        .refresh_registration(bench.now, handle, Some(ws(2)));
    bench.drain();
    let request = bench.last("REGISTER");
    bench.flow = ws(2);
    granted(&mut bench, &request, "60");
    assert!(matches!(
        last(&bench),
        RegistrationState::Registered {
            expires_secs: 60,
            ..
        }
    ));
}

#[test]
fn the_granted_time_is_ours_among_many_contacts() {
    let (mut bench, _) = register("secret");
    let request = bench.last("REGISTER");
    let contacts =
        "<sip:x@y>;expires=9, <sip:rewritten@z>;expires=77;+sip.instance=\"<urn:uuid:1>\"";
    bench.respond(&request, 200, "reg", &[("m", contacts), ("Expires", "500")]);
    assert!(matches!(
        last(&bench),
        RegistrationState::Registered {
            expires_secs: 77,
            ..
        }
    ));

    let (mut bench, _) = register("secret");
    let request = bench.last("REGISTER");
    bench.respond(&request, 200, "reg", &[("Expires", "500")]);
    assert!(matches!(
        last(&bench),
        RegistrationState::Registered {
            expires_secs: 500,
            ..
        }
    ));
}

#[test]
fn unregistering_while_a_register_is_under_way_waits_for_it() {
    let (mut bench, handle) = register("secret");
    let first = bench.last("REGISTER");
    bench.agent.unregister(bench.now, handle);
    bench.drain();
    assert_eq!(bench.requests("REGISTER").len(), 1);
    granted(&mut bench, &first, "600");
    let second = bench.last("REGISTER");
    assert_eq!(second.expires(), Some(0));
    // Other bindings of the same user remain; they are none of ours.
    bench.respond(
        &second,
        200,
        "reg",
        &[("Contact", "<sip:alice@192.0.2.77>;expires=3000")],
    );
    assert_eq!(last(&bench), RegistrationState::Removed);
    assert_eq!(bench.requests("REGISTER").len(), 2);
}

#[test]
fn the_registrar_tells_how_it_saw_us() {
    let (mut bench, _) = register("secret");
    let mut request = bench.last("REGISTER");
    let via = format!("{};received=203.0.113.5", request.header("Via").unwrap());
    request.set_header("Via", via.replace(";rport", ";rport=61000"));
    granted(&mut bench, &request, "600");
    let seen = "203.0.113.5:61000".parse().unwrap();
    assert!(
        matches!(last(&bench), RegistrationState::Registered { seen_as: Some(at), .. } if at == seen)
    );
    assert_eq!(bench.flow, udp("192.0.2.2:5060"));
}

#[test]
fn a_closed_connection_ends_a_registration_at_once() {
    let mut bench = Bench::over(ws(1));
    bench
        .agent
        .register(bench.now, registration(ws(1), "secret"));
    bench.drain();
    let request = bench.last("REGISTER");
    granted(&mut bench, &request, "600");
    bench.agent.handle_flow_closed(bench.now, ws(1));
    bench.run(1_000_000);
    assert!(matches!(
        last(&bench),
        RegistrationState::Failed {
            code: 503,
            retry_at: None,
            ..
        }
    ));
    assert_eq!(bench.requests("REGISTER").len(), 1);
}

fn challenged_and_granted(fields: &[(&str, &str)]) -> (Bench, sip_core::RegistrationHandle) {
    let (mut bench, handle) = register("secret");
    let request = bench.last("REGISTER");
    bench.respond(&request, 200, "reg", fields);
    (bench, handle)
}

#[test]
fn refusals_are_told_apart_and_final_ones_are_not_repeated() {
    use sip_core::RegistrationFailure as Why;
    type Case = (u16, &'static [(&'static str, &'static str)], Why, bool);
    let cases: [Case; 9] = [
        (401, &[], Why::NoUsableChallenge, true),
        (
            401,
            &[("WWW-Authenticate", "Basic realm=\"r\"")],
            Why::NoUsableChallenge,
            true,
        ),
        (
            403,
            &[("Warning", "399 reg \"Account suspended\"")],
            Why::Forbidden,
            true,
        ),
        (404, &[], Why::UnknownAccount, true),
        (404, &[("Retry-After", "60")], Why::UnknownAccount, false),
        (423, &[("Min-Expires", "60")], Why::TooBrief, false),
        (480, &[], Why::Unavailable, false),
        (503, &[], Why::Unavailable, false),
        (606, &[], Why::Refused, false),
    ];
    for (code, fields, why, is_final) in cases {
        let (mut bench, _) = register("secret");
        let request = bench.last("REGISTER");
        bench.respond(&request, code, "reg", fields);
        let RegistrationState::Failed {
            failure,
            detail,
            retry_at,
            ..
        } = last(&bench)
        else {
            panic!("{code}")
        };
        assert_eq!((failure, retry_at.is_none()), (why, is_final), "{code}");
        assert_eq!(detail.is_some(), code == 403, "{code}");
        bench.run(120_000);
        assert_eq!(bench.requests("REGISTER").len() == 1, is_final, "{code}");
    }
}

#[test]
fn an_interval_too_brief_for_a_registrar_that_names_none_becomes_an_hour() {
    let (mut bench, _) = register("secret");
    let first = bench.last("REGISTER");
    bench.respond(&first, 423, "reg", &[]);
    assert_eq!(bench.last("REGISTER").expires(), Some(3600));
}

#[test]
fn a_binding_dropped_at_once_is_a_failure_and_no_storm() {
    let (mut bench, _) = register("secret");
    let first = bench.last("REGISTER");
    granted(&mut bench, &first, "0");
    let RegistrationState::Failed { failure, .. } = last(&bench) else {
        panic!()
    };
    assert_eq!(failure, sip_core::RegistrationFailure::NotBound);
    bench.run(10_000);
    assert!(bench.requests("REGISTER").len() < 8);
}

#[test]
fn the_refresh_comes_at_80_to_85_percent_of_what_was_granted() {
    for expires in ["60", "3600", "100000"] {
        let (mut bench, _) = register("secret");
        let first = bench.last("REGISTER");
        granted(&mut bench, &first, expires);
        while bench.requests("REGISTER").len() == 1 {
            let at = bench.agent.poll_timeout().unwrap();
            bench.run(at - bench.now);
        }
        let share = (bench.now - 1000) as f64 / (expires.parse::<f64>().unwrap() * 1000.0);
        assert!((0.8..=0.851).contains(&share), "{expires}: {share}");
    }
}

#[test]
fn routes_of_the_registrar_are_kept_for_calls() {
    let (bench, handle) = challenged_and_granted(&[
        ("Expires", "600"),
        ("Service-Route", "<sip:p1.example;lr>, <sip:p2.example;lr>"),
        ("Service-Route", "<sip:p3.example;lr>"),
        ("Path", "<sip:edge.example;lr>"),
    ]);
    let binding = bench.agent.binding(handle).unwrap();
    let routes: Vec<String> = binding
        .service_route
        .iter()
        .map(|route| route.uri.host.clone())
        .collect();
    assert_eq!(routes, ["p1.example", "p2.example", "p3.example"]);
    let request = bench.last("REGISTER");
    assert!(
        request
            .header_values("Supported")
            .any(|option| option == "path")
    );
}

#[test]
fn a_flow_timer_asks_for_pings_and_a_missing_pong_ends_the_registration() {
    let mut bench = Bench::over(ws(1));
    let mut wanted = registration(ws(1), "secret");
    wanted
        .contact_params
        .push(("reg-id".into(), Some("1".into())));
    let handle = bench.agent.register(bench.now, wanted);
    bench.drain();
    let request = bench.last("REGISTER");
    assert_eq!(request.header("Supported"), Some("path, outbound"));
    bench.respond(
        &request,
        200,
        "reg",
        &[
            ("Expires", "600"),
            ("Flow-Timer", "25"),
            ("Require", "outbound"),
        ],
    );
    assert_eq!(
        bench.agent.binding(handle).unwrap().flow_timer_secs,
        Some(25)
    );
    for _ in 0..3 {
        bench.run(25_000);
        assert_eq!(bench.pings, 1);
        bench.pings = 0;
        bench.receive("\r\n");
    }
    assert!(matches!(last(&bench), RegistrationState::Registered { .. }));
    bench.run(36_000);
    assert!(matches!(
        last(&bench),
        RegistrationState::Failed {
            failure: sip_core::RegistrationFailure::ConnectionLost,
            retry_at: None,
            ..
        }
    ));
    assert!(bench.agent.binding(handle).is_none());
}

#[test]
fn a_first_hop_without_outbound_gets_a_plain_registration() {
    let mut bench = Bench::new();
    let mut wanted = registration(bench.flow, "secret");
    wanted
        .contact_params
        .push(("reg-id".into(), Some("1".into())));
    bench.agent.register(bench.now, wanted);
    bench.drain();
    let first = bench.last("REGISTER");
    assert!(first.contact().unwrap().param("reg-id").is_some());
    bench.respond(&first, 439, "reg", &[]);
    let second = bench.last("REGISTER");
    assert!(second.contact().unwrap().param("reg-id").is_none());
    assert_eq!(second.header("Supported"), Some("path"));
    granted(&mut bench, &second, "600");
    assert!(matches!(last(&bench), RegistrationState::Registered { .. }));
}

#[test]
fn after_sleep_the_registration_is_made_afresh() {
    let (mut bench, handle) = register("secret");
    let first = bench.last("REGISTER");
    granted(&mut bench, &first, "600");
    bench.run(1000);
    bench.agent.handle_resumed(bench.now);
    bench.drain();
    assert_eq!(bench.requests("REGISTER").len(), 2);
    // A second look at the clock changes nothing while the answer is awaited.
    bench.agent.handle_resumed(bench.now);
    bench.drain();
    assert_eq!(bench.requests("REGISTER").len(), 2);
    let second = bench.last("REGISTER");
    bench.respond(&second, 403, "reg", &[]);
    bench.agent.handle_resumed(bench.now);
    bench.drain();
    assert_eq!(bench.requests("REGISTER").len(), 2);
    bench.agent.unregister(bench.now, handle);
}

#[test]
fn another_contact_is_registered_over_the_new_flow() {
    let (mut bench, handle) = register("secret");
    let first = bench.last("REGISTER");
    granted(&mut bench, &first, "600");
    let contact = crate::support::uri("sip:alice@203.0.113.5:61000");
    let flow = udp("192.0.2.2:5061");
    bench
        .agent
        .rebind_registration(bench.now, handle, flow, contact.clone());
    bench.drain();
    let second = bench.last("REGISTER");
    assert_eq!(second.contact().unwrap().uri, contact);
    assert_eq!(second.call_id(), first.call_id());
}

#[test]
fn a_407_of_a_proxy_before_the_registrar_is_answered_too() {
    let (mut bench, _) = register("secret");
    let first = bench.last("REGISTER");
    let proxy = (
        "Proxy-Authenticate",
        r#"Digest realm="p", nonce="1", qop="auth""#,
    );
    bench.respond(&first, 407, "reg", &[proxy]);
    let second = bench.last("REGISTER");
    bench.respond(&second, 401, "reg", &[CHALLENGE]);
    let third = bench.last("REGISTER");
    assert!(third.header("Proxy-Authorization").is_some());
    assert!(third.header("Authorization").is_some());
    granted(&mut bench, &third, "600");
    assert!(matches!(last(&bench), RegistrationState::Registered { .. }));
}
