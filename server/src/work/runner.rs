//! Does what the [`rules`](super::rules) say, once for each call, in the order things happened. What a
//! crash left undone is done at the next start.

use std::time::Duration;

use api_types::{CallStepKind, ContactRef, EmployeeRef, Event, ItemRef, NoticeKind, Told};
use store::{
    CallChange, ContactRow, PhoneRow, ReturnedBy, Ruling, StoreError,
    entity::{call, item},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    card, notices,
    rules::{About, Action, Facts, Moment, after},
};
use crate::{
    api::items,
    app::{App, Shared},
    calls::{Beat, name_of, read_path},
    clock::now_ms,
    events::Audience,
    services::contained,
};

/// Between two attempts while the database fails or the call's row is not written yet.
const RETRY: Duration = Duration::from_millis(200);

/// Until the server stops.
pub(crate) async fn run(app: Shared, mut beats: mpsc::UnboundedReceiver<Beat>) {
    match app.store.unruled_calls().await {
        Ok(left) => {
            for id in left {
                treat(&app, Beat::Ended(id)).await;
            }
        }
        Err(error) => tracing::error!(%error, "calls whose rules are not done were not found"),
    }
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            beat = beats.recv() => match beat {
                Some(beat) => contained("the rules of business", treat(&app, beat)).await,
                None => return app.stop.cancelled().await,
            }
        }
    }
}

async fn treat(app: &App, beat: Beat) {
    loop {
        let done = match beat {
            Beat::Begun(id) => is_calling_back(app, id).await.map(|()| true),
            Beat::Answered(id) => rule(app, id, Moment::Answered).await,
            Beat::Ended(id) => end(app, id).await,
        };
        match done {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the rules of business wait for the database"),
        }
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

async fn end(app: &App, id: Uuid) -> Result<bool, StoreError> {
    app.calls.stops_calling_back(id).await;
    Ok(rule(app, id, Moment::Answered).await? && rule(app, id, Moment::Ended).await?)
}

/// Who missed a call that is returned now sees who does.
async fn is_calling_back(app: &App, id: Uuid) -> Result<(), StoreError> {
    let Some(call) = app.calls.current(id).map(|state| state.call) else {
        return Ok(());
    };
    if call.direction != "outgoing" {
        return Ok(());
    }
    let (Some(number), Some(extension)) = (&call.number_e164, &call.employee_extension) else {
        return Ok(());
    };
    let by = EmployeeRef {
        name: call
            .employee_name
            .clone()
            .unwrap_or_else(|| extension.clone()),
        extension: extension.clone(),
    };
    let settings = app.work.now();
    let contacts = card::callers(&app.store, &settings, &call).await?.contacts;
    let contact = contacts.first().map(|contact| contact.id);
    let missed = app.store.open_missed(contact, Some(number)).await?;
    let missed = missed.into_iter().map(|missed| missed.id).collect();
    app.calls.calls_back(id, by, missed).await;
    Ok(())
}

/// Whether this moment's rules are done; not yet when the call's row is not written.
async fn rule(app: &App, id: Uuid, moment: Moment) -> Result<bool, StoreError> {
    let Some(stored) = app.store.call_state(id).await? else {
        // Nowhere any more: nothing to be done for it.
        return Ok(app.calls.current(id).is_none());
    };
    let stage = match moment {
        Moment::Answered => 1,
        Moment::Ended => 2,
    };
    if stored.call.ruled >= stage {
        return Ok(true);
    }
    let mut call = stored.call.clone();
    if let Some(now) = app.calls.current(id) {
        call = now.call;
        call.contact_id = stored.call.contact_id;
        call.deal_id = stored.call.deal_id;
    }
    if moment == Moment::Answered && call.answered_at.is_none() {
        return Ok(true);
    }
    let case = Case::of(app, call).await?;
    let rules = &app.work.now().rules;
    let ruling = case.ruling(app, after(moment, &case.facts, rules), stage);
    if let Some(items) = app.store.rule(&ruling).await? {
        tell(app, &ruling, &items).await?;
    }
    Ok(true)
}

/// A call and what is known of it.
struct Case {
    call: call::Model,
    facts: Facts,
    contact: Option<ContactRef>,
    /// Of a row of an own table that has the number.
    row_title: Option<String>,
    /// Only a field says that it is the contact.
    is_by_field: bool,
    deal_title: String,
}

impl Case {
    async fn of(app: &App, call: call::Model) -> Result<Self, StoreError> {
        let settings = app.work.now();
        let found = card::callers(&app.store, &settings, &call).await?;
        let contact = found.contacts.first();
        let number = call.number_e164.as_deref();
        let id = contact.map(|contact| contact.id);
        let mut deals = match id {
            Some(id) => app.store.card_items(id, &["deal"], true, false, 1).await?,
            None => Vec::new(),
        };
        if let (Some(number), true) = (number, deals.is_empty()) {
            deals = app.store.open_deals_of_number(number).await?;
        }
        let missed = match (id, number) {
            (None, None) => Vec::new(),
            _ => app.store.open_missed(id, number).await?,
        };
        let missed = missed.into_iter().filter(|missed| missed.id != call.id);
        let said_title = match call.deal_id {
            Some(deal) => app.store.item_titles(vec![deal]).await?.remove(&deal),
            None => None,
        };
        let facts = Facts {
            direction: name_of(&call.direction).unwrap_or(api_types::Direction::Internal),
            is_answered: call.answered_at.is_some(),
            is_refused: is_refused(&call),
            has_number: number.is_some(),
            employee: call.employee_id,
            contact: id,
            responsible: contact.and_then(|contact| contact.responsible_id),
            deal: deals.first().map(|deal| (deal.id, deal.owner_id)),
            said_deal: call.deal_id.filter(|_| said_title.is_some()),
            missed: missed.map(|missed| (missed.id, missed.tries)).collect(),
        };
        Ok(Self {
            facts,
            contact: contact.map(card::named),
            row_title: found.rows.first().map(|row| row.title.clone()),
            is_by_field: found.is_by_field,
            deal_title: said_title
                .or_else(|| deals.first().map(|deal| deal.title.clone()))
                .unwrap_or_default(),
            call,
        })
    }

    /// What is to be written.
    fn ruling(&self, app: &App, actions: Vec<Action>, stage: i32) -> Ruling {
        let mut ruling = Ruling {
            call: self.call.id,
            stage,
            now: now_ms(),
            ..Ruling::default()
        };
        if self.is_by_field && self.facts.direction != api_types::Direction::Internal {
            let change = CallChange {
                contact: Some(self.facts.contact),
                ..CallChange::default()
            };
            ruling.changes.push((self.call.id, change));
        }
        for action in actions {
            self.act(app, action, &mut ruling);
        }
        ruling
    }

    fn act(&self, app: &App, action: Action, ruling: &mut Ruling) {
        match action {
            Action::MakeContact => ruling.contact = self.new_contact(ruling.now),
            Action::MakeDeal(owner) => {
                let deal = self.new_deal(app, owner, ruling);
                ruling.changes.push((self.call.id, about(deal.id)));
                ruling.items.push(deal);
            }
            Action::Link(deal) if self.call.deal_id != Some(deal) => {
                ruling.changes.push((self.call.id, about(deal)));
            }
            Action::Link(_) => {}
            Action::Unsorted(owner) => {
                let entry = self.new_item("unsorted", owner, ruling);
                ruling.items.push(item::Model {
                    state: "open".to_owned(),
                    sort: "missed".to_owned(),
                    ..entry
                });
            }
            Action::Notice {
                kind,
                to,
                owner,
                about,
            } => {
                let notice = self.notice(kind, about, ruling);
                for user in told(app, &to, owner) {
                    ruling.notices.push(notices::row(user, &notice));
                }
            }
            Action::Returned { calls, by_employee } => self.returned(calls, by_employee, ruling),
            Action::Tried(call, tries) => {
                let change = CallChange {
                    tries: Some(tries),
                    ..CallChange::default()
                };
                ruling.changes.push((call, change));
            }
        }
    }

    fn returned(&self, calls: Vec<Uuid>, by_employee: bool, ruling: &mut Ruling) {
        let name = self.call.employee_name.clone().unwrap_or_default();
        let employee = self.call.employee_extension.clone();
        let employee = employee.map(|extension| (extension, name));
        let change = CallChange {
            returned: Some(ReturnedBy {
                at: self.call.answered_at.unwrap_or(ruling.now),
                employee: employee.filter(|_| by_employee),
                call: self.call.id,
            }),
            ..CallChange::default()
        };
        let changes = calls.iter().map(|call| (*call, change.clone()));
        ruling.changes.extend(changes);
        ruling.accepted = (calls, self.call.employee_id);
    }

    fn number(&self) -> Option<String> {
        let shown = self.call.number_display.clone();
        shown.or_else(|| self.call.number_e164.clone())
    }

    /// What the client is called: his name, that of the row with his number, his number, the name the network
    /// sent.
    fn title(&self) -> String {
        let name = self.contact.as_ref().map(|contact| contact.name.clone());
        let title = name.or_else(|| self.row_title.clone());
        let title = title.or_else(|| self.number());
        title
            .or_else(|| self.call.network_name.clone())
            .unwrap_or_default()
    }

    fn new_contact(&self, now: i64) -> Option<ContactRow> {
        let e164 = self.call.number_e164.clone()?;
        let display = self.number()?;
        Some(ContactRow {
            id: Uuid::now_v7(),
            name: self.row_title.clone().unwrap_or_else(|| display.clone()),
            phones: vec![PhoneRow {
                e164,
                display,
                label: String::new(),
            }],
            responsible: self.call.employee_id,
            created_at: now,
            ..ContactRow::default()
        })
    }

    fn new_deal(&self, app: &App, owner: Option<Uuid>, ruling: &Ruling) -> item::Model {
        let settings = app.work.now();
        let pipeline = settings.pipelines.first();
        let is_open = |stage: &&api_types::Stage| stage.kind == api_types::StageKind::Open;
        let stage = pipeline.and_then(|pipeline| pipeline.stages.iter().find(is_open));
        item::Model {
            state: stage.map_or_else(String::new, |stage| stage.key.clone()),
            pipeline: pipeline.map(|pipeline| pipeline.key.clone()),
            currency: settings.currency.clone(),
            ..self.new_item("deal", owner, ruling)
        }
    }

    fn new_item(&self, kind: &str, owner: Option<Uuid>, ruling: &Ruling) -> item::Model {
        let made = ruling.contact.as_ref().map(|contact| contact.id);
        item::Model {
            id: Uuid::now_v7(),
            kind: kind.to_owned(),
            title: self.title(),
            is_open: true,
            contact_id: self.facts.contact.or(made),
            call_id: Some(self.call.id),
            owner_id: owner,
            participants: "[]".to_owned(),
            fields: "{}".to_owned(),
            tags: "[]".to_owned(),
            created_at: ruling.now,
            updated_at: ruling.now,
            version: 1,
            ..item::Model::default()
        }
    }

    fn notice(&self, kind: NoticeKind, about: About, ruling: &Ruling) -> api_types::Notice {
        let made = || {
            ruling
                .items
                .last()
                .map(|item| (item.id, item.title.clone()))
        };
        let item = match about {
            About::NewDeal | About::Entry => made(),
            About::Deal(deal) => Some((deal, self.deal_title.clone())),
            About::Call => None,
        };
        let number = self.call.number_e164.clone();
        api_types::Notice {
            id: String::new(),
            kind,
            at: ruling.now,
            seen: false,
            contact: self.contact.clone(),
            number: number.map(|e164| api_types::PhoneNumber {
                display: self.number().unwrap_or_else(|| e164.clone()),
                e164,
            }),
            item: item.map(|(id, title)| ItemRef {
                id: id.to_string(),
                title,
            }),
            call: Some(self.call.id.simple().to_string()),
            by: None,
            count: 0,
            on: None,
        }
    }
}

fn about(deal: Uuid) -> CallChange {
    CallChange {
        deal: Some(Some(deal)),
        ..CallChange::default()
    }
}

/// Blocked, or hiding his number where that is refused.
fn is_refused(call: &call::Model) -> bool {
    let refused = [CallStepKind::Blocked, CallStepKind::Anonymous];
    read_path(&call.path)
        .iter()
        .any(|step| refused.contains(&step.kind))
}

/// The users meant.
fn told(app: &App, to: &Told, owner: Option<Uuid>) -> Vec<Uuid> {
    let office = app.switchboard.office();
    let everyone = || office.employees.iter().map(|employee| employee.user);
    match to {
        Told::Nobody => Vec::new(),
        Told::Everyone => everyone().collect(),
        Told::Owner => owner.into_iter().collect(),
        Told::OwnerGroups => {
            let groups = office.groups.iter().filter(|group| {
                let is_his = |owner| group.members.contains(&owner);
                owner.is_some_and(is_his)
            });
            let mut users: Vec<Uuid> = groups.flat_map(|group| group.members.clone()).collect();
            users.extend(owner);
            users.sort();
            users.dedup();
            users
        }
        Told::Users(users) => users.iter().filter_map(|user| user.parse().ok()).collect(),
    }
}

/// Shows what was done.
async fn tell(app: &App, ruling: &Ruling, made: &[item::Model]) -> Result<(), StoreError> {
    for row in &ruling.notices {
        notices::tell(app, row);
    }
    for (id, change) in &ruling.changes {
        app.calls.amended(*id, change).await?;
    }
    for row in made {
        match items::item(app, row.clone()).await {
            Ok(item) => items::tell(app, &item),
            Err(error) => tracing::error!(%error, "an item was made and not shown"),
        }
    }
    if ruling.contact.is_some() {
        app.hub.publish(&Event::Many, Audience::Everyone);
        app.calls.contacts_changed().await;
    }
    Ok(())
}
