use rtc_crypto::{RTCCrypto, providers::RingCrypto};
use rtc_srtp::{
    context::Context, option::srtp_replay_protection, protection_profile::ProtectionProfile,
};

use super::{Inbound, OVERHEAD, Outbound, Profile, SrtpError};

const KEY: [u8; 16] = *b"0123456789abcdef";
const SALT: [u8; 14] = *b"saltsaltsaltsa";

fn crypto() -> impl RTCCrypto {
    RingCrypto
}

fn salt(profile: Profile) -> &'static [u8] {
    const STATIC: &[u8] = &SALT;
    &STATIC[..profile.salt()]
}

fn outbound(profile: Profile) -> Outbound {
    Outbound::new(&crypto(), profile, &KEY, salt(profile)).unwrap()
}

fn inbound(profile: Profile) -> Inbound {
    Inbound::new(&crypto(), profile, &KEY, salt(profile)).unwrap()
}

fn theirs(profile: Profile) -> Context {
    let name = match profile {
        Profile::Cm80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Profile::Cm32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Profile::Gcm => ProtectionProfile::AeadAes128Gcm,
    };
    let replay = Some(srtp_replay_protection(64));
    Context::new(&KEY, salt(profile), name, replay, None, &crypto()).unwrap()
}

fn packet(sequence: u16, ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend(sequence.to_be_bytes());
    packet.extend((u32::from(sequence) * 160).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend([sequence.to_be_bytes()[1]; 20]);
    packet
}

fn protect(out: &mut Outbound, plain: &[u8], index: u64) -> Vec<u8> {
    let mut buffer = plain.to_vec();
    buffer.resize(plain.len() + OVERHEAD, 0);
    let len = out.protect(&mut buffer, plain.len(), index).unwrap();
    buffer.truncate(len);
    buffer
}

fn low(index: u64) -> u16 {
    u16::try_from(index & 0xffff).unwrap()
}

#[test]
fn agrees_with_rtc_srtp_packet_for_packet_over_three_rollovers() {
    for profile in [Profile::Cm80, Profile::Cm32, Profile::Gcm] {
        let (mut ours, mut their_sender) = (outbound(profile), theirs(profile));
        let (mut our_receiver, mut their_receiver) = (inbound(profile), theirs(profile));
        // Begins close to a roll-over; every 97th packet is lost, every 13th pair changes places.
        let mut pending: Option<(Vec<u8>, Vec<u8>)> = None;
        for index in 65_000..65_000 + 3 * 65_536_u64 {
            let plain = packet(low(index), 7);
            let mine = protect(&mut ours, &plain, index);
            let other = their_sender.encrypt_rtp(&plain).unwrap();
            assert_eq!(mine, other, "packet {index} with {profile:?}");
            if index % 97 == 0 {
                continue;
            }
            if index % 13 == 0 && pending.is_none() {
                pending = Some((plain, mine));
                continue;
            }
            for (plain, wire) in [Some((plain, mine)), pending.take()].into_iter().flatten() {
                assert_eq!(their_receiver.decrypt_rtp(&wire).unwrap(), plain[..]);
                let mut buffer = wire;
                let len = our_receiver.unprotect(&mut buffer).unwrap();
                assert_eq!(buffer[..len], plain[..], "packet {index}");
            }
        }
    }
}

#[test]
fn agrees_with_rtc_srtp_on_rtcp() {
    for profile in [Profile::Cm80, Profile::Cm32, Profile::Gcm] {
        let (mut ours, mut their_sender) = (outbound(profile), theirs(profile));
        let mut receiver = inbound(profile);
        let mut plain = vec![0x80, 200, 0, 6];
        plain.extend([9; 24]);
        for _ in 0..100 {
            let mut buffer = plain.clone();
            buffer.resize(plain.len() + OVERHEAD, 0);
            let len = ours.protect_rtcp(&mut buffer, plain.len()).unwrap();
            assert_eq!(
                buffer[..len],
                their_sender.encrypt_rtcp(&plain).unwrap()[..]
            );
            let mut wire = buffer[..len].to_vec();
            let again = wire.clone();
            let len = receiver.unprotect_rtcp(&mut wire).unwrap();
            assert_eq!(wire[..len], plain[..]);
            assert_eq!(
                receiver.unprotect_rtcp(&mut again.clone()),
                Err(SrtpError::Replayed)
            );
        }
    }
}

#[test]
fn a_forged_packet_does_not_shut_out_the_genuine_ones() {
    for profile in [Profile::Cm80, Profile::Cm32, Profile::Gcm] {
        let (mut out, mut receiver) = (outbound(profile), inbound(profile));
        for index in 0..50 {
            receiver
                .unprotect(&mut protect(&mut out, &packet(low(index), 7), index))
                .unwrap();
        }
        let mut forged = packet(30_000, 7);
        forged.extend([0; 16]);
        assert_eq!(
            receiver.unprotect(&mut forged),
            Err(SrtpError::NotAuthentic)
        );
        for index in 50..350 {
            receiver
                .unprotect(&mut protect(&mut out, &packet(low(index), 7), index))
                .unwrap();
        }
    }
}

#[test]
fn forged_sources_leave_nothing_behind() {
    let mut receiver = inbound(Profile::Gcm);
    for ssrc in 0..10_000 {
        let mut forged = packet(1, ssrc);
        forged.extend([0; 16]);
        assert_eq!(
            receiver.unprotect(&mut forged),
            Err(SrtpError::NotAuthentic)
        );
    }
    assert!(receiver.rtp_sources.known.is_empty());
}

#[test]
fn a_replayed_packet_is_refused() {
    for profile in [Profile::Cm80, Profile::Cm32, Profile::Gcm] {
        let (mut out, mut receiver) = (outbound(profile), inbound(profile));
        let wire = protect(&mut out, &packet(5, 7), 5);
        receiver.unprotect(&mut wire.clone()).unwrap();
        assert_eq!(
            receiver.unprotect(&mut wire.clone()),
            Err(SrtpError::Replayed)
        );
    }
}

#[test]
fn truncated_packets_are_malformed_and_never_panic() {
    for profile in [Profile::Cm80, Profile::Cm32, Profile::Gcm] {
        let mut receiver = inbound(profile);
        let wire = protect(&mut outbound(profile), &packet(5, 7), 5);
        for len in 0..wire.len() {
            assert!(receiver.unprotect(&mut wire[..len].to_vec()).is_err());
            assert!(receiver.unprotect_rtcp(&mut wire[..len].to_vec()).is_err());
        }
        let mut extended = wire;
        extended[0] |= 0x1f;
        assert!(receiver.unprotect(&mut extended).is_err());
    }
}
