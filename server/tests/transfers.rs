//! What is told of a call that was handed over.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    http::Client,
    server::{Server, listen, next_call, robot_calls},
    sip_phone::{Dialog, SipPhone},
};

/// The administrator talks to a customer; Anna of 205 has a telephone too.
struct Scene {
    _server: Server,
    admin: Client,
    own: String,
    desk: SipPhone,
    anna: SipPhone,
    customer: Dialog,
    call: String,
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
    Scene {
        anna: server.phone(&anna).await,
        _server: server,
        admin,
        own: own.as_str().unwrap().to_owned(),
        desk,
        customer,
        call: begun["id"].as_str().unwrap().to_owned(),
    }
}

impl Scene {
    /// How the call was handed over, once it was.
    async fn handed_over(&self) -> Value {
        let path = format!("/calls/{}/path", self.call);
        for _ in 0..400 {
            let steps = self.admin.get(&path).await.json();
            let mut steps = steps.as_array().unwrap().iter();
            if let Some(step) = steps.find(|step| step["kind"] == "transferred") {
                return step.clone();
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{}", self.admin.get(&path).await.json());
    }

    /// The call goes on with Anna, and is hers.
    async fn is_annas(&self) {
        let step = self.handed_over().await;
        assert_eq!(step["extensions"], json!([self.own, "205"]), "{step}");
        assert_eq!(step["detail"], "205", "{step}");
        let path = format!("/calls/{}", self.call);
        let call = self.admin.get(&path).await.json();
        assert_eq!(call["employee"]["name"], json!("anna"), "{call}");
        assert_eq!(call["ended_at"], Value::Null, "{call}");
    }
}

#[tokio::test]
async fn a_call_handed_over_blindly_tells_by_whom_and_to_whom() {
    let mut scene = scene().await;
    let to_anna = scene.desk.refer(&scene.customer, "sip:205@trubka").await;
    assert_eq!(to_anna, 202);
    scene.anna.answers().await;
    scene.is_annas().await;
}

#[tokio::test]
async fn a_call_handed_over_after_a_word_tells_by_whom_and_to_whom() {
    let mut scene = scene().await;
    let (consulted, _) = tokio::join!(scene.desk.call("205"), scene.anna.answers());
    assert_eq!(consulted.code, 200, "{}", consulted.text);
    let replaced = consulted.dialog().named();
    let to_anna = format!("sip:205@trubka?Replaces={replaced}");
    assert_eq!(scene.desk.refer(&scene.customer, &to_anna).await, 202);
    scene.is_annas().await;
}
