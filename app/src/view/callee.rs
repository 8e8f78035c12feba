//! Somebody who can be called: of a contact only what a choice shows. How a whole contact is read
//! would be downloaded before the phone.

use api_types::PhoneNumber;
use serde::{Deserialize, Serialize};

/// A contact in a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Callee {
    /// Contact id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Numbers.
    #[serde(default)]
    pub phones: Vec<PhoneNumber>,
}

/// A contact made from a call: a name and the number.
#[derive(Debug, Serialize)]
pub struct NewCallee {
    /// Name.
    pub name: String,
    /// The one number.
    pub phones: [String; 1],
}

#[cfg(test)]
mod tests {
    use api_types::{Contact, ContactDraft};

    use super::*;

    #[test]
    fn a_contact_is_read_as_somebody_to_call() {
        let contact = Contact {
            id: "cnt_1".into(),
            name: "Anna".into(),
            ..Contact::default()
        };
        let text = serde_json::to_string(&contact).unwrap();
        let callee: Callee = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (callee.id.as_str(), callee.name.as_str()),
            ("cnt_1", "Anna")
        );
    }

    #[test]
    fn the_server_reads_a_new_one_as_a_draft() {
        let new = NewCallee {
            name: "Anna".into(),
            phones: ["+74951234567".into()],
        };
        let text = serde_json::to_string(&new).unwrap();
        let draft: ContactDraft = serde_json::from_str(&text).unwrap();
        assert_eq!((draft.name.as_str(), draft.phones.len()), ("Anna", 1));
    }
}
