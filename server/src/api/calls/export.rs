//! The log as a table for other programs.

use api_types::{CallStatus, Choice, Direction, WorkSettings};
use axum::{extract::State, response::Response};
use futures_util::stream;
use serde::Deserialize;
use store::{CallFilter, entity::call};
use time::{OffsetDateTime, macros::format_description};
use utoipa::IntoParams;

use super::{filter::Filter, records};
use crate::{
    api::{error::Error, extract::Query},
    app::Shared,
    auth::Viewer,
    export::{self, Batch, Cell, Format, Lang},
};

/// Calls read at once.
const BATCH: u64 = 1000;

/// As what.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct How {
    /// What kind of file.
    #[param(inline)]
    format: Format,
    /// Language of headers and words.
    #[param(inline)]
    lang: Lang,
    /// Minutes the viewer's clock is ahead of UTC.
    utc_offset_min: i32,
}

const COLUMNS: [(&str, &str); 18] = [
    ("Date", "Дата"),
    ("Time", "Время"),
    ("Direction", "Направление"),
    ("Status", "Статус"),
    ("Client", "Клиент"),
    ("Number", "Номер"),
    ("Employee", "Сотрудник"),
    ("Extension", "Внутренний номер"),
    ("Line", "Линия"),
    ("Wait, s", "Ожидание, с"),
    ("Talk, s", "Разговор, с"),
    ("Result", "Результат"),
    ("Reason", "Причина обращения"),
    ("Deal", "Сделка"),
    ("Notes", "Заметки"),
    ("SIP code", "Код SIP"),
    ("Recording", "Запись"),
    ("Id", "Идентификатор"),
];

/// All calls the filter (that of the log) finds, newest first, as it is read.
#[utoipa::path(
    get, path = "/calls/export", tag = "calls", params(Filter, How),
    responses((status = 200, description = "The table", content_type = "text/csv", body = Vec<u8>)),
)]
pub(crate) async fn export(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
    Query(how): Query<How>,
) -> Result<Response, Error> {
    let wanted = CallFilter {
        limit: BATCH,
        ..filter.read(&app, &viewer)?
    };
    let header = COLUMNS.map(|column| how.lang.pick(column).to_owned());
    let folder = app.config.data.clone();
    let rows = stream::unfold(Some((app, viewer, wanted)), move |state| async move {
        let (app, viewer, mut wanted) = state?;
        match batch(&app, &viewer, &mut wanted, how).await {
            Ok(None) => None,
            Ok(Some(batch)) => Some((Ok(batch), Some((app, viewer, wanted)))),
            Err(error) => Some((Err(error), None)),
        }
    });
    export::table(&folder, how.format, "calls", header.into(), rows).await
}

async fn batch(
    app: &Shared,
    viewer: &Viewer,
    wanted: &mut CallFilter,
    how: How,
) -> Result<Option<Batch>, Error> {
    let rows = app.store.find_calls(wanted, viewer.calls()).await?;
    let Some((last, _)) = rows.last() else {
        return Ok(None);
    };
    wanted.before = Some((last.started_at, last.id));
    let calls: Vec<call::Model> = rows.iter().map(|(call, _)| call.clone()).collect();
    let shown = records(app, rows).await?;
    let settings = app.work.now();
    let lines = calls.iter().zip(&shown);
    Ok(Some(
        lines
            .map(|(call, record)| cells(call, record, &settings, how))
            .collect(),
    ))
}

fn cells(
    call: &call::Model,
    record: &api_types::CallRecord,
    settings: &WorkSettings,
    how: How,
) -> Vec<Cell> {
    let (date, time) = local(call.started_at, how.utc_offset_min);
    let text = |value: Option<&String>| Cell::Text(value.cloned().unwrap_or_default());
    let seconds = |ms: i64| Cell::Number(f64::from(i32::try_from(ms / 1000).unwrap_or(i32::MAX)));
    let chosen = |choices: &[Choice], key: Option<&String>| {
        Cell::Text(key.map_or_else(String::new, |key| name(choices, key, how.lang)))
    };
    let ready = |one: &&api_types::Recording| one.state == api_types::RecordingState::Ready;
    let recording = record.recording.as_ref().filter(ready);
    vec![
        Cell::Text(date),
        Cell::Text(time),
        Cell::Text(how.lang.pick(direction(record.direction)).to_owned()),
        Cell::Text(how.lang.pick(status(record.status)).to_owned()),
        text(record.contact.as_ref().map(|contact| &contact.name)),
        text(call.number_display.as_ref().or(call.number_e164.as_ref())),
        text(call.employee_name.as_ref()),
        text(call.employee_extension.as_ref()),
        text(call.line_label.as_ref()),
        seconds(call.wait_ms),
        seconds(call.talk_ms),
        chosen(&settings.results, call.result.as_ref()),
        chosen(&settings.reasons, call.reason.as_ref()),
        text(record.deal.as_ref().map(|deal| &deal.title)),
        Cell::Text(call.note.clone()),
        match call.sip_code {
            0 => Cell::Text(String::new()),
            code => Cell::Number(f64::from(code)),
        },
        text(recording.map(|recording| &recording.file_name)),
        Cell::Text(record.id.clone()),
    ]
}

/// Date and time where the viewer is.
fn local(at: i64, offset_min: i32) -> (String, String) {
    let at = at.div_euclid(1000) + i64::from(offset_min.clamp(-1440, 1440)) * 60;
    let Ok(time) = OffsetDateTime::from_unix_timestamp(at) else {
        return (String::new(), String::new());
    };
    let date = time.format(format_description!("[year]-[month]-[day]"));
    let clock = time.format(format_description!("[hour]:[minute]:[second]"));
    (date.unwrap_or_default(), clock.unwrap_or_default())
}

fn direction(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Incoming => ("Incoming", "Входящий"),
        Direction::Outgoing => ("Outgoing", "Исходящий"),
        Direction::Internal => ("Internal", "Внутренний"),
    }
}

fn status(status: CallStatus) -> (&'static str, &'static str) {
    match status {
        CallStatus::Trying => ("Begun", "Начат"),
        CallStatus::Ringing => ("Rings", "Звонит"),
        CallStatus::Talking => ("Talking", "Разговор"),
        CallStatus::Answered => ("Answered", "Отвечен"),
        CallStatus::Busy => ("Busy", "Занято"),
        CallStatus::NoAnswer => ("No answer", "Нет ответа"),
        CallStatus::Rejected => ("Declined", "Отклонён"),
        CallStatus::Cancelled => ("Given up", "Отменён"),
        CallStatus::Failed => ("Failed", "Не удался"),
        CallStatus::Interrupted => ("Interrupted", "Прерван"),
    }
}

/// As the house called it; else as the app does.
fn name(choices: &[Choice], key: &str, lang: Lang) -> String {
    let own = choices.iter().find(|choice| choice.key == key);
    if let Some(own) = own.filter(|own| !own.name.is_empty()) {
        return own.name.clone();
    }
    let known = KNOWN.iter().find(|(known, ..)| *known == key);
    known.map_or_else(
        || key.to_owned(),
        |(_, english, russian)| lang.pick((english, russian)).to_owned(),
    )
}

/// Results and reasons as they come.
const KNOWN: [(&str, &str, &str); 11] = [
    ("sale", "Sale", "Продажа"),
    ("appointment", "Appointment", "Встреча"),
    ("quote", "Quote asked", "Запрошена цена"),
    ("thinking", "Thinking it over", "Думает"),
    ("refusal", "Refusal", "Отказ"),
    ("wrong_number", "Wrong number", "Не туда попали"),
    ("order", "Order", "Заказ"),
    ("question", "Question", "Вопрос"),
    ("complaint", "Complaint", "Жалоба"),
    ("delivery", "Delivery", "Доставка"),
    ("other", "Other", "Другое"),
];
