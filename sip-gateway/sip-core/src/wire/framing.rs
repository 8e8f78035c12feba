//! What one datagram or WebSocket message is.

/// What one datagram or WebSocket message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// CRLF CRLF (RFC 5626 §3.5.1).
    Ping,
    /// CRLF.
    Pong,
    /// Nothing worth an answer: empty, or the zero octets some telephones keep their binding with.
    Keepalive,
    /// A message, or what claims to be one.
    Message,
}

/// Tells keepalives from messages.
#[must_use]
pub fn classify(bytes: &[u8]) -> Frame {
    match bytes {
        b"\r\n\r\n" => Frame::Ping,
        b"\r\n" => Frame::Pong,
        _ if bytes.iter().all(|b| b"\r\n\0 \t".contains(b)) => Frame::Keepalive,
        _ => Frame::Message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keepalives_are_told_from_messages() {
        assert_eq!(classify(b"\r\n\r\n"), Frame::Ping);
        assert_eq!(classify(b"\r\n"), Frame::Pong);
        assert_eq!(classify(b"\0\0\0\0"), Frame::Keepalive);
        assert_eq!(classify(b"x"), Frame::Message);
    }
}
