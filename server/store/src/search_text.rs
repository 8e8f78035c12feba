//! The form texts are compared in.

/// Lower case, `ё` as `е`, one space between words.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for c in word.chars().flat_map(char::to_lowercase) {
            folded.push(if c == 'ё' { 'е' } else { c });
        }
    }
    folded
}

/// Only the digits.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What a contact is found by: its name, the digits of its phones, and its e-mail addresses and the values
/// of its fields (`others`).
pub(crate) fn contact<'a>(
    name: &str,
    phones: impl Iterator<Item = &'a str>,
    others: impl Iterator<Item = &'a str>,
) -> String {
    let mut text = fold(name);
    let others = others.filter(|value| is_telling(value)).map(fold);
    for part in phones.map(digits).chain(others) {
        text.push(' ');
        text.push_str(&part);
    }
    text
}

/// What an item is found by: its title, its text (the beginning of a long one) and the values of fields.
pub(crate) fn item<'a>(
    title: &str,
    text: &str,
    fields: impl Iterator<Item = &'a String>,
) -> String {
    let text: String = text.chars().take(4000).collect();
    let mut found_by = fold(title);
    let fields = fields
        .filter(|value| is_telling(value))
        .map(|value| fold(value));
    for part in std::iter::once(fold(&text)).chain(fields) {
        found_by.push(' ');
        found_by.push_str(&part);
    }
    found_by
}

/// Whether somebody would look for it: not yes and no.
pub(crate) fn is_telling(value: &str) -> bool {
    !matches!(value, "true" | "false" | "")
}

/// A search as typed, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Spellings of which any one must occur; three characters or more (the index has trigrams).
    pub long: Vec<Vec<String>>,
    /// Texts that must occur, too short for the index.
    pub short: Vec<String>,
}

/// Digits and what stands between them count as one number; otherwise each word counts.
pub(crate) fn terms(query: &str) -> Terms {
    let query = fold(query);
    let numberish = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    let words: Vec<Vec<String>> = if !query.is_empty() && query.chars().all(numberish) {
        vec![number_spellings(&digits(&query))]
    } else {
        query.split(' ').map(|word| vec![word.to_owned()]).collect()
    };
    let mut terms = Terms::default();
    for spellings in words {
        let shortest = spellings
            .iter()
            .map(|s| s.chars().count())
            .min()
            .unwrap_or(0);
        match shortest {
            0 => {}
            1 | 2 => terms.short.extend(spellings.into_iter().next()),
            _ => terms.long.push(spellings),
        }
    }
    terms
}

/// Words that stand in a text; those too short for the index are left out.
pub(crate) fn terms_of_text(text: &str) -> Terms {
    let folded = fold(text);
    let long = folded.split(' ').filter(|word| word.chars().count() >= 3);
    Terms {
        long: long.map(|word| vec![word.to_owned()]).collect(),
        short: Vec::new(),
    }
}

/// `8495…` may be the beginning of `+7495…`, `00…` and `810…` that of an international number.
fn number_spellings(digits: &str) -> Vec<String> {
    let mut spellings = vec![digits.to_owned()];
    for (prefix, instead) in [("810", ""), ("00", ""), ("8", "7")] {
        if let Some(rest) = digits.strip_prefix(prefix)
            && rest.len() >= 3
        {
            spellings.push(format!("{instead}{rest}"));
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_yo_and_spaces_do_not_matter() {
        assert_eq!(fold("  Пётр   СЁМИН "), "петр семин");
    }

    #[test]
    fn a_number_in_any_spelling_is_one_term() {
        assert_eq!(
            terms("8 (495) 123").long,
            vec![vec!["8495123".to_owned(), "7495123".to_owned()]]
        );
        assert_eq!(terms("123-45").long, vec![vec!["12345".to_owned()]]);
    }

    #[test]
    fn words_are_terms_of_their_own() {
        let found = terms("Марина Со");
        assert_eq!(found.long, vec![vec!["марина".to_owned()]]);
        assert_eq!(found.short, vec!["со".to_owned()]);
        assert_eq!(terms("  "), Terms::default());
    }
}
