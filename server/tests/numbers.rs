//! How a number is read and where it goes, in words and in real calls.

use serde_json::{Value, json};

use crate::server::{Server, is_over, listen};

#[tokio::test]
async fn a_number_is_tried_with_every_step() {
    let (_server, admin) = Server::ready().await;
    let page = admin.get("/settings/numbers").await.json();
    assert_eq!(page["settings"]["dial"]["international_prefix"], "810");
    assert!(
        page["emergency"]
            .as_array()
            .unwrap()
            .contains(&json!("112"))
    );
    let mut settings = page["settings"].clone();
    settings["dial"]["area_code"] = json!("495");
    settings["dial"]["local_digits"] = json!(7);
    settings["dial"]["patterns"] = json!([{ "pattern": "_6XX" }]);
    settings["forbidden"] = json!(["+371", "+7 809"]);
    let saved = admin.json("PUT", "/settings/numbers", &settings).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    let saved = saved.json();
    assert_eq!(saved["forbidden"][0]["countries"], json!(["LV"]));
    assert!(saved["changed_at"].as_i64() > Some(0));

    let tried = admin
        .json(
            "POST",
            "/numbers/try",
            &json!({ "dialled": "810 44 (20) 7946-0018" }),
        )
        .await
        .json();
    assert_eq!(tried["verdict"], "out", "{tried}");
    assert_eq!(tried["number"]["e164"], "+442079460018");
    let rules: Vec<&Value> = tried["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["rule"])
        .collect();
    assert_eq!(
        rules,
        [
            "cleaned",
            "international_prefix",
            "direction",
            "international",
            "line"
        ]
    );
    let uri = tried["request_uri"].as_str().unwrap();
    assert!(uri.starts_with("sip:+442079460018@"), "{uri}");
    assert_eq!(tried["line"]["label"], "Test network");

    for (dialled, verdict, rule) in [
        ("123-45-67", "out", "line"),
        ("600", "out", "line"),
        ("112", "out", "line"),
        ("12345", "refused", "local_length"),
        ("+371 2555 0142", "refused", "forbidden_code"),
        ("101", "refused", "own_extension"),
    ] {
        let body = json!({ "dialled": dialled });
        let tried = admin.json("POST", "/numbers/try", &body).await.json();
        let last = tried["steps"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&tried["verdict"], &last["rule"]),
            (&json!(verdict), &json!(rule)),
            "{dialled}"
        );
        assert_eq!(tried["reason"].is_null(), verdict == "out", "{dialled}");
    }
    settings["dial"]["patterns"] = json!([{ "pattern": "_6A" }]);
    let refused = admin.json("PUT", "/settings/numbers", &settings).await;
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (422, &json!("patterns"))
    );
}

#[tokio::test]
async fn what_the_rules_forbid_is_not_called_and_the_log_says_why() {
    let (server, admin) = Server::ready().await;
    let mut settings = admin.get("/settings/numbers").await.json()["settings"].clone();
    settings["forbidden"] = json!(["60"]);
    admin.json("PUT", "/settings/numbers", &settings).await;
    let agent = server.user(&admin, "anna", "agent", Some("105")).await;
    let mut phone = server.phone(&agent).await;
    for (number, words) in [
        ("602", "Numbers that begin with 60 are never called"),
        (
            "+442079460018",
            "You may not call abroad; ask an administrator for the right",
        ),
    ] {
        let mut events = listen(&admin).await;
        assert_eq!(phone.call(number).await.code, 403, "{number}");
        let ended = events.until(is_over).await["data"].clone();
        assert_eq!(
            (&ended["sip_code"], &ended["sip_reason"]),
            (&json!(403), &json!(words))
        );
    }
    let directions = admin.get("/numbers/directions").await.json();
    assert_eq!(directions[0]["directions"][0]["id"], "RU");
}

#[tokio::test]
async fn the_order_of_lines_is_kept_and_checked() {
    let (_server, admin) = Server::ready().await;
    let draft = json!({ "label": "Second", "user": "a", "password": "b", "domain": "127.0.0.1:9",
        "rewrites": [{ "pattern": "7", "replacement": "8" }] });
    let second = admin.json("POST", "/lines", &draft).await.json()["id"].clone();
    let order = json!({ "default": [], "prefixes": [{ "prefix": "+7 495", "lines": [second] }],
        "users": [], "least_cost": false, "failover": true });
    let saved = admin.json("PUT", "/settings/outgoing", &order).await;
    assert_eq!(
        (saved.status, &saved.json()["prefixes"][0]["prefix"]),
        (200, &json!("+7495")),
        "{saved:?}"
    );
    let body = json!({ "dialled": "8 495 123-45-67" });
    let tried = admin.json("POST", "/numbers/try", &body).await.json();
    assert_eq!(
        (&tried["line"]["label"], &tried["then"][0]["label"]),
        (&json!("Second"), &json!("Test network"))
    );
    assert_eq!(tried["request_uri"], "sip:84951234567@127.0.0.1:9");
    let stranger = json!({ "default": ["01a2006c-8dd9-70e9-ae01-83e7580a3038"] });
    assert_eq!(
        admin
            .json("PUT", "/settings/outgoing", &stranger)
            .await
            .code(),
        "no_line"
    );
}

#[tokio::test]
async fn it_is_said_whether_a_line_can_carry_emergency_calls_now() {
    let (_server, admin) = Server::ready().await;
    let can = async || admin.get("/settings/numbers").await.json()["emergency_line"].clone();
    assert_eq!(can().await, true);
    let id = admin.get("/lines").await.json()[0]["id"].clone();
    let path = format!("/lines/{}", id.as_str().unwrap());
    let mut settings = admin.get(&path).await.json()["settings"].clone();
    settings["emergency"] = json!(false);
    let saved = admin.json("PUT", &path, &settings).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    assert_eq!(can().await, false, "none may");
    // Nothing listens there: the line may, and is not there.
    let away = json!({ "user": "alice", "password": "secret", "domain": "127.0.0.1:9" });
    assert_eq!(admin.json("POST", "/lines", &away).await.status, 201);
    assert_eq!(can().await, false, "none is registered");
}
