//! What happens to people's states by itself: a time is over, nobody moves, a call has ended.

use std::time::Duration;

use api_types::{ActivityWanted, Availability, Presence, PresenceRules};
use store::StoreError;
use uuid::Uuid;

use super::Presences;
use crate::{
    app::{App, Shared},
    clock::now_ms,
};

/// How often it is looked whose time is over.
const LOOK: Duration = Duration::from_secs(1);
/// The setting with the rules.
const RULES: &str = "presence";
/// Signs of life are told at most so seldom, seconds.
const SELDOM: u32 = 60;

/// The rules that are set.
pub(super) async fn load_rules(store: &store::Store) -> Result<PresenceRules, StoreError> {
    Ok(store.setting(RULES).await?.unwrap_or_default())
}

/// A page that listens to events, as long as it does.
pub(crate) struct OpenPage {
    app: Shared,
    user: Uuid,
}

impl OpenPage {
    /// Of this user.
    pub(crate) fn of(app: Shared, user: Uuid) -> Self {
        *app.presences.board().pages.entry(user).or_default() += 1;
        Self { app, user }
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        let mut board = self.app.presences.board();
        if let Some(pages) = board.pages.get_mut(&self.user) {
            *pages -= 1;
        }
        board.pages.retain(|_, pages| *pages > 0);
    }
}

impl Presences {
    /// What is set.
    pub(crate) fn rules(&self) -> PresenceRules {
        self.board().rules
    }

    /// Somebody moved then, ms since 1970. How often he is asked.
    pub(crate) fn moved(&self, user: Uuid, at: i64) -> ActivityWanted {
        let mut board = self.board();
        let moved = board.moved.entry(user).or_insert(at);
        *moved = at.max(*moved);
        let after = board.rules.away_after_secs;
        ActivityWanted {
            every_secs: after.map(|after| (after / 4).clamp(1, SELDOM)),
        }
    }

    /// Whoever is not there because nobody moved, and when that was said.
    fn is_idle(&self, user: Uuid) -> Option<i64> {
        let said = self.of(user);
        let is_idle = said.automatic && said.availability == Availability::Away;
        is_idle.then_some(said.since)
    }
}

impl App {
    /// These rules hold from now on. Who is away by one that is gone is back.
    pub(crate) async fn set_presence_rules(&self, rules: PresenceRules) -> Result<(), StoreError> {
        self.store.set_setting(RULES, &rules).await?;
        let users: Vec<Uuid> = {
            let mut board = self.presences.board();
            board.rules = rules;
            board.said.keys().copied().collect()
        };
        if rules.away_after_secs.is_none() {
            for user in users {
                self.change_presence(user, |presences| {
                    presences.is_idle(user).map(|_| available(now_ms()))
                })
                .await;
            }
        }
        // Pages say when somebody moved last.
        self.people_changed();
        Ok(())
    }

    /// Somebody moved so many seconds ago; who was away for not moving is back.
    pub(crate) async fn sign_of_life(&self, user: Uuid, idle_secs: u32) -> ActivityWanted {
        let at = now_ms() - i64::from(idle_secs) * 1000;
        let wanted = self.presences.moved(user, at);
        let back = |presences: &Presences| {
            let since = presences.is_idle(user)?;
            (at > since).then(|| available(now_ms()))
        };
        if back(&self.presences).is_some() {
            self.change_presence(user, back).await;
        }
        wanted
    }

    /// Says something for somebody, if that is still called for once nobody else is saying anything.
    async fn change_presence(
        &self,
        user: Uuid,
        change: impl Fn(&Presences) -> Option<Presence> + Send,
    ) {
        let _one = self.presences.saying.lock().await;
        if let Some(presence) = change(&self.presences)
            && let Err(error) = self.put_presence(user, presence).await
        {
            tracing::warn!(%error, "what a rule says of somebody could not be written");
        }
    }

    async fn end_what_is_over(&self) {
        let now = now_ms();
        let due = self.presences.board().due(now);
        for user in due {
            self.presences.moved(user, now);
            self.change_presence(user, |presences| {
                let still = presences.board().due(now).contains(&user);
                still.then(|| available(now))
            })
            .await;
        }
    }

    async fn send_the_idle_away(&self) {
        let now = now_ms();
        let idle = self.presences.board().idle(now);
        let office = self.switchboard.office();
        for user in idle {
            let Some(employee) = office.by_user(user) else {
                continue;
            };
            self.change_presence(user, |presences| {
                let board = presences.board();
                let still = board.idle(now).contains(&user);
                (still && !board.is_on_call(&employee.extension)).then(|| Presence {
                    availability: Availability::Away,
                    since: now,
                    automatic: true,
                    ..Presence::default()
                })
            })
            .await;
        }
    }

    /// Who was available and ended a call gets the time to write it down.
    async fn wrap_up(&self) {
        let now = now_ms();
        let freed = std::mem::take(&mut self.presences.board().freed);
        for user in freed {
            self.change_presence(user, |presences| {
                let secs = presences.rules().wrap_up_secs?;
                let said = presences.of(user).availability;
                matches!(said, Availability::Available | Availability::WrapUp).then(|| Presence {
                    availability: Availability::WrapUp,
                    since: now,
                    until: Some(now + i64::from(secs) * 1000),
                    automatic: true,
                    ..Presence::default()
                })
            })
            .await;
        }
    }
}

fn available(since: i64) -> Presence {
    Presence {
        since,
        ..Presence::default()
    }
}

/// Says what the clock and the rules say.
pub(crate) async fn keep_times(app: Shared) {
    let mut every = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = app.presences.someone_is_free.notified() => app.wrap_up().await,
            _ = every.tick() => {
                app.end_what_is_over().await;
                app.send_the_idle_away().await;
            }
        }
    }
}
