//! A telephone as plain as can be: SIP over WebSocket with digest, and an offer like a browser's.
//! Its media never connects; what the far end says is recorded all the same.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use md5::{Digest, Md5};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message as Frame, client::IntoClientRequest},
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
    calls: u32,
    /// Calls that ring and were not answered yet, each as its INVITE.
    rings: VecDeque<Message>,
    /// CANCELs of calls that rang.
    cancels: VecDeque<Message>,
    /// P-Preferred-Identity of its calls; empty: none.
    pub preferred: String,
}

/// From, To and Call-ID of what the phone sends.
#[derive(Clone)]
struct Ends {
    from: String,
    to: String,
    call_id: String,
}

/// A call in talk, as the phone knows it.
pub struct Dialog {
    ends: Ends,
    target: String,
}

impl Dialog {
    /// As a URI names it in Replaces (RFC 3891 §3): the first tag is that of the one who reads it.
    pub fn named(&self) -> String {
        let Ends { from, to, call_id } = &self.ends;
        let tag = |end: &str| end.split_once(";tag=").unwrap().1.to_owned();
        format!(
            "{call_id}%3Bto-tag%3D{}%3Bfrom-tag%3D{}",
            tag(to),
            tag(from)
        )
    }
}

/// What the gateway sent.
pub struct Message {
    /// Of a response; 0: a request.
    pub code: u16,
    pub text: String,
}

impl Message {
    fn read(text: &str) -> Self {
        let code = text
            .strip_prefix("SIP/2.0 ")
            .and_then(|rest| rest[..3].parse().ok());
        Self {
            code: code.unwrap_or(0),
            text: text.to_owned(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.text.lines().filter_map(|line| line.split_once(": "));
        fields
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn ends(&self) -> Ends {
        let header = |name| self.header(name).unwrap().to_owned();
        Ends {
            from: header("from"),
            to: header("to"),
            call_id: header("call-id"),
        }
    }

    fn contact(&self) -> String {
        let contact = self.header("contact").unwrap();
        let uri = contact.split_once('<').unwrap().1;
        uri.split_once('>').unwrap().0.to_owned()
    }

    /// The dialog that this answer to the phone's own INVITE makes.
    pub fn dialog(&self) -> Dialog {
        Dialog {
            ends: self.ends(),
            target: self.contact(),
        }
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
            calls: 0,
            rings: VecDeque::new(),
            cancels: VecDeque::new(),
            preferred: String::new(),
        }
    }

    /// Registers; the code of the final response.
    pub async fn register(&mut self) -> u16 {
        let own = format!("<sip:{}@trubka>", self.extension);
        let ends = self.outside(own, "registration");
        let answer = self.request("REGISTER", "sip:trubka", &ends, "", "");
        answer.await.code
    }

    /// Calls a number; the final response. A 200 is acknowledged.
    pub async fn call(&mut self, number: &str) -> Message {
        let uri = format!("sip:{number}@trubka");
        self.calls += 1;
        let ends = self.outside(format!("<{uri}>"), &format!("call-{}", self.calls));
        let preferred = match self.preferred.as_str() {
            "" => String::new(),
            identity => format!("P-Preferred-Identity: {identity}\r\n"),
        };
        let answer = self.request("INVITE", &uri, &ends, &preferred, OFFER).await;
        let ack = self.message("ACK", &uri, &answer.ends(), "", "");
        self.send(ack).await;
        answer
    }

    /// Waits until it rings, and answers.
    pub async fn answers(&mut self) -> Dialog {
        let invite = loop {
            match self.rings.pop_front() {
                Some(invite) => break invite,
                None => {
                    let message = self.next().await;
                    self.asked(message).await;
                }
            }
        };
        let answer = OFFER.replace("actpass", "active");
        self.respond(&invite, "200 OK", &answer).await;
        let Ends { from, to, call_id } = invite.ends();
        let ends = Ends {
            from: format!("{to};tag=phone"),
            to: from,
            call_id,
        };
        let target = invite.contact();
        Dialog { ends, target }
    }

    /// Waits until it rings, and says so: without that nobody may send a CANCEL (RFC 3261 §9.1).
    pub async fn rings(&mut self) {
        while self.rings.is_empty() {
            let message = self.next().await;
            self.asked(message).await;
        }
        let invite = self.rings.pop_front().unwrap();
        self.respond(&invite, "180 Ringing", "").await;
        self.rings.push_front(invite);
    }

    /// Waits until a call that rang is taken back; why, as the gateway says it (RFC 3326).
    pub async fn is_cancelled(&mut self) -> String {
        loop {
            if let Some(cancel) = self.cancels.pop_front() {
                return cancel.header("reason").unwrap_or_default().to_owned();
            }
            let message = self.next().await;
            self.asked(message).await;
        }
    }

    /// Puts a call on hold (`sendonly`, RFC 3264 §8.4) or takes it off; the code of the answer.
    pub async fn holds(&mut self, call: &Dialog, is_held: bool) -> u16 {
        let (direction, version) = if is_held {
            ("sendonly", 2)
        } else {
            ("sendrecv", 3)
        };
        let offer = OFFER.replace("sendrecv", direction);
        let offer = offer.replace("o=- 1 1", &format!("o=- 1 {version}"));
        let answer = self.request("INVITE", &call.target, &call.ends, "", &offer);
        let answer = answer.await;
        let ack = self.message("ACK", &call.target, &call.ends, "", "");
        self.send(ack).await;
        answer.code
    }

    /// Ends a call; the code of the answer.
    pub async fn hang_up(&mut self, call: &Dialog) -> u16 {
        let answer = self.request("BYE", &call.target, &call.ends, "", "");
        answer.await.code
    }

    /// Asks for a transfer within a call; the code of the answer.
    pub async fn refer(&mut self, call: &Dialog, to: &str) -> u16 {
        let refer_to = format!("Refer-To: <{to}>\r\n");
        let answer = self.request("REFER", &call.target, &call.ends, &refer_to, "");
        answer.await.code
    }

    fn outside(&self, to: String, call: &str) -> Ends {
        let extension = &self.extension;
        Ends {
            from: format!("<sip:{extension}@trubka>;tag=phone"),
            to,
            call_id: format!("{extension}-{call}"),
        }
    }

    async fn request(
        &mut self,
        method: &str,
        uri: &str,
        ends: &Ends,
        more: &str,
        body: &str,
    ) -> Message {
        self.cseq += 1;
        let first = self.message(method, uri, ends, more, body);
        self.send(first).await;
        let challenge = self.final_response().await;
        if challenge.code != 401 {
            return challenge;
        }
        if method == "INVITE" {
            let ack = self.message("ACK", uri, &challenge.ends(), "", "");
            self.send(ack).await;
        }
        self.cseq += 1;
        let more = self.answer(&challenge, method, uri) + more;
        let second = self.message(method, uri, ends, &more, body);
        self.send(second).await;
        self.final_response().await
    }

    fn message(&self, method: &str, uri: &str, ends: &Ends, more: &str, body: &str) -> String {
        let Ends { from, to, call_id } = ends;
        let cseq = self.cseq;
        // The ACK of a 200 is a transaction of its own; the others' branch follows the CSeq.
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/WS phone.invalid;branch=z9hG4bK{cseq}\r\nMax-Forwards: 70\r\n\
             From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{}{more}{}",
            self.contact(),
            content(body),
        )
    }

    fn contact(&self) -> String {
        let extension = &self.extension;
        format!("Contact: <sip:{extension}@phone.invalid;transport=ws>\r\n")
    }

    fn answer(&self, challenge: &Message, method: &str, uri: &str) -> String {
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
        self.socket.send(Frame::text(message)).await.unwrap();
    }

    async fn next(&mut self) -> Message {
        loop {
            let frame = timeout(Duration::from_secs(10), self.socket.next()).await;
            // Between messages the gateway pings with line ends alone (RFC 5626 §3.5.1).
            if let Frame::Text(text) = frame.unwrap().unwrap().unwrap()
                && !text.trim().is_empty()
            {
                return Message::read(&text);
            }
        }
    }

    async fn final_response(&mut self) -> Message {
        loop {
            match self.next().await {
                response if response.code >= 200 => return response,
                other => self.asked(other).await,
            }
        }
    }

    /// Agrees with whatever the gateway asks; a call rings until the test answers it, and a change of
    /// its media is declined.
    async fn asked(&mut self, message: Message) {
        let within = message.ends().to.contains(";tag=");
        match message.text.split(' ').next() {
            Some("SIP/2.0" | "ACK") => {}
            Some("INVITE") if within => self.respond(&message, "488 Not Acceptable Here", "").await,
            Some("INVITE") => self.rings.push_back(message),
            Some("CANCEL") => {
                self.respond(&message, "200 OK", "").await;
                let is_it = |ring: &Message| ring.header("call-id") == message.header("call-id");
                if let Some(at) = self.rings.iter().position(is_it)
                    && let Some(invite) = self.rings.remove(at)
                {
                    self.respond(&invite, "487 Request Terminated", "").await;
                }
                self.cancels.push_back(message);
            }
            _ => self.respond(&message, "200 OK", "").await,
        }
    }

    async fn respond(&mut self, request: &Message, status: &str, body: &str) {
        let Ends { from, to, call_id } = request.ends();
        let tag = if to.contains(";tag=") {
            ""
        } else {
            ";tag=phone"
        };
        let vias: String = request
            .headers("via")
            .map(|via| format!("Via: {via}\r\n"))
            .collect();
        let cseq = request.header("cseq").unwrap();
        let response = format!(
            "SIP/2.0 {status}\r\n{vias}From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n{}{}",
            self.contact(),
            content(body),
        );
        self.send(response).await;
    }
}

/// The end of a message: what is in it and how long that is.
fn content(body: &str) -> String {
    let kind = match body {
        "" => "",
        _ => "Content-Type: application/sdp\r\n",
    };
    format!("{kind}Content-Length: {}\r\n\r\n{body}", body.len())
}
