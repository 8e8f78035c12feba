//! Duplicates, merging, handing over, erasing and exporting clients, over HTTP.

use serde_json::{Value, json};

use crate::{
    http::Client,
    server::{Server, is_over, listen, next_call, robot_calls},
};

async fn add(client: &Client, draft: Value) -> Value {
    let answer = client.json("POST", "/contacts", &draft).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

async fn item(client: &Client, kind: &str, title: &str, contact: &Value) -> Value {
    let draft = json!({ "kind": kind, "title": title, "text": title, "contact": contact["id"] });
    let answer = client.json("POST", "/items", &draft).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// A contact as it is, but for what says when it was touched.
async fn seen(client: &Client, id: &str) -> Value {
    let mut contact = client.get(&format!("/contacts/{id}")).await.json();
    for key in ["version", "updated_at"] {
        contact.as_object_mut().unwrap().remove(key);
    }
    contact
}

async fn items_of(client: &Client, contact: &str) -> Vec<String> {
    let page = client
        .get(&format!("/items?contact={contact}"))
        .await
        .json();
    let items = page["items"].as_array().unwrap().iter();
    let mut titles: Vec<_> = items
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn duplicates_become_one_with_nothing_lost_and_two_again() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let one = add(&admin, json!({
        "name": "Ann Marlow", "phones": ["84951112233"], "emails": [{ "value": "ann@example.com" }],
        "tags": ["vip"], "position": "Buyer",
    })).await;
    let two = add(&admin, json!({
        "name": "A. Marlow", "phones": ["84951112233", "84951112244"], "emails": [{ "value": "a@example.org" }],
        "addresses": [{ "value": "1 Oak St" }], "tags": ["tea"], "position": "Director",
    })).await;
    item(&admin, "task", "Call back", &two).await;
    item(&admin, "task", "Write", &one).await;
    let groups = admin.get("/duplicates").await.json();
    let group = groups["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["value"] == "+7 495 111-22-33")
        .unwrap();
    assert_eq!(
        (&group["by"], group["contacts"].as_array().unwrap().len()),
        (&json!("phone"), 2)
    );
    let (one, two) = (id(&one), id(&two));
    let before = (seen(&admin, &one).await, seen(&admin, &two).await);

    let merged = admin
        .json(
            "POST",
            "/contacts/merge",
            &json!({ "into": one, "from": [two] }),
        )
        .await;
    assert_eq!(merged.status, 200, "{merged:?}");
    let after = seen(&admin, &one).await;
    let e164: Vec<&Value> = after["phones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phone| &phone["e164"])
        .collect();
    assert_eq!(e164, ["+74951112233", "+74951112244"]);
    assert_eq!(after["emails"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&after["tags"], &after["position"]),
        (&json!(["vip", "tea"]), &json!("Buyer"))
    );
    assert_eq!(after["addresses"][0]["value"], "1 Oak St");
    assert_eq!(admin.get(&format!("/contacts/{two}")).await.status, 404);
    let page = admin
        .get(&format!("/items?contact={one}&kind=note"))
        .await
        .json();
    let note = page["items"][0]["text"].as_str().unwrap().to_owned();
    assert!(
        note.contains("A. Marlow") && note.contains("Director"),
        "{note}"
    );
    assert_eq!(items_of(&admin, &one).await.len(), 3);

    let path = format!(
        "/operations/{}/undo",
        merged.json()["operation"].as_str().unwrap()
    );
    let undone = admin.json("POST", &path, &json!({})).await;
    assert_eq!(undone.status, 200, "{undone:?}");
    assert_eq!((seen(&admin, &one).await, seen(&admin, &two).await), before);
    assert_eq!(items_of(&admin, &one).await, ["Write"]);
    assert_eq!(items_of(&admin, &two).await, ["Call back"]);
    assert_eq!(admin.json("POST", &path, &json!({})).await.status, 409);
}

#[tokio::test]
async fn a_merge_of_what_was_changed_since_is_not_undone_and_people_are_no_companies() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let one = id(&add(&admin, json!({ "name": "Ann" })).await);
    let two = id(&add(&admin, json!({ "name": "Anna" })).await);
    let company = id(&add(&admin, json!({ "name": "Acme", "kind": "company" })).await);
    for (body, code) in [
        (json!({ "into": one, "from": [company] }), "unlike"),
        (json!({ "into": one, "from": [one] }), "same_contact"),
        (json!({ "into": one, "from": [] }), "bad_ids"),
    ] {
        assert_eq!(
            admin.json("POST", "/contacts/merge", &body).await.code(),
            code
        );
    }
    let merged = admin
        .json(
            "POST",
            "/contacts/merge",
            &json!({ "into": one, "from": [two] }),
        )
        .await
        .json();
    let changed = admin
        .json(
            "PUT",
            &format!("/contacts/{one}"),
            &json!({ "name": "Ann Marlow" }),
        )
        .await;
    assert_eq!(changed.status, 200);
    let path = format!("/operations/{}/undo", merged["operation"].as_str().unwrap());
    let undone = admin.json("POST", &path, &json!({})).await;
    assert_eq!(
        (undone.status, undone.code().as_str()),
        (409, "changed_meanwhile")
    );
}

#[tokio::test]
async fn a_client_handed_over_rings_the_new_one_with_what_is_open_and_goes_back_by_undo() {
    let (server, admin) = Server::ready().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let boris = server.user(&admin, "boris", "agent", Some("206")).await;
    let user = async |client: &Client| {
        client.get("/session").await.json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (anna_id, boris_id) = (user(&anna).await, user(&boris).await);
    let client = add(
        &admin,
        json!({ "name": "Ann", "phones": ["+74951234567"], "responsible": anna_id }),
    )
    .await;
    let open = item(&anna, "deal", "Open", &client).await;
    let closed = item(&anna, "task", "Closed", &client).await;
    let done = anna
        .json(
            "PATCH",
            &format!("/items/{}", id(&closed)),
            &json!({ "state": "done" }),
        )
        .await;
    assert_eq!(done.status, 200, "{done:?}");
    let mut events = listen(&boris).await;
    let body = json!({ "from": anna_id, "to": boris_id });
    let handed = admin.json("POST", "/contacts/hand-over", &body).await;
    assert_eq!(
        (handed.status, &handed.json()["changed"]),
        (200, &json!(1)),
        "{handed:?}"
    );
    let notice = events.until(|event| event["type"] == "notice").await;
    assert_eq!(
        (&notice["data"]["kind"], &notice["data"]["count"]),
        (&json!("handed_over"), &json!(1))
    );
    let owner = async |item: &Value| {
        admin.get(&format!("/items/{}", id(item))).await.json()["owner"].clone()
    };
    assert_eq!(
        (owner(&open).await, owner(&closed).await),
        (json!(boris_id), json!(anna_id))
    );
    assert_eq!(
        seen(&admin, &id(&client)).await["responsible"],
        json!(boris_id)
    );

    let path = format!(
        "/operations/{}/undo",
        handed.json()["operation"].as_str().unwrap()
    );
    assert_eq!(admin.json("POST", &path, &json!({})).await.status, 200);
    assert_eq!(owner(&open).await, json!(anna_id));
    assert_eq!(
        seen(&admin, &id(&client)).await["responsible"],
        json!(anna_id)
    );
    let nobody = json!({ "ids": [id(&client)], "to": "01a2006c-8dd9-70e9-ae01-83e7580a3038" });
    assert_eq!(
        admin
            .json("POST", "/contacts/hand-over", &nobody)
            .await
            .code(),
        "no_user"
    );
}

#[tokio::test]
async fn a_person_who_is_erased_is_nowhere_any_more() {
    let (server, admin) = Server::ready().await;
    let boss = server.user(&admin, "boss", "supervisor", None).await;
    let client = id(&add(
        &admin,
        json!({ "name": "Зоя Лаптева", "phones": ["+74951239977"], "tags": ["vip"] }),
    )
    .await);
    item(&admin, "note", "about Зоя", &json!({ "id": client })).await;
    let mut events = listen(&admin).await;
    robot_calls(&admin, &json!({ "caller": "+74951239977", "ring_secs": 1 })).await;
    let call = id(&next_call(&mut events).await);
    let path = format!("/contacts/{client}/erase");
    assert_eq!(boss.json("POST", &path, &json!({})).await.status, 403);
    events
        .until(|event| is_over(event) && event["data"]["id"] == json!(call))
        .await;
    let erased = admin.json("POST", &path, &json!({})).await;
    assert_eq!(erased.status, 200, "{erased:?}");
    assert_eq!(erased.json()["calls"], 1);
    assert_eq!(admin.get(&format!("/contacts/{client}")).await.status, 404);
    let call = admin.get(&format!("/calls/{call}")).await.json();
    assert_eq!(
        (&call["number"], &call["contact"]),
        (&Value::Null, &Value::Null),
        "{call}"
    );
    for path in [
        "/contacts?q=4951239977",
        "/contacts?q=%D0%BB%D0%B0%D0%BF%D1%82%D0%B5%D0%B2",
        "/calls?q=4951239977",
    ] {
        assert_eq!(admin.get(path).await.json()["items"], json!([]), "{path}");
    }
    let export = String::from_utf8(admin.get("/contacts/export").await.body).unwrap();
    assert!(
        !export.contains("Лаптева") && !export.contains("495 123-99-77"),
        "{export}"
    );
    assert_eq!(admin.json("POST", &path, &json!({})).await.status, 404);
}

#[tokio::test]
async fn an_export_is_safe_and_comes_back_by_an_import() {
    let server = Server::start().await;
    let admin = server.admin().await;
    add(
        &admin,
        json!({ "name": "=HYPERLINK(\"x\")", "phones": ["+74951112233"], "tags": ["odd"] }),
    )
    .await;
    let csv = admin.get("/contacts/export?tag=odd").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(csv.body.clone()).unwrap();
    assert!(
        text.contains("\"'=HYPERLINK(\"\"x\"\")\"") && text.contains("'+7 495 111-22-33"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2);
    let again = admin
        .send("POST", "/api/v1/imports?name=x.csv", &[], &csv.body)
        .await
        .json();
    let first = &again["sample"][0];
    assert_eq!(
        (&first["name"], &first["phones"][0]["value"]),
        (&json!("=HYPERLINK(\"x\")"), &json!("+7 495 111-22-33"))
    );
    let cards =
        String::from_utf8(admin.get("/contacts/export?tag=odd&format=vcf").await.body).unwrap();
    assert!(
        cards.contains("TEL:+74951112233") && cards.ends_with("END:VCARD\r\n"),
        "{cards}"
    );
    let book = admin.get("/contacts/export?tag=odd&format=xlsx").await;
    assert!(book.body.starts_with(b"PK"));
    assert_eq!(
        admin.get("/contacts/export?format=exe").await.code(),
        "bad_format"
    );
}
