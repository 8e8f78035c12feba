//! Who may register and call.

use sip_core::RegistrationState;
use sip_gateway::{
    Addresses,
    ports::{CallEvent, LineState, Seen},
};
use test_network::{Account, Config, TestNetwork};
use tokio::net::UdpSocket;

use super::{
    PATIENCE,
    browser::Browser,
    stage::{PASSWORD, Stage},
};

#[tokio::test]
async fn a_wrong_password_is_refused_with_403_after_a_challenge() {
    let stage = Stage::new().await;
    let mut page = Browser::open(&stage.url, "101").await;
    let state = page.register("wrong").await;
    assert!(
        matches!(
            &state,
            RegistrationState::Failed {
                code: 403,
                retry_at: None,
                ..
            }
        ),
        "{state:?}"
    );
    assert!(stage.gateway.bindings().is_empty());
}

#[tokio::test]
async fn an_unknown_user_is_refused_like_a_wrong_password() {
    let stage = Stage::new().await;
    let mut page = Browser::open(&stage.url, "199").await;
    let state = page.register(PASSWORD).await;
    assert!(
        matches!(&state, RegistrationState::Failed { code: 403, .. }),
        "{state:?}"
    );
}

#[tokio::test]
async fn a_sip_user_counts_as_used_only_after_the_right_password() {
    let stage = Stage::new().await;
    let mut page = Browser::open(&stage.url, "101").await;
    page.register("wrong").await;
    assert!(stage.director.proven.lock().unwrap().is_empty());
    let _page = stage.browser("102").await;
    let told = async {
        while stage.director.proven.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.unwrap();
    assert_eq!(*stage.director.proven.lock().unwrap(), ["102"]);
}

#[tokio::test]
async fn a_phone_whose_credential_is_withdrawn_is_unregistered_at_once() {
    let mut stage = Stage::new().await;
    let _page = stage.browser("101").await;
    stage.gateway.drop_bindings("101");
    stage
        .event(|event| match event {
            CallEvent::BindingsChanged { reachable: 0, .. } => Some(()),
            _ => None,
        })
        .await;
    assert!(stage.gateway.bindings().is_empty());
}

#[tokio::test]
async fn unreadable_credentials_cost_patience() {
    let stage = Stage::new().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (own, target) = (socket.local_addr().unwrap(), stage.gateway.sip_addr());
    let mut answers = 0;
    for number in 0..120 {
        let request = format!(
            "REGISTER sip:trubka SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKm{number};rport\r\n\
             From: <sip:101@trubka>;tag=1\r\nTo: <sip:101@trubka>\r\nCall-ID: m{number}\r\n\
             CSeq: 1 REGISTER\r\nContact: <sip:101@{own}>\r\nMax-Forwards: 70\r\n\
             Authorization: Digest username=\"101\", realm=\"trubka\"\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(request.as_bytes(), target).await.unwrap();
        let mut buffer = [0; 4096];
        let short = std::time::Duration::from_millis(200);
        match tokio::time::timeout(short, socket.recv(&mut buffer)).await {
            Ok(length) => {
                let text = String::from_utf8_lossy(&buffer[..length.unwrap()]).into_owned();
                assert!(text.starts_with("SIP/2.0 400"), "{text}");
                answers += 1;
            }
            Err(_) => return,
        }
    }
    panic!("{answers} answers and no end");
}

#[tokio::test]
async fn a_closed_page_is_unregistered_at_once() {
    let mut stage = Stage::new().await;
    let page = stage.browser("101").await;
    let reachable = |event| match event {
        CallEvent::BindingsChanged {
            extension,
            reachable,
        } if extension == "101" => Some(reachable),
        _ => None,
    };
    assert_eq!(stage.event(reachable).await, 1);
    let bindings = stage.gateway.bindings();
    assert_eq!(
        (bindings.len(), bindings[0].transport, bindings[0].reachable),
        (1, "ws", true)
    );
    drop(page);
    assert_eq!(stage.event(reachable).await, 0);
    assert!(stage.gateway.bindings().is_empty());
}

#[tokio::test]
async fn a_stranger_who_calls_over_udp_is_challenged_and_rings_nobody() {
    let mut stage = Stage::new().await;
    let _page = stage.browser("101").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let local = socket.local_addr().unwrap();
    let invite = format!(
        "INVITE sip:0079991234567@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKx1;rport\r\n\
         From: <sip:101@trubka>;tag=1\r\nTo: <sip:0079991234567@trubka>\r\nCall-ID: stranger\r\n\
         CSeq: 1 INVITE\r\nContact: <sip:x@{local}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        to = stage.gateway.sip_addr()
    );
    socket
        .send_to(invite.as_bytes(), stage.gateway.sip_addr())
        .await
        .unwrap();
    let mut answers = String::new();
    while !answers.contains("SIP/2.0 401") {
        let mut buffer = [0; 4096];
        let received = tokio::time::timeout(PATIENCE, socket.recv(&mut buffer)).await;
        let length = received
            .unwrap_or_else(|_| panic!("no challenge, only: {answers}"))
            .unwrap();
        answers.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    assert!(
        answers.contains("WWW-Authenticate: Digest realm=\"trubka\""),
        "{answers}"
    );
    assert!(stage.gateway.calls().is_empty());
    while let Ok(event) = stage.events.try_recv() {
        assert!(!matches!(event, CallEvent::CallStarted { .. }), "{event:?}");
    }
}

#[tokio::test]
async fn a_line_with_a_wrong_password_says_so_and_works_once_it_is_right() {
    let account = Account {
        user: "line1".to_owned(),
        password: "secret".to_owned(),
        number: "1".to_owned(),
    };
    let network = TestNetwork::start(Config::local(vec![account]))
        .await
        .unwrap();
    let mut stage = Stage::new().await;
    let wrong = stage.line_at(network.sip_addr(), "line1", "wrong", "test.trubka");
    stage.gateway.set_lines(vec![wrong.clone()]);
    let code = stage
        .event(|event| match event {
            CallEvent::LineChanged {
                state: LineState::Failed { code, .. },
                ..
            } => Some(code),
            _ => None,
        })
        .await;
    assert!([401, 403, 407].contains(&code), "{code}");
    let report = stage.gateway.check_line(wrong).await;
    assert!(
        matches!(report.state, LineState::Failed { .. }),
        "{report:?}"
    );
    let right = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
    let report = stage.gateway.check_line(right.clone()).await;
    assert!(
        matches!(report.state, LineState::Registered { .. }),
        "{report:?}"
    );
    let registered = report.steps.iter().any(|step| {
        matches!(&step.seen, Seen::Registered { address, .. } if *address == network.sip_addr())
    });
    assert!(registered, "{report:?}");
    stage.gateway.set_lines(vec![right]);
    stage.line_registered().await;
    stage.gateway.shutdown().await;
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_said_in_words() {
    let mut stage = Stage::new().await;
    let mut line = stage.line_at("127.0.0.1:5060".parse().unwrap(), "a", "b", "provider.test");
    line.host = Some("no-such-host.invalid".to_owned());
    stage.gateway.set_lines(vec![line]);
    let reason = stage
        .event(|event| match event {
            CallEvent::LineChanged {
                state: LineState::Failed { reason, .. },
                ..
            } => Some(reason),
            _ => None,
        })
        .await;
    assert!(reason.contains("no-such-host.invalid"), "{reason}");
}

#[tokio::test]
async fn a_public_address_stands_in_via_and_contact_from_the_moment_it_is_set() {
    let stage = Stage::new().await;
    let provider = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let line = stage.line_at(
        provider.local_addr().unwrap(),
        "line1",
        "secret",
        "provider.test",
    );
    stage.gateway.set_lines(vec![line]);
    let own = stage.gateway.sip_addr();
    let first = register_of(&provider, &format!("@{own}")).await;
    assert!(first.contains(&format!("SIP/2.0/UDP {own};")), "{first}");
    let sip_public = Some("203.0.113.7:5999".parse().unwrap());
    stage.gateway.set_addresses(Addresses {
        sip_public,
        media_public: Vec::new(),
    });
    let second = register_of(&provider, "@203.0.113.7:5999").await;
    assert!(second.contains("SIP/2.0/UDP 203.0.113.7:5999;"), "{second}");
}

/// Waits for a REGISTER whose Contact contains `contact`.
async fn register_of(provider: &UdpSocket, contact: &str) -> String {
    let search = async {
        loop {
            let mut buffer = [0; 4096];
            let length = provider.recv(&mut buffer).await.unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let named = |line: &str| line.starts_with("Contact:") && line.contains(contact);
            if text.starts_with("REGISTER") && text.lines().any(named) {
                return text;
            }
        }
    };
    tokio::time::timeout(PATIENCE, search)
        .await
        .expect("no REGISTER with this Contact")
}
