//! How the house works with clients, and who works there: what every page of clients and work needs.

use api_types::{Choice, Colleague, Event, Item, WorkSettings};
use leptos::{prelude::*, task::spawn_local};

use super::session::Session;
use crate::{
    api::{Api, events::Live},
    components::form::Options,
    i18n::*,
    platform::bridge,
    view::{
        choice,
        work::{self, stage_of},
    },
};

/// In the context of the pages.
#[derive(Clone, Copy)]
pub struct House {
    work: RwSignal<WorkSettings>,
    people: RwSignal<Vec<Colleague>>,
    session: Session,
    i18n: I18n,
    api: Api,
}

/// From the context.
pub fn use_house() -> House {
    expect_context()
}

impl House {
    /// Reads both once somebody is signed in, and follows their changes.
    pub fn provide(session: Session, api: Api, live: Live) {
        let house = Self {
            work: RwSignal::new(WorkSettings::default()),
            people: RwSignal::new(Vec::new()),
            session,
            i18n: use_i18n(),
            api,
        };
        provide_context(house);
        Effect::new(move |_| {
            if session.is_in() {
                house.read();
            }
        });
        live.follow(move |event| match event {
            Event::Work(work) => house.work.set((**work).clone()),
            Event::Colleague(one) => house.people.update(|people| {
                match people.iter_mut().find(|known| known.id == one.id) {
                    Some(known) => *known = one.clone(),
                    None => people.push(one.clone()),
                }
            }),
            Event::Resync => house.read(),
            _ => {}
        });
        bridge::hear(bridge::Topic::Session, move |_| {
            if session.is_in_now() {
                house.read();
            }
        });
    }

    fn read(self) {
        spawn_local(async move {
            if let Ok(work) = self.api.get("/work").await {
                let _ = self.work.try_set(work);
            }
            if let Ok(people) = self.api.get("/colleagues").await {
                let _ = self.people.try_set(people);
            }
        });
    }

    /// Reads a part of the settings, followed.
    pub fn work<R>(self, read: impl FnOnce(&WorkSettings) -> R) -> R {
        self.work.with(read)
    }

    /// What the server took.
    pub fn set_work(self, work: WorkSettings) {
        self.work.set(work);
    }

    /// Id of whoever sits here.
    pub fn me(self) -> String {
        self.session.me(|me| me.id.clone()).unwrap_or_default()
    }

    /// Name of a user; empty for nobody.
    pub fn person(self, id: Option<&str>) -> String {
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return String::new();
        };
        let found = self.people.with(|people| {
            let one = people.iter().find(|one| one.id == id);
            one.map(|one| one.name.clone())
        });
        let own = || self.session.me(|me| (me.id == id).then(|| me.name.clone()));
        found
            .or_else(|| own().flatten())
            .unwrap_or_else(|| t_string!(self.i18n, work.former_colleague).to_owned())
    }

    /// Everybody with a telephone but oneself.
    pub fn others(self) -> Vec<Colleague> {
        let own = self.session.me(|me| me.extension.clone()).flatten();
        let all = self.people.get().into_iter();
        all.filter(|one| Some(&one.extension) != own.as_ref())
            .collect()
    }

    /// Everybody one can make responsible; nobody first, under the name given.
    pub fn people(self, nobody: Signal<String>) -> Options {
        Signal::derive(move || {
            let mut options = vec![(String::new(), nobody.get())];
            let me = self.session.me(|me| (me.id.clone(), me.name.clone()));
            let others = self.people.get();
            if let Some(me) = me.filter(|me| others.iter().all(|one| one.id != me.0)) {
                options.push(me);
            }
            options.extend(others.into_iter().map(|one| (one.id, one.name)));
            options
        })
    }

    /// Name of a state of contacts.
    pub fn status(self, key: &str) -> String {
        self.choice(key, |work| &work.statuses)
    }

    /// Name of a result of calls.
    pub fn result(self, key: &str) -> String {
        self.choice(key, |work| &work.results)
    }

    /// Name of one of a list.
    pub fn choice(self, key: &str, list: fn(&WorkSettings) -> &Vec<Choice>) -> String {
        self.work
            .with(|work| choice::say_of(self.i18n, list(work), key))
    }

    /// A list to choose from, with nothing chosen first.
    pub fn choices(self, none: Signal<String>, list: fn(&WorkSettings) -> &Vec<Choice>) -> Options {
        Signal::derive(move || {
            let mut options = vec![(String::new(), none.get())];
            let named = |choice: &Choice| {
                let name = choice::say(self.i18n, &choice.name, &choice.key);
                (choice.key.clone(), name)
            };
            options.extend(
                self.work
                    .with(|work| list(work).iter().map(named).collect::<Vec<_>>()),
            );
            options
        })
    }

    /// Name of what state an item is in.
    pub fn state(self, item: &Item) -> String {
        use api_types::ItemKind::{Deal, Interaction, Order};
        match item.kind {
            Deal => self.work.with(|settings| {
                stage_of(settings, item).map_or_else(
                    || item.state.clone(),
                    |(stage, ..)| choice::say(self.i18n, &stage.name, &stage.key),
                )
            }),
            Interaction if item.state.is_empty() => String::new(),
            Interaction => self.result(&item.state),
            Order => self.choice(&item.state, |work| &work.order_states),
            _ => choice::say(self.i18n, "", &item.state),
        }
    }

    /// A sum in the language of the page.
    pub fn money(self, amount: i64, currency: &str) -> String {
        work::money(amount, currency, self.i18n.get_locale() == Locale::ru)
    }
}
