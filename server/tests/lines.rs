use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_line_is_added_changed_and_deleted_and_its_password_never_comes_back() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut events = admin.events(None).await;
    events.opened().await;
    // TEST-NET-1 is nobody's; nothing is listening on this loopback port.
    let draft = json!({ "user": "alice", "password": "s3cret-words", "domain": "127.0.0.1:9" });
    let made = admin.json("POST", "/lines", &draft).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(!String::from_utf8_lossy(&made.body).contains("s3cret"));
    let line = made.json();
    assert_eq!(
        (&line["label"], &line["domain"]),
        (&json!("alice"), &json!("127.0.0.1:9"))
    );
    assert_eq!(
        line["default_outgoing"], false,
        "the first line stays the default"
    );
    events
        .until(|event| event["type"] == "line" && event["data"]["id"] == line["id"])
        .await;

    let path = format!("/lines/{}", line["id"].as_str().unwrap());
    let changed =
        json!({ "label": "Sales", "user": "alice", "domain": "127.0.0.1:9", "record": false });
    let answer = admin.json("PUT", &path, &changed).await.json();
    assert_eq!(
        (&answer["label"], &answer["record"]),
        (&json!("Sales"), &json!(false))
    );
    let database = std::fs::read(server.folder.path().join("trubka.db-wal")).unwrap_or_default();
    assert!(
        !database.windows(12).any(|window| window == b"s3cret-words"),
        "sealed at rest"
    );
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(admin.json("PUT", &path, &changed).await.status, 404);
    events.until(|event| event["type"] == "line_deleted").await;
}

#[tokio::test]
async fn mistakes_in_a_line_are_named() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (body, field) in [
        (
            json!({ "user": "", "password": "x", "domain": "example.com" }),
            "user",
        ),
        (
            json!({ "user": "a@b", "password": "x", "domain": "example.com" }),
            "user",
        ),
        (
            json!({ "user": "a", "password": "x", "domain": "exa mple" }),
            "domain",
        ),
        (
            json!({ "user": "a", "password": "x", "domain": "host:99999" }),
            "domain",
        ),
        (json!({ "user": "a", "domain": "example.com" }), "password"),
    ] {
        let answer = admin.json("POST", "/lines", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (422, &json!(field)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn addresses_are_set_shown_and_kept() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let wanted = json!({ "sip_public": "203.0.113.5:5060", "media_public": ["203.0.113.5"] });
    let set = admin.json("PUT", "/settings/addresses", &wanted).await;
    assert_eq!((set.status, &set.json()["set"]), (200, &wanted));
    for (body, field) in [
        (
            json!({ "sip_public": "not a host", "media_public": [] }),
            "sip_public",
        ),
        (json!({ "media_public": ["example.com"] }), "media_public"),
    ] {
        let answer = admin.json("PUT", "/settings/addresses", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (422, &json!(field))
        );
    }
    let server = server.restart().await;
    let admin = server.admin().await;
    let shown = admin.get("/settings/addresses").await.json();
    assert_eq!(shown["set"], wanted);
    assert_eq!(shown["sip_udp"], server.running.sip().to_string());
}
