//! What can be done with all contacts: import, export, duplicates, handing over.

use api_types::Role;
use leptos::prelude::*;

use super::hand_over::HandOverDialog;
use crate::{
    components::{
        Icon,
        reactive::{When, act, changing, text},
    },
    i18n::*,
    platform::address::use_address,
    state::session::use_session,
};

/// The button beside "New contact". Only for whoever sees everything.
#[component]
pub fn MoreMenu(
    kind: &'static str,
    /// The clients are others now.
    #[prop(into)]
    changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let address = use_address();
    let open = RwSignal::new(false);
    let handing = RwSignal::new(false);
    let may = move || {
        session
            .me(|me| matches!(me.role, Role::Supervisor | Role::Admin))
            .unwrap_or_default()
    };
    // The list as it is filtered when the menu is opened.
    let export = move |format: &'static str| {
        text(move || {
            let filter = address.query_now();
            let filter = filter.trim_start_matches('?');
            let lang = if i18n.get_locale() == Locale::ru {
                "ru"
            } else {
                "en"
            };
            format!("/api/v1/contacts/export?kind={kind}&format={format}&lang={lang}&{filter}")
        })
    };
    let close = move |_: web_sys::MouseEvent| open.set(false);
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" && open.get_untracked() {
            press.stop_propagation();
            open.set(false);
        }
    };
    view! {
        <When when=may>
            <div class="anchor" on:keydown=act(on_key)>
                <button class="btn btn--icon" data-testid="contacts-more" aria-haspopup="menu" aria-label=tr!(i18n, care.more) title=tr!(i18n, care.more) aria-expanded=text(move || open.get()) on:click=act(move |_| open.update(|open| *open = !*open))><Icon name="ellipsis"/></button>
                <When when=move || open.get()>
                    <div class="veil" on:click=act(close)></div>
                    <div class="pop pop--right menu" role="menu" on:click=act(close)>
                        <a role="menuitem" href="/contacts/import" data-testid="go-import"><Icon name="upload"/>{tr!(i18n, import.title)}</a>
                        <a role="menuitem" href="/contacts/duplicates" data-testid="go-duplicates"><Icon name="layers"/>{tr!(i18n, duplicates.title)}</a>
                        <button role="menuitem" data-testid="hand-over-all" on:click=act(move |_| handing.set(true))><Icon name="users"/>{tr!(i18n, care.hand_over_menu)}</button>
                        <a role="menuitem" download="" href=export("csv") data-testid="export-csv"><Icon name="download"/>{tr!(i18n, care.export_csv)}</a>
                        <a role="menuitem" download="" href=export("xlsx")><Icon name="download"/>{tr!(i18n, care.export_xlsx)}</a>
                        <a role="menuitem" download="" href=export("vcf")><Icon name="download"/>{tr!(i18n, care.export_vcf)}</a>
                    </div>
                </When>
            </div>
            {changing(move || handing.get().then(|| view! { <HandOverDialog open=handing done=changed/> }))}
        </When>
    }
}
