//! Time after a call, and when somebody wants to call again.

use api_types::{Availability, Presence};

/// What is left of a wrap-up, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrap {
    /// Until it is over.
    pub left_ms: u64,
    /// From its beginning.
    pub whole_ms: u64,
}

impl Wrap {
    /// How much of it is over, of 100.
    pub fn percent(self) -> u64 {
        let over = self.whole_ms.saturating_sub(self.left_ms);
        over * 100 / self.whole_ms.max(1)
    }
}

/// Of what somebody said; `now` in ms since 1970.
pub fn wrap(own: &Presence, now: i64) -> Option<Wrap> {
    let until = own
        .until
        .filter(|until| own.availability == Availability::WrapUp && *until > now)?;
    let ms = |span: i64| u64::try_from(span).unwrap_or(0);
    // Seconds are shown: less often is nothing new.
    let left_ms = ms(until - now).div_ceil(1000) * 1000;
    Some(Wrap {
        left_ms,
        whole_ms: ms(until - own.since).max(left_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrap_up_is_left_until_its_end_and_only_while_it_is_one() {
        let mut own = Presence {
            availability: Availability::WrapUp,
            since: 1_000,
            until: Some(91_000),
            ..Presence::default()
        };
        let left = wrap(&own, 49_000);
        assert_eq!(
            left,
            Some(Wrap {
                left_ms: 42_000,
                whole_ms: 90_000
            })
        );
        assert_eq!(left.map(Wrap::percent), Some(53));
        assert_eq!(wrap(&own, 91_000), None);
        own.availability = Availability::Away;
        assert_eq!(wrap(&own, 49_000), None);
    }
}
