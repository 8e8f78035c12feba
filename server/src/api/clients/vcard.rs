//! Contacts as vCard 3.0.

use std::fmt::Write as _;

use store::ContactRow;

/// One card; `company` is the name of the company.
pub(super) fn card(row: &ContactRow, company: &str) -> String {
    let mut out = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let mut line = |name: &str, value: &str| fold(&mut out, &format!("{name}:{value}"));
    line("FN", &escaped(&row.name));
    let parts = [&row.surname, &row.first_name, &row.patronymic].map(|part| escaped(part));
    if parts.iter().all(String::is_empty) {
        line("N", &format!("{};;;;", escaped(&row.name)));
    } else {
        line("N", &format!("{};;", parts.join(";")));
    }
    for phone in &row.phones {
        line(&format!("TEL{}", kind(&phone.label)), &escaped(&phone.e164));
    }
    for email in &row.emails {
        line(
            &format!("EMAIL{}", kind(&email.label)),
            &escaped(&email.value),
        );
    }
    for address in &row.addresses {
        line(
            &format!("ADR{}", kind(&address.label)),
            &format!(";;{};;;;", escaped(&address.value)),
        );
    }
    let company = if row.kind == "company" {
        &row.name
    } else {
        company
    };
    for (name, value) in [("ORG", company), ("TITLE", &row.position)] {
        if !value.is_empty() {
            line(name, &escaped(value));
        }
    }
    if !row.tags.is_empty() {
        let tags: Vec<String> = row.tags.iter().map(|tag| escaped(tag)).collect();
        line("CATEGORIES", &tags.join(","));
    }
    out.push_str("END:VCARD\r\n");
    out
}

fn kind(label: &str) -> &'static str {
    match label {
        "mobile" => ";TYPE=CELL",
        "work" => ";TYPE=WORK",
        "home" => ";TYPE=HOME",
        _ => "",
    }
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | ',' | ';' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Lines of 75 octets at most; what goes on begins with a space.
fn fold(out: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            length = 1;
        }
        let _ = write!(out, "{c}");
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}
