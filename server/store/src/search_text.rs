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

/// What a contact is found by: its name, the digits of its phones and its e-mail addresses.
pub(crate) fn contact<'a>(
    name: &str,
    phones: impl Iterator<Item = &'a str>,
    emails: impl Iterator<Item = &'a str>,
) -> String {
    let mut text = fold(name);
    for part in phones.map(digits).chain(emails.map(fold)) {
        text.push(' ');
        text.push_str(&part);
    }
    text
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
