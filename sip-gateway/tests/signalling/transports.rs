//! TCP and TLS: lines at Kamailio, baresip as a phone, connections that are lost, requests that do
//! not fit into a datagram.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sip_gateway::{
    TlsIdentity,
    config::TlsDoor,
    ports::{CallEvent, Certificate, Disposition, LineConfig, LineTransport, Seen, Trouble},
};
use tokio::{
    io::{AsyncReadExt, copy_bidirectional},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::watch,
    time::timeout,
};

use super::{
    PATIENCE,
    audio::Audio,
    processes::free_port,
    programs::{Baresip, Kamailio, Sipp},
    stage::{PASSWORD, Stage},
};

/// A gateway that also listens for TLS.
async fn with_tls_door() -> Stage {
    Stage::configured(|config, folder| {
        config.sip_tls = Some(TlsDoor {
            bind: (Ipv4Addr::LOCALHOST, 0).into(),
            identity: TlsIdentity::SelfMade {
                folder: folder.join("tls"),
                names: vec!["127.0.0.1".to_owned()],
            },
        });
    })
    .await
}

/// trunk1 at Kamailio over this transport.
fn line_over(stage: &Stage, provider: &Kamailio, transport: LineTransport) -> LineConfig {
    let mut line = stage.line_at(provider.address, "trunk1", "secret1", "provider.test");
    line.transport = transport;
    if transport == LineTransport::Tls {
        line.port = Some(provider.address.port() + 1);
        line.tls_ca_pem = Some(provider.certificate.clone());
    }
    line
}

async fn at_kamailio(transport: LineTransport) -> (Stage, Kamailio) {
    let provider = Kamailio::start(&["-A", "WITH_TLS"]).await;
    let mut stage = with_tls_door().await;
    let line = line_over(&stage, &provider, transport);
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    (stage, provider)
}

async fn ended(stage: &mut Stage) -> (Disposition, u16) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition, code, ..
            } => Some((disposition, code)),
            _ => None,
        })
        .await
}

async fn call_sipp(stage: &mut Stage, provider: &Kamailio) {
    let sipp = Sipp::start(
        "sipp_answers.xml",
        provider.address,
        provider.sipp_port,
        "x",
    );
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let call = page.dial("9700", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(ended(stage).await, (Disposition::Answered, 200));
    sipp.succeeded().await;
}

async fn be_called_by_sipp(stage: &mut Stage, provider: &Kamailio) {
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let sipp = Sipp::start(
        "sipp_calls_in.xml",
        provider.address,
        free_port(),
        "15550100",
    );
    let invite = page.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[1300.0]).await;
    assert_eq!(ended(stage).await, (Disposition::Answered, 200));
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_over_tcp_carries_calls_both_ways() {
    let (mut stage, provider) = at_kamailio(LineTransport::Tcp).await;
    call_sipp(&mut stage, &provider).await;
    be_called_by_sipp(&mut stage, &provider).await;
    stage.gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_over_tls_carries_calls_both_ways() {
    let (mut stage, provider) = at_kamailio(LineTransport::Tls).await;
    call_sipp(&mut stage, &provider).await;
    be_called_by_sipp(&mut stage, &provider).await;
    stage.gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_nobody_vouches_for_is_refused_and_named() {
    let provider = Kamailio::start(&["-A", "WITH_TLS"]).await;
    let mut stage = Stage::new().await;
    let mut line = line_over(&stage, &provider, LineTransport::Tls);
    line.tls_ca_pem = None;
    let report = stage.gateway.check_line(line.clone()).await;
    let problem = report.steps.iter().find_map(|step| match &step.seen {
        Seen::Failed(Trouble::BadCertificate { problem, .. }) => Some(problem.clone()),
        _ => None,
    });
    assert_eq!(problem, Some(Certificate::UnknownIssuer), "{report:?}");
    stage.gateway.set_lines(vec![line]);
    let (code, trouble) = stage.line_failed().await;
    assert_eq!(code, 503);
    assert!(
        matches!(trouble, Some(Trouble::BadCertificate { .. })),
        "{trouble:?}"
    );
}

/// Something between us and the provider that can be cut.
struct Wire {
    address: SocketAddr,
    cuts: watch::Sender<u32>,
    made: Arc<AtomicU32>,
}

impl Wire {
    async fn to(provider: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cuts, cut) = watch::channel(0);
        let made = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&made);
        tokio::spawn(async move {
            loop {
                let (mut ours, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut cut = cut.clone();
                cut.mark_unchanged();
                tokio::spawn(async move {
                    let mut theirs = TcpStream::connect(provider).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut ours, &mut theirs) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            address,
            cuts,
            made,
        }
    }

    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_made_anew_and_the_call_over_it_survives() {
    let provider = Kamailio::start(&[]).await;
    let wire = Wire::to(provider.address).await;
    let mut stage = Stage::new().await;
    let mut line = line_over(&stage, &provider, LineTransport::Tcp);
    line.port = Some(wire.address.port());
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    let sipp = Sipp::start(
        "sipp_answers.xml",
        provider.address,
        provider.sipp_port,
        "x",
    );
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let call = page.dial("9700", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1300.0]).await;
    wire.cut();
    let (_, trouble) = stage.line_failed().await;
    assert!(
        matches!(trouble, Some(Trouble::Closed { .. })),
        "{trouble:?}"
    );
    stage.line_registered().await;
    assert_eq!(wire.made.load(Ordering::SeqCst), 2);
    audio.hears(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(ended(&mut stage).await, (Disposition::Answered, 200));
    // The BYE came over the new connection.
    sipp.succeeded().await;
}

fn phone_account(address: SocketAddr, transport: &str) -> String {
    format!(
        "<sip:102@127.0.0.1;transport={transport}>;outbound=\"sip:{address};transport={transport}\";\
         auth_user=102;auth_pass={PASSWORD};regint=60;answermode=auto;audio_codecs=pcma,pcmu;ptime=20\n"
    )
}

async fn a_phone_is_called(stage: &mut Stage, phone: Baresip, transport: &str) {
    stage
        .event(|event| match event {
            CallEvent::BindingsChanged {
                extension,
                reachable: 1,
            } if extension == "102" => Some(()),
            _ => None,
        })
        .await;
    assert_eq!(stage.gateway.bindings()[0].transport, transport);
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[880.0]).await;
    let call = page.dial("102", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[880.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(ended(stage).await, (Disposition::Answered, 200));
    assert!(phone.heard_ms(1300.0).await >= 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_over_tcp_is_called_and_heard() {
    let mut stage = Stage::new().await;
    let phone = Baresip::with_account(&phone_account(stage.gateway.sip_addr(), "tcp")).await;
    a_phone_is_called(&mut stage, phone, "tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_phone_over_tls_is_called_and_heard() {
    let mut stage = with_tls_door().await;
    let address = stage.gateway.sip_tls_addr().unwrap();
    let phone = Baresip::with_account(&phone_account(address, "tls")).await;
    a_phone_is_called(&mut stage, phone, "tls").await;
}

/// A line that does not register, at a provider played by the test.
fn large_line(stage: &Stage, provider: SocketAddr) -> LineConfig {
    let mut line = stage.line_at(provider, "trunk", "", "provider.test");
    line.mode = sip_gateway::ports::LineMode::IpTrunk {
        sources: Vec::new(),
    };
    // So that the INVITE does not fit into 1300 octets.
    line.number = Some("1".repeat(600));
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_that_fits_no_datagram_goes_over_tcp() {
    let port = free_port();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let tcp = TcpListener::bind(address).await.unwrap();
    let _udp = UdpSocket::bind(address).await.unwrap();
    let stage = Stage::new().await;
    stage.gateway.set_lines(vec![large_line(&stage, address)]);
    let page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    page.dial("4711", PASSWORD, audio.offer().await).await;
    let (mut connection, _) = timeout(PATIENCE, tcp.accept()).await.unwrap().unwrap();
    let mut buffer = vec![0; 65_535];
    let length = timeout(PATIENCE, connection.read(&mut buffer))
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
    assert!(text.starts_with("INVITE sip:4711@provider.test"), "{text}");
    assert!(text.contains("Via: SIP/2.0/TCP "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_tcp_gets_large_requests_over_udp() {
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stage = Stage::new().await;
    let line = large_line(&stage, udp.local_addr().unwrap());
    stage.gateway.set_lines(vec![line]);
    let page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    page.dial("4711", PASSWORD, audio.offer().await).await;
    let invite = async {
        let mut buffer = vec![0; 65_535];
        loop {
            let (length, _) = udp.recv_from(&mut buffer).await.unwrap();
            if buffer.starts_with(b"INVITE ") {
                return length;
            }
        }
    };
    let length = timeout(Duration::from_secs(10), invite).await.unwrap();
    assert!(length > 1300, "{length}");
}
