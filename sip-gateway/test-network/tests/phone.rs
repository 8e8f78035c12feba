//! A telephone of literal messages on a raw UDP socket.

use crate::PATIENCE;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use test_network::TestNetwork;
use tokio::{net::UdpSocket, time::timeout};

pub struct Phone {
    socket: UdpSocket,
    pub net: SocketAddr,
    pub user: &'static str,
    pub password: String,
}

/// What one dialog of a phone needs to know.
#[derive(Clone)]
pub struct Leg {
    pub call_id: String,
    pub number: String,
    pub to: String,
    pub route: String,
}

impl Phone {
    pub async fn new(net: &TestNetwork, user: &'static str) -> Self {
        Self {
            socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(),
            net: net.sip_addr(),
            user,
            password: format!("{user}-secret"),
        }
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    pub async fn send(&self, text: &str) {
        self.socket
            .send_to(text.as_bytes(), self.net)
            .await
            .unwrap();
    }

    /// The next message.
    pub async fn receive(&self) -> String {
        let mut datagram = [0; 65_536];
        let received = timeout(PATIENCE, self.socket.recv(&mut datagram)).await;
        let len = received.expect("nothing came").unwrap();
        String::from_utf8(datagram[..len].to_vec()).unwrap()
    }

    /// The next message that is no 100.
    pub async fn next(&self) -> String {
        loop {
            let message = self.receive().await;
            if !message.starts_with("SIP/2.0 100 ") {
                return message;
            }
        }
    }

    /// The next message that is no 100; its first line must begin like this.
    pub async fn expect(&self, start: &str) -> String {
        let message = self.next().await;
        assert!(message.starts_with(start), "wanted {start}, got {message}");
        message
    }

    pub fn register(&self, cseq: u32, branch: &str, lines: &str) -> String {
        let (net, user, port) = (self.net, self.user, self.port());
        format!(
            "REGISTER sip:{net} SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK{branch}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@{net}>;tag=f\r\nTo: <sip:{user}@{net}>\r\n\
             Call-ID: register-{port}\r\nCSeq: {cseq} REGISTER\r\n\
             Contact: <sip:{user}@127.0.0.1:{port}>\r\n{lines}Content-Length: 0\r\n\r\n"
        )
    }

    /// Registers with digest; gives the 200.
    pub async fn registered(&self) -> String {
        self.send(&self.register(1, "r1", "")).await;
        let challenge = self.expect("SIP/2.0 401 ").await;
        let credentials = self.credentials(&challenge, "REGISTER", &format!("sip:{}", self.net), 1);
        self.send(&self.register(2, "r2", &credentials)).await;
        self.expect("SIP/2.0 200 ").await
    }

    /// The credentials line for a challenge.
    pub fn credentials(&self, challenge: &str, method: &str, uri: &str, nc: u32) -> String {
        let value = |name: &str| {
            let rest = challenge.split_once(&format!(" {name}=\"")).unwrap().1;
            rest.split_once('"').unwrap().0.to_owned()
        };
        let (realm, nonce) = (value("realm"), value("nonce"));
        let sha256 = challenge.contains("algorithm=SHA-256");
        let hash = |text: String| match sha256 {
            true => hex::encode(Sha256::digest(text)),
            false => hex::encode(Md5::digest(text)),
        };
        let (user, algorithm) = (self.user, if sha256 { "SHA-256" } else { "MD5" });
        let ha1 = hash(format!("{user}:{realm}:{}", self.password));
        let ha2 = hash(format!("{method}:{uri}"));
        let (response, tail) = if challenge.contains("qop=\"auth\"") {
            let response = hash(format!("{ha1}:{nonce}:{nc:08x}:xyz:auth:{ha2}"));
            (response, format!(", qop=auth, nc={nc:08x}, cnonce=\"xyz\""))
        } else {
            (hash(format!("{ha1}:{nonce}:{ha2}")), String::new())
        };
        let header = match challenge.contains("Proxy-Authenticate") {
            true => "Proxy-Authorization",
            false => "Authorization",
        };
        format!(
            "{header}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", \
             uri=\"{uri}\", algorithm={algorithm}, response=\"{response}\"{tail}\r\n"
        )
    }

    pub fn invite(&self, leg: &Leg, cseq: u32, lines: &str, sdp: &str) -> String {
        let kind = if sdp.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let lines = format!(
            "{lines}Contact: <sip:{}@127.0.0.1:{}>\r\n{kind}",
            self.user,
            self.port()
        );
        self.request("INVITE", leg, cseq, &lines, sdp)
    }

    /// A request of a leg; its branch is its method and number.
    pub fn request(&self, method: &str, leg: &Leg, cseq: u32, lines: &str, body: &str) -> String {
        let branch_of = if matches!(method, "CANCEL") {
            "INVITE"
        } else {
            method
        };
        let Leg {
            call_id,
            number,
            to,
            route,
        } = leg;
        let (net, user, port, length) = (self.net, self.user, self.port(), body.len());
        format!(
            "{method} sip:{number}@{net} SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK{call_id}{branch_of}{cseq}\r\n\
             {route}Max-Forwards: 70\r\nFrom: <sip:{user}@{net}>;tag=f\r\nTo: {to}\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
        )
    }

    /// Dials with digest: the authenticated INVITE (number 2) is out.
    pub async fn dial(&self, number: &str, sdp: &str) -> Leg {
        let leg = Leg {
            call_id: format!("{}-{number}-{}", self.user, self.port()),
            number: number.to_owned(),
            to: format!("<sip:{number}@{}>", self.net),
            route: String::new(),
        };
        self.send(&self.invite(&leg, 1, "", sdp)).await;
        let challenge = self.expect("SIP/2.0 407 ").await;
        let refused = Leg {
            to: header(&challenge, "To"),
            ..leg.clone()
        };
        self.send(&self.request("ACK", &refused, 1, "", "")).await;
        let uri = format!("sip:{number}@{}", self.net);
        let credentials = self.credentials(&challenge, "INVITE", &uri, 1);
        self.send(&self.invite(&leg, 2, &credentials, sdp)).await;
        leg
    }

    /// Dials a number that answers; the ACK is out.
    pub async fn call(&self, number: &str, sdp: &str) -> (Leg, String) {
        let mut leg = self.dial(number, sdp).await;
        self.expect("SIP/2.0 180 ").await;
        let answer = self.expect("SIP/2.0 200 ").await;
        leg.to = header(&answer, "To");
        self.send(&self.request("ACK", &leg, 2, "", "")).await;
        (leg, answer)
    }

    /// A response to a request that came, with everything it must give back.
    pub async fn respond(&self, request: &str, status: &str, sdp: &str) {
        let kind = if sdp.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let back = |name: &str| format!("{name}: {}\r\n", header(request, name));
        let mut to = header(request, "To");
        if !to.contains(";tag=") {
            to.push_str(";tag=phone");
        }
        let route = request
            .lines()
            .find(|line| line.starts_with("Record-Route: "));
        let route = route.map(|line| format!("{line}\r\n")).unwrap_or_default();
        self.send(&format!(
            "SIP/2.0 {status}\r\n{}{route}{}To: {to}\r\n{}{}\
             Contact: <sip:{}@127.0.0.1:{}>\r\n{kind}Content-Length: {}\r\n\r\n{sdp}",
            back("Via"),
            back("From"),
            back("Call-ID"),
            back("CSeq"),
            self.user,
            self.port(),
            sdp.len()
        ))
        .await;
    }
}

/// The value of a header.
pub fn header(message: &str, name: &str) -> String {
    let prefix = format!("{name}: ");
    let line = message.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {name} in {message}"))
        .to_owned()
}

/// Where the audio of an SDP goes.
pub fn audio_address(message: &str) -> SocketAddr {
    let port = message
        .split_once("m=audio ")
        .unwrap()
        .1
        .split(' ')
        .next()
        .unwrap();
    format!("127.0.0.1:{port}").parse().unwrap()
}
