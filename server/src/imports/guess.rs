//! What the columns of a table are for: from their names in English and Russian, else from what
//! stands in them.

use store::fold;

/// Names of columns, most particular first; a column counts as the first it is called by.
const NAMES: [(&str, &[&str]); 24] = [
    (
        "phone.mobile",
        &[
            "mobile phone",
            "mobile",
            "cell",
            "cell phone",
            "мобильный телефон",
            "мобильный",
            "сотовый",
            "моб тел",
            "моб",
            "phone.mobile",
        ],
    ),
    (
        "phone.work",
        &[
            "business phone",
            "work phone",
            "office phone",
            "рабочий телефон",
            "рабочий",
            "раб тел",
            "phone.work",
        ],
    ),
    (
        "phone.home",
        &["home phone", "домашний телефон", "домашний", "phone.home"],
    ),
    (
        "phone",
        &[
            "phone",
            "telephone",
            "tel",
            "phone number",
            "phones",
            "number",
            "телефон",
            "тел",
            "номер",
            "номер телефона",
            "телефоны",
            "контактный телефон",
        ],
    ),
    (
        "email.work",
        &["work email", "рабочий email", "рабочая почта", "email.work"],
    ),
    ("email.home", &["home email", "личная почта", "email.home"]),
    (
        "email",
        &[
            "email",
            "e mail",
            "mail",
            "email address",
            "e mail address",
            "emails",
            "почта",
            "эл почта",
            "электронная почта",
            "адрес электронной почты",
            "имейл",
            "емейл",
        ],
    ),
    (
        "surname",
        &["surname", "last name", "lastname", "family name", "фамилия"],
    ),
    (
        "patronymic",
        &["patronymic", "middle name", "additional name", "отчество"],
    ),
    (
        "first_name",
        &["first name", "firstname", "given name", "first_name"],
    ),
    (
        "name",
        &[
            "name",
            "full name",
            "fullname",
            "display name",
            "contact",
            "contact name",
            "client",
            "customer",
            "фио",
            "фио или название",
            "ф и о",
            "полное имя",
            "контакт",
            "клиент",
            "имя клиента",
            "наименование",
            "название",
            "заказчик",
            "покупатель",
        ],
    ),
    (
        "company",
        &[
            "company",
            "organization",
            "organisation",
            "company name",
            "organization name",
            "organization 1 name",
            "account",
            "компания",
            "организация",
            "фирма",
            "название компании",
            "юрлицо",
            "предприятие",
        ],
    ),
    (
        "position",
        &[
            "position",
            "job title",
            "title",
            "job",
            "role",
            "organization title",
            "organization 1 title",
            "должность",
        ],
    ),
    (
        "address",
        &[
            "address",
            "addresses",
            "street",
            "postal address",
            "home address",
            "business address",
            "address 1 formatted",
            "адрес",
            "адреса",
            "почтовый адрес",
            "юридический адрес",
            "фактический адрес",
        ],
    ),
    ("status", &["status", "статус", "состояние"]),
    (
        "tags",
        &[
            "tags",
            "tag",
            "categories",
            "category",
            "labels",
            "group membership",
            "groups",
            "теги",
            "тег",
            "метки",
            "категории",
            "категория",
            "группа",
            "группы",
        ],
    ),
    (
        "responsible",
        &[
            "responsible",
            "manager",
            "owner",
            "assigned to",
            "ответственный",
            "менеджер",
            "ответственный менеджер",
        ],
    ),
    (
        "note",
        &[
            "note",
            "notes",
            "comment",
            "comments",
            "description",
            "remark",
            "заметка",
            "заметки",
            "примечание",
            "примечания",
            "комментарий",
            "комментарии",
            "описание",
        ],
    ),
    // Names of which only a beginning is known.
    (
        "phone",
        &[
            "phone *",
            "tel *",
            "телефон *",
            "other phone *",
            "primary phone *",
        ],
    ),
    ("email", &["email *", "e mail *", "почта *"]),
    ("address", &["address *", "адрес *"]),
    ("company", &["company *", "компания *"]),
    ("note", &["note *", "примечание *", "комментарий *"]),
    // In a table with surnames, else the whole name.
    ("first_name", &["имя"]),
];

/// For each column what it is for, or nothing.
pub(super) fn columns(
    header: &[String],
    rows: &[Vec<String>],
    fields: &[(String, String)],
) -> Vec<String> {
    let width = header.len().max(rows.first().map_or(0, Vec::len));
    let mut found: Vec<String> = (0..width)
        .map(|at| {
            let named = header.get(at).and_then(|name| of_name(name, fields));
            named
                .or_else(|| of_cells(at, rows).map(str::to_owned))
                .unwrap_or_default()
        })
        .collect();
    // «Имя» alone is the whole name.
    let has = |found: &[String], what: &str| found.iter().any(|one| one == what);
    if !has(&found, "name") && !has(&found, "surname") {
        for one in found.iter_mut().filter(|one| *one == "first_name") {
            "name".clone_into(one);
        }
    }
    once_each(&mut found);
    if !["name", "surname", "first_name", "company"]
        .iter()
        .any(|what| has(&found, what))
        && let Some(at) = (0..width).find(|at| found[*at].is_empty() && holds_words(*at, rows))
    {
        "name".clone_into(&mut found[at]);
    }
    found
}

/// Whether the first row names the columns.
pub(super) fn is_header(rows: &[Vec<String>]) -> bool {
    let Some((first, rest)) = rows.split_first() else {
        return false;
    };
    if first.iter().any(|cell| is_phone(cell) || is_email(cell)) {
        return false;
    }
    let known = first
        .iter()
        .filter(|cell| of_name(cell, &[]).is_some())
        .count();
    if known > 0 {
        return true;
    }
    (0..first.len()).any(|at| of_cells(at, rest).is_some())
}

/// What can stand in a table only once, does.
fn once_each(found: &mut [String]) {
    let mut seen = Vec::new();
    for one in found.iter_mut() {
        let many = ["phone", "email", "address", "tags", "note"];
        let kind = one.split('.').next().unwrap_or_default();
        if !many.contains(&kind) && !one.is_empty() {
            if seen.contains(one) {
                one.clear();
            } else {
                seen.push(one.clone());
            }
        }
    }
}

fn of_name(name: &str, fields: &[(String, String)]) -> Option<String> {
    let exact = fold(name);
    if let Some((key, _)) = fields.iter().find(|(_, label)| fold(label) == exact) {
        return Some(format!("field.{key}"));
    }
    let plain = |c: char| {
        if c.is_alphanumeric() || c == '.' || c == '_' {
            c
        } else {
            ' '
        }
    };
    let folded = fold(&exact.chars().map(plain).collect::<String>());
    let folded = folded.trim_end_matches('.');
    let spaced = fold(&folded.replace('.', " "));
    let is_called = |known: &&str| match known.strip_suffix(" *") {
        Some(start) => spaced.strip_prefix(start).is_some_and(|rest| {
            rest.starts_with(' ') || rest.starts_with(|c: char| c.is_ascii_digit())
        }),
        None => folded == *known || spaced == *known,
    };
    if folded.ends_with(" label") || folded.ends_with(" type") {
        return None;
    }
    let found = NAMES.iter().find(|(_, names)| names.iter().any(&is_called));
    found.map(|(what, _)| (*what).to_owned())
}

fn of_cells(at: usize, rows: &[Vec<String>]) -> Option<&'static str> {
    let cells: Vec<&str> = rows
        .iter()
        .filter_map(|row| row.get(at))
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    let most = |is: fn(&str) -> bool| {
        !cells.is_empty() && cells.iter().filter(|cell| is(cell)).count() * 10 >= cells.len() * 6
    };
    match () {
        () if most(is_email) => Some("email"),
        () if most(is_phone) => Some("phone"),
        () => None,
    }
}

fn holds_words(at: usize, rows: &[Vec<String>]) -> bool {
    let mut cells = rows.iter().filter_map(|row| row.get(at));
    cells.any(|cell| cell.chars().filter(|c| c.is_alphabetic()).count() >= 2)
}

fn is_email(cell: &str) -> bool {
    let first = cell.split([',', ';', '\n', ' ']).next().unwrap_or_default();
    super::row::is_email(first)
}

/// Seven to fifteen digits and what people put between them; not a date.
fn is_phone(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let parts = cell.split(['.', '-', '/']).count();
    let is_date = digits == 8 && parts == 3 && cell.len() == 10;
    (7..=15).contains(&digits)
        && !is_date
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || "+()-. \u{a0}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(table: &[&[&str]]) -> (bool, Vec<String>) {
        let rows: Vec<Vec<String>> = table
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect();
        let fields = [("birthday".to_owned(), "День рождения".to_owned())];
        match is_header(&rows) {
            true => (true, columns(&rows[0], &rows[1..], &fields)),
            false => (false, columns(&[], &rows, &fields)),
        }
    }

    #[test]
    fn columns_are_known_by_name_and_by_what_stands_in_them() {
        for (table, has_header, expected) in [
            (
                &[
                    &["ФИО", "Телефон", "E-mail", "Компания", "День рождения"][..],
                    &["А", "1", "", "", ""],
                ][..],
                true,
                "name phone email company field.birthday",
            ),
            (
                &[
                    &["Фамилия", "Имя", "Отчество", "Моб. тел.", "Примечание"],
                    &["", "", "", "", ""],
                ],
                true,
                "surname first_name patronymic phone.mobile note",
            ),
            (
                &[&["Имя", "Номер телефона"], &["А", "2"]],
                true,
                "name phone",
            ),
            (
                &[
                    &[
                        "First Name",
                        "Last Name",
                        "E-mail 1 - Value",
                        "Phone 1 - Label",
                        "Phone 1 - Value",
                    ],
                    &["", "", "", "", ""],
                ],
                true,
                "first_name surname email - phone",
            ),
            (
                &[&["Anna", "+7 495 123-45-67"], &["Boris", "8 916 1112233"]],
                false,
                "name phone",
            ),
            (
                &[&["Чей", "Куда звонить"], &["Анна", "84951234567"]],
                true,
                "name phone",
            ),
            (&[&["84951234567"], &["84951234568"]], false, "phone"),
            (
                &[&["a@example.com", "Ann", "2020-01-01"]],
                false,
                "email name -",
            ),
        ] {
            let expected: Vec<String> = expected
                .split(' ')
                .map(|one| one.replace('-', ""))
                .collect();
            assert_eq!(guessed(table), (has_header, expected), "{table:?}");
        }
    }
}
