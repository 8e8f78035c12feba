//! Calls over the real gateway and the test network.

use serde_json::{Value, json};

use crate::{
    http::Client,
    server::{Server, listen, next_call, robot_calls},
    sip_phone::SipPhone,
};

fn call(status: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == "call" && event["data"]["status"] == status
}

#[tokio::test]
async fn a_call_nobody_can_take_is_in_the_log_with_its_caller_at_once() {
    let (server, admin) = Server::ready().await;
    let agent = server.user(&admin, "anna", "agent", None).await;
    let (mut events, mut others) = (listen(&admin).await, listen(&agent).await);
    let robot = json!({ "caller": "8 (495) 123-45-67", "ring_secs": 1 });
    robot_calls(&admin, &robot).await;

    let begun = next_call(&mut events).await;
    assert_eq!(
        (&begun["direction"], &begun["contact"]["name"]),
        (&json!("incoming"), &json!("Марина Соколова"))
    );
    assert_eq!(
        begun["number"],
        json!({ "e164": "+74951234567", "display": "+7 495 123-45-67" })
    );
    assert_eq!(begun["line"]["label"], "Test network");
    let path = format!("/calls/{}", begun["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.status, 200);
    assert_eq!(agent.get(&path).await.status, 404, "not this agent's call");

    let note = json!({ "note": "asked for the price" });
    assert_eq!(
        admin.json("PATCH", &path, &note).await.json()["note"],
        "asked for the price"
    );
    let ended = events.until(call("no_answer")).await["data"].clone();
    assert_eq!(
        (&ended["id"], &ended["note"]),
        (&begun["id"], &note["note"])
    );
    assert!(ended["ended_at"].as_i64() >= ended["started_at"].as_i64());
    assert!(!ended["sip_reason"].as_str().unwrap().is_empty());

    let listed = admin
        .get("/calls?direction=incoming&status=no_answer&q=8495123")
        .await
        .json();
    assert_eq!(listed["items"][0]["id"], begun["id"]);
    assert_eq!(
        admin.get("/calls?has_recording=true").await.json()["items"],
        json!([])
    );
    assert_eq!(agent.get("/calls").await.json()["items"], json!([]));
    // The agent hears of what is in Unsorted, and nothing of the call.
    admin
        .json(
            "POST",
            "/contacts",
            &json!({ "name": "Later", "phones": [] }),
        )
        .await;
    loop {
        let heard = others.next().await;
        assert_ne!(heard["type"], "call", "{heard}");
        if heard["type"] == "contact" {
            break;
        }
    }

    let server = server.restart().await;
    let admin = server.admin().await;
    assert_eq!(admin.get(&path).await.json()["note"], "asked for the price");
}

#[tokio::test]
async fn a_contact_made_during_the_call_shows_on_it() {
    let (_server, admin) = Server::ready().await;
    let mut events = listen(&admin).await;
    let robot = json!({ "caller": "+442079460999", "ring_secs": 5 });
    robot_calls(&admin, &robot).await;
    let begun = next_call(&mut events).await;
    assert_eq!(begun["contact"], Value::Null);
    let draft = json!({ "name": "New Client", "phones": ["020 7946 0999", "+44 20 7946 0999"] });
    admin.json("POST", "/contacts", &draft).await;
    let known = events
        .until(|event| event["type"] == "call" && event["data"]["contact"] != Value::Null)
        .await;
    assert_eq!(
        (&known["data"]["id"], &known["data"]["contact"]["name"]),
        (&begun["id"], &json!("New Client"))
    );
    assert_eq!(
        admin.get("/calls?q=new%20client").await.json()["items"][0]["id"],
        begun["id"]
    );
}

#[tokio::test]
async fn a_withheld_number_matches_nobody() {
    let (_server, admin) = Server::ready().await;
    let mut events = listen(&admin).await;
    robot_calls(&admin, &json!({ "ring_secs": 1 })).await;
    let begun = next_call(&mut events).await;
    assert_eq!(
        (&begun["number"], &begun["contact"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_changed_media_address_is_in_the_next_answer() {
    let (server, admin) = Server::ready().await;
    let mut phone = server.phone(&admin).await;
    let addresses = json!({ "media_public": ["127.0.0.2"] });
    assert_eq!(
        admin
            .json("PUT", "/settings/addresses", &addresses)
            .await
            .status,
        200
    );
    let answer = phone.call("602").await;
    assert_eq!(answer.code, 200, "{}", answer.text);
    let candidates = answer
        .text
        .lines()
        .filter(|line| line.starts_with("a=candidate:"));
    assert!(candidates.clone().count() > 0);
    assert!(
        candidates.clone().all(|line| line.contains(" 127.0.0.2 ")),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn refusals_are_told_in_words_and_logged() {
    let (server, admin) = Server::ready().await;
    let mut phone = server.phone(&admin).await;
    for (number, code, status) in [
        ("603", 486, "busy"),
        ("606", 603, "rejected"),
        ("699", 404, "failed"),
    ] {
        let mut events = listen(&admin).await;
        assert_eq!(phone.call(number).await.code, code, "{number}");
        let ended = events
            .until(|event| event["data"]["ended_at"] != Value::Null)
            .await["data"]
            .clone();
        assert_eq!(
            (&ended["status"], &ended["sip_code"]),
            (&json!(status), &json!(code))
        );
        assert_eq!(
            (&ended["direction"], &ended["number"]["e164"]),
            (&json!("outgoing"), &json!(number))
        );
        assert!(!ended["sip_reason"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn telephone_credentials_end_with_the_session() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let credentials = admin
        .json("POST", "/phone/credentials", &json!({}))
        .await
        .json();
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_eq!(phone.register().await, 200);
    let server = server.restart().await;
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_eq!(
        phone.register().await,
        200,
        "a restart is survived without asking"
    );
    let admin = crate::http::Client {
        address: server.running.http(),
        ..admin
    };
    assert_eq!(
        admin.json("DELETE", "/session", &json!({})).await.status,
        204
    );
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_ne!(phone.register().await, 200);
}

#[tokio::test]
async fn an_agent_calls_by_the_lines_that_are_his_and_by_no_other() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let clerk = server.user(&admin, "clerk", "agent", None).await;
    let second = json!({ "label": "Second", "user": "alice", "password": "secret", "domain": "127.0.0.1:9",
        "number": "+7 495 123-45-67",
        "numbers": [{ "number": "+74957654321", "caller_id": true }, { "number": "+74950000000" }] });
    assert_eq!(admin.json("POST", "/lines", &second).await.status, 201);
    let lines = anna.get("/phone/lines").await.json();
    let labels: Vec<&Value> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|l| &l["label"])
        .collect();
    assert_eq!(labels, ["Test network", "Second"]);
    let numbers = lines[1]["numbers"].as_array().unwrap();
    let numbers: Vec<&Value> = numbers.iter().map(|number| &number["e164"]).collect();
    assert_eq!(numbers, ["+74951234567", "+74957654321"]);
    assert_eq!(
        lines[1].as_object().unwrap().len(),
        3,
        "names and numbers only"
    );
    assert_eq!(clerk.get("/phone/lines").await.json(), json!([]));

    let users = admin.get("/users").await.json();
    let user = |login: &str| {
        let mut users = users.as_array().unwrap().iter();
        users.find(|user| user["login"] == login).unwrap()["id"].clone()
    };
    let order = json!({ "default": [], "prefixes": [], "least_cost": false, "failover": false,
        "users": [{ "user": user("anna"), "lines": [lines[0]["id"]] }] });
    assert_eq!(
        admin.json("PUT", "/settings/outgoing", &order).await.status,
        200
    );
    let own = anna.get("/phone/lines").await.json();
    assert_eq!((own.as_array().unwrap().len(), &own[0]), (1, &lines[0]));

    let mut phone = server.phone(&anna).await;
    let line = |place: usize| lines[place]["id"].as_str().unwrap();
    phone.preferred = format!("<sip:+74957654321@trubka;line={}>", line(1));
    let refused = phone.call("602").await;
    assert_eq!(refused.code, 403);
    assert!(
        refused.text.contains("This line is not yours"),
        "{}",
        refused.text
    );
    phone.preferred = format!("<sip:+74957654321@trubka;line={}>", line(0));
    let refused = phone.call("602").await;
    assert!(
        refused.text.contains("not a number this line may show"),
        "{}",
        refused.text
    );
    phone.preferred = format!("<sip:205@trubka>;line={}", line(1));
    assert_eq!(
        phone.call("602").await.code,
        200,
        "its own extension is no choice"
    );
}

#[tokio::test]
async fn who_is_locked_out_after_wrong_sip_passwords_is_listed() {
    let (server, admin) = Server::ready().await;
    assert_eq!(admin.get("/lock-outs").await.json(), json!([]));
    let (credentials, listed) = locked_out(&server, &admin).await;
    assert_eq!(listed["username"], credentials["username"]);
    assert_eq!(listed["address"], "127.0.0.1");
    assert_eq!(listed["whom"], "address_at_user");
    let me = admin.get("/session").await.json();
    assert_eq!(listed["person"], me["name"]);
}

/// Credentials whose user is locked out after wrong passwords, and the row that says so.
async fn locked_out(server: &Server, admin: &Client) -> (Value, Value) {
    let answer = admin.json("POST", "/phone/credentials", &json!({})).await;
    let credentials = answer.json();
    let mut wrong = credentials.clone();
    wrong["password"] = json!("wrong");
    let mut phone = SipPhone::connect(server.running.http(), &wrong).await;
    for _ in 0..10 {
        assert_eq!(phone.register().await, 403);
    }
    loop {
        let listed = admin.get("/lock-outs").await.json();
        if listed[0].is_object() {
            return (credentials, listed[0].clone());
        }
    }
}

#[tokio::test]
async fn whose_lock_out_is_lifted_registers_at_once() {
    let (server, admin) = Server::ready().await;
    let (credentials, row) = locked_out(&server, &admin).await;
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_eq!(phone.register().await, 403, "also with the right password");
    let path = format!("/lock-outs/{}", row["id"].as_str().unwrap());
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(admin.get("/lock-outs").await.json(), json!([]));
    assert_eq!(phone.register().await, 200);
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 404);
}
