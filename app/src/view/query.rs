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
}
