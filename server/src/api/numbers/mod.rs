//! How numbers are dialled, and where calls go.

pub(super) mod directions;
pub(super) mod set_outgoing;
pub(super) mod set_settings;
pub(super) mod show_outgoing;
pub(super) mod show_settings;
pub(super) mod try_number;

use api_types::{NumbersPage, UnixMs};

use super::error::Error;
use crate::{app::App, routing::Office};

/// The setting with the time of the last change.
const CHANGED: &str = "numbers_changed_at";

async fn page(app: &App) -> Result<NumbersPage, Error> {
    let office = app.switchboard.office();
    let (allowed, all) = office.rules.count_directions();
    let emergency = office.rules.emergency();
    Ok(NumbersPage {
        settings: office.settings.clone(),
        forbidden: office.rules.forbidden(),
        emergency: emergency.all().map(str::to_owned).collect(),
        emergency_line: carries_emergencies(app, &office),
        hidden_emergency: hidden(&office),
        allowed,
        all,
        changed_at: app.store.setting::<UnixMs>(CHANGED).await?,
    })
}

/// Whether a line that may carry emergency calls is there now.
fn carries_emergencies(app: &App, office: &Office) -> bool {
    let mut lines = office.lines.iter();
    lines.any(|line| line.emergency && app.lines.is_up(line.id))
}

/// Emergency numbers that are somebody's extension.
fn hidden(office: &Office) -> Vec<String> {
    let numbers = office.rules.emergency().services.iter();
    numbers
        .filter(|number| office.by_extension(number).is_some())
        .map(|number| (*number).to_owned())
        .collect()
}
