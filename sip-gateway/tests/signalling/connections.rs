//! What strangers can do with a WebSocket, and with datagrams in another's name.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sip_core::RegistrationState;
use sip_gateway::Limits;
use tokio::net::{TcpStream, UdpSocket};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{
    PATIENCE,
    browser::Browser,
    stage::{PASSWORD, Stage},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(stage: &Stage) -> Socket {
    let mut request = stage.url.as_str().into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("Sec-WebSocket-Protocol", "sip".parse().unwrap());
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

/// Waits until the gateway closes it; the answers it sent before.
async fn closed(socket: &mut Socket) -> usize {
    let mut answers = 0;
    let end = async {
        while let Some(Ok(message)) = socket.next().await {
            answers += usize::from(message.is_text());
        }
    };
    let end = tokio::time::timeout(PATIENCE, end).await;
    end.expect("the connection stays open");
    answers
}

fn options(number: u32, via: &str) -> String {
    format!(
        "OPTIONS sip:trubka SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bKo{number};rport\r\n\
         From: <sip:a@b>;tag=1\r\nTo: <sip:trubka>\r\nCall-ID: o{number}\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
}

#[tokio::test]
async fn a_connection_nothing_is_registered_over_is_closed_and_a_phones_is_not() {
    let stage = Stage::with_limits(Limits {
        unregistered: Duration::from_secs(1),
        ..Limits::default()
    })
    .await;
    let _page = stage.browser("101").await;
    let mut stranger = open(&stage).await;
    assert_eq!(closed(&mut stranger).await, 0);
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(stage.gateway.bindings().len(), 1);
}

#[tokio::test]
async fn connections_above_the_limit_are_closed_at_once() {
    let stage = Stage::with_limits(Limits {
        connections_per_address: 1,
        ..Limits::default()
    })
    .await;
    let page = stage.browser("101").await;
    closed(&mut open(&stage).await).await;
    assert_eq!(stage.gateway.bindings().len(), 1);
    drop(page);
    while !stage.gateway.bindings().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stage.browser("102").await;
}

#[tokio::test]
async fn a_stranger_who_says_too_much_is_cut_off() {
    let stage = Stage::new().await;
    let mut stranger = open(&stage).await;
    for number in 0..400 {
        let text = options(number, "WS x.invalid");
        if stranger.send(Message::Text(text.into())).await.is_err() {
            break;
        }
    }
    let answers = closed(&mut stranger).await;
    assert!(answers < 100, "{answers}");
}

#[tokio::test]
async fn datagrams_in_the_name_of_an_address_do_not_shut_its_pages_out() {
    let stage = Stage::new().await;
    let mut page = stage.browser("101").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let via = format!("UDP {}", socket.local_addr().unwrap());
    let flood = async || {
        for number in 0..200 {
            let text = options(number, &via);
            let target = stage.gateway.sip_addr();
            socket.send_to(text.as_bytes(), target).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    flood().await;
    let again = page.register(PASSWORD).await;
    assert!(
        matches!(again, RegistrationState::Registered { .. }),
        "{again:?}"
    );
    flood().await;
    Browser::registered(&stage.url, "102", PASSWORD).await;
}
