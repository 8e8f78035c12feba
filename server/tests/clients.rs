//! A client's time line, files, search over everything, lists kept by name.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    http::{Answer, Client, PATIENCE},
    server::{Server, config, is_over, listen, robot_calls, store_of},
};

async fn add(client: &Client, path: &str, draft: &Value) -> Value {
    let answer = client.json("POST", path, draft).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

async fn upload(client: &Client, query: &str, body: &[u8]) -> Answer {
    let kind = [("Content-Type", "text/html")];
    client
        .send("POST", &format!("/api/v1/files?{query}"), &kind, body)
        .await
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_company_shows_all_that_happened_with_it_and_its_people_newest_first() {
    let (_server, admin) = Server::ready().await;
    let company = add(
        &admin,
        "/contacts",
        &json!({ "kind": "company", "name": "Romashka" }),
    )
    .await;
    let person = json!({ "name": "Zoya", "company": company["id"], "phones": ["84951239999"] });
    let person = add(&admin, "/contacts", &person).await;
    let mut seen = listen(&admin).await;
    robot_calls(&admin, &json!({ "caller": "84951239999", "ring_secs": 1 })).await;
    let call = seen.until(is_over).await["data"].clone();
    let deal = json!({ "kind": "deal", "contact": person["id"], "title": "Sofa" });
    let deal = add(&admin, "/items", &deal).await;
    admin
        .json(
            "PATCH",
            &format!("/items/{}", id(&deal)),
            &json!({ "state": "won" }),
        )
        .await;
    let order = json!({ "kind": "order", "deal": deal["id"], "title": "A-1", "amount": 5000 });
    let order = add(&admin, "/items", &order).await;
    let file = upload(
        &admin,
        &format!("name=a.txt&contact={}", id(&company)),
        b"Hello",
    )
    .await;
    assert_eq!(file.status, 201, "{file:?}");

    let path = format!("/contacts/{}/timeline", id(&company));
    let told = |page: &Value| -> Vec<String> {
        let entries = page["items"].as_array().unwrap().iter();
        let word = |entry: &Value| entry["type"].as_str().unwrap().to_owned();
        entries.map(word).collect()
    };
    let page = admin.get(&path).await.json();
    // Rules may have made items of their own for the call.
    let kinds: Vec<String> = told(&page);
    assert_eq!(kinds[..2], ["file", "item"], "{page}");
    assert_eq!(page["items"][1]["id"], order["id"]);
    let change = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["type"] == "change")
        .unwrap();
    assert_eq!(
        (&change["field"], &change["title"], &change["after"]),
        (&json!("stage"), &json!("Sofa"), &json!("won"))
    );
    let calls = admin.get(&format!("{path}?kind=call")).await.json();
    assert_eq!(
        (told(&calls).len(), &calls["items"][0]["id"]),
        (1, &call["id"])
    );
    assert_eq!(
        told(&admin.get(&format!("{path}?kind=order,file")).await.json()),
        ["file", "item"]
    );

    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{path}?limit=2{cursor}")).await.json();
        all.extend(told(&page));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(all, kinds);
    let figures = admin
        .get(&format!("/contacts/{}/figures", id(&person)))
        .await
        .json();
    assert_eq!(
        (
            &figures["calls"],
            &figures["missed"],
            &figures["orders"],
            &figures["orders_amount"]
        ),
        (&json!(1), &json!(1), &json!(1), &json!([["RUB", 5000]]))
    );
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say_and_comes_whole_or_in_parts() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let contact = add(&admin, "/contacts", &json!({ "name": "Zoya" })).await;
    let with = format!("contact={}", id(&contact));
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 2000]].concat();
    let kept = upload(&admin, &format!("name=..%2Fevil.html&{with}"), &picture)
        .await
        .json();
    assert_eq!(
        (&kept["name"], &kept["media_type"], &kept["bytes"]),
        (&json!("evil.html"), &json!("image/png"), &json!(2008))
    );
    let path = format!("/api/v1/files/{}/content", id(&kept));
    let shown = admin
        .send("GET", &path, &[("Range", "bytes=0-7")], b"")
        .await;
    assert_eq!((shown.status, shown.body.as_slice()), (206, &picture[..8]));
    assert!(shown.headers["content-disposition"].starts_with("inline"));
    assert!(shown.headers["content-security-policy"].contains("sandbox"));
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");

    let page = b"<html><script>alert(1)</script></html>";
    let hostile = upload(
        &admin,
        &format!("name=%D1%81%D1%87%D1%91%D1%82.png&{with}"),
        page,
    )
    .await
    .json();
    assert_eq!(hostile["media_type"], "application/octet-stream");
    let saved = admin.get(&format!("/files/{}/content", id(&hostile))).await;
    assert!(
        saved.headers["content-disposition"].starts_with("attachment"),
        "{saved:?}"
    );
    assert!(saved.headers["content-disposition"].contains("%D1%81%D1%87%D1%91%D1%82.png"));

    let all = admin.get(&format!("/files?{with}")).await.json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(
        admin
            .json("DELETE", &format!("/files/{}", id(&kept)), &json!({}))
            .await
            .status,
        204
    );
    assert_eq!(
        admin
            .get(&format!("/files/{}/content", id(&kept)))
            .await
            .status,
        404
    );
    let back = admin
        .json("POST", &format!("/files/{}/restore", id(&kept)), &json!({}))
        .await;
    assert_eq!(back.status, 200);
    assert_eq!(
        admin
            .get(&format!("/files/{}/content", id(&kept)))
            .await
            .body,
        picture
    );
    assert_eq!(upload(&admin, "name=x", b"x").await.status, 422);
    assert_eq!(
        upload(&admin, &format!("name=x&{with}"), b"").await.code(),
        "empty"
    );
}

/// An upload that says how long it is and sends its first page.
async fn begun_upload(admin: &Client, contact: &Value, length: u64) -> TcpStream {
    let mut stream = TcpStream::connect(admin.address).await.unwrap();
    let head = format!(
        "POST /api/v1/files?name=film.mp4&contact={} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n",
        id(contact),
        admin.address,
        admin.cookie.as_ref().unwrap()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&[0; 4096]).await.unwrap();
    stream
}

/// How many files there are on the disk, whole or not.
fn kept(server: &Server) -> usize {
    let files = std::fs::read_dir(server.folder.path().join("files"));
    files.map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_file_of_two_gigabytes_is_refused_before_it_is_sent() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let contact = add(&admin, "/contacts", &json!({ "name": "Zoya" })).await;
    let mut stream = begun_upload(&admin, &contact, 2 << 30).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("at most 100 MB"),
        "{answer}"
    );
    assert_eq!(kept(&server), 0);
}

#[tokio::test]
async fn nothing_is_left_of_an_upload_that_broke_off() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let contact = add(&admin, "/contacts", &json!({ "name": "Zoya" })).await;
    let stream = begun_upload(&admin, &contact, 1 << 20).await;
    until(|| kept(&server) == 1).await;
    drop(stream);
    until(|| kept(&server) == 0).await;
    let list = format!("/files?contact={}", id(&contact));
    assert_eq!(admin.get(&list).await.json(), json!([]));
}

#[tokio::test]
async fn a_deleted_file_is_told_of_comes_back_for_thirty_days_and_leaves_the_disk_then() {
    const DAY: i64 = 86_400_000;
    let server = Server::start().await;
    let admin = server.admin().await;
    let contact = add(&admin, "/contacts", &json!({ "name": "Zoya" })).await;
    let mut seen = listen(&admin).await;
    let here = format!("contact={}", id(&contact));
    let (old, new) = (
        upload(&admin, &format!("name=old.txt&{here}"), b"old")
            .await
            .json(),
        upload(&admin, &format!("name=new.txt&{here}"), b"new")
            .await
            .json(),
    );
    let told = |event: &Value| event["type"] == "files" && event["data"]["id"] == contact["id"];
    for _ in 0..2 {
        seen.until(told).await;
    }
    let path = |file: &Value| format!("/files/{}", id(file));
    for file in [&old, &new] {
        let gone = admin.json("DELETE", &path(file), &json!({})).await;
        assert_eq!(gone.status, 204);
        seen.until(told).await;
    }
    assert_eq!(kept(&server), 2);

    // A month goes by for one of them, a day less for the other.
    let Server { running, folder } = server;
    running.stop().await;
    let store = store_of(folder.path()).await;
    let now = contact["created_at"].as_i64().unwrap();
    for (file, days) in [(&old, 31), (&new, 29)] {
        let id = id(file).parse().unwrap();
        store.set_file_deleted(id, None).await.unwrap();
        let then = Some(now - days * DAY);
        assert!(store.set_file_deleted(id, then).await.unwrap());
    }
    store.close().await;
    let running = trubka::start(config(folder.path())).await.unwrap();
    let server = Server { running, folder };
    let admin = Client {
        address: server.running.http(),
        ..admin
    };
    until(|| kept(&server) == 1).await;
    let back = |file: &Value| format!("{}/restore", path(file));
    assert_eq!(
        admin.json("POST", &back(&old), &json!({})).await.status,
        404
    );
    let restored = admin.json("POST", &back(&new), &json!({})).await;
    assert_eq!(restored.status, 200, "{restored:?}");
    let content = admin.get(&format!("{}/content", path(&new))).await;
    assert_eq!(content.body, b"new");
}

/// Waits until it is so.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("in time");
}

#[tokio::test]
async fn search_finds_people_companies_work_and_calls_with_a_letter_wrong() {
    let (_server, admin) = Server::ready().await;
    let person =
        json!({ "surname": "Лаптева", "first_name": "Зоя", "phones": ["+7 812 555-01-02"] });
    let person = add(&admin, "/contacts", &person).await;
    let company = json!({ "kind": "company", "name": "Лаптева и сыновья" });
    let company = add(&admin, "/contacts", &company).await;
    let deal = json!({ "kind": "deal", "contact": person["id"], "title": "Диван для Лаптевой" });
    let deal = add(&admin, "/items", &deal).await;
    let mut seen = listen(&admin).await;
    robot_calls(&admin, &json!({ "caller": "88125550102", "ring_secs": 1 })).await;
    seen.until(is_over).await;
    let search = async |query: &str| -> Value {
        let encoded: String = query.bytes().map(|b| format!("%{b:02x}")).collect();
        let found = admin.get(&format!("/search?q={encoded}")).await;
        assert_eq!(found.status, 200, "{found:?}");
        found.json()
    };
    let ids = |found: &Value, what: &str| -> Vec<Value> {
        found[what]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect()
    };
    let found = search("лаптев").await;
    assert_eq!(ids(&found, "contacts"), [person["id"].clone()]);
    assert_eq!(ids(&found, "companies"), [company["id"].clone()]);
    assert!(ids(&found, "items").contains(&deal["id"]));
    assert_eq!(found["calls"].as_array().unwrap().len(), 1);
    for query in [
        "зоя лаптева",
        "лаптева зоя",
        "лптева",
        "лапетва",
        "лоптева",
        "лаптеваа зоя",
        "555-01",
        "8 (812) 555",
        "5550102",
        "+7812555",
    ] {
        let found = search(query).await;
        assert!(
            ids(&found, "contacts").contains(&person["id"]),
            "{query}: {found}"
        );
    }
    assert!(ids(&search("дивван").await, "items").contains(&deal["id"]));
    assert_eq!(search("№1").await["items"][0]["number"], 1);
    for nothing in ["", "  ", "%", "\"", "* OR", "xyzzy", "🙂", &"a".repeat(500)] {
        let found = search(nothing).await;
        assert!(ids(&found, "contacts").is_empty(), "{nothing}: {found}");
    }
}

#[tokio::test]
async fn lists_are_kept_by_name_each_ones_own() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let anna = server.user(&admin, "anna", "agent", None).await;
    let view = json!({ "page": "contacts", "name": "VIP", "query": "tag=VIP&sort=-created" });
    let view = add(&anna, "/views", &view).await;
    assert_eq!(anna.get("/views?page=contacts").await.json(), json!([view]));
    assert_eq!(admin.get("/views").await.json(), json!([]));
    let path = format!("/views/{}", id(&view));
    let renamed = json!({ "name": "Important", "query": "tag=VIP" });
    assert_eq!(admin.json("PUT", &path, &renamed).await.status, 404);
    assert_eq!(
        anna.json("PUT", &path, &renamed).await.json()["name"],
        "Important"
    );
    assert_eq!(
        anna.json("PUT", &path, &json!({ "name": " " }))
            .await
            .json()["field"],
        "name"
    );
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 404);
    assert_eq!(anna.json("DELETE", &path, &json!({})).await.status, 204);
}
