//! vCard 2.1 (with quoted-printable and character sets of its own), 3.0 and 4.0.

use std::io::{self, BufRead};

use encoding_rs::{Encoding, UTF_8};

/// The columns cards become; their names are what the columns are for. Several values stand in lines.
pub(super) const COLUMNS: [&str; 17] = [
    "name",
    "surname",
    "first_name",
    "patronymic",
    "phone",
    "phone.mobile",
    "phone.work",
    "phone.home",
    "email",
    "email.work",
    "email.home",
    "company",
    "position",
    "address",
    "tags",
    "note",
    "birthday",
];
/// Octets of a property that are kept; pictures are longer.
const LONGEST: usize = 64 * 1024;

/// Cards, one after the other.
pub(super) struct Cards<R> {
    lines: Lines<R>,
    encoding: &'static Encoding,
}

impl<R: BufRead> Cards<R> {
    /// Out of text that was in this encoding.
    pub(super) fn new(reader: R, encoding: &'static Encoding) -> Self {
        let lines = Lines {
            reader,
            ahead: None,
        };
        Self { lines, encoding }
    }
}

impl<R: BufRead> Iterator for Cards<R> {
    type Item = io::Result<Vec<String>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut card = Card::default();
        let mut is_inside = false;
        loop {
            let line = match self.lines.next() {
                Ok(Some(line)) => line,
                // The file ends within a card: what there is of it counts.
                Ok(None) => return is_inside.then(|| Ok(card.row())),
                Err(error) => return Some(Err(error)),
            };
            let Some(property) = Property::read(&line, self.encoding) else {
                continue;
            };
            match (property.name.as_str(), property.value.trim()) {
                ("BEGIN", "VCARD" | "vcard") => is_inside = true,
                ("END", _) if is_inside => return Some(Ok(card.row())),
                _ if is_inside => card.take(&property),
                _ => {}
            }
        }
    }
}

/// Logical lines: folded ones put together.
struct Lines<R> {
    reader: R,
    ahead: Option<String>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> io::Result<Option<String>> {
        let mut line = match self.ahead.take() {
            Some(line) => line,
            None => match self.raw()? {
                Some(line) => line,
                None => return Ok(None),
            },
        };
        let is_quoted = line
            .split_once(':')
            .is_some_and(|(head, _)| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        while let Some(next) = self.raw()? {
            let goes_on = is_quoted && line.ends_with('=');
            let rest = match next.strip_prefix([' ', '\t']) {
                Some(rest) => rest,
                None if goes_on => next.as_str(),
                None => {
                    self.ahead = Some(next);
                    break;
                }
            };
            if goes_on {
                line.pop();
            }
            if line.len() < LONGEST {
                line.push_str(rest);
            }
        }
        Ok(Some(line))
    }

    fn raw(&mut self) -> io::Result<Option<String>> {
        let mut octets = Vec::new();
        if self.reader.read_until(b'\n', &mut octets)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&octets);
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// `item1.TEL;TYPE=cell:+7…`
struct Property {
    name: String,
    /// Upper case, names of parameters included.
    parameters: String,
    value: String,
}

impl Property {
    fn read(line: &str, file: &'static Encoding) -> Option<Self> {
        let colon = colon(line)?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        let name = name.rsplit('.').next()?.trim().to_ascii_uppercase();
        let parameters = parameters.to_uppercase();
        let value = match parameters.contains("QUOTED-PRINTABLE") {
            true => unquote(value, &parameters, file),
            false => value.to_owned(),
        };
        Some(Self {
            name,
            parameters,
            value,
        })
    }

    /// The suffix of its column.
    fn label(&self) -> &'static str {
        let has = |word: &str| self.parameters.contains(word);
        match () {
            () if has("CELL") || has("MOBILE") => ".mobile",
            () if has("WORK") => ".work",
            () if has("HOME") => ".home",
            () => "",
        }
    }

    /// Its parts, without escapes.
    fn parts(&self, between: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            let c = match c {
                '\\' => match chars.next() {
                    Some('n' | 'N') => '\n',
                    Some(c) => c,
                    None => break,
                },
                c if c == between => {
                    parts.push(String::new());
                    continue;
                }
                c => c,
            };
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
        }
        parts.iter().map(|part| part.trim().to_owned()).collect()
    }

    fn whole(&self) -> String {
        self.parts('\0').concat()
    }
}

/// The colon before the value: the first that does not stand in quotes.
fn colon(line: &str) -> Option<usize> {
    let mut is_quoted = false;
    line.char_indices().find_map(|(at, c)| {
        is_quoted ^= c == '"';
        (c == ':' && !is_quoted).then_some(at)
    })
}

fn unquote(value: &str, parameters: &str, file: &'static Encoding) -> String {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((octet, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) if *octet == b'=' => {
                octets.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                octets.push(*octet);
                rest = after;
            }
        }
    }
    let named = parameters
        .split(';')
        .find_map(|one| one.trim().strip_prefix("CHARSET="))
        .and_then(|name| Encoding::for_label(name.as_bytes()));
    let encoding = match named {
        Some(named) => named,
        None if std::str::from_utf8(&octets).is_ok() => UTF_8,
        None => file,
    };
    encoding.decode(&octets).0.into_owned()
}

/// Values by column.
#[derive(Default)]
struct Card {
    cells: [String; COLUMNS.len()],
}

impl Card {
    fn take(&mut self, property: &Property) {
        match property.name.as_str() {
            "FN" => self.put("name", &property.whole()),
            "N" => {
                let parts = property.parts(';');
                for (part, column) in parts.iter().zip(["surname", "first_name", "patronymic"]) {
                    self.put(column, part);
                }
            }
            "TEL" => {
                let number = property.whole();
                let number = number.strip_prefix("tel:").unwrap_or(&number);
                self.put(&format!("phone{}", property.label()), number);
            }
            "EMAIL" => {
                let label = property.label();
                let label = if label == ".mobile" { "" } else { label };
                self.put(&format!("email{label}"), &property.whole());
            }
            "ORG" => {
                if let Some(company) = property.parts(';').first() {
                    self.put("company", company);
                }
            }
            "TITLE" | "ROLE" => self.put("position", &property.whole()),
            "ADR" => {
                let parts = property.parts(';');
                let order = [6, 5, 3, 4, 2, 1, 0];
                let known = order.into_iter().filter_map(|at| parts.get(at));
                let known: Vec<&str> = known
                    .map(String::as_str)
                    .filter(|part| !part.is_empty())
                    .collect();
                self.put("address", &known.join(", "));
            }
            "CATEGORIES" => {
                for tag in property.parts(',') {
                    self.put("tags", &tag);
                }
            }
            "NOTE" => self.put("note", &property.whole()),
            "BDAY" => self.put("birthday", &property.whole()),
            _ => {}
        }
    }

    /// Once more in a line of its own, where the column has several; else the first counts.
    fn put(&mut self, column: &str, value: &str) {
        let Some(at) = COLUMNS.iter().position(|known| *known == column) else {
            return;
        };
        let cell = &mut self.cells[at];
        let is_list = column.starts_with("phone")
            || column.starts_with("email")
            || matches!(column, "address" | "tags" | "note");
        if cell.is_empty() {
            value.clone_into(cell);
        } else if is_list && !value.is_empty() {
            cell.push('\n');
            cell.push_str(value);
        }
    }

    fn row(self) -> Vec<String> {
        self.cells.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<(&'static str, String)>> {
        let cards = Cards::new(text.as_bytes(), encoding_rs::WINDOWS_1251);
        let named = |row: Vec<String>| {
            let cells = COLUMNS.into_iter().zip(row);
            cells.filter(|(_, cell)| !cell.is_empty()).collect()
        };
        cards.map(|card| named(card.unwrap())).collect()
    }

    fn of(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs
            .iter()
            .map(|(name, cell)| (*name, (*cell).to_owned()))
            .collect()
    }

    #[test]
    fn all_three_versions_are_read() {
        let text = "BEGIN:VCARD\r\nVERSION:2.1\r\n\
            N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=A1=D0=BE=D0=BA=D0=BE=D0=BB=\r\n=D0=BE=D0=B2=D0=B0;=D0=90=D0=BD=D0=BD=D0=B0\r\n\
            ORG;ENCODING=QUOTED-PRINTABLE;CHARSET=windows-1251:=CE=CE=CE\r\n\
            TEL;CELL:+79161112233\r\nTEL;WORK;VOICE:84951234567\r\nEND:VCARD\r\n\
            BEGIN:VCARD\nVERSION:3.0\nFN:Ann Marlow\nN:Marlow;Ann;;;\nitem1.TEL;type=HOME:+1 202 555 0123\n\
            EMAIL;TYPE=INTERNET,WORK:ann@example.com\nEMAIL:a@example.org\nNOTE:Likes tea\\, not\n  coffee\\nat all\n\
            PHOTO;ENCODING=b:AAAA\n BBBB\nADR;TYPE=WORK:;;1 Oak St;London;;N1;UK\nCATEGORIES:vip,tea\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:4.0\nFN:Пётр\nTEL;VALUE=uri;TYPE=\"voice,cell\":tel:+79990001122\nORG:ООО \\\"Ромашка\\\";Sales\n";
        assert_eq!(
            cells(text),
            [
                of(&[
                    ("surname", "Соколова"),
                    ("first_name", "Анна"),
                    ("phone.mobile", "+79161112233"),
                    ("phone.work", "84951234567"),
                    ("company", "ООО"),
                ]),
                of(&[
                    ("name", "Ann Marlow"),
                    ("surname", "Marlow"),
                    ("first_name", "Ann"),
                    ("phone.home", "+1 202 555 0123"),
                    ("email", "a@example.org"),
                    ("email.work", "ann@example.com"),
                    ("address", "UK, N1, London, 1 Oak St"),
                    ("tags", "vip\ntea"),
                    ("note", "Likes tea, not coffee\nat all"),
                ]),
                of(&[
                    ("name", "Пётр"),
                    ("phone.mobile", "+79990001122"),
                    ("company", "ООО \"Ромашка\""),
                ]),
            ]
        );
    }
}
