use std::time::{Duration, Instant};

use super::{Configs, Output, handshake::Handshake};

/// A generator small enough to be seen through; loss must be the same every time.
struct Dice(u64);

impl Dice {
    fn hits(&mut self, per_cent: u64) -> bool {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % 100 < per_cent
    }
}

struct Side {
    handshake: Handshake,
    keyed: bool,
    ended: Option<String>,
}

fn side(configs: &Configs) -> Side {
    Side {
        handshake: Handshake::new(configs),
        keyed: false,
        ended: None,
    }
}

/// Moves what one side says to the other.
fn carry(from: &mut Side, to: &mut Side, now: Instant, mut lost: impl FnMut() -> bool) -> bool {
    let outputs: Vec<Output> = from.handshake.outputs().collect();
    let moved = !outputs.is_empty();
    for output in outputs {
        match output {
            Output::Send(datagram) if !lost() => to.handshake.read(now, &datagram),
            Output::Send(_) | Output::Goodbye(..) => {}
            Output::Keys(_) => from.keyed = true,
            Output::Ended(reason) => from.ended = Some(reason),
        }
    }
    moved
}

fn digest(configs: &Configs) -> Vec<[u8; 32]> {
    let octets = hex::decode(configs.fingerprint.replace(':', "")).unwrap();
    vec![octets.try_into().unwrap()]
}

/// Runs a handshake on a virtual clock; how long it took.
fn run(client: &mut Side, server: &mut Side, per_cent: u64, seed: u64) -> Option<Duration> {
    let start = Instant::now();
    let (mut now, mut dice) = (start, Dice(seed));
    client.handshake.begin(now);
    while now - start < Duration::from_secs(29) {
        while carry(client, server, now, || dice.hits(per_cent))
            | carry(server, client, now, || dice.hits(per_cent))
        {}
        if client.keyed && server.keyed {
            return Some(now - start);
        }
        now += Duration::from_millis(10);
        client.handshake.timeout(now);
        server.handshake.timeout(now);
    }
    None
}

#[test]
fn a_handshake_completes_with_thirty_per_cent_loss() {
    let (ours, theirs) = (Configs::generate().unwrap(), Configs::generate().unwrap());
    let mut worst = Duration::ZERO;
    for seed in 0..20 {
        let (mut client, mut server) = (side(&theirs), side(&ours));
        client.handshake.announce(digest(&ours));
        server.handshake.announce(digest(&theirs));
        let took = run(&mut client, &mut server, 30, seed);
        let took = took.unwrap_or_else(|| {
            panic!(
                "seed {seed}: client {:?}, server {:?}",
                client.ended, server.ended
            )
        });
        worst = worst.max(took);
    }
    assert!(worst < Duration::from_secs(10), "the worst took {worst:?}");
}

#[test]
fn a_certificate_that_was_not_announced_gets_no_keys() {
    let (ours, theirs) = (Configs::generate().unwrap(), Configs::generate().unwrap());
    let (mut client, mut server) = (side(&theirs), side(&ours));
    client.handshake.announce(digest(&ours));
    server.handshake.announce(vec![[7; 32]]);
    assert_eq!(run(&mut client, &mut server, 0, 1), None);
    assert!(!server.keyed);
    assert_eq!(
        server.ended.as_deref(),
        Some("the peer's certificate is not the announced one")
    );
}

#[test]
fn an_answer_that_comes_after_the_handshake_proves_it() {
    let (ours, theirs) = (Configs::generate().unwrap(), Configs::generate().unwrap());
    let (mut client, mut server) = (side(&theirs), side(&ours));
    client.handshake.announce(digest(&ours));
    run(&mut client, &mut server, 0, 1);
    assert!(client.keyed && !server.keyed);
    server.handshake.announce(digest(&theirs));
    carry(&mut server, &mut client, Instant::now(), || false);
    assert!(server.keyed);
}

#[test]
fn a_goodbye_is_understood_as_such() {
    let (ours, theirs) = (Configs::generate().unwrap(), Configs::generate().unwrap());
    let (mut client, mut server) = (side(&theirs), side(&ours));
    client.handshake.announce(digest(&ours));
    server.handshake.announce(digest(&theirs));
    run(&mut client, &mut server, 0, 1).unwrap();
    client.handshake.close(Instant::now());
    carry(&mut client, &mut server, Instant::now(), || false);
    carry(&mut server, &mut client, Instant::now(), || false);
    assert_eq!(server.ended.as_deref(), Some("the peer closed DTLS"));
}

#[test]
fn forty_thousand_fragments_end_at_the_cap() {
    let configs = Configs::generate().unwrap();
    let mut server = side(&configs);
    let now = Instant::now();
    for sequence in 0_u64..40_000 {
        // A one-octet fragment of a ClientHello of 40,000.
        let offset = &u32::try_from(sequence).unwrap().to_be_bytes()[1..];
        let mut record = vec![22, 0xfe, 0xfd, 0, 0];
        record.extend_from_slice(&sequence.to_be_bytes()[2..]);
        record.extend_from_slice(&[0, 13, 1, 0, 0x9c, 0x40, 0, 0]);
        record.extend_from_slice(offset);
        record.extend_from_slice(&[0, 0, 1, 0xaa]);
        server.handshake.read(now, &record);
    }
    assert_eq!(server.handshake.outputs().count(), 0);
}

#[test]
fn garbage_does_not_end_an_association() {
    let (ours, theirs) = (Configs::generate().unwrap(), Configs::generate().unwrap());
    let (mut client, mut server) = (side(&theirs), side(&ours));
    client.handshake.announce(digest(&ours));
    server.handshake.announce(digest(&theirs));
    run(&mut client, &mut server, 0, 1).unwrap();
    let mut dice = Dice(5);
    for kind in 20..64_u8 {
        let mut garbage = vec![
            kind,
            0xfe,
            0xfd,
            0,
            u8::from(dice.hits(50)),
            0,
            0,
            0,
            0,
            1,
            kind,
        ];
        garbage.extend([0, 3, 2, 40, 9]);
        server.handshake.read(
            Instant::now() + Duration::from_secs(u64::from(kind)),
            &garbage,
        );
    }
    carry(&mut server, &mut client, Instant::now(), || false);
    assert_eq!(server.ended, None);
}
