//! Lists and parameters with quoted strings, the grammar most header fields share
//! (RFC 3261 §25.1).

use std::fmt;

/// Parameters in order; quotes taken off.
pub type Params = Vec<(String, Option<String>)>;

/// Splits at commas that stand neither in quotes nor in angle brackets; parts are trimmed and
/// empty ones dropped.
pub fn split_list(value: &str) -> impl Iterator<Item = &str> {
    split_at(value, b',')
}

/// Splits like [`split_list`] at any separator.
pub fn split_at(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    let parts = std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = find_outside(text, separator) else {
            return rest.take();
        };
        rest = Some(&text[at + 1..]);
        Some(&text[..at])
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// Position of `wanted` outside quotes and angle brackets.
pub fn find_outside(text: &str, wanted: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut angle = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = quote_end(bytes, at)?,
            byte if *byte == wanted && !angle => return Some(at),
            b'<' => angle = true,
            b'>' => angle = false,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the quote that begins at `start` ends; `None` if it never does.
fn quote_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Reads `name=value;name;name="quoted"`, with or without a leading semicolon.
pub fn parse_params(text: &str) -> Params {
    split_at(text, b';').map(parse_pair).collect()
}

/// Reads `name = value` or `name`.
pub fn parse_pair(text: &str) -> (String, Option<String>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim().to_owned(), Some(unquote(value.trim()))),
        None => (text.trim().to_owned(), None),
    }
}

/// Value of the parameter; an absent value reads as the empty string.
pub fn find<'a>(params: &'a [(String, Option<String>)], name: &str) -> Option<&'a str> {
    params
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_deref().unwrap_or_default())
}

/// Changes a parameter or puts it at the end.
pub fn set(params: &mut Params, name: &str, value: Option<String>) {
    match params
        .iter_mut()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
    {
        Some((_, slot)) => *slot = value,
        None => params.push((name.to_owned(), value)),
    }
}

/// Takes off quotes and backslashes; text without quotes comes back as it is.
pub fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

/// Puts text in quotes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Writes `;name=value`, quoting values that are neither a token nor a host.
pub fn write_params(
    f: &mut fmt::Formatter<'_>,
    params: &[(String, Option<String>)],
) -> fmt::Result {
    for (name, value) in params {
        write!(f, ";{name}")?;
        match value {
            None => {}
            Some(value) if is_plain(value) => write!(f, "={value}")?,
            Some(value) => write!(f, "={}", quote(value.trim_matches('"')))?,
        }
    }
    Ok(())
}

fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~[]:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quotes_and_brackets_do_not_split() {
        let list = r#""A, B" <sip:a,b@c>;x="1,2" , <sip:d@e>,"#;
        assert_eq!(
            split_list(list).collect::<Vec<_>>(),
            vec![r#""A, B" <sip:a,b@c>;x="1,2""#, "<sip:d@e>"]
        );
    }

    #[test]
    fn an_open_quote_swallows_the_rest() {
        assert_eq!(
            split_list(r#"a,"b,c"#).collect::<Vec<_>>(),
            vec!["a", r#""b,c"#]
        );
    }

    #[test]
    fn quoting_comes_back() {
        let text = r#"a "b" \ c"#;
        assert_eq!(unquote(&quote(text)), text);
    }
}
