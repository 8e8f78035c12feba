use serde_json::{Value, json};

use crate::{http::Client, server::Server};

async fn find(client: &Client, query: &str) -> Vec<String> {
    let encoded: String = query.bytes().map(|b| format!("%{b:02x}")).collect();
    let page = client.get(&format!("/contacts?q={encoded}")).await.json();
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn add(client: &Client, name: &str, phones: &[&str]) -> Value {
    let answer = client
        .json(
            "POST",
            "/contacts",
            &json!({ "name": name, "phones": phones }),
        )
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_contact_is_made_found_in_any_spelling_changed_deleted_and_restored() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let made = add(
        &admin,
        "  Зоя Лаптева ",
        &["8 (812) 555-01-02", "+78125550102", "00442079460777", ""],
    )
    .await;
    assert_eq!(made["name"], "Зоя Лаптева");
    assert_eq!(
        made["phones"],
        json!([
            { "e164": "+78125550102", "display": "+7 812 555-01-02" },
            { "e164": "+442079460777", "display": "+44 20 7946 0777" },
        ])
    );
    for query in [
        "лапт",
        "8 812 555",
        "78125550102",
        "+7 (812) 555-01",
        "810442079460777",
        "79460777",
    ] {
        assert_eq!(find(&admin, query).await, ["Зоя Лаптева"], "{query}");
    }
    for (number, expected) in [
        ("%2B78125550102", &["Зоя Лаптева"][..]),
        ("8812555-01-02", &["Зоя Лаптева"]),
        ("8125550103", &[]),
        ("anna", &[]),
    ] {
        let page = admin
            .get(&format!("/contacts?number={number}"))
            .await
            .json();
        let items = page["items"].as_array().unwrap().iter();
        let names: Vec<&str> = items.map(|item| item["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{number}");
    }
    let path = format!("/contacts/{}", made["id"].as_str().unwrap());
    let changed = admin
        .json(
            "PUT",
            &path,
            &json!({ "name": "Зоя Орехова", "phones": [] }),
        )
        .await;
    assert_eq!(
        (changed.status, &changed.json()["phones"]),
        (200, &json!([]))
    );
    assert!(find(&admin, "лапт").await.is_empty());
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 404);
    assert!(find(&admin, "орехова").await.is_empty());
    assert_eq!(
        admin
            .json("POST", &format!("{path}/restore"), &json!({}))
            .await
            .status,
        200
    );
    assert_eq!(find(&admin, "орехова").await, ["Зоя Орехова"]);
}

#[tokio::test]
async fn what_cannot_be_a_contact_is_refused_with_the_field() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let long = "x".repeat(201);
    for (body, field) in [
        (json!({ "name": " ", "phones": [] }), "name"),
        (json!({ "name": long, "phones": [] }), "name"),
        (json!({ "name": "A", "phones": ["call me"] }), "phones"),
        (json!({ "name": "A", "phones": ["1".repeat(40)] }), "phones"),
        (
            json!({ "name": "A", "phones": vec!["+74951234567"; 21] }),
            "phones",
        ),
    ] {
        let answer = admin.json("POST", "/contacts", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["field"]),
            (422, &json!(field)),
            "{body}"
        );
    }
    assert_eq!(admin.get("/contacts/not-an-id").await.status, 404);
    assert_eq!(admin.get("/contacts?limit=0").await.status, 422);
    assert_eq!(admin.get("/contacts?limit=x").await.status, 422);
    assert_eq!(admin.get("/contacts?cursor=%21").await.code(), "bad_cursor");
}

#[tokio::test]
async fn pages_of_contacts_follow_each_other() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for i in 0..7 {
        add(&admin, &format!("Paged {i}"), &[]).await;
    }
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin
            .get(&format!("/contacts?q=paged&limit=3{cursor}"))
            .await
            .json();
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].clone()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(
        names,
        (0..7)
            .map(|i| json!(format!("Paged {i}")))
            .collect::<Vec<_>>()
    );
}
