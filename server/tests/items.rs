//! Deals, tasks, orders and notes.

use serde_json::{Value, json};

use crate::{
    http::Client,
    server::{Server, listen},
};

async fn add(client: &Client, draft: &Value) -> Value {
    let answer = client.json("POST", "/items", draft).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn path(item: &Value) -> String {
    format!("/items/{}", item["id"].as_str().unwrap())
}

async fn client_called(client: &Client, name: &str) -> Value {
    let made = client
        .json("POST", "/contacts", &json!({ "name": name }))
        .await;
    made.json()
}

#[tokio::test]
async fn a_deal_goes_through_its_stages_and_everybody_is_told() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let contact = client_called(&admin, "Зоя Лаптева").await;
    let mut events = listen(&admin).await;
    let deal =
        json!({ "kind": "deal", "contact": contact["id"], "amount": 12_500_000, "tags": ["sofa"] });
    let deal = add(&anna, &deal).await;
    assert_eq!(
        (
            &deal["title"],
            &deal["state"],
            &deal["is_open"],
            &deal["currency"],
            &deal["pipeline"]
        ),
        (
            &json!("Зоя Лаптева"),
            &json!("in_progress"),
            &json!(true),
            &json!("RUB"),
            &json!("sales")
        )
    );
    assert_eq!(deal["contact"]["name"], "Зоя Лаптева");
    let told = events.until(|event| event["type"] == "item").await;
    assert_eq!(told["data"]["id"], deal["id"]);
    let won = anna
        .json("PATCH", &path(&deal), &json!({ "state": "won" }))
        .await
        .json();
    assert_eq!(
        (&won["is_open"], won["done_at"].is_i64()),
        (&json!(false), true)
    );
    let again = anna
        .json("PATCH", &path(&deal), &json!({ "state": "in_progress" }))
        .await
        .json();
    assert_eq!(
        (&again["is_open"], &again["done_at"]),
        (&json!(true), &Value::Null)
    );
    let lost = anna
        .json("PATCH", &path(&deal), &json!({ "state": "eaten" }))
        .await;
    assert_eq!((lost.status, &lost.json()["field"]), (422, &json!("state")));
    let changes = admin.get(&format!("{}/changes", path(&deal))).await.json();
    assert_eq!(
        changes["items"][0]["fields"],
        json!([["state", "won", "in_progress"]])
    );
    assert_eq!(changes["items"][0]["by"], "anna");

    assert_eq!(
        anna.json("DELETE", &path(&deal), &json!({})).await.status,
        204
    );
    events.until(|event| event["type"] == "item_deleted").await;
    assert_eq!(anna.get(&path(&deal)).await.status, 404);
    let back = anna
        .json("POST", &format!("{}/restore", path(&deal)), &json!({}))
        .await;
    assert_eq!(
        (back.status, &back.json()["title"]),
        (200, &json!("Зоя Лаптева"))
    );
}

#[tokio::test]
async fn an_order_its_invoice_and_payment_belong_to_one_client_by_themselves() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let contact = client_called(&admin, "Ann Marlow").await;
    let deal = add(&admin, &json!({ "kind": "deal", "contact": contact["id"] })).await;
    let order = json!({ "kind": "order", "deal": deal["id"], "title": "A-17", "amount": 100, "sort": "pre_order" });
    let order = add(&admin, &order).await;
    assert_eq!(
        (&order["contact"]["name"], &order["state"]),
        (&json!("Ann Marlow"), &json!("new"))
    );
    let invoice = add(
        &admin,
        &json!({ "kind": "invoice", "parent": order["id"], "amount": 100 }),
    )
    .await;
    assert_eq!(invoice["deal"]["id"], deal["id"]);
    assert_eq!(invoice["parent"]["title"], "A-17");
    let payment = add(
        &admin,
        &json!({ "kind": "payment", "parent": invoice["id"], "amount": 100 }),
    )
    .await;
    assert_eq!(payment["contact"]["id"], contact["id"]);
    for (draft, field) in [
        (json!({ "kind": "payment", "parent": deal["id"] }), "parent"),
        (json!({ "kind": "task", "deal": order["id"] }), "deal"),
        (json!({ "kind": "task", "parent": order["id"] }), "parent"),
        (json!({ "kind": "task", "contact": deal["id"] }), "contact"),
        (json!({ "kind": "task", "owner": deal["id"] }), "owner"),
        (json!({ "kind": "task", "call": deal["id"] }), "call"),
        (
            json!({ "kind": "task", "title": "📞".repeat(301) }),
            "title",
        ),
    ] {
        let refused = admin.json("POST", "/items", &draft).await;
        assert_eq!(
            (refused.status, &refused.json()["field"]),
            (422, &json!(field)),
            "{draft}"
        );
    }
}

#[tokio::test]
async fn lists_of_items_are_filtered_sorted_and_counted() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    for (i, due) in [(1, json!(3000)), (2, Value::Null), (3, json!(1000))] {
        add(&anna, &json!({ "kind": "task", "title": format!("Task {i}"), "due_at": due, "tags": [format!("t\"{i}")] })).await;
    }
    add(
        &admin,
        &json!({ "kind": "note", "text": "Просил перезвонить после обеда" }),
    )
    .await;
    let titles = async |query: &str| -> Vec<String> {
        let page = anna.get(&format!("/items?{query}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        titles("kind=task&sort=due").await,
        ["Task 3", "Task 1", "Task 2"]
    );
    assert_eq!(
        titles("kind=task&sort=-due&limit=2").await,
        ["Task 2", "Task 1"]
    );
    assert_eq!(titles("owner=me&due_to=2000").await, ["Task 3"]);
    assert_eq!(titles("tag=t%222").await, ["Task 2"]);
    assert_eq!(
        titles("kind=note,deal").await,
        ["Просил перезвонить после обеда"]
    );
    assert_eq!(titles("q=%D0%BE%D0%B1%D0%B5%D0%B4%D0%B0").await.len(), 1);
    assert_eq!(titles("q=task&state=open&open=true").await.len(), 3);
    let counts = anna.get("/items/counts").await.json();
    assert_eq!(
        (&counts["tasks_due"], &counts["unsorted"]),
        (&json!(2), &json!(0))
    );

    let page = anna.get("/items?kind=task&sort=due&limit=2").await;
    assert_eq!(page.headers["x-total-count"], "3");
    let next = page.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(
        titles(&format!("kind=task&sort=due&limit=2&cursor={next}")).await,
        ["Task 2"]
    );

    let ids: Vec<Value> = anna.get("/items?kind=task").await.json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].clone())
        .collect();
    let done = anna
        .json(
            "POST",
            "/items/bulk",
            &json!({ "ids": ids, "state": "done", "add_tag": "x" }),
        )
        .await
        .json();
    assert_eq!(done["changed"], 3);
    assert_eq!(titles("kind=task&open=false&tag=x").await.len(), 3);
    let undo = format!("/operations/{}/undo", done["operation"].as_str().unwrap());
    assert_eq!(admin.json("POST", &undo, &json!({})).await.status, 200);
    assert_eq!(titles("kind=task&open=true").await.len(), 3);
}

#[tokio::test]
async fn rows_of_a_table_of_the_house_keep_its_fields() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut events = listen(&admin).await;
    let mut work = admin.get("/work").await.json();
    work["tables"] = json!([{ "key": "garages", "name": "Garages" }]);
    work["fields"] = json!([
        { "key": "phone", "table": "garages", "label": "Phone", "kind": "phone" },
        { "key": "places", "table": "garages", "label": "Places", "kind": "number", "required": true },
    ]);
    assert_eq!(admin.json("PUT", "/settings/work", &work).await.status, 200);
    events.until(|event| event["type"] == "work").await;
    let draft = json!({ "kind": "own", "table": "garages", "title": "On the corner", "fields": { "phone": "8 495 222-33-44", "places": "12" } });
    let made = add(&admin, &draft).await;
    assert_eq!(
        made["fields"],
        json!({ "phone": "+74952223344", "places": "12" })
    );
    let missing = json!({ "kind": "own", "table": "garages", "title": "x", "fields": { "phone": "8 495 222-33-44" } });
    let missing = admin.json("POST", "/items", &missing).await;
    assert_eq!(missing.json()["field"], "fields.places");
    let page = admin
        .get("/items?kind=own&table=garages&q=2223344")
        .await
        .json();
    assert_eq!(page["items"][0]["id"], made["id"]);
    let anna = server.user(&admin, "anna", "agent", None).await;
    assert_eq!(anna.json("PUT", "/settings/work", &work).await.status, 403);
    work["pipelines"] = json!([]);
    let refused = admin.json("PUT", "/settings/work", &work).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "no_pipeline")
    );
}
