use rtc_crypto::providers::RingCrypto;

use super::*;
use crate::media::{
    sdp::{SEED, own_keys},
    srtp::OVERHEAD,
};

/// The peer's key of each suite, one for each `seed`.
fn masters(seed: u8) -> Vec<Master> {
    own_keys(&[seed; SEED])
}

fn keys(peer: Master, ours: &[Master]) -> SdesKeys {
    let send = ours.iter().find(|own| own.profile == peer.profile);
    SdesKeys {
        send: *send.unwrap(),
        receive: peer,
    }
}

/// A packet the peer protects.
fn sent(peer: &mut Outbound, ssrc: u32, index: u64) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend(u16::try_from(index & 0xffff).unwrap().to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x55; 160]);
    let len = packet.len();
    packet.resize(len + OVERHEAD, 0);
    let len = peer.protect(&mut packet, len, index).unwrap();
    packet.truncate(len);
    packet
}

fn is_taken(line: &mut Protection, mut packet: Vec<u8>, now_us: u64) -> bool {
    let taken = line.unprotect(&mut packet, now_us);
    taken.is_ok_and(|len| packet[12..len] == [0x55; 160])
}

/// A line for each suite: the peer's sender, the leg, and the keys agreed on.
fn lines() -> impl Iterator<Item = (Outbound, Protection, SdesKeys)> {
    masters(1).into_iter().map(|peer| {
        let keys = keys(peer, &masters(9));
        let mut line = Protection::Plain;
        line.agree(&RingCrypto, Some(keys), 0).unwrap();
        (outbound(&RingCrypto, &peer).unwrap(), line, keys)
    })
}

#[test]
fn the_roll_over_counter_outlives_a_reinvite_with_the_same_keys() {
    for (mut peer, mut line, keys) in lines() {
        for index in 65_500..65_600 {
            assert!(is_taken(&mut line, sent(&mut peer, 7, index), 0), "{index}");
        }
        line.agree(&RingCrypto, Some(keys), 0).unwrap();
        assert!(is_taken(&mut line, sent(&mut peer, 7, 65_600), 0));
        let replayed = sent(&mut peer, 7, 65_599);
        assert!(!is_taken(&mut line, replayed, 0));
    }
}

#[test]
fn a_new_source_under_the_same_key_begins_at_zero() {
    for (mut peer, mut line, _) in lines() {
        assert!(is_taken(&mut line, sent(&mut peer, 7, 70_000 - 65_536), 0));
        assert!(is_taken(&mut line, sent(&mut peer, 8, 100), 0));
        assert!(is_taken(&mut line, sent(&mut peer, 7, 4_465), 0));
    }
}

#[test]
fn a_new_key_is_taken_whether_the_counter_goes_on_or_begins_again() {
    for goes_on in [true, false] {
        for (mut peer, mut line, before) in lines() {
            for index in 65_500..65_600 {
                is_taken(&mut line, sent(&mut peer, 7, index), 0);
            }
            let fresh = masters(2);
            let fresh = fresh
                .iter()
                .find(|new| new.profile == before.receive.profile);
            let changed = keys(*fresh.unwrap(), &masters(9));
            line.agree(&RingCrypto, Some(changed), 0).unwrap();
            let mut renewed = outbound(&RingCrypto, &changed.receive).unwrap();
            let first = if goes_on { 65_600 } else { 64 };
            for index in first..first + 20 {
                let packet = sent(&mut renewed, 7, index);
                assert!(
                    is_taken(&mut line, packet, 0),
                    "{index}, goes on: {goes_on}"
                );
            }
            let late = sent(&mut peer, 7, 65_600);
            assert!(is_taken(&mut line, late, GRACE_US - 1), "on its way still");
            let stale = sent(&mut peer, 7, 65_601);
            assert!(!is_taken(&mut line, stale, GRACE_US));
        }
    }
}

#[test]
fn a_wrong_key_opens_nothing_and_a_plain_packet_is_refused() {
    for (_, mut line, keys) in lines() {
        let others = masters(3);
        let other = others
            .iter()
            .find(|new| new.profile == keys.receive.profile);
        let mut stranger = outbound(&RingCrypto, other.unwrap()).unwrap();
        assert!(!is_taken(&mut line, sent(&mut stranger, 7, 1), 0));
        let mut plain = vec![0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7];
        plain.extend([0x55; 160]);
        assert!(!is_taken(&mut line, plain, 0));
    }
}
