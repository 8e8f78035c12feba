//! Hostile datagrams by the ten thousand beside a running call: its audio is counted packet by
//! packet, in both directions.

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use sip_gateway::ports::CallEvent;
use test_network::TestNetwork;

use super::{
    audio::Audio,
    hostile::request,
    stage::{PASSWORD, Stage},
};

/// Addresses the datagrams come from.
const SENDERS: u8 = 200;
/// Different datagrams.
const KINDS: u32 = 3_000;
/// Milliseconds of audio in a packet.
const FRAME_MS: u64 = 20;

/// What one side heard during the flood.
#[derive(Clone, Copy, Debug)]
struct Loss {
    expected: u64,
    /// Packets that never came.
    lost: u64,
}

impl Loss {
    fn of(lasted_ms: u64, packets: u64) -> Self {
        let expected = lasted_ms / FRAME_MS;
        Self {
            expected,
            lost: expected.saturating_sub(packets),
        }
    }

    fn share(self) -> f64 {
        self.lost as f64 / self.expected as f64
    }
}

/// What looks like a check of ICE, RTP, RTCP and DTLS, and is nobody's.
fn false_media() -> Vec<Vec<u8>> {
    let one = |number: u32| {
        let mut datagram: Vec<u8> = (0..172).map(|at| (number * 31 + at * 7) as u8).collect();
        let head: &[u8] = match number % 4 {
            0 => &[0, 1, 0, 152, 0x21, 0x12, 0xa4, 0x42],
            1 => &[0x80, 8],
            2 => &[0x81, 200, 0, 42],
            _ => &[22, 0xfe, 0xfd, 0, 0],
        };
        datagram[..head.len()].copy_from_slice(head);
        datagram
    };
    (0..KINDS).map(one).collect()
}

/// Requests of strangers, made-up answers, cut messages and noise.
fn false_signalling() -> Vec<Vec<u8>> {
    let one = |number: u32| {
        let user = (100 + number % 900).to_string();
        let method = ["REGISTER", "INVITE", "OPTIONS", "BYE", "ACK", "NOTIFY"];
        let method = method[(number / 4 % 6) as usize];
        let text = request(method, &user, "").replace("/TCP", "/UDP");
        match number % 4 {
            0 | 1 => text.into_bytes(),
            2 => text.as_bytes()[..40 + number as usize % 200].to_vec(),
            _ => (0..200).map(|at| (number * 31 + at * 7) as u8).collect(),
        }
    };
    (0..KINDS).map(one).collect()
}

/// Sends `per_second` datagrams for so long, from many addresses; how many it really sent each
/// second.
fn flood(target: SocketAddr, datagrams: &[Vec<u8>], per_second: u32, length: Duration) -> f64 {
    let sockets: Vec<UdpSocket> = (1..=SENDERS)
        .map(|last| UdpSocket::bind((Ipv4Addr::new(127, 9, 9, last), 0)).unwrap())
        .collect();
    let began = Instant::now();
    let mut sent = 0_usize;
    while began.elapsed() < length {
        let due = (began.elapsed().as_secs_f64() * f64::from(per_second)) as usize;
        while sent < due {
            let datagram = &datagrams[sent % datagrams.len()];
            let _ = sockets[sent % sockets.len()].send_to(datagram, target);
            sent += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    sent as f64 / began.elapsed().as_secs_f64()
}

fn far_end(network: &TestNetwork) -> (u64, u64) {
    let call = &network.calls()[0];
    (call.media.packets_in, call.media.heard_ms(1300.0, 15.0))
}

/// The port that is flooded.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    /// SIP.
    Signalling,
    /// The one port of all browsers' media.
    Media,
}

/// A call to the test network beside a flood: which rate was reached, and what share of the frames
/// was lost at worst.
#[expect(
    clippy::print_stdout,
    reason = "the figures of the soak are to be read"
)]
pub async fn beside_a_flood(port: Port, per_second: u32, length: Duration) -> (f64, f64) {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    let call = page.dial("602", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1000.0]).await;
    let (target, datagrams) = match port {
        Port::Signalling => (stage.gateway.sip_addr(), false_signalling()),
        Port::Media => (stage.gateway.media_addr(), false_media()),
    };
    let (before, heard_before) = (audio.packets(), audio.heard_ms(1000.0));
    let far_before = far_end(&network);
    let began = Instant::now();
    let rate = tokio::task::spawn_blocking(move || flood(target, &datagrams, per_second, length));
    let rate = rate.await.unwrap();
    let lasted = u64::try_from(began.elapsed().as_millis()).unwrap();
    let (after, heard) = (audio.packets(), audio.heard_ms(1000.0) - heard_before);
    let far_after = far_end(&network);
    let near = Loss::of(lasted, after - before);
    let far = Loss::of(lasted, far_after.0 - far_before.0);
    let far_heard = far_after.1 - far_before.1;
    println!(
        "{port:?}: {rate:.0} datagrams a second for {lasted} ms; the page lost {near:?} and heard {heard} ms, \
         the far end lost {far:?} and heard {far_heard} ms"
    );
    // The tone itself: the detectors look at blocks of up to 100 ms, so an edge may cost two.
    for heard in [u64::from(heard), far_heard] {
        assert!(heard + lasted / 50 + 200 > lasted, "{heard} of {lasted} ms");
    }
    // It is still served: the call ends as it should.
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    stage
        .event(|event| match event {
            CallEvent::CallEnded { code: 200, .. } => Some(()),
            _ => None,
        })
        .await;
    (rate, near.share().max(far.share()))
}

async fn leaves_a_running_call_alone(port: Port) {
    let (rate, lost) = beside_a_flood(port, 10_000, Duration::from_secs(3)).await;
    assert!(rate > 5_000.0, "{rate} datagrams a second are no flood");
    assert!(lost < 0.04, "{lost} of the frames were lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forged_datagrams_leaves_a_running_call_alone() {
    leaves_a_running_call_alone(Port::Signalling).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_at_the_media_port_leaves_a_running_call_alone() {
    leaves_a_running_call_alone(Port::Media).await;
}
