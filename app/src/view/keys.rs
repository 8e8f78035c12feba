//! The keyboard map, by place on the keyboard so that it is the same in every layout.

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Answer the call that rings.
    Answer,
    /// End or reject.
    End,
    /// Microphone off or on.
    Mute,
    /// Hold or talk on.
    Hold,
    /// Transfer.
    Transfer,
    /// The note of the call.
    Note,
    /// Go to a card, counted from the oldest.
    Card(usize),
    /// Keypad of the call.
    Keypad,
    /// Number field of the phone.
    NumberField,
    /// Search everything.
    Search,
    /// The list of keys.
    AllKeys,
}

/// A key press. `code` is its place (`KeyA`), `key` what it writes (`?`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Press<'a> {
    /// `KeyboardEvent.code`.
    pub code: &'a str,
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Alt is held.
    pub alt: bool,
    /// Ctrl (or Command) is held.
    pub ctrl: bool,
    /// A text field has the focus.
    pub typing: bool,
}

/// The action of a key press, if it has one.
pub fn action(press: Press) -> Option<Action> {
    match (press.alt, press.ctrl, press.code) {
        (true, false, "KeyA") => Some(Action::Answer),
        (true, false, "KeyX") => Some(Action::End),
        (true, false, "KeyM") => Some(Action::Mute),
        (true, false, "KeyP") => Some(Action::Hold),
        (true, false, "KeyN") => Some(Action::Note),
        (true, false, "KeyT") => Some(Action::Transfer),
        (true, false, "Digit1") => Some(Action::Card(0)),
        (true, false, "Digit2") => Some(Action::Card(1)),
        (true, false, "Digit3") => Some(Action::Card(2)),
        (true, false, "Digit4") => Some(Action::Card(3)),
        (true, false, "KeyK") => Some(Action::Keypad),
        (true, false, "KeyC") => Some(Action::NumberField),
        (false, true, "KeyK") => Some(Action::Search),
        // Slash with Shift writes "?" in the English layout, another sign in others.
        (false, false, _) if press.key == "?" && !press.typing => Some(Action::AllKeys),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_russian_layout_has_the_same_keys() {
        let press = Press {
            code: "KeyA",
            key: "ф",
            alt: true,
            ..Press::default()
        };
        assert_eq!(action(press), Some(Action::Answer));
    }

    #[test]
    fn single_signs_do_nothing_while_typing() {
        let press = Press {
            code: "Slash",
            key: "?",
            typing: true,
            ..Press::default()
        };
        assert_eq!(action(press), None);
        assert_eq!(
            action(Press {
                typing: false,
                ..press
            }),
            Some(Action::AllKeys)
        );
    }

    #[test]
    fn alt_gr_letters_are_left_alone() {
        // AltGr reports both Alt and Ctrl on Windows.
        let press = Press {
            code: "KeyA",
            key: "ą",
            alt: true,
            ctrl: true,
            ..Press::default()
        };
        assert_eq!(action(press), None);
    }
}
