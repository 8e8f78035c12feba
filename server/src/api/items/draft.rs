//! From what was typed to an item's row.

use api_types::{ItemDraft, ItemKind};
use store::entity::{call, item};
use time::{OffsetDateTime, macros::format_description};
use uuid::Uuid;

use crate::{
    api::{
        calls,
        contacts::{person, phone},
        error::Error,
        extract::parse_id,
    },
    app::App,
    auth::Viewer,
    calls::word,
    work::{fields, items, people},
};

/// What an item belongs to.
#[derive(Default)]
struct Belongings {
    contact: Option<Uuid>,
    deal: Option<Uuid>,
    parent: Option<Uuid>,
    call: Option<call::Model>,
}

/// The row a draft describes, over what was there.
pub(super) async fn to_row(
    app: &App,
    viewer: &Viewer,
    mut draft: ItemDraft,
    before: item::Model,
    is_new: bool,
    now: i64,
) -> Result<item::Model, Error> {
    if !is_new {
        draft.kind = super::kind(&before);
        draft.table.clone_from(&before.own_table);
    }
    let work = app.work.now();
    let held = (!is_new).then_some((before.state.as_str(), before.pipeline.as_deref()));
    let judged = items::judge(&work, &draft, held)?;
    let held = serde_json::from_str(&before.fields)
        .ok()
        .filter(|_| !is_new);
    let read_phone = |spelled: &str| phone(app.numbers(), spelled).map(|phone| phone.e164);
    let kept = match items::table(&draft) {
        Some(table) => fields::check(
            &work.fields,
            table,
            &draft.fields,
            held.as_ref(),
            read_phone,
        )?,
        None => fields::check(&[], "", &draft.fields, held.as_ref(), read_phone)?,
    };
    let tags = people::tags(&draft.tags)?;
    let belongs = belongings(app, viewer, &draft, before.id).await?;
    let owner = match &draft.owner {
        Some(named) => person(app, named, "owner", before.owner_id).await?,
        None if is_new => Some(viewer.id()),
        None => None,
    };
    let mut participants = Vec::new();
    for named in draft.participants.iter().take(100) {
        participants.extend(person(app, named, "participants", None).await?);
    }
    let title = match judged.title.is_empty() {
        false => judged.title,
        true => make_title(app, draft.kind, &judged.text, &belongs, now).await?,
    };
    Ok(item::Model {
        kind: word(draft.kind),
        own_table: draft.table.filter(|_| draft.kind == ItemKind::Own),
        title,
        text: judged.text,
        done_at: items::done_at(draft.kind, judged.is_open, before.done_at, now),
        state: judged.state,
        is_open: judged.is_open,
        pipeline: judged.pipeline,
        sort: judged.sort,
        contact_id: belongs.contact,
        deal_id: belongs.deal,
        parent_id: belongs.parent,
        call_id: belongs.call.map(|call| call.id),
        owner_id: owner,
        amount: draft.amount,
        currency: judged.currency,
        due_at: draft.due_at,
        ends_at: draft.ends_at,
        place: judged.place,
        participants: json(&participants),
        moment_ms: draft.moment_ms.and_then(|at| i64::try_from(at).ok()),
        fields: json(&kept),
        tags: json(&tags),
        updated_at: now,
        ..before
    })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What it is made in or for, and what follows: an item of a deal, an order or a call is its client's too,
/// and what is made in a call of a deal is the deal's.
async fn belongings(
    app: &App,
    viewer: &Viewer,
    draft: &ItemDraft,
    own: Uuid,
) -> Result<Belongings, Error> {
    let mut found = Belongings::default();
    if let Some(id) = named(draft.contact.as_ref(), "contact")? {
        let row = app.store.contact(id).await?;
        found.contact = Some(row.ok_or_else(|| gone("contact"))?.id);
    }
    if let Some(id) = named(draft.parent.as_ref(), "parent")? {
        let parent = app.store.item(id).await?.filter(|parent| parent.id != own);
        let fits = |parent: &item::Model| matches!(parent.kind.as_str(), "order" | "invoice");
        let parent = parent.filter(fits).ok_or_else(|| gone("parent"))?;
        found.parent = Some(parent.id);
        found.contact = found.contact.or(parent.contact_id);
        found.deal = parent.deal_id;
    }
    if let Some(id) = named(draft.deal.as_ref(), "deal")? {
        let deal = app.store.item(id).await?.filter(|deal| deal.id != own);
        let deal = deal
            .filter(|deal| deal.kind == "deal")
            .ok_or_else(|| gone("deal"))?;
        found.deal = Some(deal.id);
        found.contact = found.contact.or(deal.contact_id);
    }
    if let Some(id) = named(draft.call.as_ref(), "call")? {
        let call = calls::visible(app, viewer, id)
            .await
            .map_err(|_| gone("call"))?
            .0;
        found.contact = match found.contact {
            Some(contact) => Some(contact),
            None => client_of(app, &call).await?,
        };
        found.deal = found
            .deal
            .or(call.deal_id)
            .filter(|_| draft.kind != ItemKind::Deal);
        found.call = Some(call);
    }
    Ok(found)
}

/// Whose call it is.
async fn client_of(app: &App, call: &call::Model) -> Result<Option<Uuid>, Error> {
    if call.contact_id.is_some() {
        return Ok(call.contact_id);
    }
    let Some(number) = &call.number_e164 else {
        return Ok(None);
    };
    let known = app.store.callers(&app.work.places(), number).await?;
    Ok(known.contacts.first().map(|contact| contact.id))
}

fn named(id: Option<&String>, field: &'static str) -> Result<Option<Uuid>, Error> {
    let id = id.map(|id| id.trim()).filter(|id| !id.is_empty());
    id.map(|id| parse_id(id).ok_or_else(|| gone(field)))
        .transpose()
}

fn gone(field: &'static str) -> Error {
    let message = match field {
        "parent" => "there is no such order or invoice (any more); choose another".to_owned(),
        field => format!("there is no such {field} (any more); choose another"),
    };
    Error::invalid("no_such", field, message)
}

async fn make_title(
    app: &App,
    kind: ItemKind,
    text: &str,
    belongs: &Belongings,
    now: i64,
) -> Result<String, Error> {
    let mut names = app.store.contact_names(belongs.contact.as_slice()).await?;
    let client = belongs
        .contact
        .and_then(|id| names.remove(&id))
        .unwrap_or_default();
    let number = belongs
        .call
        .as_ref()
        .and_then(|call| call.number_display.clone());
    Ok(items::title(
        kind,
        text,
        &client,
        &number.unwrap_or_default(),
        &day(now),
    ))
}

fn day(now: i64) -> String {
    let date = OffsetDateTime::from_unix_timestamp(now.div_euclid(1000));
    let format = format_description!("[year]-[month]-[day]");
    date.ok()
        .and_then(|date| date.format(format).ok())
        .unwrap_or_default()
}
