//! A telephone as plain as can be: SIP over WebSocket with digest, and an offer like a browser's.
//! Its media never connects; what the far end says is recorded all the same.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use md5::{Digest, Md5};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 8 0 101\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n\
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
    a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

pub struct SipPhone {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    extension: String,
    username: String,
    password: String,
    cseq: u32,
    /// P-Preferred-Identity of its calls; empty: none.
    pub preferred: String,
}

pub struct Response {
    pub code: u16,
    pub text: String,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let begins = |line: &&str| {
            line.split(':')
                .next()
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        self.text
            .lines()
            .find(begins)
            .and_then(|line| line.split_once(": "))
            .map(|(_, value)| value)
    }
}

impl SipPhone {
    pub async fn connect(http: SocketAddr, credentials: &Value) -> Self {
        let mut request = format!("ws://{http}/sip").into_client_request().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "sip".parse().unwrap());
        let (socket, answer) = connect_async(request).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "sip");
        let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
        Self {
            socket,
            extension: text("extension"),
            username: text("username"),
            password: text("password"),
            cseq: 0,
            preferred: String::new(),
        }
    }

    /// Registers; the code of the final response.
    pub async fn register(&mut self) -> u16 {
        self.request("REGISTER", "sip:trubka", "").await.code
    }

    /// Calls a number; the final response. A 200 is acknowledged.
    pub async fn call(&mut self, number: &str) -> Response {
        let uri = format!("sip:{number}@trubka");
        let answer = self.request("INVITE", &uri, OFFER).await;
        let to = answer.header("to").unwrap().to_owned();
        let ack = self.message("ACK", &uri, &to, "", "");
        self.send(ack).await;
        answer
    }

    async fn request(&mut self, method: &str, uri: &str, body: &str) -> Response {
        let to = match method {
            "REGISTER" => format!("<sip:{}@trubka>", self.extension),
            _ => format!("<{uri}>"),
        };
        self.cseq += 1;
        let first = self.message(method, uri, &to, "", body);
        self.send(first).await;
        let challenge = self.final_response().await;
        if challenge.code != 401 {
            return challenge;
        }
        if method == "INVITE" {
            let to = challenge.header("to").unwrap().to_owned();
            let ack = self.message("ACK", uri, &to, "", "");
            self.send(ack).await;
        }
        self.cseq += 1;
        let credentials = self.answer(&challenge, method, uri);
        let second = self.message(method, uri, &to, &credentials, body);
        self.send(second).await;
        self.final_response().await
    }

    fn message(&self, method: &str, uri: &str, to: &str, more: &str, body: &str) -> String {
        let Self {
            extension, cseq, ..
        } = self;
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let preferred = match (method, self.preferred.as_str()) {
            (_, "") => String::new(),
            ("INVITE", identity) => format!("P-Preferred-Identity: {identity}\r\n"),
            _ => String::new(),
        };
        // The ACK of a 200 is a transaction of its own; the others' branch follows the CSeq.
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/WS phone.invalid;branch=z9hG4bK{cseq}\r\nMax-Forwards: 70\r\n\
             From: <sip:{extension}@trubka>;tag=phone\r\nTo: {to}\r\nCall-ID: {extension}-{}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:{extension}@phone.invalid;transport=ws>\r\n{preferred}{more}{kind}Content-Length: {}\r\n\r\n{body}",
            if method == "REGISTER" {
                "registration"
            } else {
                "call"
            },
            body.len(),
        )
    }

    fn answer(&self, challenge: &Response, method: &str, uri: &str) -> String {
        let md5 = |text: String| hex::encode(Md5::digest(text));
        let line = challenge
            .text
            .lines()
            .find(|line| {
                line.to_lowercase().starts_with("www-authenticate") && line.contains("MD5")
            })
            .expect("a challenge for MD5");
        let value = |name: &str| {
            line.split_once(&format!("{name}=\""))
                .unwrap()
                .1
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        };
        let (realm, nonce) = (value("realm"), value("nonce"));
        let ha1 = md5(format!("{}:{realm}:{}", self.username, self.password));
        let ha2 = md5(format!("{method}:{uri}"));
        let response = md5(format!("{ha1}:{nonce}:00000001:cnonce:auth:{ha2}"));
        format!(
            "Authorization: Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"cnonce\"\r\n",
            self.username
        )
    }

    async fn send(&mut self, message: String) {
        self.socket.send(Message::text(message)).await.unwrap();
    }

    async fn final_response(&mut self) -> Response {
        loop {
            let message = timeout(Duration::from_secs(10), self.socket.next())
                .await
                .unwrap()
                .unwrap()
                .unwrap();
            let Message::Text(text) = message else {
                continue;
            };
            let Some(code) = text
                .strip_prefix("SIP/2.0 ")
                .and_then(|rest| rest[..3].parse().ok())
            else {
                continue;
            };
            if code >= 200 {
                return Response {
                    code,
                    text: text.to_string(),
                };
            }
        }
    }
}
