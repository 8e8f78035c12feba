//! Who is signed in.

use api_types::{Me, Role};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api,
    platform::bridge::{self, Topic},
    view::failure::Failure,
};

/// Where the session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// Asking the server.
    Unknown,
    /// Nobody is signed in; why, if there is something to say.
    SignedOut(Option<Failure>),
    /// Somebody is.
    SignedIn(Me),
}

/// The session, in the context.
#[derive(Clone, Copy)]
pub struct Session(RwSignal<SessionState>);

/// From the context.
pub fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Asks the server, or spends the first-run link the page was opened with.
    pub fn provide() -> Self {
        let session = Self(RwSignal::new(SessionState::Unknown));
        provide_context(session);
        spawn_local(session.begin());
        let me = bridge::module();
        bridge::hear(Topic::Session, move |teller| {
            if teller != me {
                spawn_local(session.ask_again());
            }
        });
        session
    }

    async fn begin(self) {
        let answer = match link_token() {
            Some(token) => {
                let answer = api::sign_in_by_link(token).await;
                forget_link();
                match answer {
                    // A link opened again by a person who is signed in already does no harm.
                    Err(failure) => api::me().await.map_err(|_| failure),
                    answer => answer,
                }
            }
            None => match api::me().await {
                Err(Failure::SignedOut | Failure::Refused { status: 401, .. }) => {
                    return self.0.set(SessionState::SignedOut(None));
                }
                answer => answer,
            },
        };
        match answer {
            Ok(me) => self.enter(me),
            Err(failure) => self.0.set(SessionState::SignedOut(Some(failure))),
        }
    }

    /// Another module or another tab knows something new.
    pub async fn ask_again(self) {
        match api::me().await {
            Ok(me) => self.enter(me),
            Err(Failure::SignedOut | Failure::Refused { status: 401, .. }) => {
                self.end();
            }
            // The next request will tell.
            Err(_) => {}
        }
    }

    /// Somebody signed in.
    pub fn enter(self, me: Me) {
        self.0.set(SessionState::SignedIn(me));
    }

    /// The server no longer knows the session.
    pub fn expire(self) {
        if self.end() {
            bridge::tell(Topic::Session, bridge::module());
        }
    }

    /// Whether somebody was signed in until now.
    fn end(self) -> bool {
        let was_in = self
            .0
            .with_untracked(|state| matches!(state, SessionState::SignedIn(_)));
        if was_in {
            self.0
                .set(SessionState::SignedOut(Some(Failure::SignedOut)));
        }
        was_in
    }

    /// The person leaves.
    pub fn leave(self) {
        self.0.set(SessionState::SignedOut(None));
    }

    /// Where it stands.
    pub fn state(self) -> SessionState {
        self.0.get()
    }

    /// Whether somebody is signed in.
    pub fn is_in(self) -> bool {
        self.0
            .with(|state| matches!(state, SessionState::SignedIn(_)))
    }

    /// The same, once and without following changes.
    pub fn is_in_now(self) -> bool {
        untrack(|| self.is_in())
    }

    /// Reads a part of whoever is signed in.
    pub fn me<T>(self, read: impl FnOnce(&Me) -> T) -> Option<T> {
        self.0.with(|state| match state {
            SessionState::SignedIn(me) => Some(read(me)),
            SessionState::Unknown | SessionState::SignedOut(_) => None,
        })
    }

    /// The same, once and without following changes.
    pub fn me_now<T>(self, read: impl FnOnce(&Me) -> T) -> Option<T> {
        untrack(|| self.me(read))
    }

    /// A password was set.
    pub fn has_password_now(self) {
        self.0.update(|state| {
            if let SessionState::SignedIn(me) = state {
                me.has_password = true;
            }
        });
        bridge::tell(Topic::Session, bridge::module());
    }

    /// Whether telephony settings may be seen.
    pub fn is_administrator(self) -> bool {
        self.me(|me| matches!(me.role, Role::SubAdmin | Role::Admin))
            .unwrap_or(false)
    }
}

/// The token of `/start#token`.
fn link_token() -> Option<String> {
    let location = window().location();
    let token = location.hash().ok()?.trim_start_matches('#').to_owned();
    (location.pathname().ok()? == "/start" && !token.is_empty()).then_some(token)
}

/// Takes the token out of the address and the history.
fn forget_link() {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/"));
    }
}
