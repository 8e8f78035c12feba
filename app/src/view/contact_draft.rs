//! A contact being typed, and what to do when somebody else changed it meanwhile.

use api_types::{Contact, ContactDraft, Labelled, PhoneDraft};

/// The draft a contact's form begins with.
pub fn of(contact: &Contact) -> ContactDraft {
    let contact = contact.clone();
    ContactDraft {
        kind: contact.kind,
        name: contact.name,
        surname: contact.surname,
        first_name: contact.first_name,
        patronymic: contact.patronymic,
        phones: contact
            .phones
            .into_iter()
            .map(|phone| phone_draft(phone.display, phone.label))
            .collect(),
        emails: contact.emails,
        addresses: contact.addresses,
        company: Some(
            contact
                .company
                .map_or_else(String::new, |company| company.id),
        ),
        position: contact.position,
        status: contact.status,
        tags: contact.tags,
        fields: contact.fields,
        responsible: Some(contact.responsible.unwrap_or_default()),
        version: Some(contact.version),
    }
}

/// A phone with a label.
pub fn phone_draft(value: String, label: String) -> PhoneDraft {
    PhoneDraft::Labelled(Labelled { value, label })
}

/// What is sent: without empty lines, and a person's name from its parts where there are any.
pub fn tidy(mut draft: ContactDraft) -> ContactDraft {
    let is_there = |one: &Labelled| !one.value.trim().is_empty();
    draft
        .phones
        .retain(|phone| !phone.spelled().trim().is_empty());
    draft.emails.retain(is_there);
    draft.addresses.retain(is_there);
    draft.fields.retain(|_, value| !value.trim().is_empty());
    let has_parts = [&draft.surname, &draft.first_name, &draft.patronymic]
        .iter()
        .any(|part| !part.trim().is_empty());
    if has_parts {
        draft.name.clear();
    }
    draft
}

/// Whether it names anybody.
pub fn has_name(draft: &ContactDraft) -> bool {
    [&draft.name, &draft.surname, &draft.first_name]
        .iter()
        .any(|part| !part.trim().is_empty())
}

phrases! {
    /// A part of a contact.
    pub enum Part {
        /// Name as a whole.
        Name => contacts.name,
        /// Surname.
        Surname => clients.surname,
        /// First name.
        FirstName => clients.first_name,
        /// Patronymic.
        Patronymic => clients.patronymic,
        /// Phones.
        Phones => contacts.phones,
        /// E-mail addresses.
        Emails => clients.emails,
        /// Addresses.
        Addresses => clients.addresses,
        /// Company.
        Company => clients.company,
        /// Position.
        Position => clients.position,
        /// Status.
        Status => clients.status,
        /// Tags.
        Tags => clients.tags,
        /// Who is responsible.
        Responsible => clients.responsible,
        /// Fields of the house's own.
        Fields => clients.own_fields,
    }
}

fn lines(all: &[Labelled]) -> String {
    all.iter()
        .map(|one| one.value.trim())
        .collect::<Vec<_>>()
        .join(", ")
}

fn digits(phone: &PhoneDraft) -> String {
    phone
        .spelled()
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

/// A part as a text to compare and show.
fn shown(draft: &ContactDraft, part: Part) -> String {
    match part {
        Part::Name => draft.name.clone(),
        Part::Surname => draft.surname.clone(),
        Part::FirstName => draft.first_name.clone(),
        Part::Patronymic => draft.patronymic.clone(),
        Part::Phones => draft
            .phones
            .iter()
            .map(|phone| phone.spelled().trim())
            .collect::<Vec<_>>()
            .join(", "),
        Part::Emails => lines(&draft.emails),
        Part::Addresses => lines(&draft.addresses),
        Part::Company => draft.company.clone().unwrap_or_default(),
        Part::Position => draft.position.clone(),
        Part::Status => draft.status.clone(),
        Part::Tags => draft.tags.join(", "),
        Part::Responsible => draft.responsible.clone().unwrap_or_default(),
        Part::Fields => draft
            .fields
            .values()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn is_same(one: &ContactDraft, other: &ContactDraft, part: Part) -> bool {
    if part == Part::Phones {
        return one
            .phones
            .iter()
            .map(digits)
            .eq(other.phones.iter().map(digits));
    }
    shown(one, part).trim() == shown(other, part).trim()
}

/// Takes over a part of another draft.
pub fn take(draft: &mut ContactDraft, other: &ContactDraft, part: Part) {
    let other = other.clone();
    match part {
        Part::Name => draft.name = other.name,
        Part::Surname => draft.surname = other.surname,
        Part::FirstName => draft.first_name = other.first_name,
        Part::Patronymic => draft.patronymic = other.patronymic,
        Part::Phones => draft.phones = other.phones,
        Part::Emails => draft.emails = other.emails,
        Part::Addresses => draft.addresses = other.addresses,
        Part::Company => draft.company = other.company,
        Part::Position => draft.position = other.position,
        Part::Status => draft.status = other.status,
        Part::Tags => draft.tags = other.tags,
        Part::Responsible => draft.responsible = other.responsible,
        Part::Fields => draft.fields = other.fields,
    }
}

/// Mine, where somebody saved `theirs` since `base`: what only they changed is taken over, and what both
/// changed is named with mine and theirs, to be chosen. Mine stays until then.
pub fn reconcile(
    base: &ContactDraft,
    mine: &mut ContactDraft,
    theirs: &ContactDraft,
) -> Vec<(Part, String, String)> {
    let mut both = Vec::new();
    for part in Part::ALL.iter().copied() {
        let (i_changed, they_changed) = (!is_same(base, mine, part), !is_same(base, theirs, part));
        if they_changed && !i_changed {
            take(mine, theirs, part);
        } else if they_changed && !is_same(mine, theirs, part) {
            both.push((part, shown(mine, part), shown(theirs, part)));
        }
    }
    mine.version = theirs.version;
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> ContactDraft {
        of(&Contact {
            name: "Anna".into(),
            position: "Buyer".into(),
            version: 3,
            ..Contact::default()
        })
    }

    #[test]
    fn what_only_one_of_two_changed_needs_no_question() {
        let (mut mine, mut theirs) = (base(), base());
        mine.position = "Head".into();
        theirs.tags = vec!["vip".into()];
        theirs.version = Some(4);
        assert_eq!(reconcile(&base(), &mut mine, &theirs), []);
        assert_eq!(
            (mine.position.as_str(), mine.tags.len(), mine.version),
            ("Head", 1, Some(4))
        );
    }

    #[test]
    fn what_both_changed_stays_as_typed_until_chosen() {
        let (mut mine, mut theirs) = (base(), base());
        mine.position = "Head".into();
        theirs.position = "Chief".into();
        let both = reconcile(&base(), &mut mine, &theirs);
        assert_eq!(
            both,
            [(Part::Position, "Head".to_owned(), "Chief".to_owned())]
        );
        assert_eq!(mine.position, "Head");
        take(&mut mine, &theirs, Part::Position);
        assert_eq!(mine.position, "Chief");
    }

    #[test]
    fn a_number_spelled_otherwise_is_the_same() {
        let (mut mine, mut theirs) = (base(), base());
        mine.phones = vec![PhoneDraft::Spelled("+74951234567".into())];
        theirs.phones = vec![phone_draft("+7 495 123-45-67".into(), String::new())];
        assert_eq!(reconcile(&base(), &mut mine, &theirs), []);
    }

    #[test]
    fn empty_lines_are_not_sent_and_parts_make_the_name() {
        let mut draft = base();
        draft.phones = vec![phone_draft(" ".into(), "work".into())];
        draft.first_name = "Anna".into();
        let sent = tidy(draft);
        assert!(sent.phones.is_empty() && sent.name.is_empty() && has_name(&sent));
        assert!(!has_name(&ContactDraft::default()));
    }
}
