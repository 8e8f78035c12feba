//! What a file is, by its first bytes: its name and its sender may say anything.

/// Octets that are looked at.
pub(super) const HEAD: usize = 1024;
/// What a browser only saves.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// The media type; of everything a browser could run, and of what is not known, [`UNKNOWN`].
pub(super) fn kind(head: &[u8]) -> &'static str {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let at =
        |from: usize, magic: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(magic));
    let magics: [(&[u8], &str); 9] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"ID3", "audio/mpeg"),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"BM", "image/bmp"),
    ];
    if begins(b"RIFF") {
        return match () {
            () if at(8, b"WEBP") => "image/webp",
            () if at(8, b"WAVE") => "audio/wav",
            () => UNKNOWN,
        };
    }
    if at(4, b"ftypM4A") {
        return "audio/mp4";
    }
    if let Some((_, kind)) = magics.iter().find(|(magic, _)| begins(magic)) {
        // A text may begin with two capital letters.
        let is_sure = *kind != "image/bmp" || head.contains(&0);
        return if is_sure { kind } else { text(head) };
    }
    match head {
        [0xff, second, ..] if second & 0xe6 == 0xe2 => "audio/mpeg",
        _ => text(head),
    }
}

/// Plain text, unless it is markup.
fn text(head: &[u8]) -> &'static str {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end within a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default()
        }
        Err(_) => return UNKNOWN,
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let shown = text.trim_start_matches('\u{feff}').trim_start();
    if shown.is_empty() || shown.starts_with('<') || shown.chars().any(is_control) {
        return UNKNOWN;
    }
    "text/plain; charset=utf-8"
}

/// Whether a browser may show it in a tab of its own.
pub(super) fn is_shown(kind: &str) -> bool {
    ["image/", "audio/", "text/plain", "application/pdf"]
        .iter()
        .any(|known| kind.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_a_file_is_and_nothing_a_browser_runs_is_shown() {
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"%PDF-1.7", "application/pdf"),
            (b"RIFF....WAVEfmt ", "audio/wav"),
            (b"\xff\xfb\x90", "audio/mpeg"),
            ("Просто текст".as_bytes(), "text/plain; charset=utf-8"),
            (b"BMW is a car", "text/plain; charset=utf-8"),
            (b"alert(1)", "text/plain; charset=utf-8"),
            (b"<html><script>", UNKNOWN),
            (b"  \n<svg onload=x>", UNKNOWN),
            (b"\xef\xbb\xbf<!doctype html>", UNKNOWN),
            (b"MZ\x90\x00\x03", UNKNOWN),
            (b"PK\x03\x04", UNKNOWN),
            (b"", UNKNOWN),
        ] {
            assert_eq!(kind(head), expected, "{head:?}");
        }
        assert!(is_shown("image/png") && !is_shown(UNKNOWN));
        let cut = &"я".as_bytes()[..1];
        assert_eq!(kind(&[b"text ", cut].concat()), "text/plain; charset=utf-8");
    }
}
