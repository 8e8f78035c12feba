//! Bytes to one message: strict about sizes, tolerant about spelling.

use std::borrow::Cow;

use crate::{
    header::full_name,
    message::{Fields, Message, Request, Response},
    uri::SipUri,
};

/// Octets of start line and header fields that are read.
pub const MAX_HEAD: usize = 64 * 1024;
/// Octets of a whole message that are read.
pub const MAX_MESSAGE: usize = 256 * 1024;
/// Octets a method may have.
const MAX_METHOD: usize = 64;
/// Header fields that are read.
pub const MAX_HEADERS: usize = 512;

/// Why bytes are no SIP message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than [`MAX_MESSAGE`], [`MAX_HEAD`] or [`MAX_HEADERS`] allow.
    #[error("the message is too large")]
    TooLarge,
    /// The first line is neither a request line nor a status line.
    #[error("the first line is neither a request nor a status line")]
    StartLine,
    /// The first line is a request line, but something in it or below it is wrong. Holds what could
    /// be read, with a placeholder for the Request-URI, for a 400.
    #[error("{reason}")]
    BadRequest {
        /// What is wrong.
        reason: &'static str,
        /// 400, or 505 for another SIP version.
        code: u16,
        /// What could be read.
        partial: Box<Request>,
    },
    /// A response that cannot be read.
    #[error("{0}")]
    BadResponse(&'static str),
}

/// Reads one message that fills `bytes` (a datagram or a WebSocket message). Octets after
/// `Content-Length` are dropped (RFC 3261 §18.3).
///
/// # Errors
/// [`ReadError`] says what is wrong.
pub fn parse_message(bytes: &[u8]) -> Result<Message, ReadError> {
    if bytes.len() > MAX_MESSAGE {
        return Err(ReadError::TooLarge);
    }
    let bytes = skip_line_breaks(bytes);
    let head_len = head_length(bytes).unwrap_or(bytes.len());
    if head_len > MAX_HEAD {
        return Err(ReadError::TooLarge);
    }
    let head = String::from_utf8_lossy(&bytes[..head_len]);
    let mut lines = head
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    let start = StartLine::read(lines.next().unwrap_or_default())?;
    let (headers, damage) = read_fields(lines)?;
    let (body, short) = body(&headers, &bytes[head_len..]);
    start.finish(headers, body, damage.or(short))
}

fn skip_line_breaks(bytes: &[u8]) -> &[u8] {
    let start = bytes
        .iter()
        .position(|b| !b"\r\n".contains(b))
        .unwrap_or(bytes.len());
    &bytes[start..]
}

/// Octets up to and with the empty line; bare line feeds count.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    let mut line_start = true;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if line_start => return Some(at + 1),
            b'\n' => line_start = true,
            b'\r' if line_start => {}
            _ => line_start = false,
        }
    }
    None
}

enum StartLine {
    Request {
        method: String,
        uri: Option<SipUri>,
        code: u16,
    },
    Response {
        code: u16,
        reason: String,
    },
}

impl StartLine {
    fn read(line: &str) -> Result<Self, ReadError> {
        let (first, rest) = line
            .trim_end()
            .split_once(' ')
            .ok_or(ReadError::StartLine)?;
        if first
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("SIP/"))
        {
            return status_line(rest.trim_start());
        }
        request_line(first, rest.trim())
    }

    fn finish(
        self,
        headers: Fields,
        body: Vec<u8>,
        damage: Option<&'static str>,
    ) -> Result<Message, ReadError> {
        match (self, damage) {
            (Self::Response { code, reason }, None) => Ok(Message::Response(Response {
                code,
                reason,
                headers,
                body,
            })),
            (Self::Response { .. }, Some(reason)) => Err(ReadError::BadResponse(reason)),
            (
                Self::Request {
                    method,
                    uri: Some(uri),
                    code: 0,
                },
                None,
            ) => Ok(Message::Request(Request {
                method,
                uri,
                headers,
                body,
            })),
            (Self::Request { method, uri, code }, damage) => {
                let partial = Request {
                    method,
                    uri: uri.unwrap_or_else(|| SipUri::from_host("invalid")),
                    headers,
                    body: Vec::new(),
                };
                let (code, reason) = match (code, damage) {
                    (0, Some(reason)) => (400, reason),
                    (0, None) => (400, "the Request-URI cannot be read"),
                    (code, _) => (code, "the SIP version is not 2.0"),
                };
                Err(ReadError::BadRequest {
                    reason,
                    code,
                    partial: Box::new(partial),
                })
            }
        }
    }
}

fn status_line(rest: &str) -> Result<StartLine, ReadError> {
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    match code.parse() {
        Ok(code @ 100..=699) => Ok(StartLine::Response {
            code,
            reason: reason.trim().to_owned(),
        }),
        _ => Err(ReadError::StartLine),
    }
}

fn request_line(method: &str, rest: &str) -> Result<StartLine, ReadError> {
    let (uri, version) = rest.rsplit_once(' ').ok_or(ReadError::StartLine)?;
    let is_sip = version
        .get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case("SIP/"));
    if !is_sip || method.is_empty() || method.len() > MAX_METHOD || !method.bytes().all(is_token) {
        return Err(ReadError::StartLine);
    }
    // Some write the Request-URI in angle brackets (RFC 4475 §3.1.2.6); it is not ambiguous.
    let uri = uri
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>')
        .parse()
        .ok();
    let code = if &version[4..] == "2.0" { 0 } else { 505 };
    Ok(StartLine::Request {
        method: method.to_ascii_uppercase(),
        uri,
        code,
    })
}

pub fn is_token(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'!' | b'%' | b'*'
        | b'_' | b'+' | b'`' | b'\'' | b'~')
}

/// Reads header fields; a line that is none is left out and named in the second value.
fn read_fields<'a>(
    lines: impl Iterator<Item = &'a str>,
) -> Result<(Fields, Option<&'static str>), ReadError> {
    let mut fields: Fields = Vec::new();
    let mut damage = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        // RFC 3261 §7.3.1: a line that begins with white space continues the last one.
        if line.starts_with([' ', '\t']) {
            match fields.last_mut() {
                Some((_, value)) => continue_value(value, line),
                None => damage = Some("a folded line follows the first line"),
            }
            continue;
        }
        match field(line) {
            Some(field) => fields.push(field),
            None => damage = Some("a header line has no name"),
        }
        if fields.len() > MAX_HEADERS {
            return Err(ReadError::TooLarge);
        }
    }
    Ok((fields, damage))
}

fn continue_value(value: &mut String, line: &str) {
    let more = line.trim();
    if !value.is_empty() && !more.is_empty() {
        value.push(' ');
    }
    value.push_str(more);
}

fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end();
    (!name.is_empty() && name.bytes().all(is_token)).then(|| {
        (
            full_name(name).to_owned(),
            printable(value.trim()).into_owned(),
        )
    })
}

/// Control characters have no place in a value, and would come back out of logs and answers.
fn printable(value: &str) -> Cow<'_, str> {
    // C2 begins the control characters above ASCII.
    let suspicious = |byte: u8| byte < b' ' || byte == 0x7f || byte == 0xc2;
    if !value.bytes().any(suspicious) {
        return value.into();
    }
    let is_bad = |c: char| c.is_control() && c != '\t';
    value.replace(is_bad, " ").into()
}

/// The body, and what is wrong with its length. Without Content-Length a datagram's body ends with
/// the datagram (RFC 3261 §18.3).
fn body(headers: &Fields, rest: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    let mut lengths = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("Content-Length"))
        .map(|(_, value)| value.as_str());
    let Some(first) = lengths.next() else {
        return (rest.to_vec(), None);
    };
    if lengths.any(|other| other != first) {
        return (Vec::new(), Some("Content-Length stands twice"));
    }
    let is_number = first.bytes().all(|byte| byte.is_ascii_digit());
    match first.parse::<usize>() {
        _ if !is_number => (Vec::new(), Some("Content-Length is no number")),
        Ok(length) if length <= rest.len() => (rest[..length].to_vec(), None),
        Ok(_) => (Vec::new(), Some("the body is shorter than Content-Length")),
        Err(_) => (Vec::new(), Some("Content-Length is no number")),
    }
}
