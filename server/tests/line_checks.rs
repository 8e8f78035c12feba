//! `Check` says what the wire said, by name and in a sentence.

use serde_json::{Value, json};

use crate::{
    http::Client,
    provider::{Authority, Provider, self_signed},
    server::Server,
};

async fn check(admin: &Client, domain: &str) -> Value {
    let draft = json!({ "line": { "user": "alice", "password": "secret", "domain": domain } });
    let answer = admin.json("POST", "/lines/check", &draft).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn each_refusal_has_its_verdict_and_its_sentence() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (status, headers, verdict, words) in [
        ("403 Forbidden", "", "forbidden", "lets nobody in from here"),
        (
            "404 Not Found",
            "",
            "unknown_user",
            "does not know this user",
        ),
        ("408 Request Timeout", "", "timed_out", "waited in vain"),
        (
            "503 Service Unavailable",
            "Retry-After: 60\r\n",
            "unavailable",
            "again in 60 s",
        ),
        ("480 Odd", "", "refused", "support can say why"),
    ] {
        let provider = Provider::answering(status, headers).await;
        let told = check(&admin, &provider.address.to_string()).await;
        let code: u64 = status[..3].parse().unwrap();
        assert_eq!(
            (&told["verdict"], &told["code"]),
            (&json!(verdict), &json!(code)),
            "{told}"
        );
        let message = told["message"].as_str().unwrap();
        assert!(
            message.starts_with(status) && message.contains(words),
            "{message}"
        );
        let last = told["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["kind"], &last["ok"]),
            (&json!("refused"), &json!(false))
        );
        assert_eq!(last["address"], provider.address.to_string());
    }
}

#[tokio::test]
async fn a_line_that_registers_is_told_with_its_steps() {
    let (_server, admin) = Server::ready().await;
    let line = admin.get("/lines").await.json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = admin
        .json("POST", &format!("/lines/{line}/check"), &json!({}))
        .await;
    let told = answer.json();
    assert_eq!(
        (answer.status, &told["verdict"]),
        (200, &json!("registered")),
        "{told}"
    );
    let kinds: Vec<&str> = told["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.first(), Some(&"resolved"), "{told}");
    assert!(kinds.contains(&"challenged"), "{told}");
    assert_eq!(kinds.last(), Some(&"registered"), "{told}");
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_by_name() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let authority = Authority::new();
    for (address, verdict, words) in [
        (
            self_signed("127.0.0.1").await,
            "certificate_unknown_issuer",
            "Nobody this server trusts",
        ),
        (
            authority.provider("sip.example", 2020, 2999).await,
            "certificate_wrong_name",
            "is for sip.example, not for 127.0.0.1",
        ),
        (
            authority.provider("127.0.0.1", 2020, 2021).await,
            "certificate_expired",
            "has expired",
        ),
        (
            authority.provider("127.0.0.1", 2998, 2999).await,
            "certificate_not_yet_valid",
            "not valid yet",
        ),
    ] {
        let draft = json!({ "line": { "user": "alice", "password": "secret", "domain": address.to_string(),
            "transport": "tls", "tls_ca": authority.pem } });
        let told = admin.json("POST", "/lines/check", &draft).await.json();
        assert_eq!(told["verdict"], verdict, "{told}");
        let message = told["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
        let last = told["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["kind"], &last["ok"]),
            (&json!("failed"), &json!(false))
        );
    }
}
