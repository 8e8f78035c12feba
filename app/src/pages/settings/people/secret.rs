//! What is shown once: a generated password, a desk phone's account.

use api_types::SipAccount;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::{
    components::{
        Dialog, Icon,
        reactive::{act, text},
    },
    i18n::*,
};

/// What is handed over.
#[derive(Clone, PartialEq)]
pub enum Secret {
    /// Sign-in name and password.
    SignIn {
        /// Sign-in name.
        login: String,
        /// Password.
        password: String,
    },
    /// A desk phone's account.
    Phone(SipAccountShown),
}

/// [`SipAccount`] without what cannot be compared.
#[derive(Clone, PartialEq)]
pub struct SipAccountShown {
    server: String,
    transports: String,
    username: String,
    realm: String,
    password: String,
}

impl From<SipAccount> for SipAccountShown {
    fn from(account: SipAccount) -> Self {
        Self {
            server: account.server,
            transports: account.transports.join(", ").to_uppercase(),
            username: account.username,
            realm: account.realm,
            password: account.password,
        }
    }
}

impl Secret {
    fn rows(&self, i18n: I18n) -> Vec<(String, String)> {
        let row = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        match self {
            Self::SignIn { login, password } => vec![
                row(t_string!(i18n, people.login), login),
                row(t_string!(i18n, people.password), password),
            ],
            Self::Phone(account) => vec![
                row(t_string!(i18n, people.server), &account.server),
                row(t_string!(i18n, people.transports), &account.transports),
                row(t_string!(i18n, people.username), &account.username),
                row(t_string!(i18n, people.realm), &account.realm),
                row(t_string!(i18n, people.password), &account.password),
            ],
        }
    }
}

/// A dialog with what is shown once.
#[component]
pub fn SecretDialog(
    name: String,
    secret: Secret,
    #[prop(into)] close: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let copied = RwSignal::new(false);
    let secret = StoredValue::new(secret);
    let copy = move |_| {
        let all: Vec<String> = untrack(|| {
            secret.with_value(|secret| {
                secret
                    .rows(i18n)
                    .into_iter()
                    .map(|(label, value)| format!("{label}: {value}"))
                    .collect()
            })
        });
        leptos::task::spawn_local(async move {
            let clipboard = window().navigator().clipboard();
            if JsFuture::from(clipboard.write_text(&all.join("\n")))
                .await
                .is_ok()
            {
                let _ = copied.try_set(true);
            }
        });
    };
    let copy_words = move || {
        if copied.get() {
            t_string!(i18n, people.copied)
        } else {
            t_string!(i18n, people.copy)
        }
    };
    let title = Signal::derive(move || fill!(i18n, people.secret_title, name = name));
    let rows = secret.with_value(|secret| untrack(|| secret.rows(i18n)));
    let rows = rows.into_iter().map(|(label, value)| view! { <dt>{label}</dt><dd class="mono wrap" data-testid="secret">{value}</dd> });
    view! {
        <Dialog title close foot=Box::new(move || view! {
            <button type="button" class="btn" data-testid="copy-secret" on:click=act(copy)><Icon name="link"/>{text(copy_words)}</button>
            <button type="button" class="btn btn--main" data-testid="close-secret" on:click=act(move |_| close.run(()))>{tr!(i18n, people.done)}</button>
        }.into_any())>
            <div class="secret"><p>{tr!(i18n, people.secret_lead)}</p><dl class="kv">{rows.collect_view()}</dl></div>
        </Dialog>
    }
}
