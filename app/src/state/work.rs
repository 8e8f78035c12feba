//! How the house works with clients, as the server tells it.

use api_types::{Event, WorkSettings};
use leptos::{prelude::*, task::spawn_local};

use crate::api::{Api, events::Live};

/// The settings of work, in the context; those of a new house until the server has answered.
#[derive(Clone, Copy)]
pub struct Work(RwSignal<WorkSettings>);

/// From the context.
pub fn use_work() -> Work {
    expect_context()
}

impl Work {
    /// Reads them and follows.
    pub fn provide(api: Api, live: Live) {
        let work = Self(RwSignal::new(WorkSettings::default()));
        provide_context(work);
        work.read(api);
        live.follow(move |event| match event {
            Event::Work(now) => work.0.set((**now).clone()),
            Event::Resync => work.read(api),
            _ => {}
        });
    }

    fn read(self, api: Api) {
        spawn_local(async move {
            if let Ok(now) = api.get::<WorkSettings>("/work").await {
                let _ = self.0.try_set(now);
            }
        });
    }

    /// A part of them, followed.
    pub fn with<R>(self, read: impl FnOnce(&WorkSettings) -> R) -> R {
        self.0.with(read)
    }

    /// All of them as they are now.
    pub fn now(self) -> WorkSettings {
        self.0.get_untracked()
    }
}
