//! Extra dial rules: `_` and a pattern of the whole number.

/// A pattern such as `_0[1-4]`, `_1XX` or `_*X.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    places: Vec<Vec<char>>,
    /// Ends in `.`: one or more of anything follow.
    open: bool,
}

/// Why a pattern is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (character {})", position + 1)]
pub struct PatternError {
    /// The character, counted from 0.
    pub position: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] names the character.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let wrong = |position, reason| PatternError { position, reason };
        let chars: Vec<char> = text.chars().collect();
        if chars.first() != Some(&'_') {
            return Err(wrong(0, "a pattern begins with _"));
        }
        let mut places = Vec::new();
        let mut at = 1;
        let mut open = false;
        while let Some(&c) = chars.get(at) {
            if open {
                return Err(wrong(at, "nothing may follow the dot"));
            }
            match c {
                'X' | 'x' => places.push(('0'..='9').collect()),
                'Z' | 'z' => places.push(('1'..='9').collect()),
                'N' | 'n' => places.push(('2'..='9').collect()),
                '0'..='9' | '*' | '#' | '+' => places.push(vec![c]),
                '.' => open = true,
                '[' => {
                    let (set, end) = set(&chars, at)?;
                    places.push(set);
                    at = end;
                }
                _ => {
                    return Err(wrong(
                        at,
                        "only digits, * # + X Z N [ ] and . have a meaning",
                    ));
                }
            }
            at += 1;
        }
        if places.is_empty() && !open {
            return Err(wrong(at, "the pattern is empty"));
        }
        let text = text.to_owned();
        Ok(Self { text, places, open })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole number fits.
    #[must_use]
    pub fn fits(&self, number: &str) -> bool {
        let mut digits = number.chars();
        let begins = self
            .places
            .iter()
            .all(|place| digits.next().is_some_and(|c| place.contains(&c)));
        let rest = digits.count();
        begins && if self.open { rest > 0 } else { rest == 0 }
    }
}

/// `[1-37]`: the characters, and where the bracket closes.
fn set(chars: &[char], open: usize) -> Result<(Vec<char>, usize), PatternError> {
    let wrong = |position, reason| PatternError { position, reason };
    let close = (open..chars.len())
        .find(|&at| chars[at] == ']')
        .ok_or(wrong(open, "the bracket is never closed"))?;
    let mut members = Vec::new();
    let mut at = open + 1;
    while at < close {
        let first = chars[at];
        if !first.is_ascii_digit() && first != '*' && first != '#' {
            return Err(wrong(at, "only digits, * and # stand in brackets"));
        }
        if chars[at + 1] == '-' && at + 2 < close {
            let last = chars[at + 2];
            if !first.is_ascii_digit() || !last.is_ascii_digit() || last < first {
                return Err(wrong(at, "a range goes from a smaller to a larger digit"));
            }
            members.extend(first..=last);
            at += 3;
        } else {
            members.push(first);
            at += 1;
        }
    }
    if members.is_empty() {
        return Err(wrong(open, "the bracket is empty"));
    }
    Ok((members, close))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_numbers_of_their_length() {
        for (pattern, fits, misses) in [
            ("_1XX", &["100", "199"][..], &["10", "1000", "200"][..]),
            ("_0[1-4]", &["01", "04"], &["05", "00", "011"]),
            ("_112", &["112"], &["1125", "11"]),
            ("_*X.", &["*10", "*12345"], &["*1", "10"]),
            ("_[13-59]X", &["10", "35", "90"], &["20", "60"]),
            ("_ZN", &["12", "99"], &["02", "11"]),
            ("_8810.", &["88101"], &["8810"]),
            ("_.", &["1", "+7"], &[""]),
            ("_[*#]1", &["*1", "#1"], &["11"]),
        ] {
            let pattern = Pattern::new(pattern).unwrap();
            for number in fits {
                assert!(pattern.fits(number), "{} {number}", pattern.text());
            }
            for number in misses {
                assert!(!pattern.fits(number), "{} {number}", pattern.text());
            }
        }
    }

    #[test]
    fn bad_patterns_are_refused_with_their_place() {
        for (pattern, position) in [
            ("1XX", 0),
            ("", 0),
            ("_", 1),
            ("_1A", 2),
            ("_[12", 1),
            ("_[]", 1),
            ("_[5-2]", 2),
            ("_[a]", 2),
            ("_1.2", 3),
        ] {
            assert_eq!(
                Pattern::new(pattern).unwrap_err().position,
                position,
                "{pattern}"
            );
        }
    }
}
