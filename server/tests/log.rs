//! The log as files, and what becomes of recordings.

use std::io::Write as _;

use serde_json::{Value, json};
use store::Store;
use uuid::Uuid;

use crate::{
    http::Client,
    server::{Server, config, is_over, listen, next_call, robot_calls},
};

/// A server whose administrator talked to a client once; the recorded call.
async fn with_a_recording() -> (Server, Client, Value) {
    let (server, admin) = Server::ready().await;
    let mut desk = server.phone(&admin).await;
    let mut heard = listen(&admin).await;
    let robot = json!({ "caller": "8 (495) 123-45-67", "ring_secs": 20, "talk_secs": 1 });
    robot_calls(&admin, &robot).await;
    next_call(&mut heard).await;
    desk.answers().await;
    heard.until(is_over).await;
    let ready = |event: &Value| event["data"]["recording"]["state"] == "ready";
    let call = heard.until(ready).await["data"].clone();
    (server, admin, call)
}

fn path(call: &Value, rest: &str) -> String {
    format!("/calls/{}{rest}", call["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_filtered_log_is_a_table_no_program_takes_for_formulas() {
    let (_server, admin, call) = with_a_recording().await;
    let note = json!({ "note": "=HYPERLINK(\"http://bad\")", "result": "sale" });
    admin.json("PATCH", &path(&call, ""), &note).await;
    let csv = admin
        .get("/calls/export?format=csv&lang=ru&result=sale")
        .await;
    let text = String::from_utf8(csv.body).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("marked as UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("Дата,Время,Направление"), "{text}");
    for cell in [
        "Входящий",
        "Отвечен",
        "Марина Соколова",
        "'+7 495 123-45-67",
        "Продажа",
        "'=HYPERLINK",
    ] {
        assert!(lines[1].contains(cell), "{cell}: {text}");
    }
    let none = admin.get("/calls/export?format=csv&result=refusal").await;
    assert_eq!(String::from_utf8(none.body).unwrap().lines().count(), 1);
    let xlsx = admin.get("/calls/export?format=xlsx&lang=en").await;
    assert_eq!(xlsx.status, 200);
    assert!(xlsx.body.starts_with(b"PK"), "{:?}", &xlsx.body[..20]);
}

#[tokio::test]
async fn who_listened_and_downloaded_is_known() {
    let (_server, admin, call) = with_a_recording().await;
    let listened = path(&call, "/listened");
    assert_eq!(admin.get(&listened).await.json(), json!([]));
    admin.get(&path(&call, "/recording")).await;
    admin.get(&path(&call, "/recording?download=1")).await;
    let told = admin.get(&listened).await.json();
    let what: Vec<&Value> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["what"])
        .collect();
    assert_eq!(what, ["downloaded", "listened"]);
    assert!(told[0]["by"].is_string(), "{told}");
}

#[tokio::test]
async fn recordings_are_deleted_but_those_under_hold() {
    let (_server, admin, call) = with_a_recording().await;
    let usage = admin.get("/recordings/usage").await.json();
    assert_eq!(usage["recordings"], 1);
    assert_eq!(usage["bytes"], call["recording"]["bytes"]);
    let all = json!({ "all": true });
    assert_eq!(
        admin
            .json("POST", "/recordings/delete", &json!({}))
            .await
            .status,
        422
    );
    admin
        .json("PATCH", &path(&call, ""), &json!({ "legal_hold": true }))
        .await;
    let kept = admin.json("POST", "/recordings/delete", &all).await.json();
    assert_eq!((&kept["deleted"], &kept["kept"]), (&json!(0), &json!(1)));
    admin
        .json("PATCH", &path(&call, ""), &json!({ "legal_hold": false }))
        .await;
    let gone = admin.json("POST", "/recordings/delete", &all).await.json();
    assert_eq!(gone["deleted"], 1, "{gone}");
    assert_eq!(admin.get(&path(&call, "/recording")).await.status, 404);
    assert_eq!(
        admin.get(&path(&call, "")).await.json()["recording"],
        Value::Null
    );
}

#[tokio::test]
async fn the_totals_count_no_recording_of_who_was_erased() {
    let (_server, admin, call) = with_a_recording().await;
    let before = admin.get("/calls/totals").await.json();
    assert_eq!(before["recording_bytes"], call["recording"]["bytes"]);
    let client = call["contact"]["id"].as_str().unwrap();
    let erased = admin
        .json("POST", &format!("/contacts/{client}/erase"), &json!({}))
        .await;
    assert_eq!(erased.json()["calls"], 1, "{erased:?}");
    let after = admin.get("/calls/totals").await.json();
    assert_eq!(
        (&after["calls"], &after["recording_bytes"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(admin.get(&path(&call, "/recording")).await.status, 404);
}

#[tokio::test]
async fn retention_shows_the_day_a_recording_goes() {
    let (_server, admin, call) = with_a_recording().await;
    assert_eq!(call["recording"]["kept_until"], Value::Null);
    let mut work = admin.get("/work").await.json();
    work["retention"] = json!({ "recording_days": 30, "warn_days": 7 });
    let set = admin.json("PUT", "/settings/work", &work).await;
    assert_eq!(set.status, 200, "{set:?}");
    let shown = admin.get(&path(&call, "")).await.json();
    let day = 86_400_000;
    let until = shown["recording"]["kept_until"].as_i64().unwrap();
    assert_eq!(until, call["started_at"].as_i64().unwrap() + 30 * day);
}

/// As many as an administrator would take home at once; each opened by ffprobe where there is one.
#[tokio::test]
async fn five_hundred_recordings_stream_as_one_archive_with_flat_memory() {
    const MANY: usize = 500;
    if std::env::var("TRUBKA_TEST_POSTGRES").is_ok() {
        // The rows are put into a file.
        return;
    }
    let (server, admin, call) = with_a_recording().await;
    let mp3 = admin.get(&path(&call, "/recording")).await.body;
    let server = with_copies(server, &call, MANY - 1).await;
    let admin = Client {
        address: server.running.http(),
        ..admin
    };
    let before = memory();
    let archive = admin.json("POST", "/calls/records.zip", &json!({})).await;
    assert_eq!(
        (archive.status, archive.headers["content-type"].as_str()),
        (200, "application/zip")
    );
    let grown = memory().saturating_sub(before);
    // The client of this test holds the archive, twice while it is put together.
    let held = archive.body.capacity() as u64 * 3;
    assert!(grown < held + (24 << 20), "grew by {grown} over {held}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("records.zip");
    std::fs::File::create(&file)
        .unwrap()
        .write_all(&archive.body)
        .unwrap();
    let unzip = std::process::Command::new("unzip")
        .arg("-q")
        .arg(&file)
        .arg("-d")
        .arg(folder.path())
        .status();
    let Ok(unzipped) = unzip else {
        panic!("install unzip");
    };
    assert!(unzipped.success());
    let mut names = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(stem) = name.strip_suffix(".mp3") else {
            continue;
        };
        names += 1;
        let parts: Vec<&str> = stem.split('_').collect();
        assert_eq!((parts[0].len(), parts[1]), (32, "74951234567"), "{name}");
        assert_eq!(std::fs::read(&path).unwrap(), mp3);
        if names % 50 == 0 {
            opens(&path);
        }
    }
    assert_eq!(names, MANY);
}

/// The server once more, with as many calls like this one, each with its own files.
async fn with_copies(server: Server, call: &Value, count: usize) -> Server {
    let Server { running, folder } = server;
    running.stop().await;
    let store = Store::open(&folder.path().join("trubka.db")).await.unwrap();
    let id = call["id"].as_str().unwrap().parse().unwrap();
    let one = store.call_state(id).await.unwrap().unwrap();
    let recordings = folder.path().join("recordings");
    let mut states = Vec::new();
    for i in 0..count {
        let mut state = one.clone();
        state.call.id = Uuid::now_v7();
        state.call.started_at -= i64::try_from(i).unwrap() * 1000;
        let recording = state.recording.as_mut().unwrap();
        recording.call_id = state.call.id;
        for (name, ending) in [(&mut recording.mp3, "mp3"), (&mut recording.peaks, "peaks")] {
            let copy = format!("{}.{ending}", state.call.id);
            let from = recordings.join(name.as_ref().unwrap());
            std::fs::copy(from, recordings.join(&copy)).unwrap();
            *name = Some(copy);
        }
        states.push(state);
    }
    store.put_calls(&states).await.unwrap();
    store.close().await;
    let running = trubka::start(config(folder.path())).await.unwrap();
    Server { running, folder }
}

fn opens(path: &std::path::Path) {
    let probe = std::process::Command::new("ffprobe")
        .args(["-v", "error"])
        .arg(path)
        .output();
    if let Ok(said) = probe {
        assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
    }
}

/// Octets this process has in memory.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}
