//! Cutting a byte stream into messages and keepalives (RFC 3261 §18.3, RFC 5626 §3.5.1).
//!
//! How a TCP or TLS connection uses it:
//! 1. `push` what was read, then take `next_frame` until `None`, each for
//!    [`crate::UserAgent::handle_bytes`], which also answers pings.
//! 2. On an error give [`StreamFramer::refused`] to the user agent, too, send what it answers, and
//!    close: nothing tells where the next message would begin.
//! 3. Close as well when [`StreamFramer::deadline`] has passed: somebody sends a message in drops.

use super::reader::{MAX_HEAD, MAX_HEADERS, MAX_MESSAGE, is_token};
use crate::{Millis, header::same_name};

/// Octets the first line may have before it must have ended.
const MAX_FIRST_LINE: usize = 8 * 1024;
/// Two CRLF that come within this time, in milliseconds, are one ping cut in two.
const SPLIT_PING_MS: Millis = 200;

/// What one connection may ask of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// Octets of start line and header fields.
    pub head: usize,
    /// Octets of a whole message.
    pub message: usize,
    /// Header lines.
    pub headers: usize,
    /// Milliseconds from the first octet of a message to its last.
    pub patience_ms: Millis,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            head: MAX_HEAD,
            message: MAX_MESSAGE,
            headers: MAX_HEADERS,
            patience_ms: 32_000,
        }
    }
}

/// A byte stream that cannot be cut into messages any more; the connection must be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Head or message is larger than [`StreamLimits`] allow, or has more lines.
    #[error("the message is too large")]
    TooLarge,
    /// RFC 3261 §18.3: on streams Content-Length is mandatory.
    #[error("a message on a stream has no valid Content-Length")]
    NoLength,
    /// The first line is none of SIP: TLS on a plain port, HTTP, a scanner.
    #[error("the connection does not speak SIP")]
    NotSip,
}

/// Cuts a byte stream into messages and keepalives. Linear in the octets pushed.
#[derive(Debug, Default)]
pub struct StreamFramer {
    limits: StreamLimits,
    buffer: Vec<u8>,
    /// Where in `buffer` the next frame begins.
    start: usize,
    scan: Scan,
    /// Length of the head and of the message, once the head is complete.
    expected: Option<(usize, usize)>,
    pushed_at: Millis,
    /// When the first octet of the unfinished frame came.
    began: Millis,
    /// When a CRLF came that nothing followed yet.
    lone_crlf: Option<Millis>,
}

/// How far the search for the end of the head has come.
#[derive(Debug, Clone, Copy)]
struct Scan {
    at: usize,
    /// `at` stands at the beginning of a line.
    line_start: bool,
    lines: usize,
}

impl Default for Scan {
    fn default() -> Self {
        Self::from(0)
    }
}

impl From<usize> for Scan {
    fn from(at: usize) -> Self {
        Self {
            at,
            line_start: true,
            lines: 0,
        }
    }
}

impl StreamFramer {
    /// A framer for one connection.
    #[must_use]
    pub fn new(limits: StreamLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Takes octets as they come.
    pub fn push(&mut self, now: Millis, bytes: &[u8]) {
        if self.pending().is_empty() {
            self.began = now;
        }
        self.pushed_at = now;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete message or keepalive, ready for [`crate::UserAgent::handle_bytes`].
    ///
    /// # Errors
    /// When the stream makes no sense; close the connection.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, StreamError> {
        if self.expected.is_none() {
            if let Some(frame) = self.keepalive() {
                return Ok(Some(frame));
            }
            if matches!(self.pending(), [b'\r'] | [b'\r', b'\n', b'\r']) {
                return Ok(None);
            }
            self.expected = self.find_length()?;
        }
        match self.expected {
            Some((_, length)) if self.pending().len() >= length => Ok(Some(self.take(length))),
            _ => Ok(None),
        }
    }

    /// When the unfinished message must be complete; `None` when there is none.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        (!self.pending().is_empty()).then(|| self.began.saturating_add(self.limits.patience_ms))
    }

    /// After an error: the head that cannot be framed, if it came whole, so that the user agent can
    /// tell its sender (400, 513) before the connection is closed.
    #[must_use]
    pub fn refused(&self) -> Option<&[u8]> {
        (self.scan.at > self.start && self.scan.lines > 1)
            .then(|| &self.buffer[self.start..self.scan.at])
            .filter(|head| head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n"))
    }

    fn pending(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let frame = self.pending()[..length].to_vec();
        self.start += length;
        // Moving the rest to the front only now and then keeps the cost linear.
        if self.start * 2 >= self.buffer.len() {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.scan = Scan::from(self.start);
        self.expected = None;
        self.began = self.pushed_at;
        self.lone_crlf = None;
        frame
    }

    /// The keepalive at the front. A CRLF that ends what came so far may be half a ping; it counts
    /// as a pong, and with the other half as a ping.
    fn keepalive(&mut self) -> Option<Vec<u8>> {
        let second_half = self
            .lone_crlf
            .is_some_and(|at| self.pushed_at.saturating_sub(at) <= SPLIT_PING_MS);
        match self.pending() {
            [b'\r', b'\n', b'\r', b'\n', ..] => Some(self.take(4)),
            [b'\r', b'\n', b'\r'] => None,
            [b'\r', b'\n', ..] if second_half => {
                self.take(2);
                Some(b"\r\n\r\n".to_vec())
            }
            [b'\r', b'\n', rest @ ..] => {
                let lone = rest.is_empty().then_some(self.pushed_at);
                let frame = self.take(2);
                self.lone_crlf = lone;
                Some(frame)
            }
            // RFC 3261 §7.5: other line breaks before a message mean nothing.
            [b'\n', ..] => Some(self.take(1)),
            _ => None,
        }
    }

    fn find_length(&mut self) -> Result<Option<(usize, usize)>, StreamError> {
        let end = self.find_head_end();
        self.check_first_line()?;
        let length = end.unwrap_or(self.buffer.len()) - self.start;
        if length > self.limits.head || self.scan.lines > self.limits.headers + 2 {
            return Err(StreamError::TooLarge);
        }
        let Some(end) = end else {
            return Ok(None);
        };
        let body = body_length(&self.buffer[self.start..end])?;
        match length.checked_add(body) {
            Some(total) if total <= self.limits.message => Ok(Some((length, total))),
            _ => Err(StreamError::TooLarge),
        }
    }

    /// Goes on looking for the empty line where the last call stopped.
    fn find_head_end(&mut self) -> Option<usize> {
        let scan = &mut self.scan;
        while let Some(byte) = self.buffer.get(scan.at) {
            scan.at += 1;
            match byte {
                b'\n' => {
                    scan.lines += 1;
                    if scan.line_start {
                        return Some(scan.at);
                    }
                    scan.line_start = true;
                }
                b'\r' if scan.line_start => {}
                _ => scan.line_start = false,
            }
        }
        None
    }

    /// Closes early on what will never be SIP, instead of waiting for an empty line.
    fn check_first_line(&self) -> Result<(), StreamError> {
        let pending = self.pending();
        let whole = self.scan.lines > 0;
        let line = pending
            .iter()
            .take(MAX_FIRST_LINE)
            .position(|byte| *byte == b'\n')
            .map(|end| &pending[..end]);
        let is_sip = match (pending.first(), line) {
            (None, _) => true,
            (Some(first), _) if !is_token(*first) => false,
            (_, Some(line)) => has_version(line),
            (_, None) => !whole && pending.len() < MAX_FIRST_LINE,
        };
        if is_sip {
            Ok(())
        } else {
            Err(StreamError::NotSip)
        }
    }
}

/// Whether a first line begins or ends with `SIP/…`.
fn has_version(line: &[u8]) -> bool {
    let is_version = |word: &[u8]| {
        word.get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"SIP/"))
    };
    let line = line.trim_ascii();
    is_version(line)
        || line
            .rsplit(|byte| *byte == b' ')
            .next()
            .is_some_and(is_version)
}

/// What follows a head: its Content-Length. Without one there is no body, unless a Content-Type
/// says that there is.
fn body_length(head: &[u8]) -> Result<usize, StreamError> {
    let (mut length, mut typed) = (None, false);
    let mut lines = head.split(|byte| *byte == b'\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = str::from_utf8(line[..colon].trim_ascii()).unwrap_or_default();
        if same_name(name, "Content-Length") {
            let mut value = line[colon + 1..].trim_ascii();
            // §7.3.1: the value may stand on the next line.
            if let Some(next) =
                lines.next_if(|next| next.starts_with(b" ") || next.starts_with(b"\t"))
                && value.is_empty()
            {
                value = next.trim_ascii();
            }
            let value = digits(value).ok_or(StreamError::NoLength)?;
            // Two lengths would let two readers see two messages.
            if length.is_some_and(|known| known != value) {
                return Err(StreamError::NoLength);
            }
            length = Some(value);
        }
        typed |= same_name(name, "Content-Type");
    }
    match length {
        Some(length) => Ok(length),
        None if typed => Err(StreamError::NoLength),
        None => Ok(0),
    }
}

fn digits(value: &[u8]) -> Option<usize> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    // More digits than a `usize` has are a length nobody sends: the caller says too large.
    is_number.then(|| {
        str::from_utf8(value)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc";
    const PING: &[u8] = b"\r\n\r\n";

    fn frames(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut framer = StreamFramer::default();
        let mut out = Vec::new();
        for chunk in chunks {
            framer.push(0, chunk);
            while let Some(frame) = framer.next_frame().unwrap() {
                out.push(frame);
            }
        }
        out
    }

    fn error(stream: &[u8]) -> (StreamError, StreamFramer) {
        let mut framer = StreamFramer::default();
        framer.push(0, stream);
        loop {
            match framer.next_frame() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("no error in {:?}", String::from_utf8_lossy(stream)),
                Err(error) => return (error, framer),
            }
        }
    }

    #[test]
    fn a_stream_cut_anywhere_gives_the_same_messages() {
        let stream = [MESSAGE, PING, MESSAGE].concat();
        let wanted = vec![MESSAGE.to_vec(), PING.to_vec(), MESSAGE.to_vec()];
        assert_eq!(frames(&[&stream]), wanted);
        for cut in 1..stream.len() {
            let (left, right) = stream.split_at(cut);
            let got = frames(&[left, right]);
            assert!(got.contains(&PING.to_vec()), "cut at {cut}");
            assert_eq!(got.iter().filter(|frame| frame.len() > 4).count(), 2);
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        let messages = frames(&bytes).into_iter().filter(|frame| frame == MESSAGE);
        assert_eq!(messages.count(), 2);
    }

    #[test]
    fn a_ping_cut_in_two_is_a_ping_and_two_pongs_far_apart_are_none() {
        assert_eq!(
            frames(&[b"\r\n", b"\r\n"]),
            [b"\r\n".to_vec(), PING.to_vec()]
        );
        assert_eq!(frames(&[b"\r\n\r", b"\n"]), [PING.to_vec()]);
        let mut framer = StreamFramer::default();
        framer.push(0, b"\r\n");
        assert_eq!(framer.next_frame(), Ok(Some(b"\r\n".to_vec())));
        framer.push(1000, b"\r\n");
        assert_eq!(framer.next_frame(), Ok(Some(b"\r\n".to_vec())));
    }

    #[test]
    fn a_length_may_be_folded_compact_or_absent_without_a_body() {
        let folded = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length :\r\n  3\r\n\r\nabc";
        let absent = b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n";
        assert_eq!(
            frames(&[&[&folded[..], absent].concat()]),
            [&folded[..], absent]
        );
    }

    #[test]
    fn a_message_whose_end_nobody_knows_ends_the_stream() {
        for fields in [
            "Content-Type: application/sdp",
            "Content-Length: -5",
            "Content-Length: 5\r\nl: 6",
            "Content-Length:",
        ] {
            let head = format!("INVITE sip:a@b SIP/2.0\r\n{fields}\r\n\r\n");
            let (error, framer) = error(&[head.as_bytes(), b"v=0"].concat());
            assert_eq!(error, StreamError::NoLength, "{fields}");
            assert_eq!(framer.refused(), Some(head.as_bytes()));
        }
    }

    #[test]
    fn sizes_are_capped() {
        let start = "OPTIONS sip:a@b SIP/2.0\r\n";
        let long = format!("{start}X: {}", "a".repeat(MAX_HEAD));
        assert_eq!(error(long.as_bytes()).0, StreamError::TooLarge);
        let many = format!("{start}{}", "X: y\r\n".repeat(MAX_HEADERS + 2));
        assert_eq!(error(many.as_bytes()).0, StreamError::TooLarge);
        for length in ["999999", "99999999999999999999999999"] {
            let big = format!("{start}Content-Length: {length}\r\n\r\n");
            let (error, framer) = error(big.as_bytes());
            assert_eq!(
                (error, framer.refused()),
                (StreamError::TooLarge, Some(big.as_bytes()))
            );
        }
    }

    #[test]
    fn what_is_not_sip_is_told_at_once() {
        for stream in [
            &b"\x16\x03\x01\x02\x00\x01"[..],
            b"GET / HTTP/1.1\r\n",
            b"SSH-2.0-x\r\n",
            b"\0\0\0\0",
            &[b'a'; MAX_FIRST_LINE],
        ] {
            assert_eq!(error(stream).0, StreamError::NotSip);
        }
    }

    #[test]
    fn a_message_sent_in_drops_has_a_deadline() {
        let mut framer = StreamFramer::default();
        assert_eq!(framer.deadline(), None);
        framer.push(1000, &MESSAGE[..5]);
        framer.push(20_000, &MESSAGE[5..10]);
        assert_eq!(framer.next_frame(), Ok(None));
        assert_eq!(framer.deadline(), Some(33_000));
        framer.push(30_000, &MESSAGE[10..]);
        framer.push(30_000, b"O");
        assert_eq!(framer.next_frame(), Ok(Some(MESSAGE.to_vec())));
        assert_eq!(
            (framer.next_frame(), framer.deadline()),
            (Ok(None), Some(62_000))
        );
    }
}
