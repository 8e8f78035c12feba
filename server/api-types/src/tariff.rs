//! Prices of a line, and the order of lines for outgoing calls.

use serde::{Deserialize, Serialize};

/// Prices of a line: `GET`, `PUT /api/v1/lines/{id}/tariffs`. `POST` of a CSV to
/// `/api/v1/lines/{id}/tariffs/import` fills it too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tariffs {
    /// ISO 4217, for example `RUB`; prices of lines are compared only within one currency.
    pub currency: String,
    /// Prices; the longest prefix that fits counts.
    pub rows: Vec<Tariff>,
}

/// One price. Money is in millionths of the currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tariff {
    /// Beginning of the number in E.164, `+7495`; `+` alone: everything.
    pub prefix: String,
    /// Name people see, for example `Moscow`.
    #[serde(default)]
    pub label: String,
    /// A minute, in millionths.
    pub minute_micros: i64,
    /// Each call, in millionths.
    #[serde(default)]
    pub call_micros: i64,
    /// Seconds a call is rounded up to, 1 to 60.
    #[serde(default = "per_minute")]
    pub round_secs: u32,
}

fn per_minute() -> u32 {
    60
}

/// What became of a CSV.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TariffImport {
    /// Rows read.
    pub rows: usize,
    /// Rows that could not be read; with one, nothing was changed.
    pub problems: Vec<CsvProblem>,
}

/// A row of a CSV that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CsvProblem {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// The column.
    pub column: String,
    /// What stood there.
    pub value: String,
}

/// Over which lines calls go out: `GET`, `PUT /api/v1/settings/outgoing`. Lists are ids of lines,
/// the first that can takes the call; lines that are not named follow after those that are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct OutgoingOrder {
    /// For everything else.
    pub default: Vec<String>,
    /// By the number called; the longest prefix that fits counts.
    pub prefixes: Vec<PrefixOrder>,
    /// By who calls; goes before `prefixes`.
    pub users: Vec<UserLines>,
    /// Whether the cheapest line by tariff goes first where no prefix says otherwise.
    pub least_cost: bool,
    /// Whether, when a line cannot take the call, the next one is tried.
    pub failover: bool,
}

/// Lines for numbers that begin so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrefixOrder {
    /// `+44`, or digits for numbers without a country (`6`).
    pub prefix: String,
    /// Ids of lines.
    pub lines: Vec<String>,
}

/// Lines of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserLines {
    /// Id of the user.
    pub user: String,
    /// Ids of lines.
    pub lines: Vec<String>,
    /// The number shown to those who are called, one of the lines' numbers; absent: the line's.
    #[serde(default)]
    pub caller_number: Option<String>,
}
