//! Callers who hide their number.

/// What networks write in place of a number that is withheld.
const WORDS: [&str; 8] = [
    "anonymous",
    "unavailable",
    "unknown",
    "withheld",
    "restricted",
    "private",
    "invalid",
    "hidden",
];

/// Whether this stands for a number that is withheld (`anonymous`, RFC 3323 §4.1.1.3).
#[must_use]
pub fn is_withheld(caller: &str) -> bool {
    let user = caller.split('@').next().unwrap_or(caller).trim();
    user.is_empty()
        || caller.ends_with("anonymous.invalid")
        || WORDS.iter().any(|word| user.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn withheld_numbers_are_known_by_what_networks_write() {
        for caller in [
            "",
            "anonymous",
            "Anonymous",
            "anonymous@anonymous.invalid",
            "x@anonymous.invalid",
            "Restricted",
        ] {
            assert!(is_withheld(caller), "{caller}");
        }
        for caller in ["+74951234567", "101", "anna"] {
            assert!(!is_withheld(caller), "{caller}");
        }
    }
}
