//! What a person types or pastes into the number field.

/// The number to dial if the text is one in any spelling (`tel:`, spaces, brackets, hyphens and
/// dots are dropped); `None` when it is a name or nothing.
pub fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let mut number = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '0'..='9' | '*' | '#' => number.push(symbol),
            '+' if number.is_empty() => number.push(symbol),
            ' '
            | '\u{a0}'
            | '\u{202f}'
            | '\u{2009}'
            | '('
            | ')'
            | '-'
            | '.'
            | '/'
            | '\u{2010}'..='\u{2015}' => {}
            _ => return None,
        }
    }
    number.chars().any(|symbol| symbol != '+').then_some(number)
}

/// Whether a key is one of the twelve of a telephone.
pub fn is_digit(symbol: char) -> bool {
    matches!(symbol, '0'..='9' | '*' | '#')
}

/// The keys of a pad with the letters on them.
pub const PAD: [(char, &str); 12] = [
    ('1', ""),
    ('2', "АБВГ ABC"),
    ('3', "ДЕЖЗ DEF"),
    ('4', "ИЙКЛ GHI"),
    ('5', "МНОП JKL"),
    ('6', "РСТУ MNO"),
    ('7', "ФХЦЧ PQRS"),
    ('8', "ШЩЪЫ TUV"),
    ('9', "ЬЭЮЯ WXYZ"),
    ('*', ""),
    ('0', "+"),
    ('#', ""),
];

/// How a choice of line and number is written.
pub fn call_from(line: &str, number: &str) -> String {
    [line, number].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_spelling_is_a_number() {
        for text in [
            "+7 (495) 123-45-67",
            "tel:+7-495-123-45-67",
            "+7\u{a0}495\u{a0}123‑45‑67",
            " +7.495.123.45.67 ",
        ] {
            assert_eq!(number(text).as_deref(), Some("+74951234567"), "{text}");
        }
        assert_eq!(number("8 (495) 123-45-67").as_deref(), Some("84951234567"));
        assert_eq!(number("*72#").as_deref(), Some("*72#"));
    }

    #[test]
    fn names_and_lone_signs_are_not_numbers() {
        for text in ["", " ", "+", "Марина", "602a", "12+3"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
