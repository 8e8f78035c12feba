//! The controlled half of ICE-lite: connectivity checks are verified and answered, none are sent
//! (RFC 8445 §2.5, 7.3; RFC 8489).

use std::net::SocketAddr;

use rtc_crypto::RTCCrypto;
use rtc_shared::error::Error;
use rtc_stun::{
    attributes::{
        ATTR_ICE_CONTROLLED, ATTR_MESSAGE_INTEGRITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType,
    },
    error_code::CODE_ROLE_CONFLICT,
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Message, Setter},
    xoraddr::XorMappedAddress,
};

/// What a connectivity check asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// The response to send back where the check came from.
    pub reply: Vec<u8>,
    /// Whether the path may be used now; false for a role conflict.
    pub valid: bool,
    /// Whether the peer nominates this path.
    pub nominated: bool,
}

/// Our part of the USERNAME of a binding request, found without copying: a flood of checks for
/// nobody costs no more than this.
pub(super) fn our_ufrag(datagram: &[u8]) -> Option<&str> {
    let (header, mut rest) = datagram.split_at_checked(20)?;
    if header[..2] != [0, 1] || header[4..8] != [0x21, 0x12, 0xa4, 0x42] {
        return None;
    }
    loop {
        let (attribute, tail) = rest.split_at_checked(4)?;
        let kind = u16::from_be_bytes([attribute[0], attribute[1]]);
        let len = usize::from(u16::from_be_bytes([attribute[2], attribute[3]]));
        let value = tail.get(..len)?;
        if kind == ATTR_USERNAME.value() {
            let name = std::str::from_utf8(value).ok()?;
            return name.split_once(':').map(|(ours, _)| ours);
        }
        rest = tail.get(len.next_multiple_of(4)..)?;
    }
}

/// Verifies a check with our password and makes the response.
///
/// # Errors
/// When it is malformed or its integrity or fingerprint does not hold: it gets no answer.
pub(super) fn check(
    datagram: &[u8],
    source: SocketAddr,
    password: &str,
    crypto: &dyn RTCCrypto,
) -> Result<Check, Error> {
    let mut request = Message::new();
    request.unmarshal_binary(datagram)?;
    if request.typ != BINDING_REQUEST {
        return Err(Error::ErrAttributeNotFound);
    }
    FINGERPRINT.check(&request)?;
    MessageIntegrity::check(&mut request, password.as_bytes(), crypto)?;
    let integrity =
        MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto);
    // RFC 8445 §7.3.1.1: a lite agent is always controlled, so the peer must take the other role.
    let valid = !signed(&request, ATTR_ICE_CONTROLLED);
    let mut reply = Message::new();
    reply.typ = if valid {
        BINDING_SUCCESS
    } else {
        BINDING_ERROR
    };
    reply.transaction_id = request.transaction_id;
    reply.write_header();
    if valid {
        XorMappedAddress {
            ip: source.ip(),
            port: source.port(),
        }
        .add_to(&mut reply)?;
    } else {
        CODE_ROLE_CONFLICT.add_to(&mut reply)?;
    }
    integrity.add_to(&mut reply)?;
    FINGERPRINT.add_to(&mut reply)?;
    Ok(Check {
        valid,
        nominated: valid && signed(&request, ATTR_USE_CANDIDATE),
        reply: reply.raw,
    })
}

/// Whether an attribute is there under the signature (RFC 8489 §14.5: ignored after it).
fn signed(message: &Message, wanted: AttrType) -> bool {
    message
        .attributes
        .0
        .iter()
        .take_while(|attribute| attribute.typ != ATTR_MESSAGE_INTEGRITY)
        .any(|attribute| attribute.typ == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rtc_crypto::providers::RingCrypto;
    use rtc_stun::{
        attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY},
        error_code::ErrorCodeAttribute,
        message::{Getter, TransactionId},
        textattrs::TextAttribute,
    };

    use super::*;

    const PASSWORD: &str = "a password of 22 chars";

    fn source() -> SocketAddr {
        "203.0.113.7:4444".parse().unwrap()
    }

    fn request(password: &str, role: AttrType, nominate: bool) -> Vec<u8> {
        let mut message = Message::new();
        message.typ = BINDING_REQUEST;
        message.transaction_id = TransactionId::new();
        message.write_header();
        let name = TextAttribute::new(ATTR_USERNAME, "ours:theirs".to_owned());
        name.add_to(&mut message).unwrap();
        message.add(role, &[1; 8]);
        message.add(ATTR_PRIORITY, &[1, 2, 3, 4]);
        if nominate {
            message.add(ATTR_USE_CANDIDATE, &[]);
        }
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            &RingCrypto,
        );
        integrity.add_to(&mut message).unwrap();
        FINGERPRINT.add_to(&mut message).unwrap();
        message.raw
    }

    fn answer(datagram: &[u8]) -> Result<Check, Error> {
        check(datagram, source(), PASSWORD, &RingCrypto)
    }

    fn read(raw: &[u8]) -> Message {
        let mut message = Message::new();
        message.unmarshal_binary(raw).unwrap();
        message
    }

    #[test]
    fn a_check_is_answered_with_the_address_it_came_from() {
        let request = request(PASSWORD, ATTR_ICE_CONTROLLING, true);
        assert_eq!(our_ufrag(&request), Some("ours"));
        let check = answer(&request).unwrap();
        assert!(check.valid && check.nominated);
        let mut reply = read(&check.reply);
        assert_eq!(reply.typ, BINDING_SUCCESS);
        let mut mapped = XorMappedAddress::default();
        mapped.get_from(&reply).unwrap();
        assert_eq!((mapped.ip, mapped.port), (source().ip(), source().port()));
        FINGERPRINT.check(&reply).unwrap();
        MessageIntegrity::check(&mut reply, PASSWORD.as_bytes(), &RingCrypto).unwrap();
    }

    #[test]
    fn a_peer_that_wants_to_be_controlled_is_told_of_the_conflict() {
        let check = answer(&request(PASSWORD, ATTR_ICE_CONTROLLED, true)).unwrap();
        assert!(!check.valid && !check.nominated);
        let mut error = ErrorCodeAttribute::default();
        error.get_from(&read(&check.reply)).unwrap();
        assert!(error.code == CODE_ROLE_CONFLICT);
    }

    #[test]
    fn a_wrong_password_gets_no_answer() {
        assert!(answer(&request("another", ATTR_ICE_CONTROLLING, false)).is_err());
    }

    #[test]
    fn what_stands_after_the_signature_does_not_count() {
        let mut message = read(&request(PASSWORD, ATTR_ICE_CONTROLLING, false));
        message.attributes.0.pop();
        message.length -= 8;
        message.raw.truncate(message.raw.len() - 8);
        message.add(ATTR_USE_CANDIDATE, &[]);
        FINGERPRINT.add_to(&mut message).unwrap();
        let check = answer(&message.raw).unwrap();
        assert!(check.valid && !check.nominated);
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_panic(
            octets in proptest::collection::vec(any::<u8>(), 0..120),
            at in 0_usize..200,
            value: u8,
        ) {
            let _ = our_ufrag(&octets);
            let _ = answer(&octets);
            let mut damaged = request(PASSWORD, ATTR_ICE_CONTROLLING, false);
            let at = at % damaged.len();
            damaged[at] ^= value;
            let _ = our_ufrag(&damaged);
            prop_assert!(value == 0 || answer(&damaged).is_err());
        }
    }
}
