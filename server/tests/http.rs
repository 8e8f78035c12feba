//! A small HTTP client that hides nothing.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

pub const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// One browser: an address and a cookie.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: SocketAddr,
    pub cookie: Option<String>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookie: None,
        }
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        if let Some(cookie) = &self.cookie {
            head += &format!("Cookie: {cookie}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut octets = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut octets))
            .await
            .unwrap()
            .unwrap();
        parse(&octets)
    }

    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json")];
        self.send(
            method,
            &format!("/api/v1{path}"),
            &headers,
            body.to_string().as_bytes(),
        )
        .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", &format!("/api/v1{path}"), &[], b"").await
    }

    /// A request that signs in, and its cookie.
    pub async fn sign_in(&mut self, path: &str, body: &Value) -> Answer {
        let answer = self.json("POST", path, body).await;
        if let Some(cookie) = answer.headers.get("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }

    /// The event stream, after `Last-Event-ID` if given.
    pub async fn events(&self, last: Option<&str>) -> Events {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!("GET /api/v1/events HTTP/1.1\r\nHost: {}\r\n", self.address);
        if let Some(cookie) = &self.cookie {
            head += &format!("Cookie: {cookie}\r\n");
        }
        if let Some(last) = last {
            head += &format!("Last-Event-ID: {last}\r\n");
        }
        stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
        Events {
            lines: BufReader::new(stream),
            last_id: String::new(),
        }
    }
}

fn parse(octets: &[u8]) -> Answer {
    let end = octets
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8_lossy(&octets[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = &octets[end + 4..];
    let body = match headers.get("transfer-encoding") {
        Some(coding) if coding == "chunked" => whole(body),
        _ => body.to_vec(),
    };
    Answer {
        status,
        headers,
        body,
    }
}

/// A body that came in chunks (RFC 9112 section 7.1); one whose last chunk is missing is not whole.
fn whole(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(chunks.len());
    loop {
        let line = chunks.windows(2).position(|window| window == b"\r\n");
        let line = line.expect("the size of a chunk");
        let size = std::str::from_utf8(&chunks[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        let begin = line + 2;
        body.extend_from_slice(&chunks[begin..begin + size]);
        chunks = &chunks[begin + size + 2..];
        if size == 0 {
            return body;
        }
    }
}

/// Server-sent events.
pub struct Events {
    lines: BufReader<TcpStream>,
    pub last_id: String,
}

impl Events {
    /// The next event's data.
    pub async fn next(&mut self) -> Value {
        timeout(PATIENCE, self.read())
            .await
            .expect("an event in time")
    }

    /// Waits until the stream stands.
    pub async fn opened(&mut self) {
        let mut line = String::new();
        while !line.contains("retry:") {
            line.clear();
            timeout(PATIENCE, self.lines.read_line(&mut line))
                .await
                .unwrap()
                .unwrap();
        }
        line.clear();
        timeout(PATIENCE, self.lines.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        self.note_id(&line);
    }

    /// The next event for which `wanted` is true.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await;
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Whether the stream ended.
    pub async fn ended(&mut self) -> bool {
        let mut rest = Vec::new();
        timeout(PATIENCE, self.lines.read_to_end(&mut rest))
            .await
            .is_ok()
    }

    async fn read(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.lines.read_line(&mut line).await.unwrap();
            assert!(read > 0, "the stream ended");
            self.note_id(&line);
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    fn note_id(&mut self, line: &str) {
        if let Some(id) = line.strip_prefix("id: ") {
            id.trim().clone_into(&mut self.last_id);
        }
    }
}
