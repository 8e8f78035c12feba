//! Reason phrases, methods and the `Reason` header.

use rsip::{Method, StatusCode};

use crate::header::split_list;

/// The usual phrase for a status code, from rsip's table: `486` gives `Busy Here`.
#[must_use]
pub fn default_reason(code: u16) -> String {
    match StatusCode::from(code) {
        StatusCode::Other(..) => class_phrase(code).to_owned(),
        known => {
            let text = known.to_string();
            spell_out(text.split_once(' ').map_or(text.as_str(), |(_, name)| name))
        }
    }
}

fn class_phrase(code: u16) -> &'static str {
    match code / 100 {
        1 => "Progress",
        2 => "OK",
        3 => "Redirect",
        4 => "Request Failure",
        5 => "Server Failure",
        _ => "Global Failure",
    }
}

/// `BusyHere` becomes `Busy Here`.
fn spell_out(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut last = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && last.is_ascii_lowercase() {
            out.push(' ');
        }
        out.push(c);
        last = c;
    }
    out
}

/// The method if it is one of RFC 3261 and its extensions.
#[must_use]
pub fn known_method(name: &str) -> Option<Method> {
    name.parse().ok()
}

/// Reads `SIP;cause=200;text="Call completed elsewhere"` (RFC 3326). Of several values the one of
/// protocol SIP counts; a cause of another protocol (`Q.850`) gives only its text.
#[must_use]
pub fn split_reason_header<'a>(
    values: impl Iterator<Item = &'a str>,
) -> Option<(Option<u16>, Option<String>)> {
    let mut other = None;
    for value in values.flat_map(split_list) {
        let (protocol, rest) = value.split_once(';').unwrap_or((value, ""));
        let (cause, text) = reason_params(rest);
        if protocol.trim().eq_ignore_ascii_case("SIP") {
            return Some((cause, text));
        }
        other.get_or_insert((None, text));
    }
    other
}

fn reason_params(text: &str) -> (Option<u16>, Option<String>) {
    let (mut cause, mut words) = (None, None);
    for (name, value) in crate::header::parse_params(text) {
        match name.to_ascii_lowercase().as_str() {
            "cause" => cause = value.and_then(|value| value.parse().ok()),
            "text" => words = value.filter(|value| !value.is_empty()),
            _ => {}
        }
    }
    (cause, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_words() {
        assert_eq!(default_reason(200), "OK");
        assert_eq!(default_reason(486), "Busy Here");
        assert_eq!(default_reason(481), "Call Transaction Does Not Exist");
        assert_eq!(default_reason(499), "Request Failure");
    }

    #[test]
    fn the_sip_cause_wins_over_the_q850_one() {
        let header =
            r#"Q.850;cause=16;text="Terminated", SIP;cause=200;text="Call completed elsewhere""#;
        let reason = split_reason_header(std::iter::once(header));
        assert_eq!(
            reason,
            Some((Some(200), Some("Call completed elsewhere".into())))
        );
    }
}
