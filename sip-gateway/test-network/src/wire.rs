//! Reading what the other side sends: a small SIP parser of the test network's own.
//!
//! It keeps header values as they came, because responses give most of them back untouched.

/// A received message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Request or response line.
    pub start: Start,
    headers: Vec<(String, String)>,
    /// The body, by Content-Length.
    pub body: Vec<u8>,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// `METHOD uri SIP/2.0`
    Request {
        /// The method, as written.
        method: String,
        /// The Request-URI.
        uri: String,
    },
    /// `SIP/2.0 code reason`
    Response {
        /// The status code.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
}

impl Message {
    /// Reads one datagram; `None` for what is no SIP message.
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        let head_end = find(datagram, b"\r\n\r\n")?;
        let head = std::str::from_utf8(datagram.get(..head_end)?).ok()?;
        // RFC 3261 §7.3.1: a line that starts with white space continues the one before.
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = unfolded.split("\r\n");
        let start = Start::parse(lines.next()?)?;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            headers.push((long_name(name.trim()), value.trim().to_owned()));
        }
        let rest = datagram.get(head_end + 4..)?;
        let mut message = Self {
            start,
            headers,
            body: Vec::new(),
        };
        let length = message
            .header("content-length")
            .map_or(Some(rest.len()), |v| v.parse().ok())?;
        message.body = rest.get(..length)?.to_vec();
        message.complete().then_some(message)
    }

    /// RFC 3261 §8.1.1: the headers no message can do without.
    fn complete(&self) -> bool {
        ["via", "from", "to", "call-id", "cseq"]
            .iter()
            .all(|name| self.header(name).is_some())
            && self.cseq().is_some()
    }

    /// The first value of a header, by its lower-case long name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Every value of a list header: several lines and commas alike.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.iter().filter(|(n, _)| n == name);
        lines.flat_map(|(_, v)| split_list(v)).collect()
    }

    /// Every line of a header that is no comma list (digest credentials).
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The method of a request, or of the request a response answers.
    pub fn method(&self) -> &str {
        match &self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => self.cseq().map_or("", |(_, method)| method),
        }
    }

    /// The Call-ID.
    pub fn call_id(&self) -> &str {
        self.header("call-id").unwrap_or_default()
    }

    /// CSeq's number and method.
    pub fn cseq(&self) -> Option<(u32, &str)> {
        let (number, method) = self.header("cseq")?.split_once(char::is_whitespace)?;
        Some((number.parse().ok()?, method.trim()))
    }

    /// The `branch` of the topmost Via.
    pub fn branch(&self) -> Option<&str> {
        self.values("via")
            .first()
            .and_then(|via| parameter(via, "branch"))
    }

    /// The tag of From or To.
    pub fn tag(&self, name: &str) -> Option<&str> {
        header_parameter(self.header(name)?, "tag")
    }

    /// The body as text when it is SDP.
    pub fn sdp(&self) -> Option<&str> {
        let kind = self.header("content-type")?.to_ascii_lowercase();
        let is_sdp = kind.starts_with("application/sdp") && !self.body.is_empty();
        is_sdp
            .then(|| std::str::from_utf8(&self.body).ok())
            .flatten()
    }
}

impl Start {
    fn parse(line: &str) -> Option<Self> {
        if let Some(status) = line.strip_prefix("SIP/2.0 ") {
            let (code, reason) = status.split_once(' ').unwrap_or((status, ""));
            let code = code.parse().ok().filter(|code| (100..700).contains(code))?;
            return Some(Self::Response {
                code,
                reason: reason.to_owned(),
            });
        }
        let mut words = line.split(' ');
        let (method, uri, version) = (words.next()?, words.next()?, words.next()?);
        let valid = version == "SIP/2.0" && !method.is_empty() && words.next().is_none();
        valid.then(|| Self::Request {
            method: method.to_owned(),
            uri: uri.to_owned(),
        })
    }
}

/// RFC 3261 §7.3.3: compact forms.
fn long_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "v" => "via",
        "f" => "from",
        "t" => "to",
        "i" => "call-id",
        "m" => "contact",
        "l" => "content-length",
        "c" => "content-type",
        "k" => "supported",
        other => other,
    }
    .to_owned()
}

/// Splits at commas outside quotes and angle brackets.
fn split_list(value: &str) -> Vec<&str> {
    let (mut quoted, mut bracket, mut from) = (false, false, 0);
    let mut parts = Vec::new();
    let mut escaped = false;
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => bracket = true,
            '>' if !quoted => bracket = false,
            ',' if !quoted && !bracket => {
                parts.push(value[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value[from..].trim());
    parts
}

/// A `;name=value` parameter, without quotes. A name without value gives "".
pub fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|part| {
        let (n, v) = part.split_once('=').unwrap_or((part, ""));
        n.trim()
            .eq_ignore_ascii_case(name)
            .then(|| v.trim().trim_matches('"'))
    })
}

/// The URI of From, To, Contact, Route: what stands between `<` and `>`, or before the parameters.
pub fn uri_of(value: &str) -> &str {
    split_address(value).0
}

/// A parameter of the header, not of the URI in it.
pub fn header_parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    parameter(split_address(value).1, name)
}

/// RFC 3261 §20.10: URI, and header parameters from their first semicolon on. A display name may
/// be quoted and contain brackets, and so may parameters (`+sip.instance="<urn:…>"`).
fn split_address(value: &str) -> (&str, &str) {
    let after_name = skip_quoted(value);
    match after_name.split_once('<') {
        Some((before, rest)) if !before.contains(';') => rest.split_once('>').unwrap_or((rest, "")),
        _ => {
            let end = after_name.find(';').unwrap_or(after_name.len());
            (after_name[..end].trim(), &after_name[end..])
        }
    }
}

/// What follows a quoted string at the beginning.
fn skip_quoted(value: &str) -> &str {
    let value = value.trim_start();
    if !value.starts_with('"') {
        return value;
    }
    let mut escaped = false;
    for (at, c) in value.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return &value[at + 1..],
            _ => {}
        }
    }
    ""
}

/// The user part of a `sip:` or `tel:` URI, percent escapes decoded.
pub fn user_of(uri: &str) -> String {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let user = match rest.split_once('@') {
        Some((user, _)) => user,
        None if uri.starts_with("tel:") => rest,
        None => "",
    };
    unescape(user.split([';', ':']).next().unwrap_or(user))
}

/// Host and port of a SIP URI; 5060 when it names none.
pub fn host_port(uri: &str) -> Option<(String, u16)> {
    let rest = uri.split_once(':')?.1;
    let after_user = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host_port = after_user.split([';', '?', '>']).next()?;
    if let Some(v6) = host_port.strip_prefix('[') {
        let (host, tail) = v6.split_once(']')?;
        let port = tail
            .strip_prefix(':')
            .map_or(Some(5060), |p| p.parse().ok())?;
        return Some((host.to_owned(), port));
    }
    match host_port.split_once(':') {
        Some((host, port)) => Some((host.to_owned(), port.parse().ok()?)),
        None => Some((host_port.to_owned(), 5060)),
    }
}

fn unescape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digits = [ahead.next(), ahead.next()].map(|d| d.and_then(|d| (d as char).to_digit(16)));
        match (byte, digits) {
            (b'%', [Some(high), Some(low)]) => {
                out.push((high * 16 + low) as u8);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDED: &str = "INVITE sip:%36%30%30@127.0.0.1:5060;x=1 SIP/2.0\r\n\
        v: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bK1;rport , SIP/2.0/UDP a;branch=z9hG4bK2\r\n\
        f: \"A, \\\"B\\\" <x>\" <sip:a@b;tag=no>;tag=yes\r\n\
        t: <sip:600@b>\r\ni: abc\r\nCSeq: 7\r\n INVITE\r\nl: 3\r\n\r\nabcdef";

    #[test]
    fn compact_folded_and_listed_headers_are_read() {
        let message = Message::parse(FOLDED.as_bytes()).unwrap();
        assert_eq!(message.method(), "INVITE");
        assert_eq!(message.cseq(), Some((7, "INVITE")));
        assert_eq!(message.branch(), Some("z9hG4bK1"));
        assert_eq!(message.values("via").len(), 2);
        assert_eq!(message.tag("from"), Some("yes"));
        assert_eq!(message.tag("to"), None);
        assert_eq!(message.body, b"abc");
        let Start::Request { uri, .. } = &message.start else {
            unreachable!()
        };
        assert_eq!(user_of(uri), "600");
        assert_eq!(host_port(uri), Some(("127.0.0.1".to_owned(), 5060)));
    }

    #[test]
    fn cut_messages_are_not_messages() {
        let whole = FOLDED.as_bytes();
        assert!(Message::parse(&whole[..whole.len() - 4]).is_none());
        for end in 0..whole.len() - 6 {
            assert!(Message::parse(&whole[..end]).is_none(), "{end}");
        }
        assert!(Message::parse(b"\r\n\r\n").is_none());
        assert!(Message::parse(b"SIP/2.0 99 Low\r\n\r\n").is_none());
    }

    #[test]
    fn uris_are_taken_apart() {
        assert_eq!(uri_of("\"<\" <sip:a@[::1]:7;ob>;q=1"), "sip:a@[::1]:7;ob");
        assert_eq!(uri_of("sip:a@b;expires=3"), "sip:a@b");
        let registered = "<sip:a@b>;expires=120;+sip.instance=\"<urn:uuid:1>\"";
        assert_eq!(uri_of(registered), "sip:a@b");
        assert_eq!(header_parameter(registered, "expires"), Some("120"));
        assert_eq!(header_parameter("<sip:a@b;expires=7>", "expires"), None);
        assert_eq!(host_port("sip:a@[::1]:7;ob"), Some(("::1".to_owned(), 7)));
        assert_eq!(host_port("sip:host"), Some(("host".to_owned(), 5060)));
        assert_eq!(user_of("tel:+1555"), "+1555");
        assert_eq!(user_of("sip:host"), "");
    }
}
