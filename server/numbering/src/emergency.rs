//! Emergency numbers by country: nothing of ours blocks them.
//!
//! Sources: ITU-T E.161.1 and the national pages collected at
//! <https://en.wikipedia.org/wiki/List_of_emergency_telephone_numbers>; 112 works in every GSM
//! network (3GPP TS 22.101 §10.1).

/// Emergency numbers of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Numbers no extension may have.
    pub first: &'static [&'static str],
    /// Numbers of single services; an extension with one of them hides it.
    pub services: &'static [&'static str],
}

impl Emergency {
    /// Whether this is one.
    #[must_use]
    pub fn is(&self, number: &str) -> bool {
        self.first.contains(&number) || self.services.contains(&number)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.first.iter().chain(self.services).copied()
    }
}

type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const TABLE: [Row; 33] = [
    (
        "RU",
        &["112"],
        &["101", "102", "103", "104", "01", "02", "03", "04"],
    ),
    ("BY", &["112"], &["101", "102", "103", "104"]),
    ("KZ", &["112"], &["101", "102", "103", "104"]),
    ("UA", &["112"], &["101", "102", "103", "104"]),
    ("UZ", &["112"], &["101", "102", "103", "104"]),
    ("KG", &["112"], &["101", "102", "103", "104"]),
    ("AM", &["112", "911"], &["101", "102", "103", "104"]),
    ("AZ", &["112"], &["101", "102", "103", "104"]),
    ("MD", &["112"], &[]),
    ("GE", &["112"], &[]),
    ("TJ", &["112"], &["101", "102", "103", "104"]),
    ("TM", &["112"], &["01", "02", "03"]),
    ("GB", &["999", "112"], &[]),
    ("IE", &["112", "999"], &[]),
    ("US", &["911"], &["988"]),
    ("CA", &["911"], &["988"]),
    ("MX", &["911"], &[]),
    ("AU", &["000", "112"], &["106"]),
    ("NZ", &["111"], &[]),
    ("DE", &["112", "110"], &[]),
    ("AT", &["112"], &["122", "133", "144"]),
    ("CH", &["112"], &["117", "118", "144"]),
    ("FR", &["112"], &["15", "17", "18", "114"]),
    ("IT", &["112"], &["113", "115", "118"]),
    ("ES", &["112"], &["061", "080", "091", "092"]),
    ("PL", &["112"], &["997", "998", "999"]),
    ("CZ", &["112"], &["150", "155", "156", "158"]),
    ("TR", &["112"], &[]),
    ("IL", &["112"], &["100", "101", "102"]),
    ("IN", &["112"], &["100", "101", "102", "108"]),
    ("CN", &["110", "119", "120"], &["122"]),
    ("JP", &["110", "119"], &["118"]),
    ("BR", &["190", "192", "193"], &["191", "199"]),
];

/// Those of a country; 112 where the table does not know better.
#[must_use]
pub fn emergency(country: &str) -> Emergency {
    let found = TABLE.iter().find(|(code, _, _)| *code == country);
    let (first, services) = found.map_or((&["112"][..], &[][..]), |(_, first, services)| {
        (*first, *services)
    });
    Emergency { first, services }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_its_own() {
        assert!(emergency("RU").is("112") && emergency("RU").is("103"));
        assert!(!emergency("RU").is("911"));
        assert!(emergency("US").is("911"));
        assert!(emergency("LV").is("112"));
    }
}
