//! How a call sounded: told by the browsers of those who have a leg in it, stored, found.

use serde_json::{Value, json};

use crate::{
    http::Client,
    server::{Server, listen, next_call, robot_calls},
};

fn way(loss_permille: u16, mos_tenths: u8) -> Value {
    json!({ "loss_permille": loss_permille, "jitter_ms": 4, "mos_tenths": mos_tenths, "level_permille": 70 })
}

fn slot(at: i64, secs: u8, loss_permille: u16, mos_tenths: u8) -> Value {
    json!({
        "at": at, "secs": secs, "heard": way(loss_permille, mos_tenths), "said": way(0, 44), "round_trip_ms": 30,
    })
}

fn report(now: i64, slots: &[Value]) -> Value {
    json!({
        "sent_at": now, "codec": "g711", "way": "udp", "slots": slots,
        "incidents": [{ "at": now - 500, "kind": "page_back" }],
    })
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

/// The administrator talks to a customer; the path of the call's quality.
async fn talking(server: &Server, admin: &Client) -> String {
    let mut desk = server.phone(admin).await;
    let mut events = listen(admin).await;
    let robot = json!({ "caller": "+7 495 123-45-67", "ring_secs": 20, "talk_secs": 60 });
    robot_calls(admin, &robot).await;
    let begun = next_call(&mut events).await;
    desk.answers().await;
    let talks = |event: &Value| event["type"] == "call" && event["data"]["status"] == "talking";
    events.until(talks).await;
    let id = begun["id"].as_str().unwrap();
    format!("/calls/{id}/quality")
}

#[tokio::test]
async fn a_report_sent_twice_is_one_series_that_outlives_a_restart_and_is_found_as_bad() {
    let (server, admin) = Server::ready().await;
    let path = talking(&server, &admin).await;
    let now = now();
    let first = report(now, &[slot(now - 9_000, 4, 0, 44)]);
    assert_eq!(admin.json("PUT", &path, &first).await.status, 204);
    let slots = [
        slot(now - 9_000, 10, 100, 31),
        slot(now + 1_000, 10, 120, 29),
    ];
    for _ in 0..2 {
        let again = report(now, &slots);
        assert_eq!(admin.json("PUT", &path, &again).await.status, 204);
    }
    let told = admin.get(&path).await.json();
    let legs = told["legs"].as_array().unwrap();
    let own = legs.iter().find(|leg| leg["witness"] == "browser").unwrap();
    assert_eq!(own["slots"], json!(slots), "{told}");
    assert_eq!(own["incidents"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(own["total"]["secs"], 20, "{told}");
    assert_eq!(own["total"]["heard"]["loss_permille"], 110, "{told}");
    assert_eq!(own["total"]["heard"]["mos_tenths"], 30, "{told}");
    let bad = admin.get("/calls?bad_quality=true").await.json();
    assert_eq!(bad["items"].as_array().unwrap().len(), 1, "{bad}");
    let id = path.split('/').nth(2).unwrap();
    assert_eq!(bad["items"][0]["id"], id);

    let server = server.restart().await;
    let admin = server.admin().await;
    let kept = admin.get(&path).await.json();
    let kept = kept["legs"].as_array().unwrap();
    assert!(kept.iter().any(|leg| leg["slots"] == json!(slots)));
}

#[tokio::test]
async fn only_who_has_a_leg_in_the_call_may_report_on_it() {
    let (server, admin) = Server::ready().await;
    let path = talking(&server, &admin).await;
    let boss = server
        .user(&admin, "boris", "supervisor", Some("206"))
        .await;
    let agent = server.user(&admin, "anna", "agent", Some("205")).await;
    let now = now();
    let report = report(now, &[slot(now, 10, 0, 44)]);
    assert_eq!(boss.get(&path).await.status, 200, "a supervisor sees it");
    let refused = boss.json("PUT", &path, &report).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "forbidden")
    );
    assert_eq!(agent.get(&path).await.status, 404);
    assert_eq!(agent.json("PUT", &path, &report).await.status, 404);
    assert_eq!(admin.json("PUT", &path, &report).await.status, 204);
}

#[tokio::test]
async fn nonsense_is_refused_in_words_and_a_wrong_clock_is_put_right() {
    let (server, admin) = Server::ready().await;
    let path = talking(&server, &admin).await;
    let real = now();
    for (field, value, code) in [
        ("codec", json!("mp3"), "unknown_codec"),
        ("way", json!("pigeon"), "unknown_way"),
        (
            "slots",
            json!([slot(real, 10, 2000, 44)]),
            "impossible_figures",
        ),
        ("slots", json!([slot(real, 0, 0, 44)]), "impossible_figures"),
        ("slots", json!(vec![slot(real, 10, 0, 44); 501]), "too_long"),
    ] {
        let mut report = report(real, &[]);
        report[field] = value;
        let refused = admin.json("PUT", &path, &report).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, code));
    }
    // A computer that lives in another hour.
    let theirs = real + 3_600_000;
    let wrong = report(theirs, &[slot(theirs, 10, 0, 44)]);
    assert_eq!(admin.json("PUT", &path, &wrong).await.status, 204);
    let told = admin.get(&path).await.json();
    let at = told["legs"][0]["slots"][0]["at"].as_i64().unwrap();
    assert!((at - real).abs() < 5_000, "{told}");
}

#[tokio::test]
async fn an_echo_is_for_those_with_an_extension_and_needs_an_offer() {
    let (server, admin) = Server::ready().await;
    let bare = server.user(&admin, "carla", "agent", None).await;
    let offer = json!({ "sdp": "v=0\r\n" });
    assert_eq!(bare.json("POST", "/phone/echo", &offer).await.status, 409);
    let refused = admin.json("POST", "/phone/echo", &offer).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "bad_offer")
    );
    assert_eq!(admin.get("/calls").await.json()["items"], json!([]));
}
