//! Query strings.

/// `?a=b&c=d` with percent-encoding (RFC 3986 §2.1); empty values are left out.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte))
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                into.push('%');
                into.push(char::from(HEX[usize::from(byte >> 4)]));
                into.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

/// The pairs of a query string, decoded; `?` before it is passed over.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    };
    query
        .trim_start_matches('?')
        .split('&')
        .filter(|part| !part.is_empty())
        .map(pair)
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || {
                    char::from(rest.next().unwrap_or(b'0'))
                        .to_digit(16)
                        .unwrap_or(0)
                };
                bytes.push((digit() * 16 + digit()) as u8);
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_left_out_and_others_encoded() {
        assert_eq!(query(&[("q", ""), ("cursor", "")]), "");
        assert_eq!(
            query(&[("q", "+7 Ил"), ("x", ""), ("limit", "5")]),
            "?q=%2B7%20%D0%98%D0%BB&limit=5"
        );
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let query = query(&[("q", "+7 Ил & co"), ("x", "1")]);
        let expected = [("q", "+7 Ил & co"), ("x", "1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(&query), expected);
        assert_eq!(
            pairs("a+b&%"),
            [
                ("a b".to_owned(), String::new()),
                ("\0".to_owned(), String::new())
            ]
        );
    }
}
