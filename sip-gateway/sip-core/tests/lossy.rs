//! The same stories over a network that loses three messages in ten, doubles one in ten and mixes up the
//! rest.

use sip_core::{Event, RegistrationState, UserAgent};

use crate::support::{ANSWER, Net, Registrar, Side, ended, invite, registration, uri};

fn lossy(seed: u64) -> Net {
    let mut net = Net::new(seed);
    net.loss_percent = 30;
    net.duplicate_percent = 10;
    net.delay = (5, 150);
    net
}

#[test]
fn registration_with_digest_comes_through() {
    for seed in 0..60 {
        let mut net = lossy(seed);
        let mut registrar = Registrar::new();
        let handle = net
            .left
            .register(net.now, registration(Net::to_right(), "secret"));
        let mut script = |side, event: &Event, agent: &mut UserAgent, now| {
            if side == Side::Right {
                registrar.answer(event, agent, now);
            }
        };
        net.run_with(120_000, &mut script);
        let registered = net.left_events.iter().any(|event| {
            matches!(
                event,
                Event::RegistrationChanged {
                    state: RegistrationState::Registered { .. },
                    ..
                }
            )
        });
        assert!(registered, "seed {seed}");
        net.left.unregister(net.now, handle);
        net.run_with(200_000, &mut script);
        assert_eq!(
            (net.left.poll_timeout(), net.right.poll_timeout()),
            (None, None),
            "seed {seed}"
        );
    }
}

#[test]
fn calls_are_set_up_changed_and_ended_on_both_sides() {
    let mut completed = 0;
    for seed in 0..100 {
        let mut net = lossy(seed);
        net.left.invite(net.now, invite(Net::to_right()));
        net.run_with(250_000, &mut |_, event, agent, now| match event {
            Event::IncomingInvite(incoming) => {
                agent.ring(now, incoming.call, 180, None);
                agent.accept(
                    now,
                    incoming.call,
                    uri("sip:bob@192.0.2.2:5060"),
                    ANSWER.into(),
                    vec![],
                );
            }
            Event::Answered { call, .. } => agent.reinvite(now, *call, ANSWER.into()),
            Event::ReOffer { call, .. } => agent.accept_reoffer(now, *call, ANSWER.into()),
            Event::ReOfferAnswered { call, .. } => agent.hang_up(now, *call, None),
            _ => {}
        });
        check_ends(&net, seed);
        let ours = ended(&net.left_events);
        completed += usize::from(ours[0].0 == sip_core::EndedBy::Local);
    }
    // With three in ten lost, about one in a thousand exchanges gets nothing through in 32 s.
    assert!(completed >= 97, "{completed}");
}

#[test]
fn cancelled_and_refused_calls_end_once_on_both_sides() {
    for seed in 0..100 {
        let mut net = lossy(seed);
        let caller = net.left.invite(net.now, invite(Net::to_right()));
        net.run_with(seed * 31, &mut |_, event, agent, now| {
            if let Event::IncomingInvite(incoming) = event {
                match seed % 3 {
                    0 => agent.ring(now, incoming.call, 180, None),
                    1 => agent.reject(now, incoming.call, 486, "", vec![]),
                    _ => {
                        let contact = uri("sip:bob@192.0.2.2:5060");
                        agent.accept(now, incoming.call, contact, ANSWER.into(), vec![]);
                    }
                }
            }
        });
        net.left.hang_up(net.now, caller, None);
        net.run_with(300_000, &mut |_, event, agent, now| {
            if let Event::IncomingInvite(incoming) = event {
                agent.ring(now, incoming.call, 180, None);
            }
        });
        check_ends(&net, seed);
    }
}

/// Every handle ends once, with its last event, and nothing is left running.
fn check_ends(net: &Net, seed: u64) {
    for events in [&net.left_events, &net.right_events] {
        let calls = ended(events).len();
        assert!(calls <= 1, "seed {seed}: {events:?}");
        if !events.is_empty() {
            assert_eq!(calls, 1, "seed {seed}: {events:?}");
            assert!(
                matches!(events.last(), Some(Event::Ended { .. })),
                "seed {seed}: {events:?}"
            );
        }
    }
    assert_eq!(
        (net.left.poll_timeout(), net.right.poll_timeout()),
        (None, None),
        "seed {seed}"
    );
}
