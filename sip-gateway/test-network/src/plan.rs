//! The numbers of the provider.

use crate::mouth::Source;

/// What happens to who dials a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// 600
    Echo,
    /// 601
    Clock,
    /// 602
    Tone,
    /// 603
    Busy,
    /// 604
    NeverAnswers,
    /// 605
    EarlyMedia,
    /// 606
    Declines,
    /// Any other.
    Unknown,
}

impl Plan {
    pub fn of(number: &str) -> Self {
        match number {
            "600" => Self::Echo,
            "601" => Self::Clock,
            "602" => Self::Tone,
            "603" => Self::Busy,
            "604" => Self::NeverAnswers,
            "605" => Self::EarlyMedia,
            "606" => Self::Declines,
            _ => Self::Unknown,
        }
    }

    /// The response of a number that is never reached.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Busy => Some("486 Busy Here"),
            Self::Declines => Some("603 Decline"),
            Self::Unknown => Some("404 Not Found"),
            Self::Echo | Self::Clock | Self::Tone | Self::NeverAnswers | Self::EarlyMedia => None,
        }
    }

    /// What is heard after the answer.
    pub fn source(self) -> Source {
        match self {
            Self::Echo => Source::echo(),
            Self::Clock => Source::clock(),
            Self::Tone | Self::EarlyMedia => Source::tone(1000.0),
            Self::Busy | Self::NeverAnswers | Self::Declines | Self::Unknown => Source::Nothing,
        }
    }
}
