//! Several servers of one provider (RFC 3263 §4.3), IPv6, and an outbound proxy: Kamailio and SIPp,
//! found by a name server.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

use sip_gateway::{
    DnsServers,
    ports::{CallEvent, Disposition, LineConfig, LineTransport, Trouble},
};

use super::{
    audio::Audio,
    names::{NameServer, Record},
    programs::{Kamailio, Sipp},
    stage::{PASSWORD, Stage},
};

const DOMAIN: &str = "provider.test";
const SERVICES: [(LineTransport, &str); 2] = [
    (LineTransport::Udp, "_sip._udp.provider.test"),
    (LineTransport::Tcp, "_sip._tcp.provider.test"),
];

/// A name server that knows these servers, the first one first.
async fn naming(servers: [&Kamailio; 2], host: Record) -> NameServer {
    let mut records = vec![("one.provider.test", host)];
    for (_, service) in SERVICES {
        for (priority, server) in servers.iter().enumerate() {
            let port = server.address.port();
            let record = Record::Srv(priority as u16 + 1, 0, port, "one.provider.test");
            records.push((service, record));
        }
    }
    NameServer::with(&records).await
}

fn line(stage: &Stage, transport: LineTransport) -> LineConfig {
    let mut line = LineConfig::new(stage.line, "trunk1", "secret1", DOMAIN);
    line.transport = transport;
    line
}

/// Registered at the first of two servers; the second one can be called through.
async fn registered_at_the_first(
    flags: &[&str],
    transport: LineTransport,
) -> (Stage, Kamailio, Kamailio) {
    let (first, second) = (Kamailio::start(flags).await, Kamailio::start(&[]).await);
    let names = naming([&first, &second], Record::A(Ipv4Addr::LOCALHOST)).await;
    let address = names.address;
    let mut stage = Stage::configured(|config, _| config.dns = DnsServers::At(vec![address])).await;
    let line = line(&stage, transport);
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    (stage, first, second)
}

/// Calls SIPp behind the second server; after how long it was answered.
async fn is_answered_by(stage: &mut Stage, second: &Kamailio) -> Duration {
    let sipp = Sipp::start("sipp_answers.xml", second.address, second.sipp_port, "x");
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let offer = audio.offer().await;
    let dialled = Instant::now();
    let call = page.dial("9700", PASSWORD, offer).await;
    let answer = page.answered().await;
    let took = dialled.elapsed();
    audio.take_answer(&answer).await;
    audio.hears(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    let ended = stage
        .event(|event| match event {
            CallEvent::CallEnded { disposition, .. } => Some(disposition),
            _ => None,
        })
        .await;
    assert_eq!(ended, Disposition::Answered);
    sipp.succeeded().await;
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_calls_with_503_is_passed_over_and_the_call_kept() {
    let flags = ["-A", "WITH_503"];
    let (mut stage, first, second) = registered_at_the_first(&flags, LineTransport::Udp).await;
    let took = is_answered_by(&mut stage, &second).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
    // One busy moment is no reason to move the line.
    stays_registered(&mut stage).await;
    drop(first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_refusing_with_503_over_tcp_is_passed_over_once_the_next_one_is_connected() {
    let flags = ["-A", "WITH_503"];
    let (mut stage, _first, second) = registered_at_the_first(&flags, LineTransport::Tcp).await;
    let took = is_answered_by(&mut stage, &second).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
    stays_registered(&mut stage).await;
}

/// The line neither fails nor registers anew.
async fn stays_registered(stage: &mut Stage) {
    let moved = tokio::time::timeout(Duration::from_millis(500), stage.line_failed()).await;
    assert!(moved.is_err(), "{moved:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_over_tcp_keeps_the_line_when_the_next_one_is_gone() {
    let flags = ["-A", "WITH_503"];
    let (mut stage, _first, second) = registered_at_the_first(&flags, LineTransport::Tcp).await;
    drop(second);
    let page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    page.dial("9700", PASSWORD, audio.offer().await).await;
    let ended = stage
        .event(|event| match event {
            CallEvent::CallEnded { code, .. } => Some(code),
            _ => None,
        })
        .await;
    assert_eq!(ended, 503);
    stays_registered(&mut stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_over_tcp_is_left_after_four_seconds_and_the_line_moves_with_the_call() {
    let (mut stage, first, second) = registered_at_the_first(&[], LineTransport::Tcp).await;
    first.freeze();
    let took = is_answered_by(&mut stage, &second).await;
    assert!(took < Duration::from_secs(9), "{took:?}");
    let took = is_answered_by(&mut stage, &second).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_left_after_four_seconds_and_the_call_kept() {
    let (mut stage, first, second) = registered_at_the_first(&[], LineTransport::Udp).await;
    drop(first);
    let took = is_answered_by(&mut stage, &second).await;
    assert!(took < Duration::from_secs(9), "{took:?}");
    // The line has moved with the call: the next one does not wait.
    let took = is_answered_by(&mut stage, &second).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_with_ipv6_only_is_found_registered_at_and_heard() {
    let provider = Kamailio::start(&["-A", "WITH_V6"]).await;
    let here = Record::Aaaa(Ipv6Addr::LOCALHOST);
    let names = naming([&provider, &provider], here).await;
    let address = names.address;
    let mut stage = Stage::configured(|config, _| {
        config.dns = DnsServers::At(vec![address]);
        config.sip_udp_bind = (Ipv6Addr::LOCALHOST, 0).into();
        config.media.line_bind = IpAddr::V6(Ipv6Addr::LOCALHOST);
    })
    .await;
    let line = line(&stage, LineTransport::Udp);
    stage.gateway.set_lines(vec![line]);
    stage.line_registered().await;
    let sipp = Sipp::at_v6("sipp_answers.xml", &provider);
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1300.0]).await;
    let call = page.dial("9700", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1300.0]).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    sipp.succeeded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_behind_an_outbound_proxy_registers_and_calls_with_it_in_route() {
    let proxy = Kamailio::start(&["-A", "WITH_PROXY"]).await;
    let mut stage = Stage::new().await;
    // Straight to it, without Route, it is refused.
    let straight = stage.line_at(proxy.address, "trunk1", "secret1", DOMAIN);
    stage.gateway.set_lines(vec![straight]);
    let refused: (u16, Option<Trouble>) = stage.line_failed().await;
    assert_eq!(refused.0, 403);
    let mut through = LineConfig::new(stage.line, "trunk1", "secret1", DOMAIN);
    through.outbound_proxy = Some(proxy.address.to_string());
    stage.gateway.set_lines(vec![through]);
    stage.line_registered().await;
    is_answered_by(&mut stage, &proxy).await;
}
