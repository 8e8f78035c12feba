//! How a typed number becomes a full one, and where calls may go.

use serde::{Deserialize, Serialize};

use crate::{LineRef, PhoneNumber, UnixMs};

/// How numbers are typed at home.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DialRules {
    /// Country, ISO 3166 (`RU`).
    pub country: String,
    /// Put before a local number (`495`); empty: none.
    #[serde(default)]
    pub area_code: String,
    /// Typed before a foreign number (`810`, `00`).
    pub international_prefix: String,
    /// Typed before another city's number (`8`, `0`); empty: none.
    #[serde(default)]
    pub national_prefix: String,
    /// Digits of a local number (7); a number of another length that is neither national nor
    /// foreign nor in `patterns` is refused. Absent: short numbers go out as they were typed.
    #[serde(default)]
    pub local_digits: Option<u8>,
    /// Extra rules; the first that fits counts.
    #[serde(default)]
    pub patterns: Vec<DialPattern>,
}

/// An extra rule: `_` and a pattern of the whole number. `X` 0–9, `Z` 1–9, `N` 2–9, `[1-37]` one of
/// these, `.` at the end one or more of anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DialPattern {
    /// `_1XX`.
    pub pattern: String,
    /// What happens to such a number.
    #[serde(default)]
    pub action: PatternAction,
    /// Put before it, with [`PatternAction::Prefix`].
    #[serde(default)]
    pub prefix: String,
}

/// What an extra rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PatternAction {
    /// The number goes out as it is.
    #[default]
    Pass,
    /// A prefix is put before it; then it is read like any other.
    Prefix,
    /// It is not called.
    Forbid,
}

/// What a line does differently; absent: as the installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DialOverrides {
    /// [`DialRules::area_code`].
    pub area_code: Option<String>,
    /// [`DialRules::international_prefix`].
    pub international_prefix: Option<String>,
    /// [`DialRules::national_prefix`].
    pub national_prefix: Option<String>,
    /// [`DialRules::local_digits`]; 0: any length.
    pub local_digits: Option<u8>,
    /// [`DialRules::patterns`].
    pub patterns: Option<Vec<DialPattern>>,
    /// [`NumberSettings::forbidden`].
    pub forbidden: Option<Vec<String>>,
    /// [`NumberSettings::directions`].
    pub directions: Option<Directions>,
}

/// Where calls may go. Ids are those of `GET /api/v1/numbers/directions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Directions {
    /// Every country; `allowed` then matters for `RU:premium`, `001` and the like only.
    pub all_international: bool,
    /// Countries (`GB`), kinds of numbers of a country (`RU:premium`) and `001` (satellite and
    /// other numbers of no country).
    pub allowed: Vec<String>,
    /// Of what is allowed with its country: kinds that are not (`RU:mobile`).
    pub refused: Vec<String>,
}

/// Who may call abroad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InternationalCalls {
    /// Users and groups with the right.
    #[default]
    WithRight,
    /// Everybody.
    Everybody,
    /// Nobody.
    Nobody,
}

/// What callers who hide their number get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnonymousCallers {
    /// They ring like any other.
    #[default]
    Ring,
    /// They are refused (433).
    Refuse,
}

/// `GET /api/v1/settings/numbers` (in [`NumbersPage`]), `PUT /api/v1/settings/numbers`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberSettings {
    /// At home.
    pub dial: DialRules,
    /// Codes never called: `+7809` is compared to E.164, `8` to the number as it was dialled.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// Where calls may go.
    #[serde(default)]
    pub directions: Directions,
    /// Who may call abroad.
    #[serde(default)]
    pub international: InternationalCalls,
    /// Callers without a number.
    #[serde(default)]
    pub anonymous: AnonymousCallers,
}

/// `GET /api/v1/settings/numbers`, and the answer to `PUT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumbersPage {
    /// What is set.
    pub settings: NumberSettings,
    /// What each forbidden code stops.
    pub forbidden: Vec<ForbiddenCode>,
    /// Emergency numbers of the country: nothing blocks them.
    pub emergency: Vec<String>,
    /// Whether a line can carry them.
    pub emergency_line: bool,
    /// Extensions that hide an emergency number (`102`).
    pub hidden_emergency: Vec<String>,
    /// Directions allowed.
    pub allowed: u32,
    /// Directions there are.
    pub all: u32,
    /// When it was changed last; absent: never.
    pub changed_at: Option<UnixMs>,
}

/// What a forbidden code stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForbiddenCode {
    /// As it was entered.
    pub code: String,
    /// True: compared to E.164; false: to the number as dialled.
    pub e164: bool,
    /// Countries it stops in whole or part, ISO 3166; `001`: none.
    pub countries: Vec<String>,
    /// Whether it stops them wholly.
    pub whole: bool,
}

/// `GET /api/v1/numbers/directions`: a part of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectionGroup {
    /// `home`, `europe`, `asia`, `africa`, `north_america`, `south_america`, `oceania`,
    /// `satellite`.
    pub id: String,
    /// Its countries.
    pub directions: Vec<CallDirection>,
}

/// A direction calls go in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallDirection {
    /// `GB`, `RU:premium`, `001`.
    pub id: String,
    /// Codes it begins with, `+44`.
    pub codes: Vec<String>,
    /// Kinds of numbers that can be set apart: ids such as `RU:mobile`.
    pub kinds: Vec<String>,
}

/// `POST /api/v1/numbers/try`: nothing is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NumberTry {
    /// As somebody would type it.
    pub dialled: String,
    /// Who; absent: whoever asks.
    pub user: Option<String>,
    /// The line chosen for this call; absent: none.
    pub line: Option<String>,
    /// Settings to try in place of those saved.
    pub settings: Option<NumberSettings>,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberTried {
    /// The end of it.
    pub verdict: TryVerdict,
    /// Each step, in order.
    pub steps: Vec<TryStep>,
    /// The number it became.
    pub number: Option<PhoneNumber>,
    /// The colleague called, with [`TryVerdict::Inside`].
    pub extension: Option<String>,
    /// The line it goes out by.
    pub line: Option<LineRef>,
    /// Those tried after it.
    pub then: Vec<LineRef>,
    /// `sip:00442079460018@sip.example.com`
    pub request_uri: Option<String>,
    /// The number shown to the one called.
    pub caller_number: Option<PhoneNumber>,
    /// Price of a minute in millionths of `currency`.
    pub minute_micros: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Why not, in English, as the caller hears it.
    pub reason: Option<String>,
}

/// How a try ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TryVerdict {
    /// Goes out by a line.
    Out,
    /// Goes to a colleague.
    Inside,
    /// Is refused; the last step says by which rule.
    Refused,
}

/// One step in reading and judging a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryStep {
    /// Which rule.
    pub rule: TryRule,
    /// The rule as it is set, or what it found: `810`, `_1XX`, `+7809`, `GB`, `RU:premium`,
    /// a group's or line's name.
    pub detail: String,
    /// The number before.
    pub before: String,
    /// The number after.
    pub after: String,
    /// What the rule says.
    pub verdict: StepVerdict,
}

/// What one rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepVerdict {
    /// Nothing against it.
    Allowed,
    /// The number was changed.
    Changed,
    /// It is not called.
    Forbidden,
    /// This line cannot; the next one is looked at.
    Skipped,
}

/// A rule of reading and judging a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TryRule {
    /// Spaces and signs are removed.
    Cleaned,
    /// It is no number: empty, too long, with letters.
    NotANumber,
    /// A colleague's extension; `detail` is the name.
    Extension,
    /// One's own extension.
    OwnExtension,
    /// The caller is no active phone user.
    NotAPhoneUser,
    /// The caller has as many calls as allowed; `detail` is how many.
    TooManyCalls,
    /// An emergency number: nothing blocks it.
    Emergency,
    /// An extra rule; `detail` is its pattern.
    Pattern,
    /// The international prefix.
    InternationalPrefix,
    /// The national prefix.
    NationalPrefix,
    /// The area code is put before a local number.
    AreaCode,
    /// The length of a local number; `detail` is how many digits it must have.
    LocalLength,
    /// The full number; `detail` is its country.
    FullNumber,
    /// No number of any country; it goes out as it is.
    AsItIs,
    /// Never called; `detail` is the code.
    ForbiddenCode,
    /// Allowed directions; `detail` is the direction.
    Direction,
    /// The right to call abroad; `detail` is the group it comes from, or empty.
    International,
    /// The line; `detail` is its name.
    Line,
    /// The line chosen for this call is not the caller's to use; `detail` is its name.
    NotYourLine,
    /// The number chosen is none of that line's that may be shown; `detail` is the number.
    NotYourNumber,
    /// There is no line.
    NoLine,
    /// Auto-replace of the line; `detail` is `pattern/replacement`.
    Rewrite,
}

/// A number whose calls are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedNumber {
    /// Id.
    pub id: String,
    /// The number.
    pub number: PhoneNumber,
    /// Why.
    pub note: String,
    /// Who blocked it.
    pub blocked_by: String,
    /// When.
    pub blocked_at: UnixMs,
}

/// `POST /api/v1/blocked-numbers`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockNumber {
    /// In any spelling.
    pub number: String,
    /// Why.
    #[serde(default)]
    pub note: String,
}
