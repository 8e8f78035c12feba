//! What a call does by itself: deals, entries of Unsorted, notices, returned calls; and what is said of
//! it afterwards.

use serde_json::{Value, json};

use crate::{
    http::{Client, Events},
    server::{Server, is_over, listen, next_call, robot_calls},
    sip_phone::{Dialog, SipPhone},
};

/// The administrator, his telephone and what he hears.
struct Scene {
    server: Server,
    admin: Client,
    desk: Option<SipPhone>,
    heard: Events,
}

async fn scene() -> Scene {
    let (server, admin) = Server::ready().await;
    let heard = listen(&admin).await;
    Scene {
        server,
        admin,
        desk: None,
        heard,
    }
}

fn kind(wanted: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == "notice" && event["data"]["kind"] == wanted
}

impl Scene {
    /// His telephone; it rings from the first time it is asked for.
    async fn desk(&mut self) -> &mut SipPhone {
        if self.desk.is_none() {
            self.desk = Some(self.server.phone(&self.admin).await);
        }
        self.desk.as_mut().unwrap()
    }

    async fn is_called_by(&mut self, caller: &str) -> (Value, Dialog) {
        self.desk().await;
        let robot = json!({ "caller": caller, "ring_secs": 20, "talk_secs": 60 });
        robot_calls(&self.admin, &robot).await;
        let begun = next_call(&mut self.heard).await;
        (begun, self.desk().await.answers().await)
    }

    async fn notice(&mut self, wanted: &'static str) -> Value {
        self.heard.until(kind(wanted)).await["data"].clone()
    }

    /// A call nobody answers; its record as it is at its end.
    async fn misses(&mut self, caller: &str) -> Value {
        robot_calls(&self.admin, &json!({ "caller": caller, "ring_secs": 1 })).await;
        self.heard.until(is_over).await["data"].clone()
    }

    async fn call(&self, id: &Value) -> Value {
        let path = format!("/calls/{}", id.as_str().unwrap());
        self.admin.get(&path).await.json()
    }

    async fn patch(&self, id: &Value, patch: &Value) -> (u16, Value) {
        let path = format!("/calls/{}", id.as_str().unwrap());
        let answer = self.admin.json("PATCH", &path, patch).await;
        (answer.status, answer.json())
    }

    /// Waits until the call's record is as it should be.
    async fn until_call(&self, id: &Value, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let call = self.call(id).await;
            if is_so(&call) {
                return call;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{}", self.call(id).await);
    }
}

#[tokio::test]
async fn an_answered_stranger_gets_a_deal_of_who_answered_and_the_next_call_finds_it() {
    let mut scene = scene().await;
    let (begun, customer) = scene.is_called_by("+442079460999").await;
    assert_eq!(begun["client"]["contacts"], json!([]), "{begun}");
    let made = scene.notice("deal_made").await;
    assert_eq!(made["call"], begun["id"]);
    assert_eq!(made["item"]["title"], "+44 20 7946 0999");
    let with_deal = |call: &Value| {
        let deal = &made["item"]["id"];
        call["deal"]["id"] == *deal && call["client"]["deals"][0]["id"] == *deal
    };
    let call = scene.until_call(&begun["id"], with_deal).await;
    assert_eq!(call["client"]["deals"][0]["stage"], "in_progress");
    scene.desk().await.hang_up(&customer).await;
    scene.heard.until(is_over).await;

    let (again, customer) = scene.is_called_by("8 10 44 20 7946 0999").await;
    assert_eq!(again["client"]["deals"][0]["id"], made["item"]["id"]);
    assert_eq!(again["client"]["call_count"], 1);
    assert_eq!(again["client"]["calls"][0]["id"], begun["id"]);
    let open = scene.notice("deal_open").await;
    assert_eq!(
        (&open["call"], &open["item"]),
        (&again["id"], &made["item"])
    );
    scene.desk().await.hang_up(&customer).await;
}

#[tokio::test]
async fn a_known_client_comes_with_the_ring() {
    let mut scene = scene().await;
    let second = json!({ "name": "Соколов Пётр", "phones": ["+7 495 123-45-67"] });
    scene.admin.json("POST", "/contacts", &second).await;
    scene.heard.until(|event| event["type"] == "contact").await;
    let (begun, customer) = scene.is_called_by("8 (495) 123-45-67").await;
    let names: Vec<&Value> = begun["client"]["contacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|contact| &contact["name"])
        .collect();
    assert_eq!(names, ["Марина Соколова", "Соколов Пётр"]);
    // The agent says who it was.
    let peter = begun["client"]["contacts"][1]["id"].clone();
    let (status, call) = scene
        .patch(&begun["id"], &json!({ "contact": peter }))
        .await;
    assert_eq!(status, 200, "{call}");
    let is_peter = |call: &Value| {
        call["contact"]["id"] == peter && call["client"]["contacts"][0]["id"] == peter
    };
    scene.until_call(&begun["id"], is_peter).await;
    scene.desk().await.hang_up(&customer).await;
    scene.heard.until(is_over).await;
    let path = format!("/calls?contact={}", peter.as_str().unwrap());
    let listed = scene.admin.get(&path).await.json();
    assert_eq!(listed["items"][0]["id"], begun["id"]);
    assert!(listed["items"][0].get("client").is_none(), "{listed}");
}

#[tokio::test]
async fn a_missed_call_is_told_and_closed_when_somebody_calls_back() {
    let mut scene = scene().await;
    let missed = scene.misses("602").await;
    assert_eq!(missed["direction"], "incoming");
    let notice = scene.notice("missed_call").await;
    assert_eq!(notice["call"], missed["id"]);
    assert_eq!(
        notice["item"]["title"], "Test network: tone",
        "the entry of Unsorted: {notice}"
    );
    let missed_path = "/calls?missed_not_returned=true";
    let listed = scene.admin.get(missed_path).await.json();
    assert_eq!(listed["items"][0]["id"], missed["id"]);

    let answered = scene.desk().await.call("602").await;
    assert_eq!(answered.code, 200, "{}", answered.text);
    let calling = |event: &Value| {
        event["data"]["id"] == missed["id"]
            && event["data"]["calling_back"]["extension"] != Value::Null
    };
    scene.heard.until(calling).await;
    let returned = scene
        .until_call(&missed["id"], |call| call["returned"] != Value::Null)
        .await;
    assert!(
        returned["returned"]["by"]["extension"].is_string(),
        "{returned}"
    );
    scene.desk().await.hang_up(&answered.dialog()).await;
    let back = &returned["returned"]["call"];
    scene
        .until_call(back, |call| call["ended_at"] != Value::Null)
        .await;
    let over = |call: &Value| call["calling_back"] == Value::Null;
    scene.until_call(&missed["id"], over).await;
    let none = scene.admin.get(missed_path).await.json();
    assert_eq!(none["items"], json!([]));
    let totals = scene.admin.get("/calls/totals").await.json();
    assert_eq!(
        (
            &totals["calls"],
            &totals["answered"],
            &totals["missed"],
            &totals["not_returned"]
        ),
        (&json!(2), &json!(1), &json!(1), &json!(0)),
        "{totals}"
    );
}

#[tokio::test]
async fn attempts_in_vain_are_counted_and_his_next_call_closes_the_missed_one() {
    let mut scene = scene().await;
    let missed = scene.misses("603").await;
    assert_eq!(scene.desk().await.call("603").await.code, 486);
    scene
        .until_call(&missed["id"], |call| call["tries"] == 1)
        .await;
    let (_, customer) = scene.is_called_by("603").await;
    let returned = scene
        .until_call(&missed["id"], |call| call["returned"] != Value::Null)
        .await;
    assert_eq!(returned["returned"]["by"], Value::Null, "{returned}");
    scene.desk().await.hang_up(&customer).await;
}

#[tokio::test]
async fn result_and_reason_come_from_the_lists_and_a_hold_is_the_administrators() {
    let mut scene = scene().await;
    let anna = scene
        .server
        .user(&scene.admin, "anna", "supervisor", None)
        .await;
    let missed = scene.misses("+442079460999").await;
    let id = &missed["id"];
    for (patch, status) in [
        (json!({ "result": "sale", "reason": "order" }), 200),
        (json!({ "result": "" }), 200),
        (json!({ "result": "nonsense" }), 422),
        (json!({ "reason": "nonsense" }), 422),
        (json!({ "contact": "nonsense" }), 422),
        (
            json!({ "deal": "01a2006c-8dd9-70e9-ae01-83e7580a3038" }),
            422,
        ),
        (json!({ "legal_hold": true }), 200),
    ] {
        let answer = scene.patch(id, &patch).await;
        assert_eq!(answer.0, status, "{patch}: {}", answer.1);
    }
    let call = scene.call(id).await;
    assert_eq!(
        (&call["result"], &call["reason"]),
        (&Value::Null, &json!("order"))
    );
    let listed = scene
        .admin
        .get("/calls?reason=order&line=&employee=")
        .await
        .json();
    assert_eq!(listed["items"][0]["id"], *id);
    let path = format!("/calls/{}", id.as_str().unwrap());
    let none = json!({});
    let hold = json!({ "legal_hold": false });
    assert_eq!(anna.json("PATCH", &path, &hold).await.status, 403);
    assert_eq!(anna.json("DELETE", &path, &none).await.code(), "legal_hold");
    assert_eq!(scene.patch(id, &hold).await.0, 200);
    assert_eq!(anna.json("DELETE", &path, &none).await.status, 204);
    assert_eq!(scene.admin.get(&path).await.status, 404);
    assert_eq!(scene.admin.get("/calls").await.json()["items"], json!([]));
    let back = anna.json("POST", &format!("{path}/restore"), &none).await;
    assert_eq!((back.status, &back.json()["id"]), (200, id));
}

#[tokio::test]
async fn a_notice_is_its_readers_own_until_he_has_seen_it() {
    let mut scene = scene().await;
    let anna = scene
        .server
        .user(&scene.admin, "anna", "agent", Some("205"))
        .await;
    scene.misses("+442079460999").await;
    scene.notice("missed_call").await;
    let own = anna.get("/notices").await.json()["items"][0].clone();
    assert_eq!(
        (&own["kind"], &own["seen"]),
        (&json!("missed_call"), &json!(false))
    );
    let path = format!("/notices/{}/seen", own["id"].as_str().unwrap());
    let none = json!({});
    assert_eq!(scene.admin.json("POST", &path, &none).await.status, 404);
    assert_eq!(anna.json("POST", &path, &none).await.status, 204);
    assert_eq!(anna.get("/notices").await.json()["items"][0]["seen"], true);
    let others = scene.admin.get("/notices").await.json();
    assert_eq!(others["items"][0]["seen"], false);
    assert_eq!(
        scene
            .admin
            .json("POST", "/notices/seen", &none)
            .await
            .status,
        204
    );
    scene
        .heard
        .until(|event| event["type"] == "notice" && event["data"]["seen"] == true)
        .await;
}

#[tokio::test]
async fn what_a_stop_left_undone_is_done_once_at_the_next_start() {
    let mut scene = scene().await;
    let robot = json!({ "caller": "+442079460999", "ring_secs": 20 });
    robot_calls(&scene.admin, &robot).await;
    let begun = next_call(&mut scene.heard).await;
    let address = |server: &Server| server.running.http();
    let server = scene.server.restart().await;
    let admin = Client {
        address: address(&server),
        ..scene.admin
    };
    let path = format!("/calls/{}", begun["id"].as_str().unwrap());
    for _ in 0..200 {
        if !admin.get("/notices").await.json()["items"]
            .as_array()
            .unwrap()
            .is_empty()
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let server = server.restart().await;
    let admin = Client {
        address: address(&server),
        ..admin
    };
    let call = admin.get(&path).await.json();
    assert!(call["ended_at"].is_i64(), "{call}");
    let notices = admin.get("/notices").await.json();
    assert_eq!(notices["items"].as_array().unwrap().len(), 1, "{notices}");
}
