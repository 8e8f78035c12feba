//! Colleagues and what they do, as the server tells it.

use api_types::{Availability, Colleague, Event, Presence, SetPresence};
use leptos::{prelude::*, task::spawn_local};

use super::session::Session;
use crate::{
    api::{Api, events::Live},
    view::{failure::Failure, people},
};

/// Everybody with a telephone, oneself included, in the context.
#[derive(Clone, Copy)]
pub struct Colleagues {
    all: RwSignal<Vec<Colleague>>,
    session: Session,
    api: Api,
}

/// From the context.
pub fn use_colleagues() -> Colleagues {
    expect_context()
}

impl Colleagues {
    /// Reads them once somebody is signed in, and follows.
    pub fn provide(session: Session, api: Api, live: Live) {
        let colleagues = Self {
            all: RwSignal::new(Vec::new()),
            session,
            api,
        };
        provide_context(colleagues);
        live.follow(move |event| match event {
            Event::Colleague(one) => colleagues
                .all
                .update(|all| people::take_in(all, one.clone())),
            Event::Resync => colleagues.read(),
            _ => {}
        });
        let signed_in = Memo::new(move |_| session.is_in());
        Effect::new(move |_| {
            if signed_in.get() {
                colleagues.read();
            }
        });
    }

    fn read(self) {
        spawn_local(async move {
            if let Ok(all) = self.api.get::<Vec<Colleague>>("/colleagues").await {
                self.all.set(all);
            }
        });
    }

    /// The others.
    pub fn others(self) -> Vec<Colleague> {
        let own = self.own_extension();
        let all = self.all.get();
        let others = all.into_iter();
        others
            .filter(|one| Some(&one.extension) != own.as_ref())
            .collect()
    }

    /// What oneself said.
    pub fn own(self) -> Presence {
        let own = self.own_extension();
        self.all.with(|all| {
            let mut all = all.iter();
            all.find(|one| Some(&one.extension) == own.as_ref())
                .map_or_else(Presence::default, |one| one.presence)
        })
    }

    fn own_extension(self) -> Option<String> {
        self.session.me(|me| me.extension.clone()).flatten()
    }

    /// Says something else of oneself: seen at once, taken back if the server refuses.
    pub async fn say(
        self,
        availability: Availability,
        minutes: Option<u32>,
    ) -> Result<(), Failure> {
        let before = untrack(|| self.own());
        self.show(Presence {
            availability,
            ..before
        });
        let body = SetPresence {
            availability,
            minutes,
        };
        let answer = self.api.put::<Presence>("/me/presence", &body).await;
        self.show(*answer.as_ref().unwrap_or(&before));
        answer.map(drop)
    }

    fn show(self, presence: Presence) {
        let own = untrack(|| self.own_extension());
        self.all.update(|all| {
            let mut all = all.iter_mut();
            if let Some(one) = all.find(|one| Some(&one.extension) == own.as_ref()) {
                one.presence = presence;
            }
        });
    }
}
