//! `Check`: each step as the wire showed it.

use std::net::SocketAddr;

use sip_gateway::ports::{CheckReport, LineMode, LineState, Seen, Trouble};
use test_network::{Account, Config, TestNetwork};
use tokio::net::UdpSocket;

use super::{programs::Kamailio, stage::Stage};

/// A registrar that answers the first REGISTER, the second … with these lines, and the last ever
/// after; `{contact}` is the Contact that was sent.
async fn answers_with(answers: &'static [&'static str]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_535];
        let mut seen = Vec::new();
        while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let field = |name: &str| {
                let lines = text.lines();
                lines
                    .filter_map(|line| line.split_once(": "))
                    .find(|(n, _)| n.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.to_owned())
            };
            let Some(cseq) = field("CSeq") else { continue };
            if !seen.contains(&cseq) {
                seen.push(cseq.clone());
            }
            let turn = seen.iter().position(|known| *known == cseq).unwrap();
            let answer = answers[turn.min(answers.len() - 1)];
            let answer = answer.replace("{contact}", &field("Contact").unwrap_or_default());
            let mut reply = format!("SIP/2.0 {answer}\r\n");
            for name in ["Via", "From", "Call-ID", "CSeq"] {
                reply.push_str(&format!("{name}: {}\r\n", field(name).unwrap()));
            }
            reply.push_str(&format!("To: {};tag=1\r\n", field("To").unwrap()));
            reply.push_str("Content-Length: 0\r\n\r\n");
            socket.send_to(reply.as_bytes(), peer).await.unwrap();
        }
    });
    address
}

async fn check_at(provider: SocketAddr) -> CheckReport {
    let stage = Stage::new().await;
    let line = stage.line_at(provider, "account", "secret", "provider.test");
    stage.gateway.check_line(line).await
}

fn seen(report: &CheckReport) -> Vec<&Seen> {
    report.steps.iter().map(|step| &step.seen).collect()
}

#[tokio::test]
async fn refusals_are_reported_with_code_phrase_and_retry_after() {
    for (answer, code, reason, retry_after) in [
        (&["403 Account blocked"], 403, "Account blocked", None),
        (&["404 Unknown subscriber"], 404, "Unknown subscriber", None),
        (&["408 Request Timeout"], 408, "Request Timeout", None),
        (
            &["503 Overloaded\r\nRetry-After: 120 (night shift)"],
            503,
            "Overloaded",
            Some(120),
        ),
    ] {
        let address = answers_with(answer).await;
        let report = check_at(address).await;
        let refused = Seen::Refused {
            address,
            code,
            reason: reason.to_owned(),
            retry_after,
            with_credentials: false,
        };
        assert!(
            matches!(seen(&report)[0], Seen::Resolved { .. }),
            "{report:?}"
        );
        assert_eq!(seen(&report)[1..], [&refused], "{report:?}");
        let failed = matches!(&report.state, LineState::Failed { code: c, .. } if *c == code);
        assert!(failed, "{report:?}");
    }
}

#[tokio::test]
async fn a_challenge_a_wrong_password_and_a_time_too_short_are_told_apart() {
    const CHALLENGE: &str = "401 Who are you\r\nWWW-Authenticate: Digest realm=\"Pro, vider\", \
                             nonce=\"abc\", algorithm=MD5, qop=\"auth\"";
    let address = answers_with(&[CHALLENGE]).await;
    let report = check_at(address).await;
    let challenged = Seen::Challenged {
        address,
        code: 401,
        realm: "Pro, vider".to_owned(),
        algorithms: vec!["MD5".to_owned()],
    };
    assert_eq!(seen(&report)[1], &challenged, "{report:?}");
    let wrong = matches!(
        seen(&report)[2],
        Seen::Refused {
            code: 401,
            with_credentials: true,
            ..
        }
    );
    assert!(wrong, "{report:?}");
    let address = answers_with(&[
        CHALLENGE,
        "423 Interval Too Brief\r\nMin-Expires: 1800",
        "200 OK\r\nContact: {contact}",
    ])
    .await;
    let report = check_at(address).await;
    assert_eq!(seen(&report)[1], &challenged_at(address), "{report:?}");
    assert_eq!(
        seen(&report)[2],
        &Seen::TooBrief { min_expires: 1800 },
        "{report:?}"
    );
    let registered = matches!(
        seen(&report)[3],
        Seen::Registered {
            expires_secs: 1800,
            ..
        }
    );
    assert!(registered, "{report:?}");
}

fn challenged_at(address: SocketAddr) -> Seen {
    Seen::Challenged {
        address,
        code: 401,
        realm: "Pro, vider".to_owned(),
        algorithms: vec!["MD5".to_owned()],
    }
}

#[tokio::test]
async fn who_does_not_answer_is_waited_for_ten_seconds() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let report = check_at(silent.local_addr().unwrap()).await;
    let waited = matches!(
        seen(&report)[1],
        Seen::Failed(Trouble::NoAnswer { waited_ms, .. }) if (9_000..12_000).contains(waited_ms)
    );
    assert!(waited, "{report:?}");
    assert!(
        matches!(report.state, LineState::Failed { code: 408, .. }),
        "{report:?}"
    );
}

#[tokio::test]
async fn an_ip_trunk_is_asked_with_options() {
    let account = Account {
        user: "line1".to_owned(),
        password: "secret".to_owned(),
        number: "1".to_owned(),
    };
    let network = TestNetwork::start(Config::local(vec![account]))
        .await
        .unwrap();
    let stage = Stage::new().await;
    let mut line = stage.line_at(network.sip_addr(), "line1", "", "test.trubka");
    line.mode = LineMode::IpTrunk {
        sources: Vec::new(),
    };
    let report = stage.gateway.check_line(line).await;
    assert!(
        matches!(seen(&report)[1], Seen::Reachable { .. }),
        "{report:?}"
    );
    assert!(
        matches!(report.state, LineState::Reachable { .. }),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_connection_and_the_certificate_are_steps_of_their_own() {
    let provider = Kamailio::start(&["-A", "WITH_TLS"]).await;
    let stage = Stage::new().await;
    let mut line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    line.transport = sip_gateway::ports::LineTransport::Tls;
    line.port = Some(provider.address.port() + 1);
    line.tls_ca_pem = Some(provider.certificate.clone());
    let report = stage.gateway.check_line(line).await;
    let steps = seen(&report);
    let as_expected = matches!(
        steps[..],
        [
            Seen::Resolved { .. },
            Seen::Connected { .. },
            Seen::Secured { .. },
            Seen::Challenged { .. },
            Seen::Registered { .. },
        ]
    );
    assert!(as_expected, "{report:?}");
}
