//! Lines: SIP accounts and trunks at providers.

pub(super) mod balance;
pub(super) mod check;
pub(super) mod check_saved;
pub(super) mod create;
pub(super) mod default;
pub(super) mod delete;
mod draft;
pub(super) mod import_tariffs;
pub(super) mod list;
pub(super) mod set_tariffs;
pub(super) mod show;
pub(super) mod show_tariffs;
pub(super) mod tariff_row;
pub(super) mod try_rewrites;
pub(super) mod update;

use api_types::{Event, Line};
use store::entity::line;
use uuid::Uuid;

use super::error::Error;
use crate::{app::App, events::Audience};

async fn find(app: &App, id: Uuid) -> Result<line::Model, Error> {
    app.store.line(id).await?.ok_or(Error::NotFound("line"))
}

/// The line is used as it is now, and everybody who may see it sees it.
async fn apply(app: &App, row: &line::Model) -> Result<Line, Error> {
    app.reload_lines().await?;
    let line = app.show_line(row);
    app.hub
        .publish(&Event::Line(line.clone()), Audience::Settings);
    Ok(line)
}
