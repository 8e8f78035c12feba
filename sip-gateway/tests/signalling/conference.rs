//! Three that talk with each other, by REFER with `Join`.

use sip_core::{CallHandle, Event, header::ReferTo, uri::SipUri};
use sip_gateway::ports::{CallEvent, Direction};
use test_network::TestNetwork;

use super::{
    attended::consult,
    audio::Audio,
    browser::Browser,
    recorded::heard_ms,
    stage::Stage,
    transfer::{ROBOT_HZ, refer_to, robot_and, robot_hears, taken},
};

const ANNA_HZ: f32 = 1300.0;
const BORIS_HZ: f32 = 700.0;

struct Three {
    stage: Stage,
    network: TestNetwork,
    anna: Browser,
    boris: Browser,
    at_anna: Audio,
    at_boris: Audio,
    /// Anna's leg.
    customer: CallHandle,
}

/// In which of her calls Anna asks for the other.
#[derive(Clone, Copy, PartialEq)]
enum AsksIn {
    Customers,
    Colleagues,
}

/// A customer, Anna and Boris, joined in Anna's call with the customer.
async fn three() -> Three {
    three_asked(AsksIn::Customers).await
}

async fn three_asked(asks_in: AsksIn) -> Three {
    let (stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(ANNA_HZ, &[ROBOT_HZ, BORIS_HZ]).await;
    let customer = robot_and(&mut anna, &network, &at_anna).await;
    let at_boris = Audio::new(BORIS_HZ, &[ROBOT_HZ, ANNA_HZ]).await;
    let (consult, _second) = consult(&mut anna, &mut boris, &at_boris).await;
    let (asked, named, target) = match asks_in {
        AsksIn::Customers => (customer, consult, "102"),
        AsksIn::Colleagues => (consult, customer, "600"),
    };
    let dialog = anna.does(move |ua, _| ua.dialog_id(named)).await.unwrap();
    let target = SipUri::new(target, "trubka");
    let wish = refer_to(&anna, asked, ReferTo::joining(target, &dialog)).await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    // The second call ends, and the transfer is told to have worked, in whatever order.
    let (mut told, mut ended) = (None, 0);
    while told.is_none() || ended < 1 {
        anna.wait(|event| match event {
            Event::ReferProgress {
                cause, done: true, ..
            } => {
                told = Some(cause.code);
                Some(())
            }
            Event::Ended { call, .. } => {
                assert_eq!(call, consult);
                ended += 1;
                Some(())
            }
            _ => None,
        })
        .await;
    }
    assert_eq!(told, Some(200));
    Three {
        stage,
        network,
        anna,
        boris,
        at_anna,
        at_boris,
        customer,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hear_each_other_and_two_go_on_when_one_leaves() {
    let mut three = three().await;
    let (by, with) = three
        .stage
        .event(|event| match event {
            CallEvent::ThirdJoined { by, with, .. } => Some((by, with)),
            _ => None,
        })
        .await;
    assert_eq!((by.as_str(), with.as_str()), ("101", "102"));
    three.at_boris.hears(&[ROBOT_HZ, ANNA_HZ]).await;
    three.at_anna.hears(&[ROBOT_HZ, BORIS_HZ]).await;
    robot_hears(&three.network, ANNA_HZ).await;
    robot_hears(&three.network, BORIS_HZ).await;

    let robot = three.network.calls()[0].id;
    three.network.hang_up(robot).await;
    three
        .stage
        .event(|event| match event {
            CallEvent::ThirdLeft { .. } => Some(()),
            _ => None,
        })
        .await;
    let call = three.stage.gateway.calls();
    assert_eq!(call.len(), 1);
    three.stage.gateway.hang_up(call[0].id);
    three.anna.ended().await;
    three.boris.ended().await;
    let mut ended = 0;
    let files = three
        .stage
        .event(|event| match event {
            CallEvent::CallEnded { .. } => {
                ended += 1;
                None
            }
            CallEvent::RecordingReady { files, .. } => Some(files),
            _ => None,
        })
        .await;
    assert_eq!(ended, 1);
    let [left, right] = heard_ms(&files.mp3, [ANNA_HZ, BORIS_HZ]);
    assert!(left[0] >= 400 && left[1] == 0, "{left:?}");
    assert!(right[1] >= 400 && right[0] == 0, "{right:?}");
    assert!(heard_ms(&files.mp3, [ANNA_HZ, ROBOT_HZ])[1][1] >= 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conference_asked_for_in_the_call_between_colleagues_stays_in_the_customers_record() {
    let mut three = three_asked(AsksIn::Colleagues).await;
    let with = three
        .stage
        .event(|event| match event {
            CallEvent::ThirdJoined { with, .. } => Some(with),
            _ => None,
        })
        .await;
    assert_eq!(with, "102");
    three.at_boris.hears(&[ROBOT_HZ, ANNA_HZ]).await;
    three.at_anna.hears(&[ROBOT_HZ, BORIS_HZ]).await;
    robot_hears(&three.network, BORIS_HZ).await;
    let calls = three.stage.gateway.calls();
    assert_eq!(calls.len(), 1, "one conversation");
    assert_ne!(calls[0].direction, Direction::Internal);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conference_ends_for_all_when_its_host_hangs_up() {
    let mut three = three().await;
    robot_hears(&three.network, BORIS_HZ).await;
    drop(three.at_anna);
    let own = three.customer;
    three
        .anna
        .does(move |ua, now| ua.hang_up(now, own, None))
        .await;
    three.boris.ended().await;
    let mut ended = Vec::new();
    while ended.len() < 2 {
        let id = three
            .stage
            .event(|event| match event {
                CallEvent::CallEnded { id, .. } => Some(id),
                _ => None,
            })
            .await;
        assert!(!ended.contains(&id), "it ended twice");
        ended.push(id);
    }
}
