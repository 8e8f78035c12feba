//! Who takes calls, and what colleagues and callers get of it.

use serde_json::{Value, json};

use crate::server::{Server, is_over, listen, robot_calls};

async fn says(client: &crate::http::Client, availability: &str) -> Value {
    let body = json!({ "availability": availability });
    let answer = client.json("PUT", "/me/presence", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn of<'a>(colleagues: &'a Value, extension: &str) -> &'a Value {
    let mut all = colleagues.as_array().unwrap().iter();
    all.find(|one| one["extension"] == extension).unwrap()
}

#[tokio::test]
async fn a_telephone_that_comes_and_a_call_are_seen_by_colleagues() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let mut seen = listen(&admin).await;
    assert_eq!(
        of(&admin.get("/colleagues").await.json(), "205")["reachable"],
        false
    );
    let mut phone = server.phone(&anna).await;
    let reachable = |event: &Value| {
        event["type"] == "colleague"
            && event["data"]["extension"] == "205"
            && event["data"]["reachable"] == true
    };
    seen.until(reachable).await;
    phone.call("603").await;
    let on_call = |now: bool| {
        move |event: &Value| {
            event["type"] == "colleague"
                && event["data"]["extension"] == "205"
                && event["data"]["on_call"] == now
        }
    };
    seen.until(on_call(true)).await;
    seen.until(on_call(false)).await;
}

#[tokio::test]
async fn who_is_at_lunch_is_passed_over_and_the_path_says_so_also_after_a_restart() {
    let (server, admin) = Server::ready().await;
    let mut seen = listen(&admin).await;
    let said = says(&admin, "lunch").await;
    assert_eq!(
        (&said["availability"], &said["until"]),
        (&json!("lunch"), &Value::Null)
    );
    let told = seen.until(|event| event["type"] == "colleague").await;
    assert_eq!(told["data"]["presence"]["availability"], "lunch");
    let server = server.restart().await;
    let admin = server.admin().await;
    server.registered(&admin).await;
    let me = admin.get("/session").await.json();
    let extension = me["extension"].as_str().unwrap();
    let now = admin.get("/colleagues").await.json();
    assert_eq!(of(&now, extension)["presence"]["availability"], "lunch");
    let mut seen = listen(&admin).await;
    robot_calls(&admin, &json!({ "caller": "84951239999", "ring_secs": 5 })).await;
    let ended = seen.until(is_over).await["data"].clone();
    assert_eq!(ended["sip_code"], 480, "{ended}");
    let path = format!("/calls/{}/path", ended["id"].as_str().unwrap());
    let steps = admin.get(&path).await.json();
    assert_eq!(
        (
            &steps[0]["kind"],
            &steps[0]["extensions"][0],
            &steps[0]["detail"]
        ),
        (&json!("absent"), &json!(extension), &json!("lunch")),
        "{steps}"
    );
}

#[tokio::test]
async fn colleagues_reach_whoever_is_away_but_not_whoever_is_not_to_be_disturbed() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let mut phone = server.phone(&anna).await;
    let boris = server.user(&admin, "boris", "agent", Some("206")).await;
    says(&boris, "do_not_disturb").await;
    let refused = phone.call("206").await;
    assert!(
        refused.text.starts_with("SIP/2.0 480 Do Not Disturb"),
        "{}",
        refused.text
    );
    // Without a telephone; but it was looked for one.
    says(&boris, "away").await;
    let reached = phone.call("206").await;
    assert!(!reached.text.contains("Do Not Disturb"), "{}", reached.text);
}

#[tokio::test]
async fn times_that_cannot_be_are_refused_and_those_that_can_are_told() {
    let (_server, admin) = Server::ready().await;
    for minutes in [json!(0), json!(1441)] {
        let body = json!({ "availability": "away", "minutes": minutes });
        let answer = admin.json("PUT", "/me/presence", &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "minutes"));
    }
    let body = json!({ "availability": "meeting", "minutes": 30 });
    let said = admin.json("PUT", "/me/presence", &body).await.json();
    let (since, until) = (
        said["since"].as_i64().unwrap(),
        said["until"].as_i64().unwrap(),
    );
    assert_eq!(until - since, 30 * 60_000);
}
