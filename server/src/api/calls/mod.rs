//! The call log.

pub(super) mod delete;
mod export;
mod filter;
pub(super) mod list;
mod listened;
pub(super) mod path;
pub(super) mod peaks;
pub(super) mod quality;
pub(super) mod recording;
mod records_zip;
pub(super) mod report_quality;
pub(super) mod show;
pub(super) mod update;

use std::path::PathBuf;

use api_types::{CallRecord, ContactRef, ItemRef};
use store::{
    Scope,
    entity::{call, recording as recording_row},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::error::Error;
use crate::{
    app::{App, Shared},
    auth::Viewer,
    calls::to_record,
    work::card,
};

pub(crate) type Row = (call::Model, Option<recording_row::Model>);

/// The addresses of the log.
pub(super) fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::totals))
        .routes(routes!(export::export))
        .routes(routes!(records_zip::records_zip))
        .routes(routes!(listened::listened))
        .routes(routes!(show::show, update::update, delete::delete))
        .routes(routes!(delete::restore))
        .routes(routes!(recording::recording))
        .routes(routes!(peaks::peaks))
        .routes(routes!(path::path))
        .routes(routes!(quality::quality, report_quality::report_quality))
}

/// Rows with the clients they are with now, and the deals they are about.
pub(crate) async fn records(app: &App, rows: Vec<Row>) -> Result<Vec<CallRecord>, Error> {
    let numbers = rows
        .iter()
        .filter_map(|(call, _)| call.number_e164.clone())
        .collect();
    let callers = app.store.look_up(&app.work.places(), numbers).await?;
    let named: Vec<Uuid> = rows
        .iter()
        .filter_map(|(call, _)| call.contact_id)
        .collect();
    let named = app.store.contact_names(&named).await?;
    let deals: Vec<Uuid> = rows.iter().filter_map(|(call, _)| call.deal_id).collect();
    let deals = app.store.item_titles(deals).await?;
    let by_number = |call: &call::Model| callers.get(call.number_e164.as_ref()?);
    let contact = |call: &call::Model| {
        let said = call.contact_id.and_then(|id| {
            Some(ContactRef {
                id: id.to_string(),
                name: named.get(&id)?.clone(),
            })
        });
        said.or_else(|| by_number(call)?.contacts.first().map(card::named))
    };
    let row = |call: &call::Model| by_number(call)?.rows.first().map(card::row_of);
    let deal = |call: &call::Model| {
        let id = call.deal_id?;
        Some(ItemRef {
            title: deals.get(&id)?.clone(),
            id: id.to_string(),
        })
    };
    let office = app.switchboard.office();
    let mut shown: Vec<CallRecord> = rows
        .iter()
        .map(|(call, recording)| match app.calls.record(call.id) {
            Some(live) => live,
            None => {
                let contact = contact(call);
                CallRecord {
                    row: row(call).filter(|_| contact.is_none()),
                    deal: deal(call),
                    calling_back: app.calls.calling_back(call.id),
                    ..to_record(call, recording.as_ref(), contact)
                }
            }
        })
        .collect();
    for (record, (call, _)) in shown.iter_mut().zip(&rows) {
        if let Some(recording) = &mut record.recording {
            recording.kept_until = app.work.kept_until(&office, call);
        }
    }
    Ok(shown)
}

/// One call as it is this moment, if this viewer may see it.
pub(crate) async fn visible(app: &App, viewer: &Viewer, id: Uuid) -> Result<Row, Error> {
    let scope = viewer.calls();
    if let Some(state) = app.calls.current(id) {
        let may = match scope {
            Scope::All => true,
            Scope::Own(user) => state.viewers.contains(&user),
        };
        if may {
            return Ok((state.call, state.recording));
        }
    }
    app.store
        .call(id, scope)
        .await?
        .ok_or(Error::NotFound("call"))
}

async fn one(app: &App, row: Row) -> Result<CallRecord, Error> {
    records(app, vec![row])
        .await?
        .pop()
        .ok_or(Error::NotFound("call"))
}

/// A file of the recordings folder; the name comes from the database, and may still not lead out.
fn recorded_file(app: &App, name: Option<&String>) -> Result<PathBuf, Error> {
    let name = name.ok_or(Error::NotFound("recording"))?;
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Error::NotFound("recording"));
    }
    Ok(app.recordings.join(name))
}
