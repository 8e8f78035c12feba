//! Which calls of the log are meant.

use api_types::{CallStatus, Direction};
use serde::Deserialize;
use store::{CallEmployee, CallFilter};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{
        error::Error,
        extract::{bad_cursor, parse_id},
    },
    app::App,
    auth::Viewer,
    calls::word,
};

/// Tenths of MOS below which many are dissatisfied (ITU-T G.107 Annex B).
const BAD_BELOW: u8 = 36;

/// Which calls.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Filter {
    /// Part of the client's name or number, or of the note.
    q: String,
    /// Direction.
    #[param(inline)]
    direction: Option<Direction>,
    /// Status.
    #[param(inline)]
    status: Option<CallStatus>,
    /// Extension of who talked or called; `me`: one's own.
    employee: Option<String>,
    /// Line id.
    line: Option<String>,
    /// Key of the result; `-`: none was given.
    result: Option<String>,
    /// Key of the reason.
    reason: Option<String>,
    /// Only calls that nobody answered and nobody returned.
    missed_not_returned: bool,
    /// Talked at least so long, milliseconds.
    min_ms: Option<i64>,
    /// Talked at most so long, milliseconds.
    max_ms: Option<i64>,
    /// Contact id.
    contact: Option<String>,
    /// Deal id.
    deal: Option<String>,
    /// With or without a recording.
    has_recording: Option<bool>,
    /// Only calls of which a leg sounded bad to many: MOS below 3.6.
    bad_quality: bool,
    /// Began at or after (ms since 1970).
    from: Option<i64>,
    /// Began before (ms since 1970).
    to: Option<i64>,
    /// Rows on a page, 1 to 200; 50 unless told.
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Filter {
    /// What the store looks for.
    pub(crate) fn read(self, app: &App, viewer: &Viewer) -> Result<CallFilter, Error> {
        let before = self.cursor.as_deref().map(decode);
        let employee = self.employee.filter(|employee| !employee.is_empty());
        Ok(CallFilter {
            query: self.q,
            direction: self.direction.map(word),
            status: self.status.map(word),
            employee: employee.map(|employee| who(app, viewer, employee)),
            line: id(self.line, "line")?,
            result: self.result.filter(|key| !key.is_empty()),
            reason: self.reason.filter(|key| !key.is_empty()),
            not_returned: self.missed_not_returned,
            min_ms: self.min_ms,
            max_ms: self.max_ms,
            contact: id(self.contact, "contact")?,
            deal: id(self.deal, "deal")?,
            ids: Vec::new(),
            has_recording: self.has_recording,
            mos_below: self.bad_quality.then_some(BAD_BELOW),
            from: self.from,
            to: self.to,
            before: before.transpose()?,
            limit: 0,
            ..CallFilter::default()
        })
    }
}

fn who(app: &App, viewer: &Viewer, employee: String) -> CallEmployee {
    if employee == "me" {
        return CallEmployee::User(viewer.id());
    }
    match app.switchboard.employee(&employee) {
        Some(found) => CallEmployee::User(found.user),
        None => CallEmployee::Extension(employee),
    }
}

fn id(text: Option<String>, field: &'static str) -> Result<Option<Uuid>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let message = format!("{text:?} is not the id of a {field}");
    let id = parse_id(&text).ok_or_else(|| Error::invalid("bad_id", field, message))?;
    Ok(Some(id))
}

fn decode(cursor: &str) -> Result<(i64, Uuid), Error> {
    let parts = cursor.split_once('.');
    parts
        .and_then(|(started_at, id)| Some((started_at.parse().ok()?, parse_id(id)?)))
        .ok_or_else(bad_cursor)
}
