//! How the house works with clients: its settings in memory, and what they say of records, as pure
//! functions.

pub(crate) mod card;
pub(crate) mod fields;
pub(crate) mod items;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod retention;
mod rules;
pub(crate) mod runner;
mod settings;

use std::{
    borrow::Cow,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use api_types::{FieldKind, Retention, WorkSettings};
use store::{Place, Store, StoreError, entity::call};

use crate::routing::Office;

pub(crate) use settings::check;

/// The setting with all of it.
pub(crate) const WORK: &str = "work";

/// What is set now.
#[derive(Debug, Default)]
pub(crate) struct Work {
    settings: RwLock<Arc<WorkSettings>>,
    /// When the rules of retention came into force.
    retention_since: AtomicI64,
}

impl Work {
    /// What is set, or the beginning.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let settings: WorkSettings = store.setting(WORK).await?.unwrap_or_default();
        let known: Option<(Retention, i64)> = store.setting(retention::SINCE).await?;
        Ok(Self {
            settings: RwLock::new(Arc::new(settings)),
            retention_since: AtomicI64::new(known.map_or(0, |(_, since)| since)),
        })
    }

    /// When a call's recording goes, if it does.
    pub(crate) fn kept_until(&self, office: &Office, call: &call::Model) -> Option<i64> {
        let since = self.retention_since.load(Ordering::Relaxed);
        retention::kept_until(&self.now(), since, office, call)
    }

    /// Notes when the rules of retention came into force; when they did.
    pub(crate) async fn retention_since(&self, store: &Store, now: i64) -> Result<i64, StoreError> {
        let rules = self.now().retention.clone();
        let known: Option<(Retention, i64)> = store.setting(retention::SINCE).await?;
        let since = match known {
            Some((same, since)) if same == rules => since,
            _ => {
                store.set_setting(retention::SINCE, &(rules, now)).await?;
                now
            }
        };
        self.retention_since.store(since, Ordering::Relaxed);
        Ok(since)
    }

    /// As it is now.
    pub(crate) fn now(&self) -> Arc<WorkSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where callers are looked up now.
    pub(crate) fn places(&self) -> Vec<Place> {
        places(&self.now())
    }

    /// From now on it is this.
    pub(crate) fn set(&self, settings: WorkSettings) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }
}

/// Where callers are looked up, in order, and by which fields besides phones.
pub(crate) fn places(settings: &WorkSettings) -> Vec<Place> {
    let place = |table: &String| {
        let is_phone =
            |def: &&api_types::FieldDef| def.table == *table && def.kind == FieldKind::Phone;
        let fields = settings.fields.iter().filter(is_phone);
        Place {
            table: table.clone(),
            fields: fields.map(|def| def.key.clone()).collect(),
        }
    };
    settings.lookup.iter().map(place).collect()
}

/// What is wrong with something typed, in a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Stable name.
    pub code: &'static str,
    /// The field.
    pub field: Cow<'static, str>,
    /// The sentence.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(
        code: &'static str,
        field: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            field: field.into(),
            message: message.into(),
        }
    }
}

/// A text without what stands around it, if it is not longer than allowed.
pub(crate) fn short(
    text: &str,
    most: usize,
    field: &'static str,
    what: &str,
) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    if length <= most {
        return Ok(text.to_owned());
    }
    Err(Problem::new(
        "too_long",
        field,
        format!("{what} has {length} characters; shorten it to {most}"),
    ))
}
