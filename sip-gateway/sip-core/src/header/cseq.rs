//! `CSeq` (RFC 3261 §20.16).

use std::{fmt, str::FromStr};

use super::HeaderError;

/// Sequence number and method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2³¹ by the book; larger ones are carried.
    pub number: u32,
    /// The method in upper case.
    pub method: String,
}

impl FromStr for CSeq {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.split_ascii_whitespace();
        let number = words.next().and_then(|word| word.parse().ok());
        match (number, words.next(), words.next()) {
            (Some(number), Some(method), None) => Ok(Self {
                number,
                method: method.to_ascii_uppercase(),
            }),
            _ => Err(HeaderError::Malformed("CSeq")),
        }
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_and_wide_gaps_are_read() {
        let cseq: CSeq = "0009   INVITE".parse().unwrap();
        assert_eq!(cseq.to_string(), "9 INVITE");
    }

    #[test]
    fn a_number_too_large_is_refused() {
        assert!("36893488147419103232 REGISTER".parse::<CSeq>().is_err());
    }
}
