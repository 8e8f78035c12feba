//! Lines between the database, the gateway, the switchboard and the panel.

pub(crate) mod balance;
pub(crate) mod check;
pub(crate) mod presets;
mod settings;

pub(crate) use settings::{config_of, network, settings_of, stored, to_config};

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{PoisonError, RwLock},
};

use api_types::{Event, Line, LineDetails, LineState};
use sip_gateway::ports;
use store::{StoreError, entity::line};
use uuid::Uuid;

use crate::{app::App, clock::now_ms, events::Audience};

/// What the gateway told about each line.
#[derive(Debug, Default)]
pub(crate) struct Lines(RwLock<HashMap<Uuid, Known>>);

#[derive(Clone, Debug)]
struct Known {
    state: LineState,
    seen_as: Option<SocketAddr>,
    changed_at: i64,
    in_use: u32,
}

impl Known {
    fn new() -> Self {
        Self {
            state: LineState::Trying,
            seen_as: None,
            changed_at: now_ms(),
            in_use: 0,
        }
    }
}

impl Lines {
    fn set(&self, line: Uuid, state: &ports::LineState) {
        let (state, seen_as) = convert(state);
        self.change(line, |known| {
            // A refreshed registration is no change: people see since when the line is there.
            if !is_same(&known.state, &state) {
                known.changed_at = now_ms();
            }
            known.state = state;
            known.seen_as = seen_as;
        });
    }

    fn change(&self, line: Uuid, change: impl FnOnce(&mut Known)) {
        let mut states = self.0.write().unwrap_or_else(PoisonError::into_inner);
        change(states.entry(line).or_insert_with(Known::new));
    }

    fn get(&self, line: Uuid) -> Known {
        let states = self.0.read().unwrap_or_else(PoisonError::into_inner);
        states.get(&line).cloned().unwrap_or_else(Known::new)
    }

    /// Whether calls can go over it now.
    pub(crate) fn is_up(&self, line: Uuid) -> bool {
        matches!(self.get(line).state, LineState::Registered { .. })
    }

    /// Our address as a provider saw it.
    pub(crate) fn seen_as(&self) -> Option<SocketAddr> {
        let states = self.0.read().unwrap_or_else(PoisonError::into_inner);
        states.values().find_map(|known| known.seen_as)
    }
}

/// Whether people would call it the same state.
fn is_same(before: &LineState, after: &LineState) -> bool {
    match (before, after) {
        (LineState::Trying, LineState::Trying)
        | (LineState::Registered { .. }, LineState::Registered { .. }) => true,
        (LineState::Failed { code: before, .. }, LineState::Failed { code: after, .. }) => {
            before == after
        }
        _ => false,
    }
}

fn convert(state: &ports::LineState) -> (LineState, Option<SocketAddr>) {
    match state {
        ports::LineState::Trying => (LineState::Trying, None),
        ports::LineState::Registered {
            expires_secs,
            round_trip_ms,
            seen_as,
        } => {
            let registered = LineState::Registered {
                expires_secs: *expires_secs,
                round_trip_ms: *round_trip_ms,
            };
            (registered, *seen_as)
        }
        // An IP trunk: it needs no registration and has none that could run out.
        ports::LineState::Reachable { round_trip_ms } => {
            let reachable = LineState::Registered {
                expires_secs: 0,
                round_trip_ms: *round_trip_ms,
            };
            (reachable, None)
        }
        ports::LineState::Failed { code, reason, .. } => (
            LineState::Failed {
                code: *code,
                reason: reason.clone(),
            },
            None,
        ),
    }
}

/// What a line's password is sealed for.
pub(crate) fn purpose(line: Uuid) -> String {
    format!("line:{line}")
}

impl App {
    /// Tells the gateway and the switchboard which lines there are.
    pub(crate) async fn reload_lines(&self) -> Result<(), StoreError> {
        self.reload_office().await?;
        let mut configs = Vec::new();
        for row in self.store.lines().await? {
            if row.built_in && self.test_network.is_none() {
                continue;
            }
            match to_config(&row, &self.vault) {
                Ok(config) => configs.push(config),
                Err(error) => {
                    tracing::error!(line.id = %row.id, %error, "a line's password cannot be read; enter it again");
                    let failed = ports::LineState::Failed {
                        code: 401,
                        reason: "The stored password cannot be read; enter it again".to_owned(),
                        trouble: None,
                    };
                    self.lines.set(row.id, &failed);
                }
            }
        }
        self.gateway.set_lines(configs);
        Ok(())
    }

    /// A line as the list shows it.
    pub(crate) fn show_line(&self, row: &line::Model) -> Line {
        let live = self.lines.get(row.id);
        let draft = settings_of(row);
        let numbers = self.numbers();
        Line {
            id: row.id.to_string(),
            label: row.label.clone(),
            user: row.user.clone(),
            number: numbers.read(row.number.as_deref().unwrap_or(&row.user)),
            record: row.record,
            default_outgoing: row.default_outgoing,
            provider: draft.preset.as_deref().and_then(presets::name_of),
            transport: draft.transport,
            trunk: draft.trunk,
            channels: draft.channels,
            channels_in_use: live.in_use,
            has_balance: row.sealed_balance.is_some(),
            domain: draft.domain,
            registration: live.state,
            changed_at: live.changed_at,
        }
    }

    /// Everything that is set of a line, without secrets.
    pub(crate) fn line_details(&self, row: &line::Model) -> LineDetails {
        let mut settings = settings_of(row);
        for further in &mut settings.numbers {
            further.number = self.numbers().read(&further.number).e164;
        }
        LineDetails {
            line: self.show_line(row),
            settings,
        }
    }

    /// The gateway says how many calls go over a line.
    pub(crate) async fn line_usage(&self, line: Uuid, in_use: u32) {
        self.lines.change(line, |known| known.in_use = in_use);
        self.tell_line(line).await;
    }

    /// The gateway says that a registration changed.
    pub(crate) async fn line_changed(&self, line: Uuid, state: &ports::LineState) {
        self.lines.set(line, state);
        self.tell_line(line).await;
    }

    async fn tell_line(&self, line: Uuid) {
        match self.store.line(line).await {
            Ok(Some(row)) => self
                .hub
                .publish(&Event::Line(self.show_line(&row)), Audience::Settings),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a line's new state was not shown"),
        }
    }
}
