//! `RAck` (RFC 3262 §7.2): which provisional response a PRACK acknowledges.

use std::{fmt, str::FromStr};

use super::{CSeq, HeaderError};

/// `RSeq` and `CSeq` of the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RAck {
    /// `RSeq` of the response.
    pub rseq: u32,
    /// `CSeq` of the response.
    pub cseq: CSeq,
}

impl FromStr for RAck {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = HeaderError::Malformed("RAck");
        let (rseq, cseq) = text
            .trim()
            .split_once(|c: char| c.is_ascii_whitespace())
            .ok_or_else(|| malformed.clone())?;
        Ok(Self {
            rseq: rseq.parse().map_err(|_| malformed)?,
            cseq: cseq.parse()?,
        })
    }
}

impl fmt::Display for RAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rseq, self.cseq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numbers_and_the_method_are_read_and_written() {
        let rack: RAck = "776656  1 INVITE".parse().unwrap();
        assert_eq!(rack.to_string(), "776656 1 INVITE");
        assert!("1 INVITE".parse::<RAck>().is_err());
        assert!("".parse::<RAck>().is_err());
    }
}
