//! The list of contacts and how it follows events.

use api_types::{Contact, ContactDraft, Event, PhoneDraft};

/// Takes an event into a list ordered by name. A search's list only follows what it already has.
pub fn take_in(list: &mut Vec<Contact>, event: &Event, searching: bool) {
    match event {
        Event::Contact(contact) => match list.iter_mut().find(|known| known.id == contact.id) {
            Some(known) => *known = contact.clone(),
            None if searching => {}
            None => insert(list, contact.clone()),
        },
        Event::ContactDeleted { id } => list.retain(|known| known.id != *id),
        _ => {}
    }
}

/// Puts a contact where its name belongs.
pub fn insert(list: &mut Vec<Contact>, contact: Contact) {
    let name = sort_key(&contact.name);
    let place = list
        .iter()
        .position(|known| sort_key(&known.name) > name)
        .unwrap_or(list.len());
    list.insert(place, contact);
}

/// A name in Latin or Cyrillic without regard to case, for ordering and finding; Unicode's full
/// tables would be downloaded by everybody.
pub fn sort_key(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            'А'..='Я' => char::from_u32(u32::from(letter) + 32).unwrap_or(letter),
            'Ё' | 'ё' => 'е',
            _ => letter.to_ascii_lowercase(),
        })
        .collect()
}

phrases! {
    /// What is wrong with a draft.
    pub enum DraftFault {
        /// No name.
        NoName => contacts.no_name,
        /// No phone at all.
        NoPhone => contacts.no_phone,
        /// A phone with letters.
        BadPhone => contacts.bad_phone,
    }
}

/// A draft from what was typed; empty phone fields are left out. The fault names the phone's place.
pub fn draft(name: &str, phones: &[String]) -> Result<ContactDraft, (DraftFault, usize)> {
    let name = name.trim();
    if name.is_empty() {
        return Err((DraftFault::NoName, 0));
    }
    let mut kept = Vec::new();
    for (place, phone) in phones
        .iter()
        .enumerate()
        .filter(|(_, phone)| !phone.trim().is_empty())
    {
        if super::dial::number(phone).is_none() {
            return Err((DraftFault::BadPhone, place));
        }
        kept.push(PhoneDraft::Spelled(phone.trim().to_owned()));
    }
    if kept.is_empty() {
        return Err((DraftFault::NoPhone, 0));
    }
    Ok(ContactDraft {
        name: name.to_owned(),
        phones: kept,
        ..ContactDraft::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(id: &str, name: &str) -> Contact {
        Contact {
            id: id.into(),
            name: name.into(),
            ..Contact::default()
        }
    }

    #[test]
    fn contacts_stand_by_name_whatever_the_case() {
        let mut list = Vec::new();
        for (id, name) in [("1", "Вера"), ("2", "анна"), ("3", "Борис")] {
            take_in(&mut list, &Event::Contact(contact(id, name)), false);
        }
        let names: Vec<_> = list.iter().map(|contact| contact.name.as_str()).collect();
        assert_eq!(names, ["анна", "Борис", "Вера"]);
        take_in(&mut list, &Event::ContactDeleted { id: "3".into() }, false);
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn a_search_does_not_take_in_strangers() {
        let mut list = vec![contact("1", "Вера")];
        take_in(&mut list, &Event::Contact(contact("2", "Анна")), true);
        assert_eq!(list.len(), 1);
    }

    #[test]
    fn a_draft_needs_a_name_and_numbers_without_letters() {
        assert_eq!(draft(" ", &["1".into()]), Err((DraftFault::NoName, 0)));
        assert_eq!(draft("A", &[String::new()]), Err((DraftFault::NoPhone, 0)));
        assert_eq!(
            draft("A", &["12".into(), "x".into()]),
            Err((DraftFault::BadPhone, 1))
        );
        assert_eq!(
            draft(" A ", &[" 12 ".into(), " ".into()]).map(|draft| draft.phones),
            Ok(vec![PhoneDraft::Spelled("12".to_owned())])
        );
    }
}
