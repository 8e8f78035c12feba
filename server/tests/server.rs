//! A whole server on a fresh folder and free ports.

use std::{ffi::OsString, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use trubka::{RunningServer, config::Config};

use crate::{
    http::{Client, Events},
    sip_phone::SipPhone,
};

pub struct Server {
    pub running: RunningServer,
    pub folder: TempDir,
}

pub fn config(data: &Path) -> Config {
    let free = "127.0.0.1:0";
    let mut args = vec!["--demo", "--rtp-ports", "42000-44999"];
    for address in ["--http", "--sip-udp", "--sip-tls", "--media-udp"] {
        args.extend([address, free]);
    }
    args.extend(["--data", data.to_str().unwrap()]);
    let database = std::env::var(POSTGRES).map(|server| database_on(&server, data));
    args.extend(database.iter().map(String::as_str));
    Config::with(args.into_iter().map(OsString::from)).unwrap()
}

/// Where this is set (`HOST:PORT`, a superuser `trubka` without a password), servers keep their tables in
/// that PostgreSQL, each in a database of its own.
const POSTGRES: &str = "TRUBKA_TEST_POSTGRES";

/// The same for the same folder.
fn database_on(server: &str, data: &Path) -> String {
    let (host, port) = server.split_once(':').unwrap();
    let folder = data.file_name().unwrap().to_str().unwrap();
    let name = format!("t{}", folder.trim_start_matches('.'));
    // Where it is there already this fails, and so it should.
    let _made = std::process::Command::new("createdb")
        .args(["-h", host, "-p", port, "-U", "trubka", &name])
        .output()
        .unwrap();
    format!("--database=postgres://trubka@{server}/{name}")
}

/// The database of a server that was stopped.
pub async fn store_of(data: &Path) -> store::Store {
    match std::env::var(POSTGRES) {
        Ok(server) => {
            let database = database_on(&server, data);
            let url = database.strip_prefix("--database=").unwrap();
            store::Store::connect(url).await.unwrap()
        }
        Err(_) => store::Store::open(&data.join("trubka.db")).await.unwrap(),
    }
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = trubka::start(config(folder.path())).await.unwrap();
        Self { running, folder }
    }

    /// Stops and starts on the same folder.
    pub async fn restart(self) -> Self {
        let Self { running, folder } = self;
        running.stop().await;
        let running = trubka::start(config(folder.path())).await.unwrap();
        Self { running, folder }
    }

    pub fn nobody(&self) -> Client {
        Client::new(self.running.http())
    }

    pub fn link_token(&self) -> String {
        self.running
            .first_run_link()
            .unwrap()
            .split_once("/start#")
            .unwrap()
            .1
            .to_owned()
    }

    /// The first user, signed in by the link.
    pub async fn admin(&self) -> Client {
        let mut client = self.nobody();
        let answer = client
            .sign_in("/session/link", &json!({ "token": self.link_token() }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        client
    }

    /// A new user with this role, signed in.
    pub async fn user(
        &self,
        admin: &Client,
        login: &str,
        role: &str,
        extension: Option<&str>,
    ) -> Client {
        let password = "correct horse battery";
        let draft = json!({ "login": login, "name": login, "role": role, "extension": extension, "password": password });
        let answer = admin.json("POST", "/users", &draft).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let mut client = self.nobody();
        let answer = client
            .sign_in("/session", &json!({ "login": login, "password": password }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        client
    }

    /// Waits until the test network's line is registered.
    pub async fn registered(&self, admin: &Client) -> Value {
        loop {
            let line = admin.get("/lines").await.json()[0].clone();
            if line["registration"]["state"] == "registered" {
                return line;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// A server whose test network is registered, and its first user.
    pub async fn ready() -> (Self, Client) {
        let server = Self::start().await;
        let admin = server.admin().await;
        server.registered(&admin).await;
        (server, admin)
    }

    /// The browser's telephone of this user, registered.
    pub async fn phone(&self, client: &Client) -> SipPhone {
        let answer = client.json("POST", "/phone/credentials", &json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut phone = SipPhone::connect(self.running.http(), &answer.json()).await;
        assert_eq!(phone.register().await, 200);
        phone
    }
}

/// The event stream, from now on.
pub async fn listen(client: &Client) -> Events {
    let mut events = client.events(None).await;
    events.opened().await;
    events
}

/// The robot of the test network calls.
pub async fn robot_calls(admin: &Client, robot: &Value) {
    let answer = admin.json("POST", "/test-network/calls", robot).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// The next call that begins.
pub async fn next_call(events: &mut Events) -> Value {
    events.until(|event| event["type"] == "call").await["data"].clone()
}

/// Whether an event says that this call is over.
pub fn is_over(event: &Value) -> bool {
    event["type"] == "call" && !event["data"]["ended_at"].is_null()
}
