//! Percent escapes (RFC 3261 §19.1.2).

use std::fmt::{self, Write as _};

/// Decodes `%XX`. Where that would give something else than UTF-8, escapes of octets above 7F stay.
pub fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let all = decode_where(text, |_| true);
    String::from_utf8(all).unwrap_or_else(|_| {
        let ascii = decode_where(text, |byte| byte < 0x80);
        String::from_utf8_lossy(&ascii).into_owned()
    })
}

/// Decodes escapes of characters that need none (RFC 3986 §6.2.2.2), so that equal parameters are
/// spelled alike; `%6C%72` is `lr`.
pub fn simplify(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut percents = (0..bytes.len()).filter(|at| bytes[*at] == b'%').peekable();
    // A percent sign that escapes nothing could do so afterwards.
    if percents.peek().is_none() || !percents.all(|at| escape_at(bytes, at).is_some()) {
        return text.to_owned();
    }
    let simple = decode_where(text, is_unreserved);
    String::from_utf8(simple).unwrap_or_else(|_| text.to_owned())
}

fn decode_where(text: &str, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match escape_at(bytes, at) {
            Some(value) if wanted(value) => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// The octet escaped here, if one is.
fn escape_at(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    if bytes.get(at) != Some(&b'%') {
        return None;
    }
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}

pub fn write_user(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write_escaped(f, text, |byte| {
        is_unreserved(byte) || b"&=+$,;?/:".contains(&byte)
    })
}

/// Parameters are kept as they came, so an escape in them is not escaped again.
pub fn write_param(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write_escaped(f, text, |byte| {
        byte > b' ' && byte < 0x7f && !b";?<>\",@".contains(&byte)
    })
}

pub fn write_header(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write_escaped(f, text, |byte| {
        is_unreserved(byte) || b"[]/?:+$".contains(&byte)
    })
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str, plain: fn(u8) -> bool) -> fmt::Result {
    let bytes = text.as_bytes();
    for (at, byte) in text.bytes().enumerate() {
        // What [`decode`] left as it was.
        let kept = byte == b'%' && escape_at(bytes, at).is_some_and(|value| value > 0x7f);
        if plain(byte) || kept {
            f.write_char(char::from(byte))?
        } else {
            write!(f, "%{byte:02X}")?
        }
    }
    Ok(())
}
