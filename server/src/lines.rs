//! Lines between the database, the gateway, the switchboard and the panel.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{PoisonError, RwLock},
};

use api_types::{Event, Line, LineState, LineTransport};
use sip_gateway::ports::{self, LineConfig};
use store::{StoreError, entity::line};
use uuid::Uuid;

use crate::{
    app::App,
    clock::now_ms,
    events::Audience,
    numbers::Numbers,
    switchboard::KnownLine,
    vault::{Vault, VaultError},
};

/// Seconds asked for in REGISTER.
const EXPIRES_SECS: u32 = 600;

/// What the gateway told about each line.
#[derive(Debug, Default)]
pub(crate) struct Lines(RwLock<HashMap<Uuid, Known>>);

#[derive(Clone, Debug)]
struct Known {
    state: LineState,
    seen_as: Option<SocketAddr>,
    changed_at: i64,
}

impl Lines {
    fn set(&self, line: Uuid, state: &ports::LineState) {
        let (state, seen_as) = convert(state);
        let known = Known {
            state,
            seen_as,
            changed_at: now_ms(),
        };
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(line, known);
    }

    fn get(&self, line: Uuid) -> (LineState, i64) {
        let states = self.0.read().unwrap_or_else(PoisonError::into_inner);
        states
            .get(&line)
            .map_or((LineState::Trying, now_ms()), |known| {
                (known.state.clone(), known.changed_at)
            })
    }

    /// Our address as a provider saw it.
    pub(crate) fn seen_as(&self) -> Option<SocketAddr> {
        let states = self.0.read().unwrap_or_else(PoisonError::into_inner);
        states.values().find_map(|known| known.seen_as)
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

/// A line as the gateway needs it.
pub(crate) fn to_config(row: &line::Model, vault: &Vault) -> Result<LineConfig, VaultError> {
    let password = vault.open_sealed(&purpose(row.id), &row.sealed_password)?;
    let password = String::from_utf8_lossy(&password).into_owned();
    Ok(LineConfig {
        label: row.label.clone(),
        host: row.host.clone(),
        port: row.port.and_then(|port| u16::try_from(port).ok()),
        number: row.number.clone(),
        expires_secs: EXPIRES_SECS,
        record: row.record,
        ..LineConfig::new(row.id, &row.user, &password, &row.domain)
    })
}

fn to_known(row: &line::Model, numbers: Numbers) -> KnownLine {
    KnownLine {
        id: row.id,
        label: row.label.clone(),
        number: numbers.read(row.number.as_deref().unwrap_or(&row.user)),
        default_outgoing: row.default_outgoing,
    }
}

impl App {
    /// Tells the gateway and the switchboard which lines there are.
    pub(crate) async fn reload_lines(&self) -> Result<(), StoreError> {
        let mut configs = Vec::new();
        let mut known = Vec::new();
        for row in self.store.lines().await? {
            if row.built_in && self.test_network.is_none() {
                continue;
            }
            known.push(to_known(&row, self.numbers));
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
        self.switchboard.set_lines(known);
        self.gateway.set_lines(configs);
        Ok(())
    }

    /// A line as the panel shows it.
    pub(crate) fn show_line(&self, row: &line::Model) -> Line {
        let (registration, changed_at) = self.lines.get(row.id);
        let domain = match row.port {
            Some(port) if !row.built_in => format!("{}:{port}", row.domain),
            _ => row.domain.clone(),
        };
        Line {
            id: row.id.to_string(),
            label: row.label.clone(),
            user: row.user.clone(),
            domain,
            number: self
                .numbers
                .read(row.number.as_deref().unwrap_or(&row.user)),
            record: row.record,
            default_outgoing: row.default_outgoing,
            provider: None,
            transport: LineTransport::Udp,
            trunk: false,
            channels: None,
            channels_in_use: 0,
            has_balance: false,
            registration,
            changed_at,
        }
    }

    /// The gateway says that a registration changed.
    pub(crate) async fn line_changed(&self, line: Uuid, state: &ports::LineState) {
        self.lines.set(line, state);
        match self.store.line(line).await {
            Ok(Some(row)) => self
                .hub
                .publish(&Event::Line(self.show_line(&row)), Audience::Settings),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a line's new state was not shown"),
        }
    }
}
