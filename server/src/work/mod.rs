//! How the house works with clients: its settings in memory.

use std::sync::{Arc, PoisonError, RwLock};

use api_types::WorkSettings;
use store::{Store, StoreError};

/// The setting with all of it.
pub(crate) const WORK: &str = "work";

/// What is set now.
#[derive(Debug, Default)]
pub(crate) struct Work {
    settings: RwLock<Arc<WorkSettings>>,
}

impl Work {
    /// What is set, or the beginning.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let settings: WorkSettings = store.setting(WORK).await?.unwrap_or_default();
        Ok(Self {
            settings: RwLock::new(Arc::new(settings)),
        })
    }

    /// As it is now.
    pub(crate) fn now(&self) -> Arc<WorkSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }
}
