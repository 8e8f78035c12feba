//! What a card says of whoever is on the telephone.

use api_types::{
    CallBrief, CallStatus, CardField, ClientCard, ContactRef, DealBrief, Direction, EmployeeRef,
    Fields, ItemBrief, Labelled, RowRef, StageKind, WorkSettings,
};
use store::{
    Callers, EarlierCall, Store, StoreError,
    entity::{call, contact, item},
};
use uuid::Uuid;

use super::places;
use crate::{calls::name_of, routing::Office};

/// Open deals, tasks and requests, and calls shown.
const SHOWN: u64 = 5;
/// Interactions and notes shown.
const WORDS: u64 = 3;
/// Characters of a text that stands for a missing title.
const LONGEST_TITLE: usize = 80;

/// A client and everything shown of him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Client {
    /// Contact id.
    pub id: Option<Uuid>,
    /// The company he works for, or that it is.
    pub company: Option<Uuid>,
    /// The row of an own table that has the number, where no contact has it.
    pub row: Option<RowRef>,
    /// What the card says.
    pub card: ClientCard,
}

/// Whoever is on the telephone in this call.
pub(crate) async fn of(
    store: &Store,
    settings: &WorkSettings,
    office: &Office,
    call: &call::Model,
) -> Result<Client, StoreError> {
    let Callers { contacts, rows, .. } = callers(store, settings, call).await?;
    let number = call.number_e164.as_deref();
    let id = contacts.first().map(|contact| contact.id);
    // At once: they wait for each other's way to the database and back no longer.
    let ((calls, call_count), mut deals, known) = tokio::try_join!(
        async {
            match (id, number) {
                (None, None) => Ok((Vec::new(), 0)),
                _ => store.earlier_calls(id, number, call.id, SHOWN).await,
            }
        },
        async {
            match number {
                Some(number) => store.open_deals_of_number(number).await,
                None => Ok(Vec::new()),
            }
        },
        async {
            match contacts.first() {
                Some(contact) => known(store, settings, contact).await.map(Some),
                None => Ok(None),
            }
        },
    )?;
    let mut card = ClientCard {
        contacts: contacts.iter().map(named).collect(),
        calls: calls.into_iter().map(earlier).collect(),
        call_count,
        ..ClientCard::default()
    };
    let mut company = None;
    if let (Some(contact), Some(known)) = (contacts.first(), known) {
        company = works_for(contact);
        let briefs = |rows: &[item::Model]| rows.iter().map(|row| brief(office, row)).collect();
        card.tasks = briefs(&known.tasks);
        card.requests = briefs(&known.requests);
        card.interactions = briefs(&known.words);
        card.orders = briefs(&known.orders);
        deals.extend(known.deals);
        describe(settings, office, contact, known.company, &mut card);
    }
    card.deals = deals
        .iter()
        .map(|deal| brief_deal(settings, deal))
        .collect();
    card.deals.truncate(5);
    Ok(Client {
        id,
        company,
        row: rows.first().map(row_of).filter(|_| id.is_none()),
        card,
    })
}

/// The contact it was said to be with, then those with the number in the first place that has it.
pub(super) async fn callers(
    store: &Store,
    settings: &WorkSettings,
    call: &call::Model,
) -> Result<Callers, StoreError> {
    let mut found = match &call.number_e164 {
        Some(number) => store.callers(&places(settings), number).await?,
        None => Callers::default(),
    };
    if let Some(said) = call.contact_id {
        let known = found.contacts.iter().position(|one| one.id == said);
        let said = match known {
            Some(at) => Some(found.contacts.remove(at)),
            None => store.contact_model(said).await?,
        };
        found.is_by_field &= said.is_none();
        found.contacts.splice(0..0, said);
    }
    Ok(found)
}

/// A row of an own table that has a caller's number.
pub(crate) fn row_of(row: &item::Model) -> RowRef {
    RowRef {
        id: row.id.to_string(),
        table: row.own_table.clone().unwrap_or_default(),
        title: row.title.clone(),
    }
}

pub(crate) fn named(contact: &contact::Model) -> ContactRef {
    ContactRef {
        id: contact.id.to_string(),
        name: contact.name.clone(),
    }
}

fn works_for(contact: &contact::Model) -> Option<Uuid> {
    match contact.kind.as_str() {
        "company" => Some(contact.id),
        _ => contact.company_id,
    }
}

fn earlier(call: EarlierCall) -> CallBrief {
    CallBrief {
        id: call.id.simple().to_string(),
        direction: name_of(&call.direction).unwrap_or(Direction::Internal),
        status: name_of(&call.status).unwrap_or(CallStatus::Failed),
        started_at: call.started_at,
        talk_ms: u64::try_from(call.talk_ms).unwrap_or(0),
        employee: call.employee_name,
        result: call.result,
        has_recording: call.recording.as_deref() == Some("ready"),
    }
}

/// What there is of a contact.
struct Known {
    deals: Vec<item::Model>,
    tasks: Vec<item::Model>,
    requests: Vec<item::Model>,
    words: Vec<item::Model>,
    orders: Vec<item::Model>,
    /// The name of the company he works for.
    company: Option<String>,
}

async fn known(
    store: &Store,
    settings: &WorkSettings,
    contact: &contact::Model,
) -> Result<Known, StoreError> {
    let id = contact.id;
    let orders = u64::from(settings.card_orders);
    let (deals, tasks, requests, words, orders, company) = tokio::try_join!(
        store.card_items(id, &["deal"], true, false, SHOWN),
        store.card_items(id, &["task", "meeting"], true, true, SHOWN),
        store.card_items(id, &["request"], true, false, SHOWN),
        store.card_items(id, &["interaction", "note"], false, false, WORDS),
        async {
            match orders {
                0 => Ok(Vec::new()),
                most => store.card_items(id, &["order"], false, false, most).await,
            }
        },
        async {
            match contact.company_id {
                Some(id) => Ok(store.contact_names(&[id]).await?.remove(&id)),
                None => Ok(None),
            }
        },
    )?;
    Ok(Known {
        deals,
        tasks,
        requests,
        words,
        orders,
        company,
    })
}

fn describe(
    settings: &WorkSettings,
    office: &Office,
    contact: &contact::Model,
    company: Option<String>,
    card: &mut ClientCard,
) {
    card.tags = serde_json::from_str(&contact.tags).unwrap_or_default();
    let manager = contact.responsible_id.and_then(|id| office.by_user(id));
    card.manager = manager.map(|employee| EmployeeRef {
        extension: employee.extension.clone(),
        name: employee.name.clone(),
    });
    let own: Fields = serde_json::from_str(&contact.fields).unwrap_or_default();
    let first = |list: &str| {
        let list: Vec<Labelled> = serde_json::from_str(list).unwrap_or_default();
        list.into_iter().next().map(|one| one.value)
    };
    let value = |key: &str| match key {
        "company" => company.clone(),
        "status" => Some(contact.status.clone()),
        "email" => first(&contact.emails),
        "manager" => card.manager.as_ref().map(|manager| manager.name.clone()),
        "position" => Some(contact.position.clone()),
        "address" => first(&contact.addresses),
        key => own.get(key).cloned(),
    };
    let label = |key: &str| {
        let own = settings.fields.iter().find(|field| field.key == key);
        own.map_or_else(String::new, |field| field.label.clone())
    };
    let fields = settings.card_fields.iter().filter_map(|key| {
        let value = value(key).filter(|value| !value.is_empty())?;
        Some(CardField {
            key: key.clone(),
            label: label(key),
            value,
        })
    });
    card.fields = fields.collect();
}

fn brief_deal(settings: &WorkSettings, deal: &item::Model) -> DealBrief {
    let named = |key: &String| settings.pipelines.iter().find(|one| one.key == *key);
    let pipeline = deal.pipeline.as_ref().and_then(named);
    let pipeline = pipeline.or(settings.pipelines.first());
    let stages = pipeline.map_or(&[][..], |pipeline| &pipeline.stages);
    let open: Vec<_> = stages
        .iter()
        .filter(|stage| stage.kind == StageKind::Open)
        .collect();
    let step = open.iter().position(|stage| stage.key == deal.state);
    let count = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    DealBrief {
        id: deal.id.to_string(),
        title: deal.title.clone(),
        stage: deal.state.clone(),
        stage_name: step.map_or_else(String::new, |step| open[step].name.clone()),
        step: step.map_or(1, |step| count(step + 1)),
        steps: count(open.len()),
        amount: deal.amount,
        currency: deal.currency.clone(),
        script: step.map_or_else(String::new, |step| open[step].script.clone()),
    }
}

fn brief(office: &Office, row: &item::Model) -> ItemBrief {
    let title = match row.title.trim() {
        "" => row.text.trim().chars().take(LONGEST_TITLE).collect(),
        title => title.to_owned(),
    };
    let owner = row.owner_id.and_then(|owner| office.by_user(owner));
    ItemBrief {
        id: row.id.to_string(),
        number: row.seq,
        title,
        state: row.state.clone(),
        at: row.due_at.unwrap_or(row.created_at),
        owner: owner.map(|owner| owner.name.clone()),
    }
}
