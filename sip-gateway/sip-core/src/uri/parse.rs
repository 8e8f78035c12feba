//! Reading URIs, tolerant where that is harmless.

use std::net::Ipv6Addr;

use super::{
    SipUri,
    escape::{decode, simplify},
};

/// Why a text is no URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Nothing usable stands before the first colon.
    #[error("the URI has no scheme")]
    NoScheme,
    /// There is no host, or it holds characters no host has.
    #[error("the URI has no valid host")]
    BadHost,
    /// The port is no number up to 65535.
    #[error("the URI has a bad port")]
    BadPort,
    /// White space, control characters or angle brackets inside.
    #[error("the URI has a character that must not stand in it")]
    BadCharacter,
}

pub fn parse(text: &str) -> Result<SipUri, UriError> {
    let text = text.trim();
    let (scheme, rest) = text.split_once(':').ok_or(UriError::NoScheme)?;
    if scheme.is_empty() || !scheme.bytes().all(is_scheme_byte) {
        return Err(UriError::NoScheme);
    }
    if rest
        .bytes()
        .any(|b| b <= b' ' || b == 0x7f || b == b'<' || b == b'>')
    {
        return Err(UriError::BadCharacter);
    }
    let mut scheme = scheme.to_owned();
    scheme.make_ascii_lowercase();
    match scheme.as_str() {
        "sip" | "sips" => sip(scheme, rest),
        _ => opaque(scheme, rest),
    }
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
}

fn sip(scheme: String, rest: &str) -> Result<SipUri, UriError> {
    let (user, rest) = split_user(rest);
    let (head, headers) = rest.split_once('?').unwrap_or((rest, ""));
    let (place, params) = head.split_once(';').unwrap_or((head, ""));
    let (host, port) = host_port(place)?;
    Ok(SipUri {
        scheme,
        user: user.filter(|user| !user.is_empty()).map(decode),
        host,
        port,
        params: split_params(params),
        headers: split_headers(headers),
    })
}

/// `tel:` and schemes we only carry along: everything before the parameters is the user part.
fn opaque(scheme: String, rest: &str) -> Result<SipUri, UriError> {
    let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
    if number.is_empty() {
        return Err(UriError::BadHost);
    }
    Ok(SipUri {
        scheme,
        user: Some(decode(number)),
        host: String::new(),
        port: None,
        params: split_params(params),
        headers: Vec::new(),
    })
}

/// The user part ends at the last `@` that stands before the parameters of the host.
fn split_user(rest: &str) -> (Option<&str>, &str) {
    let Some(first) = rest.find('@') else {
        return (None, rest);
    };
    let tail = &rest[first + 1..];
    let place_end = tail.find([';', '?']).unwrap_or(tail.len());
    let at = tail[..place_end]
        .rfind('@')
        .map_or(first, |offset| first + 1 + offset);
    (Some(&rest[..at]), &rest[at + 1..])
}

pub fn host_port(text: &str) -> Result<(String, Option<u16>), UriError> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[') {
        let (host, rest) = inner.split_once(']').ok_or(UriError::BadHost)?;
        host.parse::<Ipv6Addr>().map_err(|_| UriError::BadHost)?;
        let port = rest.trim().strip_prefix(':').map(port).transpose()?;
        return Ok((host.to_owned(), port));
    }
    let (host, number) = text
        .split_once(':')
        .map_or((text, None), |(h, p)| (h, Some(p)));
    // An IPv6 address without its brackets.
    if number.is_some_and(|rest| rest.contains(':')) && text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text.to_owned(), None));
    }
    let host = host.trim_end();
    if host.is_empty() || !host.bytes().all(is_host_byte) {
        return Err(UriError::BadHost);
    }
    Ok((host.to_owned(), number.map(port).transpose()?))
}

fn port(text: &str) -> Result<u16, UriError> {
    text.trim().parse().map_err(|_| UriError::BadPort)
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%')
}

fn split_params(text: &str) -> Vec<(String, Option<String>)> {
    text.split(';')
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (simplify(name), Some(simplify(value))),
            None => (simplify(part), None),
        })
        .collect()
}

fn split_headers(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
