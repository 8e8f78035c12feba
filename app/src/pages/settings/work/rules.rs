//! What happens by itself, each switch with what it changes.

use api_types::{Told, WorkRules, WorkSettings};
use leptos::prelude::*;

use super::{Draft, flag_of, use_draft};
use crate::{
    components::{
        form::{Bound, PickList, Select, Switch},
        reactive::changing,
    },
    i18n::*,
    state::house::use_house,
};

#[component]
pub fn Rules() -> impl IntoView {
    let (i18n, draft) = (use_i18n(), use_draft());
    let rule = move |id: &'static str,
                     words: Signal<String>,
                     lead: Signal<String>,
                     read: fn(&WorkSettings) -> bool,
                     write: fn(&mut WorkSettings, bool)| {
        let bound = flag_of(draft, read, write);
        view! { <div class="wk__r"><Switch id words bound/><p class="soft t12">{lead}</p></div> }
    };
    view! {
        <section><div class="sec"><h3 class="h2">{tr!(i18n, rule.answered)}</h3></div>
            {rule("deal-on-answered", tr!(i18n, rule.deal_on_answered), tr!(i18n, rule.deal_on_answered_lead), |work| work.rules.deal_on_answered, |work, on| work.rules.deal_on_answered = on)}
            {rule("deal-on-outgoing", tr!(i18n, rule.deal_on_outgoing), tr!(i18n, rule.deal_on_outgoing_lead), |work| work.rules.deal_on_outgoing, |work, on| work.rules.deal_on_outgoing = on)}
            {rule("notice-on-deal", tr!(i18n, rule.notice_on_deal), tr!(i18n, rule.notice_on_deal_lead), |work| work.rules.notice_on_deal, |work, on| work.rules.notice_on_deal = on)}
            {rule("contact-on-answered", tr!(i18n, rule.contact_on_answered), tr!(i18n, rule.contact_on_answered_lead), |work| work.rules.contact_on_answered, |work, on| work.rules.contact_on_answered = on)}
            {rule("open-client", tr!(i18n, rule.open_client), tr!(i18n, rule.open_client_lead), |work| work.rules.open_client, |work, on| work.rules.open_client = on)}</section>
        <section><div class="sec"><h3 class="h2">{tr!(i18n, rule.missed)}</h3></div>
            {rule("missed-to-unsorted", tr!(i18n, rule.missed_to_unsorted), tr!(i18n, rule.missed_to_unsorted_lead), |work| work.rules.missed_to_unsorted, |work, on| work.rules.missed_to_unsorted = on)}
            <Who id="missed-told" label=tr!(i18n, rule.missed_told) draft part=|rules| &mut rules.missed_told/>
            <Who id="missed-deal-told" label=tr!(i18n, rule.missed_deal_told) draft part=|rules| &mut rules.missed_deal_told/>
            {rule("close-returned", tr!(i18n, rule.close_returned), tr!(i18n, rule.close_returned_lead), |work| work.rules.close_returned, |work, on| work.rules.close_returned = on)}</section>
        <section><div class="sec"><h3 class="h2">{tr!(i18n, rule.tasks)}</h3></div>
            {rule("task-opens-call", tr!(i18n, rule.task_opens_call), tr!(i18n, rule.task_opens_call_lead), |work| work.rules.task_opens_call, |work, on| work.rules.task_opens_call = on)}</section>
    }
}

/// Who is told of something.
#[component]
fn Who(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    draft: Draft,
    part: fn(&mut WorkRules) -> &mut Told,
) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let told = Memo::new(move |_| draft.now.with(|work| part(&mut work.rules.clone()).clone()));
    let set = move |now: Told| draft.change(|work| *part(&mut work.rules) = now);
    let bound = Bound::new(
        move || {
            told.with(|told| match told {
                Told::Nobody => "nobody",
                Told::Everyone => "everyone",
                Told::Owner => "owner",
                Told::OwnerGroups => "owner_groups",
                Told::Users(_) => "users",
            })
            .to_owned()
        },
        move |name: String| {
            set(match name.as_str() {
                "nobody" => Told::Nobody,
                "owner" => Told::Owner,
                "owner_groups" => Told::OwnerGroups,
                "users" => Told::Users(Vec::new()),
                _ => Told::Everyone,
            })
        },
    );
    let options = Signal::derive(move || {
        [
            ("everyone", t_string!(i18n, rule.everyone)),
            ("owner", t_string!(i18n, rule.owner)),
            ("owner_groups", t_string!(i18n, rule.owner_groups)),
            ("users", t_string!(i18n, rule.users)),
            ("nobody", t_string!(i18n, rule.nobody)),
        ]
        .map(|(key, name)| (key.to_owned(), name.to_owned()))
        .to_vec()
    });
    let people = house.people(Signal::stored(String::new()));
    let names = Signal::derive(move || people.get().into_iter().skip(1).collect::<Vec<_>>());
    let is_list = Memo::new(move |_| told.with(|told| matches!(told, Told::Users(_))));
    let chosen = Signal::derive(move || {
        told.with(|told| {
            if let Told::Users(users) = told {
                users.clone()
            } else {
                Vec::new()
            }
        })
    });
    let list = move || {
        is_list.get().then(|| view! { <PickList chosen write=Callback::new(move |users| set(Told::Users(users))) names add=tr!(i18n, plan.add_person) testid="told-users"/> })
    };
    view! { <div class="wk__r wk__who"><label class="soft" for=id>{label}</label><Select bound options id class="select select--in"/>{changing(list)}</div> }
}
