//! Keys pressed in INFO requests (the usage that RFC 6086 §2 calls legacy): `application/dtmf-relay`
//! and `application/dtmf`.

use crate::message::Request;

/// How long a key counts as pressed where nothing is said, in milliseconds.
const USUAL_MS: u32 = 160;

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// `0`–`9`, `*`, `#`, `A`–`D`, or `!` for a flash of the hook.
    pub symbol: char,
    /// Milliseconds.
    pub duration_ms: u32,
}

/// The body's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStyle {
    /// `application/dtmf-relay`: `Signal=` and `Duration=` lines.
    Relay,
    /// `application/dtmf`: the bare key.
    Plain,
}

impl Key {
    /// The key an INFO holds; `None` if it holds something else.
    #[must_use]
    pub fn of_info(info: &Request) -> Option<Self> {
        let kind = info.header("Content-Type")?;
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let body = std::str::from_utf8(&info.body).ok()?;
        if kind.eq_ignore_ascii_case("application/dtmf-relay") {
            return of_relay(body);
        }
        // Some send the other body under this name.
        kind.eq_ignore_ascii_case("application/dtmf")
            .then(|| of_relay(body).or_else(|| key(body, USUAL_MS)))?
    }

    /// Content type and body of an INFO.
    #[must_use]
    pub fn to_info(self, style: KeyStyle) -> (String, Vec<u8>) {
        let Self {
            symbol,
            duration_ms,
        } = self;
        let (kind, body) = match style {
            KeyStyle::Relay => (
                "application/dtmf-relay",
                format!("Signal={symbol}\r\nDuration={duration_ms}\r\n"),
            ),
            KeyStyle::Plain => ("application/dtmf", symbol.to_string()),
        };
        (kind.to_owned(), body.into_bytes())
    }
}

fn of_relay(body: &str) -> Option<Key> {
    let (mut signal, mut duration_ms) = (None, USUAL_MS);
    for line in body.lines() {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        match name.trim() {
            name if name.eq_ignore_ascii_case("Signal") => signal = Some(value),
            name if name.eq_ignore_ascii_case("Duration") => {
                duration_ms = value.trim().parse().unwrap_or(USUAL_MS);
            }
            _ => {}
        }
    }
    key(signal?, duration_ms)
}

fn key(text: &str, duration_ms: u32) -> Option<Key> {
    let symbol = match text.trim() {
        // RFC 4733 event numbers, as some write them.
        "10" => '*',
        "11" => '#',
        "12" => 'A',
        "13" => 'B',
        "14" => 'C',
        "15" => 'D',
        "16" => '!',
        text => {
            let mut letters = text.chars();
            let letter = letters.next()?.to_ascii_uppercase();
            letters.next().is_none().then_some(letter)?
        }
    };
    let known = symbol.is_ascii_digit() || "*#ABCD!".contains(symbol);
    known.then_some(Key {
        symbol,
        duration_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &str) -> Option<(char, u32)> {
        let info = Request::new("INFO", "sip:a@b".parse().unwrap()).with_body(kind, body);
        Key::of_info(&info).map(|key| (key.symbol, key.duration_ms))
    }

    #[test]
    fn every_spelling_met_in_the_field_is_read() {
        let relay = "application/dtmf-relay";
        assert_eq!(
            read(relay, "Signal=5\r\nDuration=160\r\n"),
            Some(('5', 160))
        );
        assert_eq!(read(relay, "Signal= 5\nDuration= 250"), Some(('5', 250)));
        assert_eq!(read(relay, "signal=*"), Some(('*', 160)));
        assert_eq!(read(relay, "Signal=11\r\nDuration=x"), Some(('#', 160)));
        assert_eq!(read(relay, "Signal=d\r\n"), Some(('D', 160)));
        assert_eq!(read("APPLICATION/DTMF ; x=y", "7"), Some(('7', 160)));
        assert_eq!(read("application/dtmf", " # \r\n"), Some(('#', 160)));
        assert_eq!(
            read("application/dtmf", "Signal=3\r\nDuration=99"),
            Some(('3', 99))
        );
    }

    #[test]
    fn what_is_no_key_is_none() {
        for (kind, body) in [
            ("application/dtmf-relay", "Duration=160"),
            ("application/dtmf-relay", "Signal=55x"),
            ("application/dtmf", ""),
            ("application/dtmf", "Z"),
            ("text/plain", "5"),
        ] {
            assert_eq!(read(kind, body), None, "{body}");
        }
        let mut info = Request::new("INFO", "sip:a@b".parse().unwrap());
        assert_eq!(Key::of_info(&info), None);
        info = info.with_body("application/dtmf", vec![0xff, 0xfe]);
        assert_eq!(Key::of_info(&info), None);
    }

    #[test]
    fn both_styles_are_written_as_they_are_read() {
        let key = Key {
            symbol: '#',
            duration_ms: 160,
        };
        for style in [KeyStyle::Relay, KeyStyle::Plain] {
            let (kind, body) = key.to_info(style);
            assert_eq!(
                read(&kind, std::str::from_utf8(&body).unwrap()),
                Some(('#', 160))
            );
        }
    }
}
