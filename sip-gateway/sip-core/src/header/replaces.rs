//! `Replaces` (RFC 3891 §6.1): the dialog an INVITE takes the place of.

use std::{fmt, str::FromStr};

use super::{
    HeaderError,
    params::{find, parse_params},
};

/// Names a dialog as the user agent sees it that receives the INVITE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// Call-ID of the dialog.
    pub call_id: String,
    /// The tag of the INVITE's receiver.
    pub to_tag: String,
    /// The tag of its peer.
    pub from_tag: String,
    /// Only a dialog that nobody has answered yet may be replaced.
    pub early_only: bool,
}

impl FromStr for Replaces {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = HeaderError::Malformed("Replaces");
        let (call_id, params) = text.split_once(';').ok_or_else(|| malformed.clone())?;
        let params = parse_params(params);
        let tag = |name| find(&params, name).filter(|tag| !tag.is_empty());
        match (call_id.trim(), tag("to-tag"), tag("from-tag")) {
            ("", ..) => Err(malformed),
            (call_id, Some(to_tag), Some(from_tag)) => Ok(Self {
                call_id: call_id.to_owned(),
                to_tag: to_tag.to_owned(),
                from_tag: from_tag.to_owned(),
                early_only: find(&params, "early-only").is_some(),
            }),
            _ => Err(malformed),
        }
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            call_id,
            to_tag,
            from_tag,
            ..
        } = self;
        write!(f, "{call_id};to-tag={to_tag};from-tag={from_tag}")?;
        f.write_str(if self.early_only { ";early-only" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_is_read_and_written() {
        for text in [
            "425928@bobster.example.org;to-tag=7743;from-tag=6472",
            "x;to-tag=1;from-tag=2;early-only",
        ] {
            assert_eq!(text.parse::<Replaces>().unwrap().to_string(), text);
        }
        for text in ["", "x", "x;to-tag=1", ";to-tag=1;from-tag=2"] {
            assert!(text.parse::<Replaces>().is_err(), "{text}");
        }
    }
}
