//! What handlers and background tasks share.

use std::{path::PathBuf, sync::Arc};

use sip_gateway::Gateway;
use store::Store;
use test_network::TestNetwork;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::limits::Limits, calls::CallBook, config::Config, events::EventHub, imports::Imports,
    lines::Lines, lock_outs::LockOuts, presence::Presences, quality::Gauges, services::Services,
    switchboard::Switchboard, vault::Vault, web::assets::Assets, work::Work,
};

/// Handle of everything; what axum calls the state.
pub(crate) type Shared = Arc<App>;

/// Everything.
pub(crate) struct App {
    /// What the server was told.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Seals secrets.
    pub vault: Vault,
    /// Events to browsers.
    pub hub: Arc<EventHub>,
    /// Answers the gateway's questions.
    pub switchboard: Arc<Switchboard>,
    /// Calls that go on, and the way of calls into the database.
    pub calls: Arc<CallBook>,
    /// How calls sound.
    pub gauges: Arc<Gauges>,
    /// Who takes calls.
    pub presences: Arc<Presences>,
    /// How the house works with clients.
    pub work: Arc<Work>,
    /// States of lines.
    pub lines: Lines,
    /// Slows guessing down.
    pub limits: Limits,
    /// Who is refused after wrong SIP passwords.
    pub lock_outs: LockOuts,
    /// The telephony.
    pub gateway: Gateway,
    /// The test network, with `--demo`.
    pub test_network: Option<TestNetwork>,
    /// The app's files.
    pub assets: Assets,
    /// Files with contacts.
    pub imports: Imports,
    /// Finished recordings.
    pub recordings: PathBuf,
    /// The tasks it cannot do without.
    pub services: Arc<Services>,
    /// The server stops.
    pub stop: CancellationToken,
}

impl App {
    /// How numbers are read here.
    pub(crate) fn numbers(&self) -> numbering::Numbers {
        self.switchboard.office().numbers()
    }
}
