use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_newcomer_signs_in_by_the_link_once_and_sets_a_password() {
    let server = Server::start().await;
    let token = server.link_token();
    let mut you = server.nobody();
    let answer = you
        .sign_in("/session/link", &json!({ "token": token }))
        .await;
    assert_eq!(answer.status, 200);
    let me = answer.json();
    assert_eq!(
        (&me["name"], &me["role"], &me["extension"]),
        (&json!("You"), &json!("admin"), &json!("101"))
    );
    assert_eq!(
        (&me["has_password"], &me["demo"]),
        (&json!(false), &json!(true))
    );
    let cookie = &answer.headers["set-cookie"];
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }

    let again = server
        .nobody()
        .json("POST", "/session/link", &json!({ "token": token }))
        .await;
    assert_eq!((again.status, again.code().as_str()), (401, "link_used_up"));

    let short = you
        .json("PUT", "/me/password", &json!({ "new": "short" }))
        .await;
    assert_eq!(
        (short.status, short.code().as_str()),
        (422, "password_too_short")
    );
    assert_eq!(short.json()["field"], "new");
    assert_eq!(
        you.json(
            "PUT",
            "/me/password",
            &json!({ "new": "long enough words" })
        )
        .await
        .status,
        204
    );
    assert_eq!(you.get("/session").await.json()["has_password"], true);

    let wrong = you
        .json(
            "PUT",
            "/me/password",
            &json!({ "current": "wrong", "new": "another long one" }),
        )
        .await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (422, "wrong_password")
    );

    let server = server.restart().await;
    assert!(server.running.first_run_link().is_none());
    you.address = server.running.http();
    assert_eq!(
        you.get("/session").await.status,
        200,
        "sessions outlive a restart"
    );
    let mut elsewhere = server.nobody();
    let body = json!({ "login": " Admin ", "password": "long enough words" });
    assert_eq!(elsewhere.sign_in("/session", &body).await.status, 200);
}

#[tokio::test]
async fn a_new_link_is_made_at_each_start_while_no_password_is_set() {
    let server = Server::start().await;
    let first = server.link_token();
    let server = server.restart().await;
    assert_ne!(first, server.link_token());
    server.admin().await;
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same_and_guessing_is_slowed_down() {
    let server = Server::start().await;
    let admin = server.admin().await;
    server.user(&admin, "anna", "agent", Some("102")).await;
    let guess = async |login: &str| {
        server
            .nobody()
            .json(
                "POST",
                "/session",
                &json!({ "login": login, "password": "not the password" }),
            )
            .await
    };
    let (known, unknown) = (guess("anna").await, guess("nobody").await);
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.body, unknown.body);
    for _ in 0..4 {
        guess("anna").await;
    }
    let refused = guess("anna").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "too_many_attempts")
    );
    assert!(refused.headers["retry-after"].parse::<u32>().unwrap() >= 1);
    assert!(
        refused.json()["message"]
            .as_str()
            .unwrap()
            .contains("try again in")
    );
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut events = admin.events(None).await;
    events.opened().await;
    assert_eq!(
        admin.json("DELETE", "/session", &json!({})).await.status,
        204
    );
    let answer = admin.get("/session").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "sign_in_needed")
    );
    assert_eq!(
        server
            .nobody()
            .json("DELETE", "/session", &json!({}))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn other_sites_cannot_act_for_someone_who_is_signed_in() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let body = br#"{"name":"X","phones":[]}"#;
    let json = ("Content-Type", "application/json");
    let own = format!("http://{}", server.running.http());
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        (own.as_str(), 201),
    ] {
        let answer = admin
            .send(
                "POST",
                "/api/v1/contacts",
                &[json, ("Origin", origin)],
                body,
            )
            .await;
        assert_eq!(answer.status, status, "{origin}");
    }
    let answer = admin
        .send(
            "POST",
            "/api/v1/contacts",
            &[json, ("Sec-Fetch-Site", "cross-site")],
            body,
        )
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "foreign_origin")
    );
}

#[tokio::test]
async fn the_sip_socket_wants_its_subprotocol_and_a_known_origin() {
    let server = Server::start().await;
    let upgrade = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let plain = server.nobody().send("GET", "/sip", &[], b"").await;
    assert_eq!(plain.status, 400);
    for (more, status) in [
        (vec![], 400),
        (vec![("Sec-WebSocket-Protocol", "chat")], 400),
        (
            vec![
                ("Sec-WebSocket-Protocol", "sip"),
                ("Origin", "https://evil.example"),
            ],
            403,
        ),
    ] {
        let stream = tokio::net::TcpStream::connect(server.running.http())
            .await
            .unwrap();
        let headers: Vec<_> = upgrade.iter().copied().chain(more.clone()).collect();
        assert_eq!(upgrade_status(stream, &headers).await, status, "{more:?}");
    }
}

async fn upgrade_status(mut stream: tokio::net::TcpStream, headers: &[(&str, &str)]) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut head = "GET /sip HTTP/1.1\r\nHost: here\r\n".to_owned();
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    String::from_utf8_lossy(&start[9..]).parse().unwrap()
}
