//! Names and addresses of people and companies, as typed and as kept.

use api_types::{ContactDraft, ContactKind, Labelled};

use super::{Problem, short};

/// Characters of a name at most.
const LONGEST: usize = 200;

/// What somebody is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// As shown.
    pub name: String,
    /// Surname.
    pub surname: String,
    /// First name.
    pub first_name: String,
    /// Patronymic.
    pub patronymic: String,
}

/// The name of a draft. A person's parts make it where there are any.
pub(crate) fn name(draft: &ContactDraft) -> Result<Named, Problem> {
    let name = short(&draft.name, LONGEST, "name", "the name")?;
    let mut named = Named {
        name,
        ..Named::default()
    };
    if draft.kind == ContactKind::Person {
        named.surname = short(&draft.surname, 100, "surname", "the surname")?;
        named.first_name = short(&draft.first_name, 100, "first_name", "the first name")?;
        named.patronymic = short(&draft.patronymic, 100, "patronymic", "the patronymic")?;
        let whole = whole(&named.surname, &named.first_name, &named.patronymic);
        if !whole.is_empty() {
            named.name = short(&whole, LONGEST, "name", "the name")?;
        }
    }
    if named.name.is_empty() {
        let message = "give a name of up to 200 characters";
        return Err(Problem::new("bad_name", "name", message));
    }
    Ok(named)
}

/// In the order the name's own language has: written in Cyrillic letters, the surname comes first.
pub(crate) fn whole(surname: &str, first_name: &str, patronymic: &str) -> String {
    let is_cyrillic = |c: char| ('\u{0400}'..='\u{052F}').contains(&c);
    let parts = if surname.chars().chain(first_name.chars()).any(is_cyrillic) {
        [surname, first_name, patronymic]
    } else {
        [first_name, patronymic, surname]
    };
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// E-mail addresses, each once; `local@domain.tld`.
pub(crate) fn emails(given: &[Labelled]) -> Result<Vec<Labelled>, Problem> {
    let mut kept: Vec<Labelled> = Vec::new();
    for one in given.iter().filter(|one| !one.value.trim().is_empty()) {
        let value = short(&one.value, 254, "emails", "the e-mail address")?;
        if !is_email(&value) {
            let message =
                format!("{value:?} is not an e-mail address; it looks like name@example.com");
            return Err(Problem::new("bad_email", "emails", message));
        }
        let label = short(&one.label, 40, "emails", "the label")?;
        if !kept
            .iter()
            .any(|kept| kept.value.eq_ignore_ascii_case(&value))
        {
            kept.push(Labelled { value, label });
        }
    }
    few(kept, "emails", "e-mail addresses")
}

/// Postal addresses.
pub(crate) fn addresses(given: &[Labelled]) -> Result<Vec<Labelled>, Problem> {
    let mut kept = Vec::new();
    for one in given.iter().filter(|one| !one.value.trim().is_empty()) {
        kept.push(Labelled {
            value: short(&one.value, 500, "addresses", "the address")?,
            label: short(&one.label, 40, "addresses", "the label")?,
        });
    }
    few(kept, "addresses", "addresses")
}

/// Tags, each once in its first spelling.
pub(crate) fn tags(given: &[String]) -> Result<Vec<String>, Problem> {
    let mut kept: Vec<String> = Vec::new();
    for tag in given.iter().filter(|tag| !tag.trim().is_empty()) {
        let tag = short(tag, 60, "tags", "the tag")?;
        if !kept
            .iter()
            .any(|kept| store::fold(kept) == store::fold(&tag))
        {
            kept.push(tag);
        }
    }
    if kept.len() > 50 {
        return Err(Problem::new("too_many", "tags", "keep it to 50 tags"));
    }
    Ok(kept)
}

fn few(kept: Vec<Labelled>, field: &'static str, what: &str) -> Result<Vec<Labelled>, Problem> {
    if kept.len() > 20 {
        return Err(Problem::new(
            "too_many",
            field,
            format!("keep it to 20 {what}"),
        ));
    }
    Ok(kept)
}

/// Good enough to be written to; whether it is theirs only a letter shows.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    let labels = |domain: &str| {
        domain.split('.').count() >= 2
            && domain.split('.').all(|label| {
                let ends = label.starts_with('-') || label.ends_with('-');
                !label.is_empty() && !ends && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            })
    };
    !local.is_empty() && local.chars().count() <= 64 && local.chars().all(fits) && labels(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_order_of_its_language() {
        for (surname, first, patronymic, expected) in [
            ("Соколова", "Марина", "Петровна", "Соколова Марина Петровна"),
            ("Marlow", "Ann", "", "Ann Marlow"),
            ("", "Олег", "", "Олег"),
            ("King", "Martin", "Luther", "Martin Luther King"),
        ] {
            assert_eq!(whole(surname, first, patronymic), expected);
        }
    }

    #[test]
    fn e_mail_addresses_are_told_from_other_texts() {
        for good in ["a@b.ru", "anna.k+x@mail.example.com", "почта@пример.рф"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.ru",
            "a b@c.ru",
            "a@b..ru",
            "a@-b.ru",
            "a@b.ru,c@d.ru",
            "=cmd@b.ru\n",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn tags_are_kept_once_whatever_their_letters() {
        let given = [" VIP ", "vip", "", "Лёд", "лед"].map(str::to_owned);
        assert_eq!(tags(&given).unwrap(), ["VIP", "Лёд"]);
    }
}
