//! Auto-replace: the number as a line wants it.

use serde::{Deserialize, Serialize};

/// One rule of auto-replace: `pattern` is plain digits at the start of the number (a leading `+`
/// counts as one), or an extended regular expression; `replacement` may hold its groups, `\1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rewrite {
    /// What is replaced.
    pub pattern: String,
    /// By what.
    pub replacement: String,
}

/// `POST /api/v1/lines/rewrites/try`: what auto-replace makes of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RewriteTry {
    /// Rules, in order.
    pub rewrites: Vec<Rewrite>,
    /// Numbers as they would leave; empty: one made up for each rule.
    #[serde(default)]
    pub numbers: Vec<String>,
}

/// The answer: one for each rule or number, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RewriteExample {
    /// A number; absent when none was found that fits the rule.
    pub before: Option<String>,
    /// What becomes of it.
    pub after: Option<String>,
    /// The rule that matched, counted from 0.
    pub rule: Option<usize>,
    /// Why the rule cannot be used.
    pub problem: Option<PatternProblem>,
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PatternProblem {
    /// Which of the rules, counted from 0.
    pub rule: usize,
    /// Which character of it, counted from 0.
    pub position: usize,
    /// What is wrong.
    pub kind: PatternFaultKind,
    /// The same in English.
    pub reason: String,
}

/// What is wrong with a pattern or with what it is replaced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PatternFaultKind {
    /// Nothing is there.
    Empty,
    /// More than 200 characters.
    TooLong,
    /// It would become too large, or is nested too deeply.
    TooLarge,
    /// `(` without `)`.
    GroupUnclosed,
    /// `)` without `(`.
    GroupUnopened,
    /// `[` without `]`.
    ClassUnclosed,
    /// A range such as `[9-0]`, or an unknown name in brackets.
    BadClass,
    /// `*`, `+`, `?` or `{` after nothing.
    NothingToRepeat,
    /// `{…}` that is no count.
    BadCount,
    /// An unknown sign after `\`, or none.
    BadEscape,
    /// Something expressions here do not know: back-references, look-around, flags.
    Unsupported,
    /// The replacement names a group the pattern does not have.
    NoSuchGroup,
    /// `\` in the replacement without a digit after it.
    DigitMissing,
    /// A sign that cannot stand in a number.
    BadSign,
}
