//! What a row becomes: a contact, or a sentence that says what is wrong with it.

use std::collections::HashMap;

use api_types::{
    ContactDraft, ContactKind, FieldDef, FieldKind, ImportMapping, ImportProblem, Labelled,
    PhoneDraft, WorkSettings,
};
use csv::StringRecord;
use store::{AddressRow, ContactRow, PhoneRow, entity::user, fold};
use uuid::Uuid;

use crate::numbers::Numbers;

/// Characters of a name, address or field.
const LONGEST: usize = 200;
/// Characters of a note.
const LONGEST_NOTE: usize = 20_000;
/// Phones, e-mails, addresses or tags of one contact.
const MOST: usize = 20;
/// Octets of a row: a longer one is a quotation mark that is not closed.
const LONGEST_ROW: usize = 64 * 1024;

/// What rows are read with.
pub(super) struct Reading {
    pub mapping: ImportMapping,
    numbers: Numbers,
    work: WorkSettings,
    people: HashMap<String, Uuid>,
    /// Where the row names nobody.
    responsible: Option<Uuid>,
}

/// A row as it was understood.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub contact: ContactRow,
    /// Name of the company.
    pub company: String,
    pub note: String,
}

impl Reading {
    pub(super) fn new(
        mapping: ImportMapping,
        numbers: Numbers,
        work: WorkSettings,
        users: &[user::Model],
    ) -> Self {
        let mut people = HashMap::new();
        // A name may be that of several; extensions and sign-in names are not.
        for user in users.iter().filter(|user| user.active) {
            people.insert(fold(&user.name), user.id);
        }
        for user in users.iter().filter(|user| user.active) {
            people.insert(fold(&user.login), user.id);
            people.extend(user.extension.iter().map(|own| (own.clone(), user.id)));
        }
        let responsible = mapping
            .responsible
            .as_deref()
            .and_then(|id| id.parse().ok());
        Self {
            mapping,
            numbers,
            work,
            people,
            responsible,
        }
    }

    /// The table custom fields are of.
    fn table(&self) -> &'static str {
        table_of(self.mapping.kind)
    }

    /// # Errors
    /// The first thing that is wrong; the number of the row is not set.
    pub(super) fn read(&self, cells: &StringRecord) -> Result<Row, ImportProblem> {
        if cells.as_slice().len() > LONGEST_ROW {
            return Err(problem(
                "unreadable",
                "",
                "",
                "this row is longer than 64 KB: perhaps a quotation mark is not closed; correct it and import this row again",
            ));
        }
        let mut row = Row::default();
        row.contact.responsible = self.responsible;
        for (column, cell) in self.mapping.columns.iter().zip(cells) {
            let cell = crate::export::plain(cell.trim());
            if !column.is_empty() && !cell.is_empty() {
                self.take(&mut row, column, cell)
                    .map_err(|wrong| ImportProblem {
                        column: column.clone(),
                        value: cell.chars().take(60).collect(),
                        ..wrong
                    })?;
            }
        }
        self.name(&mut row)?;
        Ok(row)
    }

    fn take(&self, row: &mut Row, column: &str, cell: &str) -> Result<(), ImportProblem> {
        let (what, label) = column.split_once('.').unwrap_or((column, ""));
        let contact = &mut row.contact;
        match what {
            "name" => contact.name = short(cell)?,
            "surname" => contact.surname = short(cell)?,
            "first_name" => contact.first_name = short(cell)?,
            "patronymic" => contact.patronymic = short(cell)?,
            "position" => contact.position = short(cell)?,
            "company" => row.company = short(cell)?,
            "phone" => self.phones(contact, cell, label)?,
            "email" => emails(contact, cell, label)?,
            "address" => {
                for address in cell.split('\n') {
                    add(&mut contact.addresses, address.trim(), label)?;
                }
            }
            "tags" => {
                for tag in cell.split([',', ';', '\n']) {
                    let tag = short(tag.trim())?;
                    if !tag.is_empty() && !contact.tags.contains(&tag) {
                        contact.tags.push(tag);
                    }
                }
                if contact.tags.len() > MOST {
                    return Err(too_many());
                }
            }
            "note" => {
                if !row.note.is_empty() {
                    row.note.push('\n');
                }
                row.note.push_str(cell);
                if row.note.chars().count() > LONGEST_NOTE {
                    return Err(too_long());
                }
            }
            "status" => contact.status = self.status(cell)?,
            "responsible" => contact.responsible = Some(self.person(cell)?),
            "field" => {
                let value = self.field(label, cell)?;
                contact.fields.insert(label.to_owned(), value);
            }
            _ => {}
        }
        Ok(())
    }

    fn phones(
        &self,
        contact: &mut ContactRow,
        cell: &str,
        label: &str,
    ) -> Result<(), ImportProblem> {
        for spelled in cell.split([',', ';', '\n', '/', '|']) {
            let spelled = spelled.trim();
            if spelled.is_empty() {
                continue;
            }
            let number = self.phone(spelled)?;
            if !contact.phones.iter().any(|known| known.e164 == number.e164) {
                let label = label.to_owned();
                contact.phones.push(PhoneRow { label, ..number });
            }
        }
        if contact.phones.len() > MOST {
            return Err(too_many());
        }
        Ok(())
    }

    fn phone(&self, spelled: &str) -> Result<PhoneRow, ImportProblem> {
        let bad = || {
            let message = format!(
                "{:?} is not a phone number: correct it and import this row again",
                start(spelled)
            );
            problem("bad_phone", "", "", &message)
        };
        // What a number is not made of is not silently left out of it.
        let is_usual = |c: char| c.is_ascii_digit() || "+()-–—.*#".contains(c) || c.is_whitespace();
        if !spelled.chars().all(is_usual) {
            return Err(bad());
        }
        let number = self.numbers.read(spelled);
        let digits = number.e164.strip_prefix('+').unwrap_or(&number.e164);
        if !(2..=20).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        Ok(PhoneRow {
            e164: number.e164,
            display: number.display,
            label: String::new(),
        })
    }

    fn status(&self, cell: &str) -> Result<String, ImportProblem> {
        let wanted = fold(cell);
        let known = self.work.statuses.iter().find(|status| {
            fold(&status.name) == wanted
                || status.key == wanted
                || known_status(&status.key).contains(&wanted.as_str())
        });
        known.map(|status| status.key.clone()).ok_or_else(|| {
            let message = format!(
                "there is no status {:?}: add it in Settings, or leave the cell empty",
                start(cell)
            );
            problem("unknown_status", "", "", &message)
        })
    }

    fn person(&self, cell: &str) -> Result<Uuid, ImportProblem> {
        self.people.get(&fold(cell)).copied().ok_or_else(|| {
            let message = format!(
                "there is no employee {:?}: give a sign-in name or an extension",
                start(cell)
            );
            problem("unknown_responsible", "", "", &message)
        })
    }

    fn field(&self, key: &str, cell: &str) -> Result<String, ImportProblem> {
        let of = |def: &&FieldDef| def.table == self.table() && def.key == key;
        let Some(def) = self.work.fields.iter().find(of) else {
            let message = "there is no such field any more: choose what this column is again";
            return Err(problem("bad_field", "", "", message));
        };
        let bad = |expected: &str| {
            let message = format!(
                "{:?} does not fit the field {}: {expected}",
                start(cell),
                def.label
            );
            problem("bad_field", "", "", &message)
        };
        match def.kind {
            FieldKind::Text => short(cell),
            FieldKind::Number => {
                let plain: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
                let plain = plain.replace(',', ".");
                let number = plain
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.is_finite());
                number.map(|_| plain).ok_or_else(|| bad("give a number"))
            }
            FieldKind::Date => {
                date(cell).ok_or_else(|| bad("give a date as 31.12.2026 or 2026-12-31"))
            }
            FieldKind::Choice => {
                let wanted = fold(cell);
                let known = def.choices.iter().find(|choice| fold(choice) == wanted);
                known
                    .cloned()
                    .ok_or_else(|| bad("choose one of its values"))
            }
            FieldKind::Flag => match fold(cell).as_str() {
                "1" | "true" | "yes" | "y" | "да" | "истина" | "+" | "x" => {
                    Ok("true".to_owned())
                }
                "0" | "false" | "no" | "n" | "нет" | "ложь" | "-" => Ok("false".to_owned()),
                _ => Err(bad("give yes or no")),
            },
            FieldKind::Link => match cell.split_once("://") {
                Some(("http" | "https", rest)) if !rest.is_empty() => short(cell),
                None if cell.contains('.') && !cell.contains(char::is_whitespace) => {
                    short(&format!("https://{cell}"))
                }
                _ => Err(bad("give an address that begins with https://")),
            },
            FieldKind::Phone => self.phone(cell).map(|number| number.e164),
        }
    }

    /// The name, out of its parts or whatever else is known.
    fn name(&self, row: &mut Row) -> Result<(), ImportProblem> {
        let contact = &mut row.contact;
        if self.mapping.kind == ContactKind::Company {
            "company".clone_into(&mut contact.kind);
            if contact.name.is_empty() {
                contact.name = std::mem::take(&mut row.company);
            }
            row.company.clear();
        }
        if contact.name.is_empty() {
            contact.name = full_name(&contact.surname, &contact.first_name, &contact.patronymic);
        }
        if contact.name.is_empty() {
            let known = [
                row.company.as_str(),
                contact.emails.first().map_or("", |email| &email.value),
                contact.phones.first().map_or("", |phone| &phone.display),
            ];
            let known = known.into_iter().find(|known| !known.is_empty());
            known.unwrap_or_default().clone_into(&mut contact.name);
        }
        if contact.name.is_empty() {
            let message = "this row has neither a name nor a phone nor an e-mail: fill one in and import it again";
            return Err(problem("no_name", "", "", message));
        }
        Ok(())
    }
}

/// Where custom fields of this kind of contact are.
pub(super) fn table_of(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Person => "contacts",
        ContactKind::Company => "companies",
    }
}

/// As Russian and English write it.
fn full_name(surname: &str, first: &str, patronymic: &str) -> String {
    let is_cyrillic = |c: char| ('\u{400}'..'\u{530}').contains(&c);
    let order = match surname.chars().chain(first.chars()).any(is_cyrillic) {
        true => [surname, first, patronymic],
        false => [first, patronymic, surname],
    };
    let known: Vec<&str> = order.into_iter().filter(|part| !part.is_empty()).collect();
    known.join(" ")
}

/// What the app calls statuses the house did not name itself.
fn known_status(key: &str) -> &'static [&'static str] {
    match key {
        "new" => &["новый", "new"],
        "regular" => &["постоянный", "regular"],
        "key_account" => &["ключевой", "key account"],
        "former" => &["бывший", "former"],
        _ => &[],
    }
}

fn emails(contact: &mut ContactRow, cell: &str, label: &str) -> Result<(), ImportProblem> {
    for email in cell.split([',', ';', '\n', ' ']) {
        let email = email.trim().trim_start_matches('<').trim_end_matches('>');
        if email.is_empty() {
            continue;
        }
        if !is_email(email) {
            let message = format!(
                "{:?} is not an e-mail address: correct it and import this row again",
                start(email)
            );
            return Err(problem("bad_email", "", "", &message));
        }
        add(&mut contact.emails, email, label)?;
    }
    Ok(())
}

/// Whether a text looks like an e-mail address.
pub(super) fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"".contains(c);
    !name.is_empty()
        && text.len() <= 254
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().all(is_plain)
}

/// `31.12.2026`, `31/12/2026`, `2026-12-31` → `2026-12-31`.
fn date(cell: &str) -> Option<String> {
    let cell = cell.split(['T', ' ']).next()?;
    let parts: Vec<&str> = cell.split(['.', '-', '/']).collect();
    let [first, month, last] = parts.as_slice() else {
        return None;
    };
    let (year, day) = if first.len() == 4 {
        (first, last)
    } else {
        (last, first)
    };
    let year: i32 = year
        .parse()
        .ok()
        .filter(|year| (1800..=9999).contains(year))?;
    let month: u8 = month.parse().ok()?;
    let day: u8 = day.parse().ok()?;
    let month = time::Month::try_from(month).ok()?;
    time::Date::from_calendar_date(year, month, day).ok()?;
    Some(format!("{year:04}-{:02}-{day:02}", u8::from(month)))
}

fn add(list: &mut Vec<AddressRow>, value: &str, label: &str) -> Result<(), ImportProblem> {
    let value = short(value)?;
    let is_there = list.iter().any(|known| fold(&known.value) == fold(&value));
    if value.is_empty() || is_there {
        return Ok(());
    }
    list.push(AddressRow {
        value,
        label: label.to_owned(),
    });
    if list.len() > MOST {
        return Err(too_many());
    }
    Ok(())
}

/// In one line, not too long.
fn short(cell: &str) -> Result<String, ImportProblem> {
    let line: Vec<&str> = cell.split_whitespace().collect();
    let line = line.join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    if line.chars().count() > LONGEST {
        return Err(too_long());
    }
    Ok(line)
}

/// The beginning of a cell, for a sentence.
fn start(cell: &str) -> String {
    cell.chars().take(40).collect()
}

fn too_long() -> ImportProblem {
    let message = "this cell is too long (200 characters, notes 20 000): shorten it and import this row again";
    problem("too_long", "", "", message)
}

fn too_many() -> ImportProblem {
    let message =
        "a contact has at most 20 phones, e-mails, addresses and tags: take some out of this row";
    problem("too_many", "", "", message)
}

fn problem(code: &str, column: &str, value: &str, message: &str) -> ImportProblem {
    ImportProblem {
        row: 0,
        column: column.to_owned(),
        value: value.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// As the page shows it.
pub(super) fn draft(row: &Row) -> ContactDraft {
    let contact = &row.contact;
    let labelled = |one: &AddressRow| Labelled {
        value: one.value.clone(),
        label: one.label.clone(),
    };
    let phone = |phone: &PhoneRow| {
        PhoneDraft::Labelled(Labelled {
            value: phone.display.clone(),
            label: phone.label.clone(),
        })
    };
    ContactDraft {
        kind: match contact.kind.as_str() {
            "company" => ContactKind::Company,
            _ => ContactKind::Person,
        },
        name: contact.name.clone(),
        surname: contact.surname.clone(),
        first_name: contact.first_name.clone(),
        patronymic: contact.patronymic.clone(),
        phones: contact.phones.iter().map(phone).collect(),
        emails: contact.emails.iter().map(labelled).collect(),
        addresses: contact.addresses.iter().map(labelled).collect(),
        company: Some(row.company.clone()).filter(|name| !name.is_empty()),
        position: contact.position.clone(),
        status: contact.status.clone(),
        tags: contact.tags.clone(),
        fields: contact.fields.clone(),
        responsible: contact.responsible.map(|user| user.to_string()),
        version: None,
    }
}

#[cfg(test)]
mod tests {
    use api_types::ImportDuplicates;

    use super::*;

    fn read(columns: &[&str], cells: &[&str]) -> Result<Row, String> {
        let mapping = ImportMapping {
            columns: columns.iter().map(|one| (*one).to_owned()).collect(),
            has_header: true,
            duplicates: ImportDuplicates::Skip,
            kind: ContactKind::Person,
            responsible: None,
        };
        let numbers = Numbers::new("RU").unwrap();
        let mut work = WorkSettings::default();
        let def = |key: &str, kind| FieldDef {
            key: key.to_owned(),
            table: "contacts".to_owned(),
            label: key.to_owned(),
            kind,
            choices: vec!["Red".to_owned()],
            required: false,
        };
        work.fields = vec![
            def("born", FieldKind::Date),
            def("size", FieldKind::Number),
            def("colour", FieldKind::Choice),
            def("vip", FieldKind::Flag),
            def("site", FieldKind::Link),
        ];
        let reading = Reading::new(mapping, numbers, work, &[]);
        reading
            .read(&StringRecord::from(cells))
            .map_err(|wrong| wrong.code)
    }

    #[test]
    fn a_row_becomes_a_contact() {
        let columns = [
            "surname",
            "first_name",
            "phone",
            "phone.mobile",
            "email",
            "tags",
            "note",
            "status",
            "field.born",
            "field.size",
            "field.colour",
            "field.vip",
            "field.site",
        ];
        let cells = [
            "Соколова",
            "Марина",
            "8 (495) 123-45-67; 602",
            "+79161112233",
            "M@Example.com",
            "vip, чай",
            "a\nb",
            "Постоянный",
            "31.12.1990",
            "1 200,5",
            "red",
            "да",
            "example.com",
        ];
        let row = read(&columns, &cells).unwrap();
        let contact = &row.contact;
        assert_eq!(contact.name, "Соколова Марина");
        let phones: Vec<_> = contact
            .phones
            .iter()
            .map(|one| (one.e164.as_str(), one.label.as_str()))
            .collect();
        assert_eq!(
            phones,
            [
                ("+74951234567", ""),
                ("602", ""),
                ("+79161112233", "mobile")
            ]
        );
        assert_eq!(
            (contact.tags.join("+"), contact.status.as_str()),
            ("vip+чай".to_owned(), "regular")
        );
        let fields: Vec<_> = contact.fields.values().map(String::as_str).collect();
        assert_eq!(
            fields,
            ["1990-12-31", "Red", "https://example.com", "1200.5", "true"]
        );
        assert_eq!(row.note, "a\nb");
        assert_eq!(
            read(&["name", "phone"], &["=HYPERLINK(\"x\")", "602"])
                .unwrap()
                .contact
                .name,
            "=HYPERLINK(\"x\")"
        );
        assert_eq!(
            read(&["phone"], &["84951234567"]).unwrap().contact.name,
            "+7 495 123-45-67"
        );
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        for (column, cell, code) in [
            ("phone", "📞", "bad_phone"),
            ("phone", "call me", "bad_phone"),
            ("phone", "1", "bad_phone"),
            ("email", "ann", "bad_email"),
            ("status", "unheard of", "unknown_status"),
            ("responsible", "nobody", "unknown_responsible"),
            ("field.born", "31.02.1990", "bad_field"),
            ("field.size", "big", "bad_field"),
            ("field.colour", "blue", "bad_field"),
            ("field.gone", "x", "bad_field"),
            ("name", "  ", "no_name"),
            ("tags", "vip", "no_name"),
        ] {
            assert_eq!(read(&[column], &[cell]).unwrap_err(), code, "{cell}");
        }
        assert_eq!(
            read(&["name"], &[&"x".repeat(201)]).unwrap_err(),
            "too_long"
        );
        assert_eq!(
            read(&["name"], &[&"x".repeat(1 << 20)]).unwrap_err(),
            "unreadable"
        );
    }
}
