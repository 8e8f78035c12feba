//! Where a number is: its country and kind, and the list of directions people tick.

use api_types::{CallDirection, DirectionGroup, Directions};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType, Region};

/// Satellite and other numbers of no country.
const NOWHERE: &str = "001";

/// Countries by part of the world. What is in none of them stands with `NORTH_AMERICA` (islands of
/// the +1 plan) or is shown under `oceania`.
const PARTS: [(&str, &str); 6] = [
    (
        "europe",
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT \
         LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
    ),
    (
        "asia",
        "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV \
         MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    ),
    (
        "africa",
        "AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG \
         ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TG TN TZ UG YT ZA ZM ZW",
    ),
    (
        "north_america",
        "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA \
         PM PR SV SX TC TT US VC VG VI",
    ),
    ("south_america", "AR BO BR CL CO EC FK GF GY PE PY SR UY VE"),
    (
        "oceania",
        "AS AU CC CK CX FJ FM GU IO KI MH MP NC NF NR NU NZ PF PG PW SB TK TO TV VU WF WS",
    ),
];

/// Where a number is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Country, ISO 3166, or `001`.
    pub country: String,
    /// `fixed`, `mobile`, `premium`; none where the number is neither, or one cannot tell.
    pub kind: Option<&'static str>,
}

impl Place {
    /// Of a number in E.164; `None`: it begins with no code of any country.
    #[must_use]
    pub fn of(e164: &str) -> Option<Self> {
        if !e164.starts_with('+') {
            return None;
        }
        let number = PhoneNumber::parse(e164, None).ok()?;
        let region = number
            .get_region_code()
            .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))?;
        Some(Self {
            country: region.to_string(),
            kind: kind(number.get_type()),
        })
    }

    /// `GB`, or `RU:mobile`.
    #[must_use]
    pub fn id(&self) -> String {
        match self.kind {
            Some(kind) => format!("{}:{kind}", self.country),
            None => self.country.clone(),
        }
    }

    /// Countries with this calling code.
    pub(crate) fn of_code(code: i32) -> Vec<String> {
        PHONE_NUMBER_UTIL
            .get_regions_for_country_calling_code(code)
            .map(|regions| regions.map(|region| region.to_string()).collect())
            .unwrap_or_default()
    }

    /// Whether calls may go there; else the id that says no.
    pub(crate) fn allowed(&self, directions: &Directions, home: &str) -> Result<String, String> {
        let (country, id) = (&self.country, self.id());
        let ticked = |id: &String| directions.allowed.contains(id);
        let refused = |id: &String| directions.refused.contains(id);
        let abroad = directions.all_international && country != NOWHERE;
        let whole = !refused(country) && (country == home || abroad || ticked(country));
        if !whole {
            return Err(country.clone());
        }
        // Whoever allows a country does not mean its paid services.
        let kind = match self.kind {
            Some("premium") => ticked(&id),
            _ => !refused(&id),
        };
        if kind { Ok(id) } else { Err(id) }
    }
}

fn kind(kind: PhoneNumberType) -> Option<&'static str> {
    match kind {
        PhoneNumberType::FixedLine => Some("fixed"),
        PhoneNumberType::Mobile | PhoneNumberType::Pager => Some("mobile"),
        PhoneNumberType::PremiumRate | PhoneNumberType::SharedCost => Some("premium"),
        PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::TollFree
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => None,
    }
}

/// The list people tick, home first.
#[must_use]
pub fn directions(home: &str) -> Vec<DirectionGroup> {
    let group = |id: &str, directions| DirectionGroup {
        id: id.to_owned(),
        directions,
    };
    let mut groups = vec![group("home", country(home).into_iter().collect())];
    for (part, countries) in PARTS {
        let countries = countries.split_whitespace().filter(|id| *id != home);
        groups.push(group(part, countries.filter_map(country).collect()));
    }
    groups.push(group("satellite", vec![nowhere()]));
    groups
}

/// Ids of all countries and `001`.
pub fn places() -> impl Iterator<Item = &'static str> {
    let countries = PARTS.iter().flat_map(|(_, list)| list.split_whitespace());
    countries.chain([NOWHERE])
}

/// Whether there is such a direction.
pub(crate) fn exists(id: &str) -> bool {
    let (country, kind) = id.split_once(':').unwrap_or((id, "fixed"));
    places().any(|place| place == country) && matches!(kind, "fixed" | "mobile" | "premium")
}

/// How many of the directions are allowed, and how many there are.
pub(crate) fn count(directions: &Directions, home: &str) -> (u32, u32) {
    let place = |country: &str| Place {
        country: country.to_owned(),
        kind: None,
    };
    let allowed = places()
        .filter(|country| place(country).allowed(directions, home).is_ok())
        .count();
    let counted = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (counted(allowed), counted(places().count()))
}

fn country(id: &str) -> Option<CallDirection> {
    let region: Region = id.parse().ok()?;
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    let types = PHONE_NUMBER_UTIL.get_supported_types_for_region(region)?;
    let mut kinds: Vec<String> = types
        .into_iter()
        .filter_map(kind)
        .map(|kind| format!("{id}:{kind}"))
        .collect();
    kinds.sort();
    kinds.dedup();
    Some(CallDirection {
        id: id.to_owned(),
        codes: vec![format!("+{code}")],
        kinds,
    })
}

fn nowhere() -> CallDirection {
    let codes = PHONE_NUMBER_UTIL.get_supported_global_network_calling_codes();
    let mut codes: Vec<String> = codes.map(|code| format!("+{code}")).collect();
    codes.sort();
    CallDirection {
        id: NOWHERE.to_owned(),
        codes,
        kinds: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_library_is_in_one_part_of_the_world() {
        for region in PHONE_NUMBER_UTIL.get_supported_regions() {
            let id = region.to_string();
            let times = places().filter(|place| *place == id).count();
            assert_eq!(times, 1, "{id}");
        }
        let listed: usize = directions("RU").iter().map(|g| g.directions.len()).sum();
        assert_eq!(listed, places().count());
        assert_eq!(directions("RU")[0].directions[0].codes, ["+7"]);
        assert!(
            directions("RU")[0].directions[0]
                .kinds
                .contains(&"RU:premium".to_owned())
        );
    }

    #[test]
    fn a_number_is_placed_by_country_and_kind() {
        for (e164, id) in [
            ("+74951234567", "RU:fixed"),
            ("+79161234567", "RU:mobile"),
            ("+78095050011", "RU:premium"),
            ("+77012345678", "KZ:mobile"),
            ("+442079460018", "GB:fixed"),
            ("+12025550123", "US"),
            ("+14165550123", "CA"),
            ("+870773111632", "001"),
            ("+78005550123", "RU"),
        ] {
            assert_eq!(
                Place::of(e164).unwrap().id().split(':').next(),
                id.split(':').next(),
                "{e164}"
            );
            if id.contains(':') {
                assert_eq!(Place::of(e164).unwrap().id(), id, "{e164}");
            }
        }
        assert_eq!(Place::of("600"), None);
        assert_eq!(Place::of("+0000"), None);
    }

    #[test]
    fn ticks_decide_and_paid_services_need_their_own() {
        let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let all = Directions {
            all_international: true,
            ..Directions::default()
        };
        let few = Directions {
            all_international: false,
            allowed: list(&["GB", "RU:premium"]),
            refused: list(&["RU:mobile"]),
        };
        for (directions, e164, verdict) in [
            (&all, "+442079460018", true),
            (&all, "+870773111632", false),
            (&all, "+78095050011", false),
            (&all, "+79161234567", true),
            (&few, "+442079460018", true),
            (&few, "+37125550142", false),
            (&few, "+79161234567", false),
            (&few, "+74951234567", true),
            (&few, "+78095050011", true),
        ] {
            let place = Place::of(e164).unwrap();
            assert_eq!(place.allowed(directions, "RU").is_ok(), verdict, "{e164}");
        }
        let (allowed, there_are) = count(&few, "RU");
        assert!(allowed == 2 && there_are > 230, "{allowed} of {there_are}");
    }
}
