//! Several telephones rung at once, and what is told of the call while people talk.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    http::{Client, Events},
    server::{Server, is_over, listen, next_call, robot_calls},
    sip_phone::SipPhone,
};

struct Scene {
    server: Server,
    admin: Client,
    heard: Events,
}

impl Scene {
    async fn fresh() -> Self {
        let (server, admin) = Server::ready().await;
        let heard = listen(&admin).await;
        Self {
            server,
            admin,
            heard,
        }
    }

    /// Calls of the line ring these at once.
    async fn ring_together(&self, logins: &[&str]) {
        let users = self.admin.get("/users").await.json();
        let users = users.as_array().unwrap().iter();
        let members: Vec<Value> = users
            .filter(|user| logins.contains(&user["login"].as_str().unwrap()))
            .map(|user| user["id"].clone())
            .collect();
        let group = json!({ "name": "Sales", "members": members });
        let group = self.admin.json("POST", "/groups", &group).await.json();
        let line = self.admin.get("/lines").await.json()[0]["id"].clone();
        let path = format!("/lines/{}", line.as_str().unwrap());
        let mut settings = self.admin.get(&path).await.json()["settings"].clone();
        settings["plan"] = json!({
            "stages": [{ "users": [], "group": group["id"], "order": "together", "secs": 20 }],
        });
        let saved = self.admin.json("PUT", &path, &settings).await;
        assert_eq!(saved.status, 200, "{saved:?}");
    }

    async fn is_called(&mut self) -> Value {
        let robot = json!({ "caller": "+442079460888", "ring_secs": 20, "talk_secs": 60 });
        robot_calls(&self.admin, &robot).await;
        next_call(&mut self.heard).await
    }

    async fn path(&self, call: &Value) -> Vec<Value> {
        let path = format!("/calls/{}/path", call["id"].as_str().unwrap());
        let steps = self.admin.get(&path).await.json();
        steps.as_array().unwrap().clone()
    }

    /// What is told of the call once it is over, until its recording is made.
    async fn ends(&mut self) -> Vec<Value> {
        let mut told = Vec::new();
        loop {
            let over = self.heard.until(is_over).await["data"].clone();
            let state = over["recording"]["state"].clone();
            told.push(over);
            if state != "running" && state != "finishing" {
                return told;
            }
        }
    }
}

fn of_kind<'a>(steps: &'a [Value], kind: &str) -> Vec<&'a Value> {
    steps.iter().filter(|step| step["kind"] == kind).collect()
}

#[tokio::test]
async fn of_two_who_are_rung_one_answers_and_it_is_one_record_that_ends_once() {
    let mut scene = Scene::fresh().await;
    let anna = scene
        .server
        .user(&scene.admin, "anna", "agent", Some("205"))
        .await;
    let boris = scene
        .server
        .user(&scene.admin, "boris", "agent", Some("206"))
        .await;
    scene.ring_together(&["anna", "boris"]).await;
    let mut annas: SipPhone = scene.server.phone(&anna).await;
    let mut boriss: SipPhone = scene.server.phone(&boris).await;
    let begun = scene.is_called().await;
    annas.rings().await;
    boriss.rings().await;
    let customer = annas.answers().await;
    // His telephone knows that it was not missed.
    let why = boriss.is_cancelled().await;
    assert!(
        why.contains("cause=200") && why.contains("completed elsewhere"),
        "{why}"
    );
    annas.hang_up(&customer).await;
    let told = scene.ends().await;
    let ended: Vec<&Value> = told.iter().map(|call| &call["ended_at"]).collect();
    assert!(ended.iter().all(|at| *at == ended[0]), "{told:?}");

    let steps = scene.path(&begun).await;
    let rings = of_kind(&steps, "rings");
    assert_eq!(rings.len(), 1, "{steps:?}");
    assert_eq!(
        (&rings[0]["extensions"], &rings[0]["reachable"]),
        (&json!(["205", "206"]), &json!(["205", "206"]))
    );
    let answered = of_kind(&steps, "answered");
    assert_eq!(answered.len(), 1, "{steps:?}");
    assert_eq!(answered[0]["extensions"], json!(["205"]));
    assert_eq!(answered[0]["detail"], "Sales");

    let log = scene.admin.get("/calls").await.json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
    let record = &log["items"][0];
    assert_eq!(record["id"], begun["id"]);
    assert_eq!(record["rung"], json!(["205", "206"]));
    assert_eq!(
        (&record["employee"]["extension"], &record["status"]),
        (&json!("205"), &json!("answered"))
    );
    // Who was rung sees whose it became; it counts as missed for nobody.
    let his = boris.get("/calls").await.json();
    assert_eq!(his["items"][0]["employee"]["extension"], "205", "{his}");
    for one in [&anna, &boris] {
        let totals = one.get("/calls/totals").await.json();
        assert_eq!(
            (&totals["calls"], &totals["answered"], &totals["missed"]),
            (&json!(1), &json!(1), &json!(0)),
            "{totals}"
        );
    }
    let missed = scene
        .admin
        .get("/calls?missed_not_returned=true")
        .await
        .json();
    assert_eq!(missed["items"], json!([]));
    // The rules were done once: one deal, of who answered.
    let deals = scene.admin.get("/items?kind=deal").await.json();
    let deals: Vec<&Value> = deals["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|deal| deal["call"] == begun["id"])
        .collect();
    assert_eq!(deals.len(), 1, "{deals:?}");
}

#[tokio::test]
async fn a_hold_is_told_while_it_lasts_and_stands_in_the_path_with_its_time() {
    let mut scene = Scene::fresh().await;
    let own = scene.admin.get("/session").await.json()["extension"].clone();
    let mut desk = scene.server.phone(&scene.admin).await;
    let begun = scene.is_called().await;
    let customer = desk.answers().await;
    let holds = |is_held: bool| {
        move |event: &Value| {
            event["type"] == "call"
                && event["data"]["status"] == "talking"
                && event["data"]["is_held"] == is_held
        }
    };
    scene.heard.until(holds(false)).await;
    assert_eq!(desk.holds(&customer, true).await, 200);
    scene.heard.until(holds(true)).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(desk.holds(&customer, false).await, 200);
    scene.heard.until(holds(false)).await;
    desk.hang_up(&customer).await;
    scene.ends().await;

    let steps = scene.path(&begun).await;
    let (held, resumed) = (of_kind(&steps, "held"), of_kind(&steps, "resumed"));
    assert_eq!((held.len(), resumed.len()), (1, 1), "{steps:?}");
    assert_eq!(
        (&held[0]["extensions"], &resumed[0]["extensions"]),
        (&json!([own]), &json!([own]))
    );
    let lasted = resumed[0]["at"].as_i64().unwrap() - held[0]["at"].as_i64().unwrap();
    assert!((1_100..10_000).contains(&lasted), "{steps:?}");
    let secs = resumed[0]["secs"].as_i64().unwrap();
    assert_eq!(secs, (lasted + 500) / 1000, "{steps:?}");
}
