//! A call that a colleague passes on brings its card: the client, who brings it, the notes so far.

use serde_json::{Value, json};

use crate::{
    server::{Server, listen, next_call, robot_calls},
    sip_phone::{Dialog, SipPhone},
};

/// The administrator talks to a customer and has noted something; Anna of 205 listens to her events.
struct Scene {
    _server: Server,
    own: String,
    call: String,
    desk: SipPhone,
    anna: SipPhone,
    customer: Dialog,
    heard: crate::http::Events,
}

async fn scene() -> Scene {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let own = admin.get("/session").await.json()["extension"].clone();
    let mut desk = server.phone(&admin).await;
    let mut events = listen(&admin).await;
    let robot = json!({ "caller": "+7 495 123-45-67", "ring_secs": 20, "talk_secs": 60 });
    robot_calls(&admin, &robot).await;
    let begun = next_call(&mut events).await;
    let customer = desk.answers().await;
    let talks = |event: &Value| event["type"] == "call" && event["data"]["status"] == "talking";
    events.until(talks).await;
    let call = begun["id"].as_str().unwrap().to_owned();
    let note = json!({ "note": "wants two" });
    admin.json("PATCH", &format!("/calls/{call}"), &note).await;
    // Registered only now, so that the robot's call rang nobody else.
    let phone = server.phone(&anna).await;
    let heard = listen(&anna).await;
    Scene {
        _server: server,
        own: own.as_str().unwrap().to_owned(),
        call,
        desk,
        anna: phone,
        customer,
        heard,
    }
}

impl Scene {
    /// What Anna is brought, before she answers.
    async fn brought(&mut self) -> Value {
        let is_brought =
            |event: &Value| event["type"] == "call" && event["data"]["brought"] != Value::Null;
        self.heard.until(is_brought).await["data"].clone()
    }

    fn is_the_client(&self, brought: &Value) {
        assert_eq!(brought["by"]["extension"], json!(self.own), "{brought}");
        assert_eq!(brought["number"]["e164"], "+74951234567", "{brought}");
        assert_eq!(brought["contact"]["name"], "Марина Соколова", "{brought}");
        assert_eq!(brought["note"], "wants two", "{brought}");
        assert_eq!(brought["call"], json!(self.call), "{brought}");
    }
}

#[tokio::test]
async fn who_is_asked_before_a_transfer_sees_the_client_from_the_first_ring() {
    let mut scene = scene().await;
    let (consulted, record) = {
        let Scene {
            desk, anna, heard, ..
        } = &mut scene;
        let is_brought =
            |event: &Value| event["type"] == "call" && event["data"]["brought"] != Value::Null;
        let (consulted, _, record) =
            tokio::join!(desk.call("205"), anna.answers(), heard.until(is_brought));
        (consulted, record["data"].clone())
    };
    assert_eq!(consulted.code, 200, "{}", consulted.text);
    assert_eq!(record["direction"], "internal", "{record}");
    scene.is_the_client(&record["brought"]);
}

#[tokio::test]
async fn who_gets_a_call_unannounced_sees_the_client_while_it_rings() {
    let mut scene = scene().await;
    let accepted = scene.desk.refer(&scene.customer, "sip:205@trubka").await;
    assert_eq!(accepted, 202);
    let record = scene.brought().await;
    assert_eq!(record["id"], json!(scene.call), "one record throughout");
    scene.is_the_client(&record["brought"]);
    scene.anna.answers().await;
}
