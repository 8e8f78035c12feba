//! Whom a caller is taken for: by phones, by fields of the house's own and by rows of its own tables, in
//! the order set.

use serde_json::{Value, json};

use crate::{
    http::{Client, Events},
    server::{Server, is_over, listen, robot_calls},
};

const NUMBER: &str = "+442079460777";
/// The same as providers write it.
const SPELLED: &str = "8 10 44 20 7946 0777";

struct House {
    _server: Server,
    admin: Client,
    heard: Events,
}

/// A house with a field for a second phone of contacts and a table with a field for phones.
async fn house(lookup: &Value) -> House {
    let (server, admin) = Server::ready().await;
    let heard = listen(&admin).await;
    let house = House {
        _server: server,
        admin,
        heard,
    };
    house.looks_in(lookup).await;
    house
}

impl House {
    async fn looks_in(&self, lookup: &Value) {
        let mut work = self.admin.get("/work").await.json();
        work["tables"] = json!([{ "key": "garages", "name": "Garages" }]);
        work["fields"] = json!([
            { "key": "dacha", "table": "contacts", "label": "Dacha", "kind": "phone" },
            { "key": "remark", "table": "contacts", "label": "Remark", "kind": "text" },
            { "key": "gate", "table": "garages", "label": "Gate", "kind": "phone" },
        ]);
        work["lookup"] = lookup.clone();
        let set = self.admin.json("PUT", "/settings/work", &work).await;
        assert_eq!(set.status, 200, "{set:?}");
    }

    async fn add(&self, path: &str, draft: &Value) -> Value {
        let made = self.admin.json("POST", path, draft).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    async fn garage(&self, title: &str, contact: &Value) -> Value {
        let draft = json!({
            "kind": "own", "table": "garages", "title": title, "contact": contact["id"],
            "fields": { "gate": "00 44 (20) 7946-0777" },
        });
        self.add("/items", &draft).await
    }

    /// A call as it rings, and its record when it is over.
    async fn call(&mut self) -> (Value, Value) {
        let robot = json!({ "caller": SPELLED, "ring_secs": 1 });
        robot_calls(&self.admin, &robot).await;
        // What rules wrote of an earlier one may still be told.
        let rings = |event: &Value| event["type"] == "call" && event["data"]["ended_at"].is_null();
        let begun = self.heard.until(rings).await["data"].clone();
        self.heard.until(is_over).await;
        let notice = |event: &Value| event["type"] == "notice";
        self.heard.until(notice).await;
        let path = format!("/calls/{}", begun["id"].as_str().unwrap());
        (begun, self.admin.get(&path).await.json())
    }
}

#[tokio::test]
async fn a_number_in_a_field_of_a_contact_brings_his_card_and_the_call_is_his() {
    let mut house = house(&json!(["contacts", "companies"])).await;
    let draft =
        json!({ "name": "Zoya Dale", "tags": ["VIP"], "fields": { "dacha": "0044 20 7946 0777" } });
    let zoya = house.add("/contacts", &draft).await;
    assert_eq!(zoya["fields"]["dacha"], NUMBER);
    let draft = json!({ "name": "Only a remark", "fields": { "remark": NUMBER } });
    house.add("/contacts", &draft).await;
    let deal = json!({ "kind": "deal", "title": "Roof", "contact": zoya["id"] });
    let deal = house.add("/items", &deal).await;
    let (begun, over) = house.call().await;
    let named = json!([{ "id": zoya["id"], "name": "Zoya Dale" }]);
    assert_eq!(begun["client"]["contacts"], named, "{begun}");
    assert_eq!(begun["contact"]["id"], zoya["id"]);
    assert_eq!(begun["client"]["tags"], json!(["VIP"]));
    assert_eq!(begun["client"]["deals"][0]["id"], deal["id"]);
    assert_eq!(
        (&over["contact"]["id"], &over["deal"]["id"]),
        (&zoya["id"], &deal["id"])
    );
    let id = zoya["id"].as_str().unwrap();
    let his = house
        .admin
        .get(&format!("/calls?contact={id}"))
        .await
        .json();
    assert_eq!(his["items"][0]["id"], begun["id"], "{his}");
    let timeline = format!("/contacts/{id}/timeline");
    let timeline = house.admin.get(&timeline).await.json();
    assert!(timeline.to_string().contains(begun["id"].as_str().unwrap()));
    let (again, _) = house.call().await;
    assert_eq!(again["client"]["call_count"], 1, "{again}");

    // Where contacts are not looked up, he is nobody.
    house.looks_in(&json!(["companies"])).await;
    let (begun, _) = house.call().await;
    assert_eq!(begun["client"]["contacts"], json!([]), "{begun}");
}

#[tokio::test]
async fn the_order_of_the_places_decides_between_a_contact_and_a_row_of_an_own_table() {
    let mut house = house(&json!(["contacts", "garages"])).await;
    let none = json!({});
    let garage = house.garage("Garage 7", &none).await;
    let row = json!({ "id": garage["id"], "table": "garages", "title": "Garage 7" });
    let (begun, over) = house.call().await;
    assert_eq!((&begun["row"], &over["row"]), (&row, &row), "{begun}");
    assert_eq!(begun["contact"], Value::Null);
    let entries = house.admin.get("/items?kind=unsorted").await.json();
    assert_eq!(entries["items"][0]["title"], "Garage 7", "{entries}");

    let zoya = json!({ "name": "Zoya Dale", "phones": [NUMBER] });
    let zoya = house.add("/contacts", &zoya).await;
    let (begun, _) = house.call().await;
    assert_eq!(begun["contact"]["id"], zoya["id"], "{begun}");
    assert_eq!(begun["row"], Value::Null);
    house.looks_in(&json!(["garages", "contacts"])).await;
    let (begun, _) = house.call().await;
    assert_eq!((&begun["contact"], &begun["row"]), (&Value::Null, &row));

    // A row of a client stands for the client.
    let oleg = json!({ "name": "Oleg Frost" });
    let oleg = house.add("/contacts", &oleg).await;
    let path = format!("/items/{}", garage["id"].as_str().unwrap());
    let mut linked = garage.clone();
    linked["contact"] = oleg["id"].clone();
    linked["version"] = Value::Null;
    let changed = house.admin.json("PUT", &path, &linked).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let (begun, over) = house.call().await;
    let named = json!([{ "id": oleg["id"], "name": "Oleg Frost" }]);
    assert_eq!(begun["client"]["contacts"], named, "{begun}");
    assert_eq!(over["contact"]["id"], oleg["id"]);
}
