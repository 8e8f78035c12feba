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
            { "e164": "+78125550102", "display": "+7 812 555-01-02", "label": "" },
            { "e164": "+442079460777", "display": "+44 20 7946 0777", "label": "" },
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

#[tokio::test]
async fn a_person_and_his_company_keep_everything_typed_and_lists_filter_by_it() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut work = admin.get("/work").await.json();
    work["fields"] = json!([
        { "key": "contract", "table": "contacts", "label": "Contract", "kind": "text", "required": true },
        { "key": "since", "table": "contacts", "label": "Client since", "kind": "date" },
    ]);
    let set = admin.json("PUT", "/settings/work", &work).await;
    assert_eq!(set.status, 200, "{set:?}");
    let company = json!({ "kind": "company", "name": "ООО «Ромашка»", "phones": ["+74951110000"] });
    let company = admin.json("POST", "/contacts", &company).await.json();
    let mut person = json!({
        "surname": "Соколова", "first_name": "Марина", "patronymic": "Петровна",
        "phones": [{ "value": "8 495 123-45-67", "label": "work" }],
        "emails": [{ "value": "marina@example.com", "label": "work" }],
        "addresses": [{ "value": "Москва, Тверская, 1" }],
        "company": company["id"], "position": "Директор", "status": "regular",
        "tags": ["VIP", "vip"], "fields": { "contract": "Д-2026/17", "since": "31.01.2026" },
    });
    let made = admin.json("POST", "/contacts", &person).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!(made["name"], "Соколова Марина Петровна");
    assert_eq!(made["company"]["name"], "ООО «Ромашка»");
    assert_eq!(made["phones"][0]["label"], "work");
    assert_eq!(made["tags"], json!(["VIP"]));
    assert_eq!(made["fields"]["since"], "2026-01-31");
    assert_eq!(admin.get("/tags?q=vi").await.json(), json!(["VIP"]));
    for filter in [
        "status=regular&kind=person".to_owned(),
        "tag=VIP".to_owned(),
        format!("company={}", company["id"].as_str().unwrap()),
        "field.contract=%D0%94-2026%2F17".to_owned(),
        "q=marina%40example".to_owned(),
        "q=2026%2F17".to_owned(),
    ] {
        let found = admin
            .get(&format!("/contacts?{filter}&created_from=1767225600000"))
            .await;
        let names: Vec<_> = found.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["id"].clone())
            .collect();
        assert_eq!(names, [made["id"].clone()], "{filter}");
        assert_eq!(found.headers["x-total-count"], "1", "{filter}");
    }
    let path = format!("/contacts/{}", made["id"].as_str().unwrap());
    person["fields"] = json!({});
    let refused = admin.json("PUT", &path, &person).await;
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (422, &json!("fields.contract"))
    );
    for (field, wrong, expected) in [
        (
            "emails",
            json!([{ "value": "marina at example" }]),
            "emails",
        ),
        ("phones", json!(["☎️ звонить вечером"]), "phones"),
        ("company", json!(made["id"]), "company"),
        ("status", json!("loved"), "status"),
        ("surname", json!("x".repeat(101)), "surname"),
    ] {
        let mut draft = person.clone();
        draft["fields"] = json!({ "contract": "1" });
        draft[field] = wrong;
        let refused = admin.json("PUT", &path, &draft).await;
        assert_eq!(
            (refused.status, &refused.json()["field"]),
            (422, &json!(expected))
        );
    }
}

#[tokio::test]
async fn two_who_change_one_contact_do_not_overwrite_each_other_and_history_tells_who() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let anna = server.user(&admin, "anna", "agent", Some("205")).await;
    let made = add(&admin, "=HYPERLINK(\"x\")", &["+78125550102"]).await;
    assert_eq!(made["name"], "=HYPERLINK(\"x\")");
    let path = format!("/contacts/{}", made["id"].as_str().unwrap());
    let changed = json!({ "name": "Зоя", "phones": ["+78125550102"], "version": made["version"] });
    assert_eq!(anna.json("PUT", &path, &changed).await.status, 200);
    let late = admin.json("PUT", &path, &changed).await;
    assert_eq!(
        (late.status, late.code().as_str()),
        (409, "changed_meanwhile")
    );
    assert!(
        late.json()["message"].as_str().unwrap().starts_with("Anna"),
        "{late:?}"
    );
    let attached = json!({ "number": "8 (812) 555-01-03" });
    let attached = anna
        .json("POST", &format!("{path}/phones"), &attached)
        .await
        .json();
    assert_eq!(attached["phones"][1]["e164"], "+78125550103");
    let changes = admin.get(&format!("{path}/changes")).await.json();
    let told: Vec<_> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["by"].clone(), c["fields"][0].clone()))
        .collect();
    assert_eq!(
        told[..2],
        [
            (
                json!("anna"),
                json!([
                    "phones",
                    "+7 812 555-01-02",
                    "+7 812 555-01-02, +7 812 555-01-03"
                ])
            ),
            (json!("anna"), json!(["name", "=HYPERLINK(\"x\")", "Зоя"])),
        ]
    );
    assert_eq!(changes["items"][2]["what"], "created");
}

#[tokio::test]
async fn what_is_done_to_many_is_taken_back_unless_it_was_changed_since() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut ids = Vec::new();
    for i in 0..3 {
        ids.push(add(&admin, &format!("Bulk {i}"), &[]).await["id"].clone());
    }
    let tagged = json!({ "ids": ids, "add_tag": "spring", "status": "new" });
    let tagged = admin.json("POST", "/contacts/bulk", &tagged).await;
    assert_eq!((tagged.status, &tagged.json()["changed"]), (200, &json!(3)));
    let count = async |filter: &str| {
        let page = admin.get(&format!("/contacts?{filter}")).await.json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count("tag=spring&status=new").await, 3);
    let undo = |answer: &crate::http::Answer| {
        format!(
            "/operations/{}/undo",
            answer.json()["operation"].as_str().unwrap()
        )
    };
    let undone = admin.json("POST", &undo(&tagged), &json!({})).await;
    assert_eq!(undone.status, 200, "{undone:?}");
    assert_eq!(count("tag=spring").await, 0);
    let again = admin.json("POST", &undo(&tagged), &json!({})).await;
    assert_eq!(again.code(), "undone_already");
    let deleted = json!({ "ids": ids, "delete": true });
    let deleted = admin.json("POST", "/contacts/bulk", &deleted).await;
    assert_eq!(count("q=bulk").await, 0);
    assert_eq!(
        admin.json("POST", &undo(&deleted), &json!({})).await.status,
        200
    );
    assert_eq!(count("q=bulk").await, 3);
    let tagged = json!({ "ids": ids, "add_tag": "autumn" });
    let tagged = admin.json("POST", "/contacts/bulk", &tagged).await;
    let path = format!("/contacts/{}", ids[0].as_str().unwrap());
    admin.json("PUT", &path, &json!({ "name": "Other" })).await;
    let refused = admin.json("POST", &undo(&tagged), &json!({})).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "changed_meanwhile")
    );
    assert!(
        refused.json()["message"]
            .as_str()
            .unwrap()
            .contains("Other")
    );
    assert_eq!(count("tag=autumn").await, 2);
}

#[tokio::test]
async fn lists_are_sorted_either_way_page_after_page() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let me = admin.get("/session").await.json()["id"].clone();
    for i in 0..7 {
        let responsible = if i % 3 == 0 { me.clone() } else { json!("") };
        let draft = json!({ "name": format!("Sorted {i}"), "responsible": responsible, "status": if i % 2 == 0 { "new" } else { "" } });
        assert_eq!(admin.json("POST", "/contacts", &draft).await.status, 201);
    }
    for sort in [
        "name",
        "-name",
        "created",
        "-updated",
        "status",
        "-status",
        "responsible",
        "-responsible",
    ] {
        let mut names: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = admin
                .get(&format!("/contacts?q=sorted&limit=2&sort={sort}{cursor}"))
                .await
                .json();
            names.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|c| c["name"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        let expected: Vec<usize> = match sort {
            "name" | "created" => (0..7).collect(),
            "-name" | "-updated" => (0..7).rev().collect(),
            "responsible" => vec![0, 3, 6, 1, 2, 4, 5],
            "-responsible" => vec![5, 4, 2, 1, 6, 3, 0],
            "status" => vec![1, 3, 5, 0, 2, 4, 6],
            _ => vec![6, 4, 2, 0, 5, 3, 1],
        };
        let expected: Vec<String> = expected.iter().map(|i| format!("Sorted {i}")).collect();
        assert_eq!(names, expected, "{sort}");
    }
    assert_eq!(
        admin.get("/contacts?sort=shoe-size").await.code(),
        "bad_sort"
    );
}
