//! Bodies of type `message/sipfrag` (RFC 3420): how far a transfer has come.

/// The media type.
pub const SIP_FRAGMENT: &str = "message/sipfrag;version=2.0";

/// The status line as such a body.
#[must_use]
pub fn write_sip_fragment(code: u16, reason: &str) -> Vec<u8> {
    format!("SIP/2.0 {code} {reason}\r\n").into_bytes()
}

/// Code and phrase of the body's status line.
#[must_use]
pub fn read_sip_fragment(body: &[u8]) -> Option<(u16, String)> {
    let line = body.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.trim().splitn(3, ' ');
    let version = words.next()?;
    let code: u16 = words.next()?.parse().ok()?;
    let known = version.eq_ignore_ascii_case("SIP/2.0") && (100..700).contains(&code);
    known.then(|| (code, words.next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_is_read_and_written() {
        let body = write_sip_fragment(180, "Ringing");
        assert_eq!(read_sip_fragment(&body), Some((180, "Ringing".into())));
        assert_eq!(
            read_sip_fragment(b"SIP/2.0 200"),
            Some((200, String::new()))
        );
        for body in [&b""[..], b"\r\n", b"SIP/2.0", b"SIP/2.0 999 x", b"\xff\xfe"] {
            assert_eq!(read_sip_fragment(body), None);
        }
    }
}
