//! The rules of an installation or a line, checked and ready for use.

use api_types::{DialOverrides, DialPattern, DialRules, Directions, NumberSettings};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

use crate::{Emergency, Numbers, Pattern, directions, emergency, forbidden::Code};

/// Why settings were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The field.
    pub field: &'static str,
    /// Stable name.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

/// Rules in use. Cheap enough to make anew with every change, not with every call.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(crate) numbers: Numbers,
    pub(crate) dial: DialRules,
    pub(crate) calling_code: String,
    pub(crate) patterns: Vec<(Pattern, DialPattern)>,
    pub(crate) forbidden: Vec<Code>,
    pub(crate) directions: Directions,
    pub(crate) emergency: Emergency,
}

/// Countries where a number is dialled in full and nothing stands before it (ITU-T operational
/// bulletin, national numbering plans).
const CLOSED_PLANS: [&str; 30] = [
    "AD", "BH", "CL", "CR", "CV", "CY", "CZ", "DK", "EE", "ES", "GR", "HK", "IS", "IT", "LU", "LV",
    "MC", "MT", "MX", "NO", "OM", "PL", "PT", "QA", "SG", "SM", "TJ", "UZ", "VA", "XK",
];

/// What holds until somebody changes it: every direction but satellite and paid services, for
/// those who have the right; short numbers go out as they were typed.
#[must_use]
pub fn defaults(country: &str) -> NumberSettings {
    let international = match country {
        "RU" | "BY" | "KZ" | "TM" | "TJ" => "810",
        "JP" => "010",
        "AU" => "0011",
        _ if is_nanpa(country) => "011",
        _ => "00",
    };
    let national = match country {
        "RU" | "BY" | "KZ" | "TM" => "8",
        "HU" => "06",
        _ if is_nanpa(country) => "1",
        _ if CLOSED_PLANS.contains(&country) => "",
        _ => "0",
    };
    NumberSettings {
        dial: DialRules {
            country: country.to_owned(),
            international_prefix: international.to_owned(),
            national_prefix: national.to_owned(),
            ..DialRules::default()
        },
        directions: Directions {
            all_international: true,
            ..Directions::default()
        },
        ..NumberSettings::default()
    }
}

fn is_nanpa(country: &str) -> bool {
    country
        .parse()
        .is_ok_and(|region| PHONE_NUMBER_UTIL.is_nanpa_country(region))
}

impl Rules {
    /// Checks settings.
    ///
    /// # Errors
    /// The first thing wrong with them.
    pub fn new(settings: &NumberSettings) -> Result<Self, Problem> {
        let dial = &settings.dial;
        let region: Region = dial.country.parse().map_err(|_| no_country())?;
        let code = PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .ok_or_else(no_country)?;
        check_digits(dial)?;
        Ok(Self {
            numbers: Numbers::new(&dial.country).ok_or_else(no_country)?,
            calling_code: code.to_string(),
            patterns: patterns(&dial.patterns)?,
            forbidden: codes(&settings.forbidden)?,
            directions: known(&settings.directions)?,
            emergency: emergency(&dial.country),
            dial: dial.clone(),
        })
    }

    /// The same with what a line does differently.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn for_line(settings: &NumberSettings, line: &DialOverrides) -> Result<Self, Problem> {
        let mut settings = settings.clone();
        let dial = &mut settings.dial;
        let set = |to: &mut String, from: &Option<String>| {
            if let Some(from) = from {
                from.clone_into(to);
            }
        };
        set(&mut dial.area_code, &line.area_code);
        set(&mut dial.international_prefix, &line.international_prefix);
        set(&mut dial.national_prefix, &line.national_prefix);
        if let Some(digits) = line.local_digits {
            dial.local_digits = Some(digits).filter(|digits| *digits > 0);
        }
        if let Some(patterns) = &line.patterns {
            dial.patterns.clone_from(patterns);
        }
        if let Some(forbidden) = &line.forbidden {
            settings.forbidden.clone_from(forbidden);
        }
        if let Some(directions) = &line.directions {
            settings.directions.clone_from(directions);
        }
        Self::new(&settings)
    }

    /// Reads spelled numbers as they are written at home.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Emergency numbers.
    #[must_use]
    pub fn emergency(&self) -> Emergency {
        self.emergency
    }

    /// Country, ISO 3166.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.dial.country
    }

    /// What each forbidden code stops.
    #[must_use]
    pub fn forbidden(&self) -> Vec<api_types::ForbiddenCode> {
        self.forbidden.iter().map(Code::explain).collect()
    }

    /// Directions allowed, and all there are.
    #[must_use]
    pub fn count_directions(&self) -> (u32, u32) {
        directions::count(&self.directions, &self.dial.country)
    }

    /// A caller's number in any spelling; one of this town may come without its area code.
    #[must_use]
    pub fn read_caller(&self, spelled: &str) -> api_types::PhoneNumber {
        let digits = spelled.trim();
        let local = self
            .dial
            .local_digits
            .is_some_and(|n| usize::from(n) == digits.len());
        if local && !self.dial.area_code.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            let full = format!("+{}{}{digits}", self.calling_code, self.dial.area_code);
            return self.numbers.read(&full);
        }
        self.numbers.read(spelled)
    }
}

fn no_country() -> Problem {
    Problem {
        field: "country",
        code: "bad_country",
        message: "the country must be two letters of ISO 3166, for example RU".to_owned(),
    }
}

fn check_digits(dial: &DialRules) -> Result<(), Problem> {
    let fields = [
        ("area_code", &dial.area_code, 0),
        ("international_prefix", &dial.international_prefix, 1),
        ("national_prefix", &dial.national_prefix, 0),
    ];
    for (field, value, shortest) in fields {
        let digits = value.bytes().all(|b| b.is_ascii_digit());
        if !digits || value.len() < shortest || value.len() > 6 {
            return Err(Problem {
                field,
                code: "bad_digits",
                message: "up to six digits belong here, nothing else".to_owned(),
            });
        }
    }
    let sane = dial
        .local_digits
        .is_none_or(|digits| (3..=12).contains(&digits));
    if !sane {
        return Err(Problem {
            field: "local_digits",
            code: "bad_length",
            message: "a local number has 3 to 12 digits".to_owned(),
        });
    }
    if dial.national_prefix == dial.international_prefix {
        return Err(Problem {
            field: "national_prefix",
            code: "same_prefix",
            message: "the national and the international prefix must differ".to_owned(),
        });
    }
    Ok(())
}

fn patterns(rows: &[DialPattern]) -> Result<Vec<(Pattern, DialPattern)>, Problem> {
    let read = |(at, row): (usize, &DialPattern)| {
        let wrong = |message: String| Problem {
            field: "patterns",
            code: "bad_pattern",
            message: format!("rule {}, {}: {message}", at + 1, row.pattern),
        };
        let pattern = Pattern::new(&row.pattern).map_err(|error| wrong(error.to_string()))?;
        let digits = row.prefix.strip_prefix('+').unwrap_or(&row.prefix);
        let prefix = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if row.action == api_types::PatternAction::Prefix && !prefix {
            return Err(wrong("give the digits to put before the number".to_owned()));
        }
        Ok((pattern, row.clone()))
    };
    rows.iter().enumerate().map(read).collect()
}

fn codes(rows: &[String]) -> Result<Vec<Code>, Problem> {
    let rows = rows.iter().filter(|row| !row.trim().is_empty());
    rows.map(|row| {
        Code::new(row).ok_or_else(|| Problem {
            field: "forbidden",
            code: "bad_code",
            message: format!("{row:?} is no code: write +7809, or 8 for the number as dialled"),
        })
    })
    .collect()
}

fn known(ticked: &Directions) -> Result<Directions, Problem> {
    let mut ids = ticked.allowed.iter().chain(&ticked.refused);
    match ids.find(|id| !directions::exists(id)) {
        None => Ok(ticked.clone()),
        Some(id) => Err(Problem {
            field: "directions",
            code: "bad_direction",
            message: format!("there is no direction {id:?}; see GET /numbers/directions"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_country() {
        for (country, international, national) in
            [("RU", "810", "8"), ("GB", "00", "0"), ("US", "011", "1")]
        {
            let dial = defaults(country).dial;
            assert_eq!(
                (
                    dial.international_prefix.as_str(),
                    dial.national_prefix.as_str()
                ),
                (international, national)
            );
            assert!(Rules::new(&defaults(country)).is_ok());
        }
    }

    #[test]
    fn bad_settings_are_refused_with_their_field() {
        let base = defaults("RU");
        let with = |change: fn(&mut NumberSettings)| {
            let mut settings = base.clone();
            change(&mut settings);
            Rules::new(&settings).unwrap_err().field
        };
        assert_eq!(with(|s| s.dial.country = "Russia".into()), "country");
        assert_eq!(with(|s| s.dial.area_code = "4a".into()), "area_code");
        assert_eq!(
            with(|s| s.dial.international_prefix.clear()),
            "international_prefix"
        );
        assert_eq!(
            with(|s| s.dial.national_prefix = "810".into()),
            "national_prefix"
        );
        assert_eq!(with(|s| s.dial.local_digits = Some(40)), "local_digits");
        assert_eq!(
            with(|s| s.dial.patterns = vec![DialPattern {
                pattern: "1XX".into(),
                ..DialPattern::default()
            }]),
            "patterns"
        );
        assert_eq!(with(|s| s.forbidden = vec!["letters".into()]), "forbidden");
        assert_eq!(
            with(|s| s.directions.allowed = vec!["ZZ".into()]),
            "directions"
        );
    }

    #[test]
    fn a_caller_of_this_town_is_read_with_its_area_code() {
        let mut settings = defaults("RU");
        settings.dial.area_code = "495".into();
        settings.dial.local_digits = Some(7);
        let rules = Rules::new(&settings).unwrap();
        for spelled in [
            "1234567",
            "84951234567",
            "+7 495 123-45-67",
            "74951234567",
            "81074951234567",
            "0074951234567",
        ] {
            assert_eq!(rules.read_caller(spelled).e164, "+74951234567", "{spelled}");
        }
    }
}
