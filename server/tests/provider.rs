//! A provider that answers every SIP request over UDP with what it is told to.

use std::{net::SocketAddr, sync::Arc};

use tokio::net::UdpSocket;

pub struct Provider {
    pub address: SocketAddr,
}

impl Provider {
    /// Answers with this status line and these headers; an empty one: not at all.
    pub async fn answering(status: &'static str, headers: &'static str) -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut request = vec![0; 65_536];
            while let Ok((read, from)) = socket.recv_from(&mut request).await {
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                if !status.is_empty() {
                    let answer = answer(&text, status, headers);
                    let _ = socket.send_to(answer.as_bytes(), from).await;
                }
            }
        });
        Self { address }
    }
}

fn answer(request: &str, status: &str, headers: &str) -> String {
    let copied = |name: &&str| {
        ["via", "from", "call-id", "cseq"].iter().any(|wanted| {
            name.split(':')
                .next()
                .is_some_and(|n| n.eq_ignore_ascii_case(wanted))
        })
    };
    let mut answer = format!("SIP/2.0 {status}\r\n");
    for line in request.split("\r\n").filter(copied) {
        answer += &format!("{line}\r\n");
    }
    let to = request
        .split("\r\n")
        .find(|line| line.to_lowercase().starts_with("to:"));
    answer += &format!("{};tag=provider\r\n", to.unwrap_or("To: <sip:x>"));
    answer + headers + "Content-Length: 0\r\n\r\n"
}
