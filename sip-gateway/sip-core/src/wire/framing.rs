//! Where one message ends: datagrams, WebSocket messages and byte streams.

use super::reader::{MAX_HEAD, MAX_MESSAGE, content_length};
use crate::header::full_name;

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

/// A byte stream that cannot be cut into messages any more; the connection must be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Head or message is larger than allowed.
    #[error("the message is too large")]
    TooLarge,
    /// RFC 3261 §18.3: on streams Content-Length is mandatory.
    #[error("a message on a stream has no valid Content-Length")]
    NoLength,
}

/// Cuts a byte stream into messages and keepalives (RFC 3261 §18.3, RFC 5626 §3.5.1).
#[derive(Debug)]
pub struct StreamFramer {
    buffer: Vec<u8>,
    /// Where in `buffer` the next frame begins.
    start: usize,
    /// Where the search for the end of the head goes on.
    scanned: usize,
    /// Whether `scanned` stands at the beginning of a line.
    line_start: bool,
    /// Length of the message, once its head is complete.
    expected: Option<usize>,
}

impl Default for StreamFramer {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            line_start: true,
            expected: None,
        }
    }
}

impl StreamFramer {
    /// Takes bytes as they come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete message or keepalive, ready for [`crate::UserAgent::handle_bytes`].
    ///
    /// # Errors
    /// When the stream makes no sense; close the connection.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, StreamError> {
        if self.expected.is_none() {
            if let Some(length) = self.keepalive() {
                return Ok(Some(self.take(length)));
            }
            self.expected = self.find_length()?;
        }
        match self.expected {
            Some(length) if self.pending().len() >= length => Ok(Some(self.take(length))),
            _ => Ok(None),
        }
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
        self.scanned = self.start;
        self.line_start = true;
        self.expected = None;
        frame
    }

    /// Length of the keepalive at the front. A CRLF followed by CR may become a ping.
    fn keepalive(&self) -> Option<usize> {
        match self.pending() {
            [b'\r', b'\n', b'\r', b'\n', ..] => Some(4),
            [b'\r', b'\n', b'\r'] => None,
            [b'\r', b'\n', ..] => Some(2),
            _ => None,
        }
    }

    fn find_length(&mut self) -> Result<Option<usize>, StreamError> {
        let Some(end) = self.find_head_end() else {
            let too_large = self.pending().len() > MAX_HEAD;
            return if too_large {
                Err(StreamError::TooLarge)
            } else {
                Ok(None)
            };
        };
        let head = end - self.start;
        let body = length_in(&self.buffer[self.start..end]).ok_or(StreamError::NoLength)?;
        match head.checked_add(body) {
            Some(total) if head <= MAX_HEAD && total <= MAX_MESSAGE => Ok(Some(total)),
            _ => Err(StreamError::TooLarge),
        }
    }

    /// Goes on looking for the empty line where the last call stopped.
    fn find_head_end(&mut self) -> Option<usize> {
        while let Some(byte) = self.buffer.get(self.scanned) {
            self.scanned += 1;
            match byte {
                b'\n' if self.line_start => return Some(self.scanned),
                b'\n' => self.line_start = true,
                b'\r' if self.line_start => {}
                _ => self.line_start = false,
            }
        }
        None
    }
}

fn length_in(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head);
    let fields = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (full_name(name.trim()).to_owned(), value.trim().to_owned()))
        .collect();
    content_length(&fields)?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nl: 3\r\n\r\nabc";

    fn frames(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut framer = StreamFramer::default();
        let mut out = Vec::new();
        for chunk in chunks {
            framer.push(chunk);
            while let Some(frame) = framer.next_frame().unwrap() {
                out.push(frame);
            }
        }
        out
    }

    #[test]
    fn a_stream_cut_anywhere_gives_the_same_messages() {
        let stream = [MESSAGE, b"\r\n\r\n", MESSAGE].concat();
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        let messages = frames(&bytes)
            .into_iter()
            .filter(|frame| frame.len() > 4)
            .count();
        assert_eq!(messages, 2);
        assert_eq!(
            frames(&[&stream]),
            vec![MESSAGE.to_vec(), b"\r\n\r\n".to_vec(), MESSAGE.to_vec()]
        );
    }

    #[test]
    fn a_stream_without_length_or_end_is_an_error() {
        let mut framer = StreamFramer::default();
        framer.push(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n");
        assert_eq!(framer.next_frame(), Err(StreamError::NoLength));
        let mut framer = StreamFramer::default();
        framer.push(&vec![b'a'; MAX_HEAD + 1]);
        assert_eq!(framer.next_frame(), Err(StreamError::TooLarge));
    }

    #[test]
    fn keepalives_are_told_from_messages() {
        assert_eq!(classify(b"\r\n\r\n"), Frame::Ping);
        assert_eq!(classify(b"\r\n"), Frame::Pong);
        assert_eq!(classify(b"\0\0\0\0"), Frame::Keepalive);
        assert_eq!(classify(b"x"), Frame::Message);
    }
}
