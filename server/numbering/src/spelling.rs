//! Phone numbers: one form for comparing (E.164), one for people.

use api_types::PhoneNumber;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// Numbers with fewer digits are internal or service numbers and stay as they are.
const SHORTEST: usize = 5;

/// Reads numbers in any spelling, as they are dialled in one country.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    region: Option<Region>,
}

impl Numbers {
    /// `region`: two letters, ISO 3166 (`RU`).
    #[must_use]
    pub fn new(region: &str) -> Option<Self> {
        let region: Region = region.parse().ok()?;
        // The library also knows a region for "unknown".
        PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
        Some(Self {
            region: Some(region),
        })
    }

    /// For no country: only international numbers are read.
    #[must_use]
    pub fn anywhere() -> Self {
        Self { region: None }
    }

    /// Both forms of a number in any spelling; what is no phone number keeps its digits (or, with
    /// none, its text).
    #[must_use]
    pub fn read(self, spelled: &str) -> PhoneNumber {
        let spelled = spelled.trim();
        let plus = spelled.starts_with('+') || spelled.starts_with("00");
        let digits: String = spelled.chars().filter(char::is_ascii_digit).collect();
        let as_it_is = || as_it_is(spelled, &digits);
        if digits.len() < SHORTEST || spelled.chars().any(char::is_alphabetic) {
            return as_it_is();
        }
        let international = format!("+{}", digits.trim_start_matches('0'));
        let found = if plus {
            self.parse(&international, true)
                .or_else(|| self.parse(&international, false))
        } else {
            self.parse(&digits, true)
                .or_else(|| self.parse(&international, true))
                .or_else(|| self.parse(&digits, false))
        };
        found.unwrap_or_else(as_it_is)
    }

    /// With `assigned` only numbers whose range is in use; else every number long enough.
    fn parse(self, text: &str, assigned: bool) -> Option<PhoneNumber> {
        let number = rlibphonenumber::PhoneNumber::parse(text, self.region).ok()?;
        let fits = match assigned {
            true => number.is_valid(),
            false => number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible),
        };
        fits.then(|| PhoneNumber {
            e164: number.format_as(PhoneNumberFormat::E164).into_owned(),
            display: number
                .format_as(PhoneNumberFormat::International)
                .into_owned(),
        })
    }
}

fn as_it_is(spelled: &str, digits: &str) -> PhoneNumber {
    let text = if digits.is_empty() { spelled } else { digits };
    let text = if spelled.starts_with('+') && !digits.is_empty() {
        format!("+{text}")
    } else {
        text.to_owned()
    };
    PhoneNumber {
        e164: text.clone(),
        display: text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(spelled: &str) -> String {
        Numbers::new("RU").unwrap().read(spelled).e164
    }

    #[test]
    fn a_number_is_the_same_however_it_is_spelled() {
        for spelled in [
            "+7 495 123-45-67",
            "8 (495) 123-45-67",
            "84951234567",
            "74951234567",
            "4951234567",
            "0074951234567",
            "81074951234567",
            "+7(495)1234567",
        ] {
            assert_eq!(e164(spelled), "+74951234567", "{spelled}");
        }
    }

    #[test]
    fn foreign_numbers_are_read_with_and_without_a_plus() {
        for spelled in [
            "+44 20 7946 0123",
            "00442079460123",
            "810442079460123",
            "442079460123",
        ] {
            assert_eq!(e164(spelled), "+442079460123", "{spelled}");
        }
        assert_eq!(e164("+1 202-555-0123"), "+12025550123");
    }

    #[test]
    fn short_and_odd_numbers_keep_their_digits() {
        assert_eq!(e164("602"), "602");
        assert_eq!(e164("1-01"), "101");
        assert_eq!(e164("12345"), "12345");
        assert_eq!(e164("anonymous"), "anonymous");
        assert_eq!(e164("+99999999999999999"), "+99999999999999999");
    }

    #[test]
    fn people_see_groups() {
        assert_eq!(
            Numbers::new("RU").unwrap().read("84951234567").display,
            "+7 495 123-45-67"
        );
        assert!(Numbers::new("nowhere").is_none());
    }
}
