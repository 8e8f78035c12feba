//! `Subscription-State` (RFC 6665 §4.1.3), as far as transfers need it.

use std::{fmt, str::FromStr};

use super::{
    HeaderError,
    params::{find, parse_params},
};

/// Whether more notifications follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// They do (`active`, `pending`, or a state of an extension), for at most so many seconds
    /// where the notifier said so.
    Active(Option<u32>),
    /// This is the last one.
    Terminated,
}

impl FromStr for SubscriptionState {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (state, params) = text.split_once(';').unwrap_or((text, ""));
        match state.trim() {
            "" => Err(HeaderError::Malformed("Subscription-State")),
            state if state.eq_ignore_ascii_case("terminated") => Ok(Self::Terminated),
            _ => {
                let params = parse_params(params);
                let expires = find(&params, "expires").and_then(|secs| secs.parse().ok());
                Ok(Self::Active(expires))
            }
        }
    }
}

impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active(None) => f.write_str("active"),
            Self::Active(Some(secs)) => write!(f, "active;expires={secs}"),
            // RFC 3515 §2.4.7: a transfer's subscription ends because there is nothing left to tell.
            Self::Terminated => f.write_str("terminated;reason=noresource"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_and_written() {
        assert_eq!(
            "Terminated;reason=x".parse(),
            Ok(SubscriptionState::Terminated)
        );
        assert_eq!(
            "pending ; expires=60".parse(),
            Ok(SubscriptionState::Active(Some(60)))
        );
        assert_eq!(
            SubscriptionState::Active(Some(60)).to_string(),
            "active;expires=60"
        );
        assert!("".parse::<SubscriptionState>().is_err());
    }
}
