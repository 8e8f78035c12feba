//! Messages to bytes.

use crate::{
    header::same_name,
    message::{Fields, Request, Response},
};

pub fn encode_request(request: &Request) -> Vec<u8> {
    let mut text = room(&request.headers, &request.body);
    text.push_str(&one_line(&request.method));
    text.push(' ');
    text.push_str(&request.uri.to_string());
    text.push_str(" SIP/2.0\r\n");
    encode(text, &request.headers, &request.body)
}

pub fn encode_response(response: &Response) -> Vec<u8> {
    let mut text = room(&response.headers, &response.body);
    text.push_str("SIP/2.0 ");
    text.push_str(&response.code.to_string());
    text.push(' ');
    text.push_str(&one_line(&response.reason));
    text.push_str("\r\n");
    encode(text, &response.headers, &response.body)
}

/// A string that need not grow: first line, names, values, `: ` and line ends, body.
fn room(headers: &Fields, body: &[u8]) -> String {
    let fields: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    String::with_capacity(fields + body.len() + 256)
}

fn encode(mut text: String, headers: &Fields, body: &[u8]) -> Vec<u8> {
    for (name, value) in headers {
        if !same_name(name, "Content-Length") {
            push_line(&mut text, name, value);
        }
    }
    push_line(&mut text, "Content-Length", &body.len().to_string());
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn push_line(text: &mut String, name: &str, value: &str) {
    text.push_str(&one_line(name));
    text.push_str(": ");
    text.push_str(&one_line(value));
    text.push_str("\r\n");
}

/// A line break in a value would let its author write header fields of his own.
fn one_line(text: &str) -> std::borrow::Cow<'_, str> {
    if text.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        text.replace(['\r', '\n', '\0'], " ").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_values_do_not_make_header_fields() {
        let response = Response::new(486, "Busy\r\nX: y").with_header("Subject", "a\r\nEvil: yes");
        let text = String::from_utf8(response.to_bytes()).unwrap();
        assert_eq!(
            text,
            "SIP/2.0 486 Busy  X: y\r\nSubject: a  Evil: yes\r\nContent-Length: 0\r\n\r\n"
        );
    }

    #[test]
    fn content_length_is_made_to_fit() {
        let response = Response::new(200, "")
            .with_header("l", "99")
            .with_body("text/plain", "hi");
        let text = String::from_utf8(response.to_bytes()).unwrap();
        assert!(text.ends_with("Content-Length: 2\r\n\r\nhi"));
        assert!(!text.contains("99"));
    }
}
