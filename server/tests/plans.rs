//! Who rings, and what is told of it afterwards.

use serde_json::{Value, json};

use crate::server::{Server, is_over, listen, next_call, robot_calls};

#[tokio::test]
async fn a_plan_is_followed_to_its_forward_number_and_told_step_by_step() {
    let (server, admin) = Server::ready().await;
    let me = admin.get("/session").await.json()["id"].clone();
    server.user(&admin, "boris", "agent", Some("105")).await;
    let users = admin.get("/users").await.json();
    let users = users.as_array().unwrap();
    let boris = users.iter().find(|user| user["login"] == "boris").unwrap()["id"].clone();
    let group = json!({ "name": "Sales", "members": [boris] });
    let group = admin.json("POST", "/groups", &group).await.json()["id"].clone();
    let line = admin.get("/lines").await.json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/lines/{line}");
    let mut settings = admin.get(&path).await.json()["settings"].clone();
    settings["plan"] = json!({
        "responsible_secs": 2,
        "stages": [{ "users": [], "group": group, "order": "together", "secs": 2 }],
        "forward": { "number": "600", "secs": 15 },
    });
    let saved = admin.json("PUT", &path, &settings).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    assert_eq!(
        admin.get(&path).await.json()["settings"]["plan"],
        settings["plan"]
    );
    let contact = json!({ "name": "Client", "phones": ["+7 495 123-99-99"], "responsible": me });
    assert_eq!(admin.json("POST", "/contacts", &contact).await.status, 201);

    let mut events = listen(&admin).await;
    robot_calls(&admin, &json!({ "caller": "84951239999", "ring_secs": 20 })).await;
    let begun = next_call(&mut events).await;
    let steps_path = format!("/calls/{}/path", begun["id"].as_str().unwrap());
    let mut steps = Value::Null;
    for _ in 0..400 {
        steps = admin.get(&steps_path).await.json();
        if steps
            .as_array()
            .unwrap()
            .iter()
            .any(|step| step["kind"] == "line_tried")
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let told: Vec<(&str, &str)> = steps
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["kind"] == "unreachable" || step["kind"] == "line_tried")
        .map(|step| {
            (
                step["rule"].as_str().unwrap_or_default(),
                step["kind"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("responsible", "unreachable"),
            ("group", "unreachable"),
            ("forward", "line_tried")
        ],
        "{steps}"
    );
    let group = steps
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["rule"] == "group")
        .unwrap();
    assert_eq!(group["detail"], "Sales");
}

#[tokio::test]
async fn plans_that_name_nobody_are_refused() {
    let (_server, admin) = Server::ready().await;
    let stage = |stage: Value| json!({ "user": "a", "password": "b", "domain": "127.0.0.1:9", "plan": { "stages": [stage] } });
    for (stage_, code) in [
        (json!({ "users": [], "secs": 10 }), "nobody"),
        (
            json!({ "group": "01a2006c-8dd9-70e9-ae01-83e7580a3038", "secs": 10 }),
            "no_group",
        ),
        (json!({ "users": ["x"], "secs": 10 }), "no_user"),
        (json!({ "users": ["x"], "secs": 0 }), "bad_seconds"),
    ] {
        let answer = admin.json("POST", "/lines", &stage(stage_)).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, code));
    }
}

#[tokio::test]
async fn a_blocked_caller_is_refused_at_once_and_let_through_again() {
    let (_server, admin) = Server::ready().await;
    let mut events = listen(&admin).await;
    let blocked = admin
        .json(
            "POST",
            "/blocked-numbers",
            &json!({ "number": "8 (495) 123-45-67" }),
        )
        .await;
    assert_eq!(blocked.status, 201, "{blocked:?}");
    let blocked = blocked.json();
    assert_eq!(blocked["number"]["e164"], "+74951234567");
    let robot = json!({ "caller": "+74951234567", "ring_secs": 2 });
    robot_calls(&admin, &robot).await;
    let ended = events.until(is_over).await["data"].clone();
    assert_eq!(ended["sip_code"], 603, "{ended}");
    let path = format!("/calls/{}/path", ended["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.json()[0]["kind"], "blocked");
    let undo = format!("/blocked-numbers/{}", blocked["id"].as_str().unwrap());
    assert_eq!(admin.json("DELETE", &undo, &json!({})).await.status, 204);
    robot_calls(&admin, &robot).await;
    let ended = events.until(is_over).await["data"].clone();
    assert_ne!(ended["sip_code"], 603, "{ended}");
}
