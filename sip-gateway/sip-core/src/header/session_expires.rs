//! `Session-Expires` and `Min-SE` (RFC 4028 §4, §5).

use std::{fmt, str::FromStr};

use super::{
    HeaderError,
    params::{find, parse_params},
};

/// Who sends the refreshing requests, seen from the transaction that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answers it.
    Uas,
}

/// How long the session lives without a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionExpires {
    /// Seconds.
    pub secs: u32,
    /// Who refreshes; in a request: who is wished to.
    pub refresher: Option<Refresher>,
}

impl FromStr for SessionExpires {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (secs, params) = seconds(text).ok_or(HeaderError::Malformed("Session-Expires"))?;
        let params = parse_params(params);
        let refresher = find(&params, "refresher").and_then(|who| {
            if who.eq_ignore_ascii_case("uac") {
                Some(Refresher::Uac)
            } else {
                who.eq_ignore_ascii_case("uas").then_some(Refresher::Uas)
            }
        });
        Ok(Self { secs, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.secs)?;
        f.write_str(match self.refresher {
            Some(Refresher::Uac) => ";refresher=uac",
            Some(Refresher::Uas) => ";refresher=uas",
            None => "",
        })
    }
}

/// The shortest interval somebody on the way accepts, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinSe(pub u32);

impl FromStr for MinSe {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (secs, _) = seconds(text).ok_or(HeaderError::Malformed("Min-SE"))?;
        Ok(Self(secs))
    }
}

/// The seconds and the text of the parameters.
fn seconds(text: &str) -> Option<(u32, &str)> {
    let (secs, params) = text.split_once(';').unwrap_or((text, ""));
    Some((secs.trim().parse().ok()?, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_refresher_are_read_and_written() {
        let text = "1800;refresher=uas";
        let read: SessionExpires = text.parse().unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(read.refresher, Some(Refresher::Uas));
        let loose: SessionExpires = " 90 ; Refresher = UAC;x=y".parse().unwrap();
        assert_eq!(loose.to_string(), "90;refresher=uac");
        assert!("soon".parse::<SessionExpires>().is_err());
        assert_eq!("120;lr".parse(), Ok(MinSe(120)));
    }
}
