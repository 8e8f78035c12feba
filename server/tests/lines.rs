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

#[tokio::test]
async fn everything_that_is_set_of_a_line_is_kept_without_its_secrets() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let draft = json!({
        "mode": "advanced", "preset": "telnyx", "label": "London", "user": "alice", "auth_user": "alice-auth",
        "password": "s3cret-words", "domain": "127.0.0.1:9", "number": "+44 20 7946 0100",
        "host": "127.0.0.1:5999", "proxy": "127.0.0.1", "transport": "tcp", "codecs": ["g722", "pcma"],
        "expires_secs": 300, "srtp": "optional", "caller_id": "p_asserted_identity", "dtmf": "info",
        "numbers": [{ "number": "+44 20 7946 0200", "label": "Service", "caller_id": true }],
        "channels": 3, "rewrites": [{ "pattern": "^\\+([0-9]+)$", "replacement": "00\\1" }],
        "dial": { "area_code": "20" }, "record": false, "emergency": false,
        "balance": { "key": "KEY-words", "secret": "" },
    });
    let made = admin.json("POST", "/lines", &draft).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/lines/{}", made.json()["id"].as_str().unwrap());
    let server = server.restart().await;
    let admin = server.admin().await;
    let shown = admin.get(&path).await;
    let text = String::from_utf8_lossy(&shown.body).into_owned();
    assert!(
        !text.contains("s3cret-words") && !text.contains("KEY-words"),
        "{text}"
    );
    let shown = shown.json();
    for field in [
        "mode",
        "preset",
        "label",
        "user",
        "auth_user",
        "domain",
        "number",
        "host",
        "proxy",
        "transport",
        "codecs",
        "expires_secs",
        "srtp",
        "caller_id",
        "dtmf",
        "channels",
        "rewrites",
        "record",
        "emergency",
    ] {
        assert_eq!(shown["settings"][field], draft[field], "{field}");
    }
    assert_eq!(shown["settings"]["numbers"][0]["number"], "+442079460200");
    assert_eq!(shown["settings"]["dial"]["area_code"], "20");
    assert_eq!(
        (&shown["line"]["provider"], &shown["line"]["has_balance"]),
        (&json!("Telnyx"), &json!(true))
    );
    let default = admin
        .json("PUT", &format!("{path}/default"), &json!({}))
        .await
        .json();
    assert_eq!(default["default_outgoing"], true);
    let others = admin.get("/lines").await.json();
    let defaults = others
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["default_outgoing"] == true);
    assert_eq!(defaults.count(), 1);
}

#[tokio::test]
async fn a_bad_pattern_is_refused_with_its_place_and_good_ones_are_shown_at_work() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let line = |field: &str, value: serde_json::Value| {
        let mut draft = json!({ "user": "a", "password": "b", "domain": "127.0.0.1:9" });
        draft[field] = value;
        draft
    };
    for (field, value, named) in [
        (
            "rewrites",
            json!([{ "pattern": "^7(", "replacement": "8" }]),
            "rewrites",
        ),
        ("sources", json!(["nonsense"]), "sources"),
        ("host", json!("exa mple"), "host"),
        ("numbers", json!([{ "number": "abc" }]), "numbers"),
        ("expires_secs", json!(1), "expires_secs"),
        ("preset", json!("nobody"), "preset"),
        ("dial", json!({ "area_code": "x" }), "area_code"),
    ] {
        let answer = admin.json("POST", "/lines", &line(field, value)).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (422, &json!(named)),
            "{field}"
        );
    }
    let rules = json!({ "rewrites": [
        { "pattern": "^\\+7([0-9]{10})$", "replacement": "8\\1" },
        { "pattern": "^\\+([0-9]+)$", "replacement": "810\\1" },
        { "pattern": "[", "replacement": "" },
    ] });
    let shown = admin
        .json("POST", "/lines/rewrites/try", &rules)
        .await
        .json();
    assert_eq!(
        (&shown[0]["before"], &shown[0]["after"]),
        (&json!("+74951234567"), &json!("84951234567"))
    );
    assert_eq!(shown[1]["after"], "81074951234567");
    assert_eq!(
        (
            &shown[2]["problem"]["rule"],
            &shown[2]["problem"]["position"]
        ),
        (&json!(2), &json!(0))
    );
}

#[tokio::test]
async fn tariffs_come_out_of_a_csv_and_choose_the_cheaper_line() {
    let (_server, admin) = Server::ready().await;
    let second = json!({ "label": "Cheap", "user": "a", "password": "b", "domain": "127.0.0.1:9" });
    let cheap = admin.json("POST", "/lines", &second).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let dear = admin.get("/lines").await.json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (line, csv) in [
        (&dear, "+7;Russia;3,50\n"),
        (&cheap, "prefix,minute\n+7,3\n+7495,1.4\n"),
    ] {
        let path = format!("/api/v1/lines/{line}/tariffs/import?currency=RUB");
        let answer = admin
            .send(
                "POST",
                &path,
                &[("Content-Type", "text/csv")],
                csv.as_bytes(),
            )
            .await;
        assert_eq!(
            (answer.status, &answer.json()["problems"]),
            (200, &json!([])),
            "{answer:?}"
        );
    }
    let bad = format!("/api/v1/lines/{cheap}/tariffs/import?currency=RUB");
    let answer = admin
        .send("POST", &bad, &[], b"+7;Russia;dear\n")
        .await
        .json();
    assert_eq!(
        (
            &answer["problems"][0]["line"],
            &answer["problems"][0]["column"]
        ),
        (&json!(1), &json!("minute"))
    );
    let kept = admin.get(&format!("/lines/{cheap}/tariffs")).await.json();
    assert_eq!(
        (&kept["currency"], kept["rows"].as_array().unwrap().len()),
        (&json!("RUB"), 2)
    );
    let order = json!({ "least_cost": true, "failover": true });
    assert_eq!(
        admin.json("PUT", "/settings/outgoing", &order).await.status,
        200
    );
    let body = json!({ "dialled": "84951234567" });
    let tried = admin.json("POST", "/numbers/try", &body).await.json();
    assert_eq!(
        (&tried["line"]["label"], &tried["minute_micros"]),
        (&json!("Cheap"), &json!(1_400_000))
    );
}

#[tokio::test]
async fn presets_are_listed_with_their_sources() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let presets = admin.get("/presets").await.json();
    let presets = presets.as_array().unwrap();
    assert!(presets.len() >= 20);
    let telnyx = presets
        .iter()
        .find(|preset| preset["id"] == "telnyx")
        .unwrap();
    assert_eq!(
        (&telnyx["domain"], &telnyx["balance"]),
        (&json!("sip.telnyx.com"), &json!(true))
    );
    let telphin = presets
        .iter()
        .find(|preset| preset["id"] == "telphin")
        .unwrap();
    assert_eq!(
        (&telphin["domain"], &telphin["port"]),
        (&json!("sipproxy.telphin.ru"), &json!(5068))
    );
    let twilio = presets
        .iter()
        .find(|preset| preset["id"] == "twilio")
        .unwrap();
    assert_eq!(
        (&twilio["domain_suffix"], &twilio["asks"]),
        (&json!(".pstn.twilio.com"), &json!(["domain"]))
    );
}

#[tokio::test]
async fn one_price_is_added_changed_and_removed_without_the_others() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let id = admin.get("/lines").await.json()[0]["id"].clone();
    let path = format!("/lines/{}/tariffs", id.as_str().unwrap());
    let price = |prefix: &str, minute: i64| json!({ "prefix": prefix, "label": "Moscow", "minute_micros": minute });
    for (at, body) in [
        ("+7", price("+7", 3_000_000)),
        ("+7495", price("+7495", 1_400_000)),
        ("+7495", price("+7499", 1_500_000)),
    ] {
        let answer = admin.json("PUT", &format!("{path}/{at}"), &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let prices = |tariffs: &serde_json::Value| -> Vec<(String, i64)> {
        let rows = tariffs["rows"].as_array().unwrap().iter();
        rows.map(|row| {
            (
                row["prefix"].as_str().unwrap().to_owned(),
                row["minute_micros"].as_i64().unwrap(),
            )
        })
        .collect()
    };
    let kept = admin.get(&path).await.json();
    assert_eq!(
        prices(&kept),
        [
            ("+7".to_owned(), 3_000_000),
            ("+7499".to_owned(), 1_500_000)
        ]
    );
    let twice = admin
        .json("PUT", &format!("{path}/+7499"), &price("+7", 1))
        .await;
    assert_eq!((twice.status, twice.code().as_str()), (422, "prefix_twice"));
    let bad = admin
        .json("PUT", &format!("{path}/+1"), &price("1", 1))
        .await;
    assert_eq!(bad.status, 422);
    let left = admin
        .json("DELETE", &format!("{path}/+7"), &json!({}))
        .await;
    assert_eq!(prices(&left.json()), [("+7499".to_owned(), 1_500_000)]);
    let gone = admin
        .json("DELETE", &format!("{path}/+7"), &json!({}))
        .await;
    assert_eq!(gone.status, 404);
}
