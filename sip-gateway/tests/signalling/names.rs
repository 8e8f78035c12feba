//! A small name server, byte by byte, and what the gateway makes of its answers.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use sip_gateway::{
    DnsServers,
    ports::{Candidate, LineConfig, LineTransport, Seen, Source, Trouble},
};
use test_network::{Account, Config, TestNetwork};
use tokio::net::UdpSocket;

use super::stage::Stage;

/// A record's data.
#[derive(Clone)]
pub enum Record {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Srv(u16, u16, u16, &'static str),
    Naptr(u16, &'static str, &'static str),
}

impl Record {
    fn kind(&self) -> u16 {
        match self {
            Self::A(_) => 1,
            Self::Aaaa(_) => 28,
            Self::Srv(..) => 33,
            Self::Naptr(..) => 35,
        }
    }

    fn data(&self) -> Vec<u8> {
        match self {
            Self::A(ip) => ip.octets().to_vec(),
            Self::Aaaa(ip) => ip.octets().to_vec(),
            Self::Srv(priority, weight, port, target) => {
                let mut data = Vec::new();
                for number in [priority, weight, port] {
                    data.extend(number.to_be_bytes());
                }
                data.extend(name(target));
                data
            }
            Self::Naptr(order, service, replacement) => {
                let mut data = order.to_be_bytes().to_vec();
                data.extend([0, 0, 1, b's', service.len() as u8]);
                data.extend(service.as_bytes());
                data.push(0);
                data.extend(name(replacement));
                data
            }
        }
    }
}

fn name(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        octets.push(label.len() as u8);
        octets.extend(label.as_bytes());
    }
    octets.push(0);
    octets
}

/// Answers from a table; a name that is not in it does not exist.
pub struct NameServer {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl NameServer {
    pub async fn with(records: &[(&'static str, Record)]) -> Self {
        let mut table: HashMap<String, Vec<Record>> = HashMap::new();
        for (name, record) in records {
            let list = table.entry((*name).to_owned()).or_default();
            list.push(record.clone());
        }
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let answer = answer(&buffer[..length], &table, &log);
                socket.send_to(&answer, peer).await.unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self, name: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(asked, _)| asked == name).count()
    }
}

fn answer(
    query: &[u8],
    table: &HashMap<String, Vec<Record>>,
    log: &Mutex<Vec<(String, u16)>>,
) -> Vec<u8> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..][..length]).to_lowercase());
        at += length + 1;
    }
    let question = &query[12..at + 5];
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let asked = labels.join(".");
    log.lock().unwrap().push((asked.clone(), kind));
    let known = table.get(&asked);
    let records: Vec<&Record> = known
        .into_iter()
        .flatten()
        .filter(|record| record.kind() == kind)
        .collect();
    let mut out = query[..2].to_vec();
    // An answer, recursion available; NXDOMAIN where the name is unknown.
    out.extend([0x81, if known.is_some() { 0x80 } else { 0x83 }]);
    out.extend([0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    out.extend(question);
    for record in records {
        let data = record.data();
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend((data.len() as u16).to_be_bytes());
        out.extend(data);
    }
    out
}

async fn stage_asking(server: &NameServer) -> Stage {
    let address = server.address;
    Stage::configured(|config, _| config.dns = DnsServers::At(vec![address])).await
}

fn line(stage: &Stage, domain: &str, transport: LineTransport) -> LineConfig {
    let mut line = LineConfig::new(stage.line, "line1", "secret", domain);
    line.transport = transport;
    line
}

async fn found(stage: &Stage, line: LineConfig) -> Result<Vec<Candidate>, Trouble> {
    let report = stage.gateway.check_line(line).await;
    match report.steps.into_iter().next().map(|step| step.seen) {
        Some(Seen::Resolved { found, .. }) => Ok(found),
        Some(Seen::Failed(trouble)) => Err(trouble),
        other => panic!("{other:?}"),
    }
}

fn addresses(found: &[Candidate]) -> Vec<String> {
    found.iter().map(|c| c.address.to_string()).collect()
}

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

#[tokio::test(flavor = "multi_thread")]
async fn srv_names_the_servers_in_their_order() {
    let server = NameServer::with(&[
        (
            "_sip._udp.provider.test",
            Record::Srv(20, 0, 5071, "two.provider.test"),
        ),
        (
            "_sip._udp.provider.test",
            Record::Srv(10, 0, 5070, "one.provider.test"),
        ),
        ("one.provider.test", Record::A(HERE)),
        ("two.provider.test", Record::A(HERE)),
        ("provider.test", Record::A(Ipv4Addr::new(192, 0, 2, 1))),
    ])
    .await;
    let stage = stage_asking(&server).await;
    let found = found(&stage, line(&stage, "provider.test", LineTransport::Udp))
        .await
        .unwrap();
    assert_eq!(addresses(&found), ["127.0.0.1:5070", "127.0.0.1:5071"]);
    assert!(found.iter().all(|c| c.source == Source::Srv));
}

#[tokio::test(flavor = "multi_thread")]
async fn naptr_says_where_srv_is_for_the_transport_that_was_chosen() {
    let server = NameServer::with(&[
        (
            "provider.test",
            Record::Naptr(10, "SIP+D2U", "udp.provider.test"),
        ),
        (
            "provider.test",
            Record::Naptr(20, "SIP+D2T", "tcp.provider.test"),
        ),
        (
            "udp.provider.test",
            Record::Srv(1, 0, 5070, "one.provider.test"),
        ),
        (
            "tcp.provider.test",
            Record::Srv(1, 0, 5072, "one.provider.test"),
        ),
        ("one.provider.test", Record::A(HERE)),
    ])
    .await;
    let stage = stage_asking(&server).await;
    let found = found(&stage, line(&stage, "provider.test", LineTransport::Tcp))
        .await
        .unwrap();
    assert_eq!(addresses(&found), ["127.0.0.1:5072"]);
    assert_eq!(found[0].source, Source::Naptr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_was_entered_leaves_only_the_address_to_be_asked_for() {
    let server = NameServer::with(&[
        (
            "_sip._udp.provider.test",
            Record::Srv(1, 0, 5070, "one.provider.test"),
        ),
        ("one.provider.test", Record::A(Ipv4Addr::new(192, 0, 2, 1))),
        ("provider.test", Record::A(HERE)),
    ])
    .await;
    let stage = stage_asking(&server).await;
    let line = line(&stage, "provider.test:5090", LineTransport::Udp);
    let found = found(&stage, line).await.unwrap();
    assert_eq!(addresses(&found), ["127.0.0.1:5090"]);
    assert_eq!(server.asked("_sip._udp.provider.test"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_srv_is_reached_at_the_usual_port() {
    let server = NameServer::with(&[("provider.test", Record::A(HERE))]).await;
    let stage = stage_asking(&server).await;
    for (transport, wanted) in [
        (LineTransport::Udp, "127.0.0.1:5060"),
        (LineTransport::Tls, "127.0.0.1:5061"),
    ] {
        let found = found(&stage, line(&stage, "provider.test", transport))
            .await
            .unwrap();
        assert_eq!(addresses(&found), [wanted]);
        assert_eq!(found[0].source, Source::Address);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dns_says_no_to_is_told_apart() {
    let server = NameServer::with(&[("mail.test", Record::Naptr(1, "E2U+mail", "x.test"))]).await;
    let stage = stage_asking(&server).await;
    let udp = LineTransport::Udp;
    let missing = found(&stage, line(&stage, "nowhere.test", udp)).await;
    let name = "nowhere.test".to_owned();
    assert_eq!(missing, Err(Trouble::NoSuchName { name }));
    let empty = found(&stage, line(&stage, "mail.test", udp)).await;
    let name = "mail.test".to_owned();
    assert_eq!(empty, Err(Trouble::NoAddress { name }));
    // A "no" without SOA is not remembered; the answers that had a time are.
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let stage = Stage::configured(|config, _| config.dns = DnsServers::At(vec![address])).await;
    let nobody = found(&stage, line(&stage, "provider.test", udp)).await;
    assert!(
        matches!(nobody, Err(Trouble::DnsFailed { .. })),
        "{nobody:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_remembered_for_its_time() {
    let server = NameServer::with(&[
        (
            "_sip._udp.provider.test",
            Record::Srv(1, 0, 5070, "one.provider.test"),
        ),
        ("one.provider.test", Record::A(HERE)),
    ])
    .await;
    let stage = stage_asking(&server).await;
    let line = line(&stage, "provider.test", LineTransport::Udp);
    found(&stage, line.clone()).await.unwrap();
    let before = server.asked("one.provider.test");
    found(&stage, line).await.unwrap();
    assert_eq!(server.asked("one.provider.test"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_the_connection_is_passed_over() {
    let account = Account {
        user: "line1".to_owned(),
        password: "secret".to_owned(),
        number: "74950000001".to_owned(),
    };
    let network = TestNetwork::start(Config::local(vec![account]))
        .await
        .unwrap();
    let good = network.sip_addr().port();
    let server = NameServer::with(&[
        (
            "_sip._udp.test.trubka",
            Record::Srv(20, 0, good, "one.test.trubka"),
        ),
        // Discard: nobody answers there.
        (
            "_sip._udp.test.trubka",
            Record::Srv(10, 0, 9, "one.test.trubka"),
        ),
        (
            "_sip._tcp.test.trubka",
            Record::Srv(10, 0, 9, "one.test.trubka"),
        ),
        ("one.test.trubka", Record::A(HERE)),
    ])
    .await;
    let stage = stage_asking(&server).await;
    let report = stage
        .gateway
        .check_line(line(&stage, "test.trubka", LineTransport::Udp))
        .await;
    let registered = report.steps.iter().any(
        |step| matches!(&step.seen, Seen::Registered { address, .. } if address.port() == good),
    );
    assert!(registered, "{report:?}");
    let report = stage
        .gateway
        .check_line(line(&stage, "test.trubka", LineTransport::Tcp))
        .await;
    let refused = report.steps.iter().any(|step| {
        matches!(&step.seen, Seen::Failed(Trouble::ConnectionRefused { address }) if address.port() == 9)
    });
    assert!(refused, "{report:?}");
}
