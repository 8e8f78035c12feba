use serde_json::json;

use crate::{http::PATIENCE, server::Server};

#[tokio::test]
async fn a_browser_that_comes_back_misses_nothing() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut events = admin.events(None).await;
    events.opened().await;
    let here = events.last_id.clone();
    drop(events);
    for name in ["First", "Second"] {
        admin
            .json("POST", "/contacts", &json!({ "name": name, "phones": [] }))
            .await;
    }
    let mut events = admin.events(Some(&here)).await;
    let contact = |event: &serde_json::Value| event["type"] == "contact";
    assert_eq!(events.until(contact).await["data"]["name"], "First");
    let seen = events.last_id.clone();
    assert_eq!(events.until(contact).await["data"]["name"], "Second");
    let mut events = admin.events(Some(&seen)).await;
    assert_eq!(events.until(contact).await["data"]["name"], "Second");
}

#[tokio::test]
async fn a_browser_of_an_earlier_run_is_told_to_read_again() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut events = admin.events(Some("17")).await;
    assert_eq!(events.next().await, json!({ "type": "resync" }));
}

#[tokio::test]
async fn nobody_hears_anything_without_signing_in() {
    let server = Server::start().await;
    assert_eq!(server.nobody().get("/events").await.status, 401);
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut events = admin.events(None).await;
    events.opened().await;
    let began = std::time::Instant::now();
    server.running.stop().await;
    assert!(events.ended().await);
    assert!(began.elapsed() < PATIENCE);
}
