//! Percent escapes (RFC 3261 §19.1.2).

use std::fmt::{self, Write as _};

/// Decodes `%XX`. Text that would not be UTF-8 afterwards stays as it is.
pub fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex_pair(bytes.get(at + 1), bytes.get(at + 2))) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn hex_pair(high: Option<&u8>, low: Option<&u8>) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let value = digit(high?)? * 16 + digit(low?)?;
    u8::try_from(value).ok()
}

pub fn write_user(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write_escaped(f, text, |byte| {
        is_unreserved(byte) || b"&=+$,;?/:".contains(&byte)
    })
}

/// Parameters are kept as they came, so an escape in them is not escaped again.
pub fn write_param(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write_escaped(f, text, |byte| {
        byte > b' ' && byte < 0x7f && !b";?<>\",".contains(&byte)
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
    for byte in text.bytes() {
        if plain(byte) {
            f.write_char(char::from(byte))?
        } else {
            write!(f, "%{byte:02X}")?
        }
    }
    Ok(())
}
