//! Who takes calls, and what colleagues and callers get of it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    http::{Client, Events},
    server::{Server, is_over, listen, robot_calls},
};

async fn says(client: &Client, availability: &str) -> Value {
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

/// Adds a reason of the house; its id.
async fn reason(admin: &Client, draft: Value) -> String {
    let answer = admin.json("POST", "/presence-reasons", &draft).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn takes(client: &Client, reason: &str) -> Value {
    let body = json!({ "reason": reason });
    let answer = client.json("PUT", "/me/presence", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn rules(admin: &Client, rules: Value) {
    let answer = admin.json("PUT", "/settings/presence", &rules).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(admin.get("/settings/presence").await.json(), answer.json());
}

/// Waits until colleagues see an extension as this; how they see it.
async fn seen_as(seen: &mut Events, extension: &str, availability: &str) -> Value {
    let is = |event: &Value| {
        event["type"] == "colleague"
            && event["data"]["extension"] == extension
            && event["data"]["presence"]["availability"] == availability
    };
    seen.until(is).await["data"]["presence"].clone()
}

async fn is_idle(client: &Client, secs: u32) -> Value {
    let body = json!({ "idle_secs": secs });
    client.json("POST", "/me/activity", &body).await.json()
}

#[tokio::test]
async fn the_house_names_reasons_of_its_own_and_puts_them_in_order() {
    let (_server, admin) = Server::ready().await;
    assert_eq!(admin.get("/presence-reasons").await.json(), json!([]));
    let doctor = json!({ "name": " Doctor ", "availability": "away" });
    let doctor = reason(&admin, doctor).await;
    let stock = json!({ "name": "Stock-taking", "availability": "do_not_disturb", "minutes": 90 });
    let stock = reason(&admin, stock).await;
    let names = |listed: Value| {
        let all = listed.as_array().unwrap().iter();
        all.map(|one| one["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let listed = admin.get("/presence-reasons").await.json();
    assert_eq!(names(listed), ["Doctor", "Stock-taking"]);
    let order = json!([stock, doctor]);
    let ordered = admin.json("PUT", "/presence-reasons", &order).await.json();
    assert_eq!(names(ordered), ["Stock-taking", "Doctor"]);
    for (draft, code) in [
        (json!({ "name": " ", "availability": "away" }), "bad_name"),
        (
            json!({ "name": "Doctor", "availability": "away" }),
            "name_taken",
        ),
        (
            json!({ "name": "Free", "availability": "available" }),
            "bad_state",
        ),
        (
            json!({ "name": "Long", "availability": "away", "minutes": 1441 }),
            "minutes",
        ),
    ] {
        let refused = admin.json("POST", "/presence-reasons", &draft).await;
        assert_eq!(refused.code(), code, "{draft}");
    }
    let path = format!("/presence-reasons/{doctor}");
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 404);
    let gone = json!({ "reason": doctor });
    let refused = admin.json("PUT", "/me/presence", &gone).await;
    assert_eq!(refused.code(), "no_reason");
}

#[tokio::test]
async fn who_has_a_reason_keeps_it_when_it_is_renamed_removed_and_over_a_restart() {
    let (server, admin) = Server::ready().await;
    let extension = admin.get("/session").await.json()["extension"].clone();
    let extension = extension.as_str().unwrap();
    let mut seen = listen(&admin).await;
    let draft = json!({ "name": "Doctor", "availability": "away", "minutes": 90 });
    let id = reason(&admin, draft).await;
    let said = takes(&admin, &id).await;
    assert_eq!(said["reason"]["name"], "Doctor");
    let (since, until) = (said["since"].as_i64(), said["until"].as_i64());
    assert_eq!(until.unwrap() - since.unwrap(), 90 * 60_000);
    assert_eq!(seen_as(&mut seen, extension, "away").await, said);
    let path = format!("/presence-reasons/{id}");
    let renamed = json!({ "name": "Dentist", "availability": "do_not_disturb" });
    assert_eq!(admin.json("PUT", &path, &renamed).await.status, 200);
    let now = seen_as(&mut seen, extension, "do_not_disturb").await;
    assert_eq!(now["reason"]["name"], "Dentist");
    assert_eq!(
        (now["since"].as_i64(), now["until"].as_i64()),
        (since, until)
    );
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    let server = server.restart().await;
    let admin = server.admin().await;
    let all = admin.get("/colleagues").await.json();
    assert_eq!(of(&all, extension)["presence"], now);
}

#[tokio::test]
async fn calls_are_offered_to_whoever_has_a_reason_that_says_so() {
    let (server, admin) = Server::ready().await;
    let mut phone = server.phone(&admin).await;
    let draft =
        json!({ "name": "Warehouse", "availability": "do_not_disturb", "takes_calls": true });
    let id = reason(&admin, draft).await;
    takes(&admin, &id).await;
    robot_calls(&admin, &json!({ "caller": "84951239999", "ring_secs": 20 })).await;
    let rings = timeout(Duration::from_secs(15), phone.answers()).await;
    let call = rings.expect("it rings");
    assert_eq!(phone.hang_up(&call).await, 200);
}

#[tokio::test]
async fn who_does_not_move_is_away_by_the_rule_and_back_at_the_first_sign_of_life() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let mut seen = listen(&anna).await;
    assert_eq!(is_idle(&anna, 3600).await["every_secs"], Value::Null);
    rules(&admin, json!({ "away_after_secs": 10 })).await;
    let away = seen_as(&mut seen, "205", "away").await;
    assert_eq!(away["automatic"], true);
    // Another page, which was not touched either.
    assert_eq!(is_idle(&anna, 3600).await["every_secs"], 2);
    let all = admin.get("/colleagues").await.json();
    assert_eq!(of(&all, "205")["presence"], away);
    is_idle(&anna, 0).await;
    let back = seen_as(&mut seen, "205", "available").await;
    assert_eq!(back["automatic"], false);
    // What she said herself stays when she moves.
    says(&anna, "away").await;
    seen_as(&mut seen, "205", "away").await;
    is_idle(&anna, 0).await;
    let all = admin.get("/colleagues").await.json();
    assert_eq!(of(&all, "205")["presence"]["availability"], "away");
}

#[tokio::test]
async fn a_rule_that_is_switched_off_brings_back_whom_it_sent_away() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let mut seen = listen(&anna).await;
    is_idle(&anna, 3600).await;
    rules(&admin, json!({ "away_after_secs": 10 })).await;
    seen_as(&mut seen, "205", "away").await;
    rules(&admin, json!({})).await;
    seen_as(&mut seen, "205", "available").await;
}

#[tokio::test]
async fn nobody_is_sent_away_during_a_call() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let boris = server.user(&admin, "boris", "agent", Some("206")).await;
    let mut seen = listen(&anna).await;
    let _page = listen(&boris).await;
    let mut phone = server.phone(&anna).await;
    let answered = phone.call("602").await;
    assert_eq!(answered.code, 200);
    is_idle(&anna, 3600).await;
    is_idle(&boris, 3600).await;
    rules(&admin, json!({ "away_after_secs": 10 })).await;
    // The rule has looked at both.
    seen_as(&mut seen, "206", "away").await;
    let all = admin.get("/colleagues").await.json();
    assert_eq!(of(&all, "205")["presence"]["availability"], "available");
    assert_eq!(of(&all, "205")["on_call"], true);
}

#[tokio::test]
async fn after_a_call_there_is_wrap_up_which_ends_by_itself_or_by_a_word() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let mut seen = listen(&admin).await;
    let mut phone = server.phone(&anna).await;
    rules(&admin, json!({ "wrap_up_secs": 2 })).await;
    let call = phone.call("602").await.dialog();
    phone.hang_up(&call).await;
    let wrap_up = seen_as(&mut seen, "205", "wrap_up").await;
    let (since, until) = (wrap_up["since"].as_i64(), wrap_up["until"].as_i64());
    assert_eq!(until.unwrap() - since.unwrap(), 2_000);
    let back = seen_as(&mut seen, "205", "available").await;
    assert!(back["since"].as_i64() >= until, "{back}");
    rules(&admin, json!({ "wrap_up_secs": 3600 })).await;
    let call = phone.call("602").await.dialog();
    phone.hang_up(&call).await;
    seen_as(&mut seen, "205", "wrap_up").await;
    says(&anna, "available").await;
    seen_as(&mut seen, "205", "available").await;
    // A call that nobody answered leaves nothing to write down, and lunch is lunch.
    phone.call("603").await;
    says(&anna, "lunch").await;
    let call = phone.call("602").await.dialog();
    phone.hang_up(&call).await;
    let ended = |event: &Value| {
        event["type"] == "colleague"
            && event["data"]["extension"] == "205"
            && event["data"]["on_call"] == false
            && event["data"]["presence"]["availability"] != "available"
    };
    seen.until(ended).await;
    says(&anna, "meeting").await;
    loop {
        let told = seen.next().await;
        let said = &told["data"]["presence"]["availability"];
        assert_ne!(said, "wrap_up", "{told}");
        if said == "meeting" {
            break;
        }
    }
}

/// Whoever talks last writes it down.
#[tokio::test]
async fn who_hands_a_call_over_has_no_wrap_up_and_who_took_it_has() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let boris = server.user(&admin, "boris", "agent", Some("206")).await;
    rules(&admin, json!({ "wrap_up_secs": 600 })).await;
    let mut seen = listen(&admin).await;
    let (mut annas, mut boriss) = (server.phone(&anna).await, server.phone(&boris).await);
    let call = annas.call("602").await.dialog();
    assert_eq!(annas.refer(&call, "sip:206@trubka").await, 202);
    let taken = boriss.answers().await;
    let is_free = |extension: &'static str| {
        move |event: &Value| {
            event["type"] == "colleague"
                && event["data"]["extension"] == extension
                && event["data"]["on_call"] == false
        }
    };
    seen.until(is_free("205")).await;
    boriss.hang_up(&taken).await;
    seen_as(&mut seen, "206", "wrap_up").await;
    let colleagues = admin.get("/colleagues").await.json();
    assert_eq!(
        of(&colleagues, "205")["presence"]["availability"],
        "available"
    );
}

#[tokio::test]
async fn rules_that_cannot_be_are_refused() {
    let (_server, admin) = Server::ready().await;
    for rules in [
        json!({ "away_after_secs": 9 }),
        json!({ "away_after_secs": 28_801 }),
        json!({ "wrap_up_secs": 0 }),
        json!({ "wrap_up_secs": 3_601 }),
    ] {
        let refused = admin.json("PUT", "/settings/presence", &rules).await;
        assert_eq!(refused.code(), "bad_time", "{rules}");
    }
}
