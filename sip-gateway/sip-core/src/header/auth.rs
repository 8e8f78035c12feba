//! `WWW-Authenticate`, `Authorization` and their proxy twins: a scheme and parameters
//! (RFC 7235 §2.1; RFC 3261 §20.7, §20.44).

use std::fmt;

use super::params::{find_outside, parse_pair, quote, split_list};

/// One challenge or one set of credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthValue {
    /// `Digest` as written.
    pub scheme: String,
    /// Parameters in order, quotes taken off.
    pub params: Vec<(String, String)>,
}

impl fmt::Debug for AuthValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthValue")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

/// Parameters that stand without quotes in challenges and credentials (RFC 7616 §3.3, §3.4).
const UNQUOTED: [&str; 5] = ["algorithm", "stale", "userhash", "qop", "nc"];
/// Those of them that stand so in challenges.
const UNQUOTED_IN_CHALLENGES: usize = 3;

impl AuthValue {
    /// An empty `Digest`.
    #[must_use]
    pub fn digest() -> Self {
        Self {
            scheme: "Digest".into(),
            params: Vec::new(),
        }
    }

    /// Reads every challenge of one header value: they may stand one after the other, divided by
    /// the same commas that divide their parameters.
    #[must_use]
    pub fn parse_all(value: &str) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for part in split_list(value) {
            let (scheme, pair) = split_scheme(part);
            if let Some(scheme) = scheme {
                all.push(Self {
                    scheme: scheme.to_owned(),
                    params: Vec::new(),
                });
            }
            if let (Some(last), (name, Some(text))) = (all.last_mut(), parse_pair(pair)) {
                last.params.push((name, text));
            }
        }
        all
    }

    /// Reads parameters without a scheme, as in `Authentication-Info` (RFC 7616 §3.5).
    #[must_use]
    pub fn parse_params(value: &str) -> Self {
        let pairs = split_list(value).map(parse_pair);
        Self {
            scheme: String::new(),
            params: pairs
                .filter_map(|(name, text)| Some((name, text?)))
                .collect(),
        }
    }

    /// Whether the scheme is Digest in any spelling.
    #[must_use]
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }

    /// Value of a parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.push((name.to_owned(), value.into()));
        self
    }

    /// Prints a challenge: as credentials, but `qop` in quotes (RFC 7616 §3.3).
    #[must_use]
    pub fn to_challenge_string(&self) -> String {
        self.print(&UNQUOTED[..UNQUOTED_IN_CHALLENGES])
    }

    fn print(&self, unquoted: &[&str]) -> String {
        let pairs: Vec<String> = self
            .params
            .iter()
            .map(|(name, value)| match unquoted.contains(&name.as_str()) {
                true => format!("{name}={value}"),
                false => format!("{name}={}", quote(value)),
            })
            .collect();
        format!("{} {}", self.scheme, pairs.join(", "))
    }
}

impl fmt::Display for AuthValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.print(&UNQUOTED))
    }
}

/// `Digest realm="x"` has a space before its first equals sign; `realm = "x"` has none that
/// counts.
fn split_scheme(part: &str) -> (Option<&str>, &str) {
    let name_end = find_outside(part, b'=').unwrap_or(part.len());
    match part[..name_end]
        .trim_end()
        .find(|c: char| c.is_ascii_whitespace())
    {
        Some(at) => (Some(&part[..at]), part[at..].trim_start()),
        None if name_end == part.len() => (Some(part), ""),
        None => (None, part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_challenges_in_one_value_are_told_apart() {
        let all = AuthValue::parse_all(
            r#"DIGEST realm = "a, b",nonce=abc, qop="auth,auth-int", Digest realm="c",algorithm=SHA-256"#,
        );
        assert_eq!(all.len(), 2);
        assert!(all[0].is_digest());
        assert_eq!(all[0].param("Realm"), Some("a, b"));
        assert_eq!(all[0].param("nonce"), Some("abc"));
        assert_eq!(all[0].param("qop"), Some("auth,auth-int"));
        assert_eq!(all[1].param("algorithm"), Some("SHA-256"));
    }

    #[test]
    fn secrets_do_not_print_in_debug() {
        let value = AuthValue::digest().with("response", "abcdef");
        assert!(!format!("{value:?}").contains("abcdef"));
    }
}
