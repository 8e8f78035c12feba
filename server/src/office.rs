//! Brings what decisions are made from out of the database into memory.

use std::collections::{HashMap, HashSet};

use api_types::{LineDraft, NumberSettings, OutgoingOrder, RingPlan, Tariff, Tariffs};
use numbering::{Numbers, Rewrites, Rules};
use sip_core::digest::Ha1;
use store::{
    GroupRow, Store, StoreError,
    entity::{line, tariff, user},
};
use uuid::Uuid;

use crate::{
    app::App,
    lines::settings_of,
    routing::{Employee, Group, KnownLine, KnownNumber, Office},
    switchboard::DeskPhone,
    vault::{Vault, VaultError},
};

/// The setting about numbers.
pub(crate) const NUMBERS: &str = "numbers";
/// The setting with the order of lines.
pub(crate) const OUTGOING: &str = "outgoing";

/// What is set about numbers; until something is, what is usual in `country`.
pub(crate) async fn number_settings(
    store: &Store,
    country: &str,
) -> Result<NumberSettings, StoreError> {
    let set = store.setting(NUMBERS).await?;
    Ok(set.unwrap_or_else(|| numbering::defaults(country)))
}

/// The order of lines; until one is set, the next line takes what the first cannot.
pub(crate) async fn outgoing_order(store: &Store) -> Result<OutgoingOrder, StoreError> {
    let set = store.setting(OUTGOING).await?;
    Ok(set.unwrap_or_else(|| OutgoingOrder {
        failover: true,
        ..OutgoingOrder::default()
    }))
}

impl App {
    /// Decisions are made from what the database holds now.
    pub(crate) async fn reload_office(&self) -> Result<(), StoreError> {
        let store = &self.store;
        let settings = number_settings(store, &self.config.region).await?;
        let mut office =
            Office::new(settings).map_err(|_| StoreError::Damaged("setting of numbers"))?;
        let users = store.users().await?;
        self.switchboard
            .set_desk_phones(desk_phones(&users, &self.vault));
        office.employees = users.into_iter().filter_map(employee).collect();
        office.groups = store.groups().await?.into_iter().map(group).collect();
        office.order = outgoing_order(store).await?;
        let blocked = store.blocked_numbers().await?;
        office.blocked = blocked
            .into_iter()
            .map(|row| row.e164)
            .collect::<HashSet<_>>();
        let mut prices: HashMap<Uuid, Vec<Tariff>> = HashMap::new();
        for row in store.tariffs(None).await? {
            prices.entry(row.line_id).or_default().push(to_tariff(row));
        }
        for row in store.lines().await? {
            if row.built_in && self.test_network.is_none() {
                continue;
            }
            let rows = prices.remove(&row.id);
            office
                .lines
                .push(known(&row, rows, &office.settings, office.numbers()));
        }
        forget_deleted(&mut office);
        self.switchboard.set_office(office);
        Ok(())
    }
}

/// Lines that were deleted stand in no order any more.
fn forget_deleted(office: &mut Office) {
    let known: HashSet<String> = office
        .lines
        .iter()
        .map(|line| line.id.to_string())
        .collect();
    let order = &mut office.order;
    order.default.retain(|id| known.contains(id));
    for row in &mut order.prefixes {
        row.lines.retain(|id| known.contains(id));
    }
    for row in &mut order.users {
        row.lines.retain(|id| known.contains(id));
    }
}

fn employee(row: user::Model) -> Option<Employee> {
    row.active.then_some(())?;
    Some(Employee {
        user: row.id,
        extension: row.extension?,
        name: row.name,
        takes_calls: row.takes_calls,
        international: row.international,
        max_calls: row.max_calls.and_then(|most| u32::try_from(most).ok()),
    })
}

fn group(row: GroupRow) -> Group {
    Group {
        id: row.group.id,
        name: row.group.name,
        members: row.members,
        international: row.group.international,
    }
}

/// A price as the API has it.
pub(crate) fn to_tariff(row: tariff::Model) -> Tariff {
    Tariff {
        prefix: row.prefix,
        label: row.label,
        minute_micros: row.minute_micros,
        call_micros: row.call_micros,
        round_secs: u32::try_from(row.round_secs).unwrap_or(60),
    }
}

/// A line for decisions. What cannot be used was refused when it was saved; should the rules have
/// become stricter since, it is left out and said so.
fn known(
    row: &line::Model,
    prices: Option<Vec<Tariff>>,
    settings: &NumberSettings,
    numbers: Numbers,
) -> KnownLine {
    let draft = settings_of(row);
    let warn =
        |what: &str| tracing::warn!(line.id = %row.id, what, "a line's setting cannot be used");
    let rules = (draft.dial != api_types::DialOverrides::default())
        .then(|| Rules::for_line(settings, &draft.dial))
        .and_then(|rules| rules.map_err(|_| warn("dial rules")).ok());
    let rewrites = Rewrites::new(&draft.rewrites).unwrap_or_else(|_| {
        warn("auto-replace");
        Rewrites::default()
    });
    let currency = row.currency.clone().unwrap_or_default();
    KnownLine {
        id: row.id,
        label: row.label.clone(),
        number: numbers.read(row.number.as_deref().unwrap_or(&row.user)),
        domain: draft.domain.clone(),
        default_outgoing: row.default_outgoing,
        emergency: draft.emergency.unwrap_or(true),
        numbers: further(&draft, numbers),
        rules,
        rewrites,
        plan: draft.plan.filter(says_something),
        tariffs: prices.map(|rows| Tariffs { currency, rows }),
    }
}

fn further(draft: &LineDraft, numbers: Numbers) -> Vec<KnownNumber> {
    let known = draft.numbers.iter().map(|further| KnownNumber {
        number: numbers.read(&further.number),
        label: further.label.clone(),
        plan: further.plan.clone().filter(says_something),
        caller_id: further.caller_id,
    });
    known.collect()
}

/// An empty plan is none.
fn says_something(plan: &RingPlan) -> bool {
    *plan != RingPlan::default()
}

/// What a desk phone's hashes are sealed for.
pub(crate) fn desk_phone_purpose(user: Uuid) -> String {
    format!("desk-phone:{user}")
}

fn desk_phones(users: &[user::Model], vault: &Vault) -> HashMap<String, DeskPhone> {
    let phone = |row: &user::Model| {
        let extension = row.extension.clone().filter(|_| row.active)?;
        let sealed = row.sealed_sip_ha1.as_ref()?;
        let ha1 = unseal_ha1(vault, &desk_phone_purpose(row.id), sealed)?;
        Some((extension, DeskPhone { user: row.id, ha1 }))
    };
    users.iter().filter_map(phone).collect()
}

/// Seals the hashes of a SIP password.
pub(crate) fn seal_ha1(vault: &Vault, purpose: &str, ha1: &Ha1) -> Result<Vec<u8>, VaultError> {
    let Ha1 {
        md5,
        sha256,
        sha512_256,
    } = ha1;
    let plain = serde_json::json!({ "md5": md5, "sha256": sha256, "sha512_256": sha512_256 });
    let plain = plain.to_string();
    vault.seal(purpose, plain.as_bytes())
}

/// Opens what [`seal_ha1`] made.
pub(crate) fn unseal_ha1(vault: &Vault, purpose: &str, sealed: &[u8]) -> Option<Ha1> {
    let plain = vault.open_sealed(purpose, sealed).ok()?;
    let hashes: serde_json::Value = serde_json::from_slice(&plain).ok()?;
    let hash = |name: &str| hashes[name].as_str().unwrap_or_default().to_owned();
    Some(Ha1 {
        md5: hash("md5"),
        sha256: hash("sha256"),
        sha512_256: hash("sha512_256"),
    })
}
