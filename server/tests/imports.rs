//! Contacts out of files: what a supervisor does, over HTTP.

use serde_json::{Value, json};

use crate::{
    http::{Answer, Client},
    server::{Server, listen},
};

async fn upload(client: &Client, name: &str, octets: &[u8]) -> Answer {
    let path = format!("/api/v1/imports?name={name}");
    client.send("POST", &path, &[], octets).await
}

async fn uploaded(client: &Client, name: &str, octets: &[u8]) -> Value {
    let answer = upload(client, name, octets).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// Starts it and waits for its end.
async fn run(client: &Client, import: &Value) -> Value {
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    let started = client
        .json("POST", &format!("{path}/start"), &json!({}))
        .await;
    assert_eq!(started.status, 202, "{started:?}");
    loop {
        let now = client.get(&path).await.json();
        if now["progress"]["state"] != "running" {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn mapped(client: &Client, import: &Value, change: impl FnOnce(&mut Value)) -> Answer {
    let mut mapping = import["mapping"].clone();
    change(&mut mapping);
    let path = format!("/imports/{}/mapping", import["id"].as_str().unwrap());
    client.json("PUT", &path, &mapping).await
}

async fn names(client: &Client) -> Vec<String> {
    let page = client.get("/contacts?limit=200").await.json();
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn named(client: &Client, name: &str) -> Value {
    let page = client.get("/contacts?limit=200").await.json();
    let mut items = page["items"].as_array().unwrap().iter();
    items.find(|item| item["name"] == name).unwrap().clone()
}

fn counts(import: &Value) -> [u64; 6] {
    [
        "done",
        "created",
        "companies",
        "updated",
        "skipped",
        "failed",
    ]
    .map(|what| import["progress"][what].as_u64().unwrap())
}

const TABLE: &str = "ФИО;Телефон;E-mail;Компания;Заметка;Ответственный\r\n\
    Соколова Марина;8 (495) 123-45-67;m@example.com;ООО «Ромашка»;\"Любит чай,\r\nне кофе\";anna\r\n\
    Сёмин Пётр;нет;;;;\r\n\
    Орлова Вера;+7 916 111-22-33, 602;;ООО «Ромашка»;;\r\n\
    \"=HYPERLINK(\"\"http://x\"\")\";+79990001122;;;;nobody\r\n";

async fn ready() -> (Server, Client) {
    let server = Server::start().await;
    let admin = server.admin().await;
    let boss = server.user(&admin, "boss", "supervisor", None).await;
    server.user(&admin, "anna", "agent", Some("205")).await;
    // The demo's own contacts would be in the way.
    let page = boss.get("/contacts?limit=200").await.json();
    for contact in page["items"].as_array().unwrap() {
        let path = format!("/contacts/{}", contact["id"].as_str().unwrap());
        assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    }
    (server, boss)
}

#[tokio::test]
async fn a_table_in_windows_1251_is_imported_its_errors_downloaded_and_all_of_it_taken_back() {
    let (_server, boss) = ready().await;
    let mut events = listen(&boss).await;
    let octets = encoding_of(TABLE);
    let import = uploaded(&boss, "clients.csv", &octets).await;
    assert_eq!(
        (&import["encoding"], &import["delimiter"], &import["rows"]),
        (&json!("windows-1251"), &json!(";"), &json!(4))
    );
    assert_eq!(import["mapping"]["has_header"], true);
    assert_eq!(
        import["mapping"]["columns"],
        json!(["name", "phone", "email", "company", "note", "responsible"])
    );
    assert_eq!(
        import["sample"][0]["phones"][0]["value"],
        "+7 495 123-45-67"
    );
    let codes: Vec<&Value> = import["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert_eq!(codes, ["bad_phone", "unknown_responsible"]);
    assert!(
        names(&boss).await.is_empty(),
        "nothing is imported before it is started"
    );

    let done = run(&boss, &import).await;
    assert_eq!(done["progress"]["state"], "done", "{done}");
    assert_eq!(counts(&done), [4, 2, 1, 0, 0, 2]);
    events.until(|event| event["type"] == "many").await;
    assert_eq!(
        names(&boss).await,
        ["ООО «Ромашка»", "Орлова Вера", "Соколова Марина"]
    );
    let marina = named(&boss, "Соколова Марина").await;
    assert_eq!(marina["phones"][0]["e164"], "+74951234567");
    assert!(marina["responsible"].is_string());
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    let errors = boss.get(&format!("{path}/errors.csv")).await;
    let text = String::from_utf8(errors.body).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("ФИО,Телефон"), "{text}");
    assert!(lines[1].contains("not a phone number"), "{text}");
    let russian = boss.get(&format!("{path}/errors.csv?lang=ru")).await;
    let russian = String::from_utf8(russian.body).unwrap();
    assert!(russian.contains("— не телефон"), "{russian}");
    assert_eq!(russian.lines().count(), 3, "{russian}");
    // No program takes the name for a formula.
    assert!(lines[2].starts_with("\"'=HYPERLINK"), "{text}");
    assert_eq!(lines.len(), 3);

    let again = boss
        .json("POST", &format!("{path}/start"), &json!({}))
        .await;
    assert_eq!((again.status, again.code().as_str()), (409, "started"));
    let undone = boss.json("POST", &format!("{path}/undo"), &json!({})).await;
    assert_eq!((undone.status, &undone.json()["changed"]), (200, &json!(3)));
    assert!(names(&boss).await.is_empty());
    let again = boss.json("POST", &format!("{path}/undo"), &json!({})).await;
    assert_eq!(again.status, 409);
}

fn encoding_of(text: &str) -> Vec<u8> {
    text.chars()
        .flat_map(|c| match c {
            'А'..='я' => vec![u8::try_from(u32::from(c) - 0x410 + 0xC0).unwrap()],
            'ё' => vec![0xB8],
            '«' => vec![0xAB],
            '»' => vec![0xBB],
            c if c.is_ascii() => vec![u8::try_from(c).unwrap()],
            _ => b"?".to_vec(),
        })
        .collect()
}

#[tokio::test]
async fn duplicates_are_left_out_completed_or_made_as_was_chosen() {
    let (_server, boss) = ready().await;
    let made = json!({ "name": "Марина", "phones": ["+74951234567"] });
    assert_eq!(boss.json("POST", "/contacts", &made).await.status, 201);
    let table = "Name,Phone,Email,Position\n\
        Other,84951234567,m@example.com,Director\n\
        New,84951234568,n@example.com,\n\
        Newer,,N@Example.com,Buyer\n";
    for (duplicates, expected, left) in [
        ("skip", [3, 1, 0, 0, 2, 0], vec!["New", "Марина"]),
        ("update", [3, 1, 0, 2, 0, 0], vec!["New", "Марина"]),
        (
            "create",
            [3, 3, 0, 0, 0, 0],
            vec!["New", "Newer", "Other", "Марина"],
        ),
    ] {
        let import = uploaded(&boss, "x.csv", table.as_bytes()).await;
        let set = mapped(&boss, &import, |mapping| {
            mapping["duplicates"] = json!(duplicates)
        })
        .await;
        assert_eq!(set.status, 200, "{set:?}");
        let done = run(&boss, &import).await;
        assert_eq!(counts(&done), expected, "{duplicates}");
        assert_eq!(names(&boss).await, left, "{duplicates}");
        if duplicates == "update" {
            let marina = named(&boss, "Марина").await;
            assert_eq!(
                (&marina["position"], &marina["emails"][0]["value"]),
                (&json!("Director"), &json!("m@example.com"))
            );
            assert_eq!(named(&boss, "New").await["position"], "Buyer");
        }
        let path = format!("/imports/{}/undo", import["id"].as_str().unwrap());
        assert_eq!(boss.json("POST", &path, &json!({})).await.status, 200);
        assert_eq!(names(&boss).await, ["Марина"], "{duplicates}");
        assert_eq!(named(&boss, "Марина").await["position"], "", "{duplicates}");
    }
}

#[tokio::test]
async fn what_was_changed_since_stays_when_an_import_is_taken_back() {
    let (_server, boss) = ready().await;
    let import = uploaded(
        &boss,
        "x.csv",
        b"name,phone\nAnn,84951234567\nBob,84951234568\n",
    )
    .await;
    run(&boss, &import).await;
    let ann = named(&boss, "Ann").await;
    let path = format!("/contacts/{}", ann["id"].as_str().unwrap());
    let changed = json!({ "name": "Ann Marlow", "phones": ["84951234567"] });
    assert_eq!(boss.json("PUT", &path, &changed).await.status, 200);
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    let undone = boss
        .json("POST", &format!("{path}/undo"), &json!({}))
        .await
        .json();
    assert_eq!(undone["changed"], 1);
    assert_eq!(names(&boss).await, ["Ann Marlow"]);
    let import = boss.get(&path).await.json();
    assert_eq!(
        (&import["progress"]["state"], &import["progress"]["kept"]),
        (&json!("undone"), &json!(1))
    );
}

#[tokio::test]
async fn cards_are_imported() {
    let (_server, boss) = ready().await;
    let cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Marlow\r\nN:Marlow;Ann;;;\r\nTEL;TYPE=CELL:+1 202 555 0123\r\n\
        EMAIL:ann@example.com\r\nORG:Acme\r\nNOTE:likes\r\n  tea\r\nCATEGORIES:vip\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=BD=D0=BD=D0=B0\r\nTEL;WORK:84951234567\r\nEND:VCARD\r\n";
    let import = uploaded(&boss, "cards.vcf", cards.as_bytes()).await;
    assert_eq!(
        (&import["format"], &import["rows"]),
        (&json!("vcard"), &json!(2))
    );
    let done = run(&boss, &import).await;
    assert_eq!(counts(&done), [2, 2, 1, 0, 0, 0]);
    let ann = named(&boss, "Ann Marlow").await;
    assert_eq!(
        (&ann["phones"][0]["label"], &ann["tags"]),
        (&json!("mobile"), &json!(["vip"]))
    );
    assert_eq!(
        named(&boss, "Анна").await["phones"][0]["e164"],
        "+74951234567"
    );
}

#[tokio::test]
async fn a_file_that_is_no_table_is_refused_with_a_sentence() {
    let (server, boss) = ready().await;
    let junk: Vec<u8> = (0..5000_u32).map(|i| (i * 7919 % 251) as u8).collect();
    let wide = vec!["x"; 10_000].join(",");
    for (octets, status, code) in [
        (b"".as_slice(), 422, "empty_file"),
        (b"\n \n;;\n", 422, "empty_file"),
        (b"name,phone\n", 422, "empty_file"),
        (&junk, 422, "not_text"),
        (b"PK\x03\x04rest", 422, "workbook"),
        (wide.as_bytes(), 422, "too_many_columns"),
    ] {
        let answer = upload(&boss, "x.csv", octets).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{answer:?}"
        );
    }
    // Nothing of them is left.
    let left = std::fs::read_dir(server.folder.path().join("imports"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn odd_rows_stop_none_of_the_others() {
    let (_server, boss) = ready().await;
    let long = "x".repeat(1 << 20);
    let table = format!(
        "phone,name\n84951234567,Ann\n{long},{long}\n📞,Emoji\n\n84951234568,Bob,with,more,cells\n84951234569\n,\"not\nclosed\"\n602,\"Eve\n"
    );
    let import = uploaded(&boss, "x.csv", table.as_bytes()).await;
    let done = run(&boss, &import).await;
    assert_eq!(counts(&done), [7, 5, 0, 0, 0, 2], "{done}");
    assert_eq!(
        names(&boss).await,
        ["+7 495 123-45-69", "Ann", "Bob", "Eve", "not closed"]
    );
    // One column, without a header.
    let import = uploaded(&boss, "x.csv", b"84951112201\n84951112202\n").await;
    assert_eq!(
        (&import["mapping"]["columns"], &import["rows"]),
        (&json!(["phone"]), &json!(2))
    );
    assert_eq!(counts(&run(&boss, &import).await), [2, 2, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_mapping_that_says_nothing_is_refused() {
    let (_server, boss) = ready().await;
    let import = uploaded(&boss, "x.csv", b"name,phone\nAnn,84951234567\n").await;
    for columns in [
        json!(["", ""]),
        json!(["name"]),
        json!(["name", "name"]),
        json!(["name", "colour"]),
        json!(["tags", ""]),
    ] {
        let set = mapped(&boss, &import, |mapping| {
            mapping["columns"] = columns.clone()
        })
        .await;
        assert_eq!(
            (set.status, set.code().as_str()),
            (422, "bad_mapping"),
            "{columns}"
        );
    }
    let set = mapped(&boss, &import, |mapping| {
        mapping["has_header"] = json!(false)
    })
    .await;
    assert_eq!(
        (&set.json()["rows"], &set.json()["sample"][0]["name"]),
        (&json!(2), &json!("Ann"))
    );
    let set = mapped(&boss, &import, |mapping| {
        mapping["responsible"] = json!("nobody")
    })
    .await;
    assert_eq!(set.code(), "no_user");
    assert_eq!(
        boss.get("/imports/01a2006c-8dd9-70e9-ae01-83e7580a3038")
            .await
            .status,
        404
    );
}
