//! Reason phrases, methods and the `Reason` header.

use rsip::Method;

use crate::header::split_list;

/// The usual phrases (IANA's registry of response codes), by code. A text of lines: as code it would
/// be the larger part of what a page downloads of this.
const PHRASES: &str = "\
100 Trying
180 Ringing
181 Call Is Being Forwarded
182 Queued
183 Session Progress
199 Early Dialog Terminated
200 OK
201 Accepted
204 No Notification
300 Multiple Choices
301 Moved Permanently
302 Moved Temporarily
305 Use Proxy
380 Alternative Service
400 Bad Request
401 Unauthorized
402 Payment Required
403 Forbidden
404 Not Found
405 Method Not Allowed
406 Not Acceptable
407 Proxy Authentication Required
408 Request Timeout
409 Conflict
410 Gone
411 Length Required
412 Conditional Request Failed
413 Request Entity Too Large
414 Request Uri Too Long
415 Unsupported Media Type
416 Unsupported Uri Scheme
417 Unknown Resource Priority
420 Bad Extension
421 Extension Required
422 Session Interval Too Small
423 Interval Too Brief
424 Bad Location Information
428 Use Identity Header
429 Provide Referrer Identity
433 Anonymity Disallowed
436 Bad Identity Info
437 Unsupported Certificate
438 Invalid Identity Header
439 First Hop Lacks Outbound Support
440 Max Breadth Exceeded
469 Bad Info Package
470 Consent Needed
480 Temporarily Unavailable
481 Call Transaction Does Not Exist
482 Loop Detected
483 Too Many Hops
484 Address Incomplete
485 Ambiguous
486 Busy Here
487 Request Terminated
488 Not Acceptable Here
489 Bad Event
491 Request Pending
493 Undecipherable
494 Security Agreement Required
500 Server Internal Error
501 Not Implemented
502 Bad Gateway
503 Service Unavailable
504 Server Time Out
505 Version Not Supported
513 Message Too Large
580 Precondition Failure
600 Busy Everywhere
603 Decline
604 Does Not Exist Anywhere
606 Not Acceptable Global
607 Unwanted";

/// The usual phrase for a status code: `486` gives `Busy Here`.
#[must_use]
pub fn default_reason(code: u16) -> String {
    let known = PHRASES.lines().find_map(|line| {
        let (known, phrase) = line.split_once(' ')?;
        (known.parse() == Ok(code)).then_some(phrase)
    });
    known.unwrap_or_else(|| class_phrase(code)).to_owned()
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
        assert_eq!(default_reason(48), "Global Failure");
    }

    #[test]
    fn every_code_rsip_knows_has_a_phrase_of_its_own() {
        for code in 100..700 {
            let is_known = !matches!(rsip::StatusCode::from(code), rsip::StatusCode::Other(..));
            let prefix = format!("{code} ");
            let has_line = PHRASES.lines().any(|line| line.starts_with(&prefix));
            assert_eq!(has_line, is_known, "{code}");
        }
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
