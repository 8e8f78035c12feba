//! Search over everything: what of a row is marked, what was opened lately.

use serde::{Deserialize, Serialize};

use super::directory::sort_key;

/// A text in parts, with whether each is what was looked for. Words are found without regard to case, digits
/// whatever stands between them.
pub fn marks(text: &str, query: &str) -> Vec<(bool, String)> {
    let letters: Vec<char> = text.chars().collect();
    let mut marked = vec![false; letters.len()];
    let keys: Vec<char> = sort_key(text).chars().collect();
    for word in sort_key(query).split_whitespace() {
        let word: Vec<char> = word.chars().collect();
        if let Some(at) = keys.windows(word.len()).position(|part| part == word) {
            marked[at..at + word.len()].fill(true);
        }
    }
    mark_digits(&letters, query, &mut marked);
    let mut parts: Vec<(bool, String)> = Vec::new();
    for (letter, is_marked) in letters.into_iter().zip(marked) {
        match parts.last_mut() {
            Some((last, part)) if *last == is_marked => part.push(letter),
            _ => parts.push((is_marked, letter.to_string())),
        }
    }
    parts
}

fn mark_digits(letters: &[char], query: &str, marked: &mut [bool]) {
    let wanted: Vec<char> = query.chars().filter(char::is_ascii_digit).collect();
    let places: Vec<usize> = (0..letters.len())
        .filter(|place| letters[*place].is_ascii_digit())
        .collect();
    if wanted.len() < 2 || wanted.len() > places.len() {
        return;
    }
    let found = places.windows(wanted.len()).find(|part| {
        part.iter()
            .zip(&wanted)
            .all(|(place, digit)| letters[*place] == *digit)
    });
    if let Some((first, last)) = found.and_then(|part| Some((*part.first()?, *part.last()?))) {
        marked[first..=last].fill(true);
    }
}

/// Something that was opened from the search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Where it is.
    pub href: String,
    /// Its name.
    pub title: String,
    /// Its sign.
    pub icon: String,
}

/// How many are remembered.
const RECENT: usize = 6;

/// With one more in front; none twice.
pub fn remember(list: &mut Vec<Recent>, one: Recent) {
    list.retain(|known| known.href != one.href);
    list.insert(0, one);
    list.truncate(RECENT);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, query: &str) -> String {
        marks(text, query)
            .into_iter()
            .map(|(marked, part)| if marked { format!("[{part}]") } else { part })
            .collect()
    }

    #[test]
    fn words_and_digits_are_marked_where_they_stand() {
        for (text, query, expected) in [
            ("Марина Соколова", "сок мар", "[Мар]ина [Сок]олова"),
            ("+7 495 123-45-67", "12345", "+7 495 [123-45]-67"),
            ("Anna", "bob", "Anna"),
            ("Anna", "", "Anna"),
            ("Ann 7", "7", "Ann [7]"),
        ] {
            assert_eq!(shown(text, query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_opened_again_comes_to_the_front() {
        let one = |href: &str| Recent {
            href: href.into(),
            title: href.into(),
            icon: "user".into(),
        };
        let mut list = Vec::new();
        for href in ["a", "b", "a", "c", "d", "e", "f", "g"] {
            remember(&mut list, one(href));
        }
        let hrefs: Vec<_> = list.iter().map(|one| one.href.as_str()).collect();
        assert_eq!(hrefs, ["g", "f", "e", "d", "c", "a"]);
    }
}
