//! What a file is: text or not, in which encoding, with what between its cells.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Refusal;

/// What may stand between cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records looked at to find what stands between cells.
const LOOKED_AT: usize = 50;
/// Signatures of files that are no text, and what to do about them.
const KNOWN: [(&[u8], Refusal); 4] = [
    (b"PK\x03\x04", Refusal::Workbook),
    (b"\xD0\xCF\x11\xE0", Refusal::Workbook),
    (b"%PDF", Refusal::NotText),
    (b"\x1F\x8B", Refusal::NotText),
];

/// Reads all of it; in which encoding it is.
///
/// # Errors
/// [`Refusal`] when it is empty or no text; the outer one when it cannot be read.
pub(super) fn encoding(mut file: impl Read) -> io::Result<Result<&'static Encoding, Refusal>> {
    let mut chunk = vec![0; 64 * 1024];
    let mut look = Look::default();
    loop {
        let read = file.read(&mut chunk)?;
        let Some(octets) = chunk.get(..read).filter(|octets| !octets.is_empty()) else {
            return Ok(look.verdict());
        };
        if let Some(known) = look.take(octets) {
            return Ok(known);
        }
    }
}

struct Look {
    detector: EncodingDetector,
    length: u64,
    controls: u64,
    /// A character cut off at the end of the last chunk; none: it is not UTF-8.
    utf8: Option<Vec<u8>>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            length: 0,
            controls: 0,
            utf8: Some(Vec::new()),
        }
    }
}

impl Look {
    /// The next octets; an answer, if nothing more has to be read.
    fn take(&mut self, octets: &[u8]) -> Option<Result<&'static Encoding, Refusal>> {
        if self.length == 0
            && let Some(known) = at_first_sight(octets)
        {
            return Some(known);
        }
        self.length += octets.len() as u64;
        let is_control = |octet: &&u8| **octet < 0x20 && !b"\t\n\x0B\x0C\r\x1A".contains(octet);
        self.controls += octets.iter().filter(is_control).count() as u64;
        if octets.contains(&0) {
            return Some(Err(Refusal::NotText));
        }
        self.detector.feed(octets, false);
        self.utf8 = self
            .utf8
            .take()
            .and_then(|rest| utf8_rest([rest.as_slice(), octets].concat()));
        None
    }

    fn verdict(mut self) -> Result<&'static Encoding, Refusal> {
        if self.length == 0 {
            return Err(Refusal::Empty);
        }
        if self.controls * 100 > self.length {
            return Err(Refusal::NotText);
        }
        if self.utf8.is_some_and(|rest| rest.is_empty()) {
            return Ok(UTF_8);
        }
        self.detector.feed(&[], true);
        Ok(self.detector.guess(Some(b"ru"), Utf8Detection::Deny))
    }
}

/// What begins unmistakably.
fn at_first_sight(octets: &[u8]) -> Option<Result<&'static Encoding, Refusal>> {
    let known = KNOWN.iter().find(|(sign, _)| octets.starts_with(sign));
    if let Some((_, refusal)) = known {
        return Some(Err(*refusal));
    }
    match Encoding::for_bom(octets) {
        Some((found, _)) if found != UTF_8 => return Some(Ok(found)),
        _ => {}
    }
    // UTF-16 without a mark: every other octet of the first line is 0.
    let head = octets.get(..octets.len().min(200))?;
    let zeros = |odd: usize| {
        let every_other = head.iter().skip(odd).step_by(2);
        every_other.filter(|octet| **octet == 0).count() * 10 > head.len() * 2
    };
    match (zeros(0), zeros(1)) {
        (false, true) => Some(Ok(UTF_16LE)),
        (true, false) => Some(Ok(UTF_16BE)),
        _ => None,
    }
}

/// What is left of a character that is cut off; none: this is not UTF-8.
fn utf8_rest(octets: Vec<u8>) -> Option<Vec<u8>> {
    match std::str::from_utf8(&octets) {
        Ok(_) => Some(Vec::new()),
        Err(error) if error.error_len().is_none() => {
            octets.get(error.valid_up_to()..).map(<[u8]>::to_vec)
        }
        Err(_) => None,
    }
}

/// What stands between the cells of a text's beginning: that which makes the most of its rows
/// equally long.
pub(super) fn delimiter(text: &str) -> u8 {
    let score = |delimiter: &u8| {
        let rows = csv::ReaderBuilder::new()
            .delimiter(*delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let lengths: Vec<usize> = rows
            .into_records()
            .take(LOOKED_AT)
            .map_while(Result::ok)
            .map(|row| row.len())
            .collect();
        let first = lengths.first().copied().unwrap_or(0);
        let alike = lengths.iter().filter(|length| **length == first).count();
        match first {
            0 | 1 => (0, 0),
            _ => (alike * 100 / lengths.len().max(1), first),
        }
    };
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let score = score(&delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(octets: &[u8]) -> Result<&'static str, Refusal> {
        encoding(octets).unwrap().map(Encoding::name)
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "Имя;Телефон\nМарина Соколова;+7 495 123-45-67\nПётр Сёмин;8 (916) 111-22-33\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [b"\xFF\xFE".as_slice(), &utf16].concat();
        let windows = encoding_rs::WINDOWS_1251.encode(text).0;
        let dos = encoding_rs::IBM866.encode(text).0;
        for (octets, name) in [
            (text.as_bytes(), "UTF-8"),
            (
                [b"\xEF\xBB\xBF", text.as_bytes()].concat().as_slice(),
                "UTF-8",
            ),
            (with_mark.as_slice(), "UTF-16LE"),
            (&utf16, "UTF-16LE"),
            (&windows, "windows-1251"),
            (&dos, "IBM866"),
            (b"name,phone\nAnn,602\n", "UTF-8"),
        ] {
            assert_eq!(found(octets), Ok(name), "{octets:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (octets, refusal) in [
            (b"".as_slice(), Refusal::Empty),
            (b"PK\x03\x04whatever", Refusal::Workbook),
            (b"\x7FELF\x02\x01\x01\0\0\0\0", Refusal::NotText),
            (b"\x01\x02\x03\x04abc\x05\x06", Refusal::NotText),
        ] {
            assert_eq!(found(octets), Err(refusal));
        }
    }

    #[test]
    fn what_stands_between_cells_is_found() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("имя;тел\nА, Б;1\nВ, Г, Д;2\n", b';'),
            ("a\tb\tc\n1\t2,5\t3\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("\"a;b\",c\n\"d;\n;e\",f\n", b','),
            ("phone\n602\n603\n", b','),
        ] {
            assert_eq!(super::delimiter(text), delimiter, "{text}");
        }
    }
}
