//! The real binary, killed in the middle of a real call.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{http::Client, sip_phone::SipPhone};

struct Process {
    child: Child,
    client: Client,
    token: Option<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts the binary and reads what it tells the person who started it.
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_trubka"))
            .args([
                "serve",
                "--demo",
                "--http",
                "127.0.0.1:0",
                "--sip-udp",
                "127.0.0.1:0",
            ])
            .args([
                "--media-udp",
                "127.0.0.1:0",
                "--rtp-ports",
                "45000-45999",
                "--data",
            ])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let url = lines
            .find(|line| line.starts_with("Trubka serves at"))
            .unwrap();
        let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
        let last = lines
            .find(|line| line.starts_with("http") || line.starts_with("Sign in at"))
            .unwrap();
        let token = last
            .split_once("/start#")
            .map(|(_, token)| token.to_owned());
        Self {
            child,
            client: Client::new(([127, 0, 0, 1], port).into()),
            token,
        }
    }

    async fn sign_in(&mut self) {
        let token = self.token.take().unwrap();
        let answer = self
            .client
            .sign_in("/session/link", &json!({ "token": token }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let found = self.client.get(path).await.json();
            if wanted(&found) {
                return found;
            }
            assert!(began.elapsed() < Duration::from_secs(15), "{path}: {found}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A call to the tone that is being talked on; its id. The call goes on while the phone lives.
async fn talking(server: &Process) -> (SipPhone, String) {
    let registered = |lines: &Value| lines[0]["registration"]["state"] == "registered";
    server.until("/lines", registered).await;
    let credentials = server
        .client
        .json("POST", "/phone/credentials", &json!({}))
        .await
        .json();
    let mut phone = SipPhone::connect(server.client.address, &credentials).await;
    assert_eq!(phone.register().await, 200);
    let answer = phone.call("602").await;
    assert_eq!(answer.code, 200, "{}", answer.text);
    let talking = |calls: &Value| calls["items"][0]["status"] == "talking";
    let calls = server.until("/calls", talking).await;
    (phone, calls["items"][0]["id"].as_str().unwrap().to_owned())
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis() as i64
}

#[tokio::test]
async fn a_killed_server_loses_neither_the_call_nor_its_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start(folder.path());
    server.sign_in().await;
    let (_phone, id) = talking(&server).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let before = server.client.get(&format!("/calls/{id}")).await.json();
    assert_eq!(before["recording"]["state"], "running", "{before}");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let killed_at = now_ms();

    let mut server = Process::start(folder.path());
    server.sign_in().await;
    let path = format!("/calls/{id}");
    let call = server
        .until(&path, |call| call["recording"]["state"] == "ready")
        .await;
    assert_eq!(
        (&call["status"], &call["hung_up_by"]),
        (&json!("interrupted"), &json!("system"))
    );
    assert_eq!(
        call["sip_reason"],
        "Trubka was stopped in the middle of the call"
    );
    assert_eq!(call["employee"]["extension"], "101");
    assert_eq!(
        (&call["answered_at"], &call["started_at"]),
        (&before["answered_at"], &before["started_at"])
    );
    let ended_at = call["ended_at"].as_i64().unwrap();
    assert!(
        (killed_at - ended_at).abs() < 1200,
        "ended {} ms before the kill",
        killed_at - ended_at
    );
    let talked = ended_at - call["answered_at"].as_i64().unwrap();
    let recorded = call["recording"]["duration_ms"].as_i64().unwrap();
    assert!(
        (talked - recorded).abs() < 1200,
        "{recorded} of {talked} ms"
    );

    let mp3 = format!("/api/v1{path}/recording");
    let whole = server.client.send("GET", &mp3, &[], b"").await;
    assert_eq!(
        (whole.status, whole.headers["content-type"].as_str()),
        (200, "audio/mpeg")
    );
    assert_eq!(
        whole.body.len() as u64,
        call["recording"]["bytes"].as_u64().unwrap()
    );
    let part = server
        .client
        .send("GET", &mp3, &[("Range", "bytes=100-199")], b"")
        .await;
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, &whole.body[100..200])
    );
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 100-199/{}", whole.body.len())
    );
    let outside = server
        .client
        .send("GET", &mp3, &[("Range", "bytes=99999999-")], b"")
        .await;
    assert_eq!(
        (outside.status, outside.code().as_str()),
        (416, "range_not_satisfiable")
    );
    let tag = whole.headers["etag"].as_str();
    assert_eq!(
        server
            .client
            .send("GET", &mp3, &[("If-None-Match", tag)], b"")
            .await
            .status,
        304
    );
    let saved = server
        .client
        .send("GET", &format!("{mp3}?download"), &[], b"")
        .await;
    let disposition = &saved.headers["content-disposition"];
    assert!(
        disposition.starts_with(&format!("attachment; filename=\"{id}_602_20")),
        "{disposition}"
    );
    let peaks = server
        .client
        .get(&format!("{path}/recording/peaks"))
        .await
        .json();
    let loudest = |side: &str| {
        peaks[side]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_u64().unwrap())
            .max()
            .unwrap()
    };
    assert!(loudest("right") > 50, "the far end's tone is on the right");
    assert_eq!(loudest("left"), 0, "nothing came from the agent");
    assert_eq!(
        Client::new(server.client.address)
            .send("GET", &mp3, &[], b"")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_server_told_to_stop_ends_its_calls_and_finishes_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Process::start(folder.path());
    server.sign_in().await;
    let (_phone, id) = talking(&server).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let began = Instant::now();
    let told = Command::new("kill")
        .arg(server.child.id().to_string())
        .status()
        .unwrap();
    assert!(told.success());
    let status = tokio::task::spawn_blocking(move || server.child.wait().unwrap())
        .await
        .unwrap();
    assert!(
        status.success() && began.elapsed() < Duration::from_secs(8),
        "{status} {:?}",
        began.elapsed()
    );

    let mut server = Process::start(folder.path());
    server.sign_in().await;
    let call = server
        .until(&format!("/calls/{id}"), |call| {
            call["recording"]["state"] == "ready"
        })
        .await;
    assert_eq!(
        (&call["status"], &call["hung_up_by"]),
        (&json!("answered"), &json!("system"))
    );
    assert!(
        call["sip_reason"].as_str().unwrap().contains("shut"),
        "{call}"
    );
    assert!(call["recording"]["duration_ms"].as_i64().unwrap() > 1000);
}
