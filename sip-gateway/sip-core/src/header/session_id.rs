//! `Session-ID` (RFC 7989): one name for a call across every leg.

use std::{fmt, str::FromStr};

use super::{HeaderError, params};

/// The two halves; each is a UUID without hyphens in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionId {
    /// The sender's half.
    pub local: String,
    /// The other half as the sender knows it.
    pub remote: Option<String>,
}

impl FromStr for SessionId {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (local, rest) = text.split_once(';').unwrap_or((text, ""));
        let local = half(local).ok_or(HeaderError::Malformed("Session-ID"))?;
        let remote = params::find(&params::parse_params(rest), "remote").and_then(half);
        Ok(Self { local, remote })
    }
}

fn half(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| text.to_ascii_lowercase())
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.local)?;
        self.remote
            .as_ref()
            .map_or(Ok(()), |remote| write!(f, ";remote={remote}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_read_and_written() {
        let text = "ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2";
        assert_eq!(text.parse::<SessionId>().unwrap().to_string(), text);
        assert!("hello".parse::<SessionId>().is_err());
    }
}
