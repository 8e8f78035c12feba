//! Finding the session description in a body.

use crate::header::full_name;

/// Parts of a multipart body that are looked at.
const MAX_PARTS: usize = 16;

pub fn sdp(content_type: Option<&str>, body: &[u8]) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let content_type = content_type?;
    let media = media_type(content_type);
    if media == "application/sdp" {
        return Some(text(body));
    }
    if !media.starts_with("multipart/") {
        return None;
    }
    let boundary = boundary(content_type)?;
    let whole = text(body);
    parts(&whole, &boundary).find_map(sdp_part)
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

fn media_type(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn boundary(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|param| {
        let (name, value) = param.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty())
            .then(|| value.to_owned())
    })
}

fn parts<'a>(whole: &'a str, boundary: &str) -> impl Iterator<Item = &'a str> {
    let parts: Vec<&str> = whole
        .split(&format!("--{boundary}"))
        .skip(1)
        .take(MAX_PARTS)
        .collect();
    parts.into_iter()
}

fn sdp_part(part: &str) -> Option<String> {
    let part = part.trim_start_matches([' ', '\t']);
    let part = part
        .strip_prefix("\r\n")
        .or_else(|| part.strip_prefix('\n'))?;
    let (head, body) = part
        .split_once("\r\n\r\n")
        .or_else(|| part.split_once("\n\n"))?;
    let is_sdp = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .any(|(name, value)| {
            full_name(name.trim()).eq_ignore_ascii_case("Content-Type")
                && media_type(value) == "application/sdp"
        });
    is_sdp.then(|| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_description_of_a_multipart_body_is_found() {
        let body = b"--b1\r\nContent-Type: application/isup\r\n\r\n\x01\xff\r\n--b1\r\n\
            c: application/sdp\r\n\r\nv=0\r\n\r\n--b1--\r\n";
        let found = sdp(Some("multipart/mixed;boundary=\"b1\""), body);
        assert_eq!(found.as_deref().map(str::trim_end), Some("v=0"));
    }

    #[test]
    fn other_bodies_are_no_session_description() {
        assert_eq!(sdp(Some("application/dtmf-relay"), b"Signal=1"), None);
        assert_eq!(sdp(None, b"v=0"), None);
        assert_eq!(
            sdp(Some("Application/SDP; charset=utf-8"), b"v=0").as_deref(),
            Some("v=0")
        );
    }
}
