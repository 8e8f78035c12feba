//! Colleagues and what they do, as the server tells it.

use api_types::{Colleague, Event, Presence};
use leptos::{prelude::*, task::spawn_local};

use super::session::Session;
use crate::{
    api::{Api, events::Live},
    view::people,
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
                .map_or_else(Presence::default, |one| one.presence.clone())
        })
    }

    fn own_extension(self) -> Option<String> {
        self.session.me(|me| me.extension.clone()).flatten()
    }
}
