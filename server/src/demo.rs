//! `--demo`: the test network, its line, and a few people to talk to. Foreign numbers are from
//! ranges kept for fiction.

use std::net::{IpAddr, Ipv4Addr};

use api_types::Role;
use store::{
    ContactRow, PhoneRow, Store,
    entity::{line, user},
};
use test_network::{Account, Config, TestNetwork};
use uuid::Uuid;

use crate::{
    auth::viewer::role_name,
    clock::now_ms,
    lines::{purpose, to_config},
    numbers::Numbers,
    start::StartError,
    vault::{self, Vault},
};

/// The account at the test network.
pub(crate) const ACCOUNT: &str = "demo";
/// The number the world dials to reach it.
const NUMBER: &str = "+74950000101";
/// The extension of the first user.
pub(crate) const FIRST_EXTENSION: &str = "101";

const CONTACTS: [(&str, &[&str]); 12] = [
    ("Марина Соколова", &["+7 495 123-45-67"]),
    ("Дмитрий Орлов", &["+7 495 123-46-01", "+7 812 123-46-01"]),
    ("Ольга Пескова", &["+7 495 123-46-02"]),
    ("Сергей Белов", &["+7 495 123-46-03"]),
    ("Анна Крылова", &["+7 495 123-46-04"]),
    ("ООО «Ромашка»", &["+7 495 123-46-05"]),
    ("Hannah Whitfield", &["+44 20 7946 0018"]),
    ("Oliver Pembroke", &["+44 20 7946 0123"]),
    (
        "Thames Garden Centre",
        &["+44 20 7946 0456", "+44 20 7946 0457"],
    ),
    ("Grace Holloway", &["+1 202-555-0143"]),
    ("Daniel Reyes", &["+1 212-555-0187"]),
    ("Test network: tone", &["602"]),
];

/// The first user: an administrator who signs in by link and sets a password then.
pub(crate) async fn add_first_user(store: &Store) -> Result<(), StartError> {
    if store.count_users().await? > 0 {
        return Ok(());
    }
    let first = user::Model {
        id: Uuid::now_v7(),
        login: "admin".to_owned(),
        name: "You".to_owned(),
        role: role_name(Role::Admin).to_owned(),
        extension: Some(FIRST_EXTENSION.to_owned()),
        takes_calls: true,
        password_hash: None,
        created_at: now_ms(),
        active: true,
        international: true,
        max_calls: None,
        sealed_sip_ha1: None,
    };
    Ok(store.add_user(first).await?)
}

/// Starts the test network and makes its line known.
pub(crate) async fn start(store: &Store, vault: &Vault) -> Result<TestNetwork, StartError> {
    let found = store.lines().await?.into_iter().find(|row| row.built_in);
    let mut row = match found {
        Some(row) if to_config(&row, vault).is_ok() => row,
        Some(row) => {
            store.delete_line(row.id).await?;
            add_line(store, vault).await?
        }
        None => add_line(store, vault).await?,
    };
    let password = to_config(&row, vault)?.password.0;
    let account = Account {
        user: ACCOUNT.to_owned(),
        password,
        number: NUMBER.to_owned(),
    };
    let config = Config::local(vec![account]);
    row.domain.clone_from(&config.domain);
    let network = TestNetwork::start(config)
        .await
        .map_err(StartError::TestNetwork)?;
    let address = network.sip_addr();
    row.host = Some(IpAddr::V4(Ipv4Addr::LOCALHOST).to_string());
    row.port = Some(i32::from(address.port()));
    store.update_line(row).await?;
    Ok(network)
}

async fn add_line(store: &Store, vault: &Vault) -> Result<line::Model, StartError> {
    let id = Uuid::now_v7();
    let row = line::Model {
        id,
        label: "Test network".to_owned(),
        user: ACCOUNT.to_owned(),
        domain: String::new(),
        host: None,
        port: None,
        number: Some(NUMBER.to_owned()),
        sealed_password: vault.seal(&purpose(id), vault::token()?.as_bytes())?,
        record: true,
        default_outgoing: false,
        built_in: true,
        created_at: now_ms(),
        settings: None,
        sealed_balance: None,
        currency: None,
    };
    Ok(store.add_line(row).await?)
}

/// People to talk to, on the first start.
pub(crate) async fn add_contacts(store: &Store, numbers: Numbers) -> Result<(), StartError> {
    const DONE: &str = "demo_contacts";
    if store.setting::<bool>(DONE).await?.is_some() {
        return Ok(());
    }
    let now = now_ms();
    let rows: Vec<ContactRow> = CONTACTS
        .iter()
        .map(|(name, phones)| contact(name, phones, now, numbers))
        .collect();
    store.add_contacts(&rows).await?;
    Ok(store.set_setting(DONE, &true).await?)
}

fn contact(name: &str, phones: &[&str], created_at: i64, numbers: Numbers) -> ContactRow {
    let phone = |spelled: &&str| {
        let number = numbers.read(spelled);
        PhoneRow {
            e164: number.e164,
            display: number.display,
            label: String::new(),
        }
    };
    ContactRow {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        phones: phones.iter().map(phone).collect(),
        responsible: None,
        created_at,
        ..ContactRow::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_numbers_are_phone_numbers() {
        let numbers = Numbers::new("RU").unwrap();
        for (name, phones) in CONTACTS {
            for phone in phones.iter().filter(|phone| phone.starts_with('+')) {
                let digits: String = phone
                    .chars()
                    .filter(|c| c.is_ascii_digit() || *c == '+')
                    .collect();
                assert_eq!(numbers.read(phone).e164, digits, "{name}");
                assert_ne!(numbers.read(phone).display, digits, "{name}");
            }
        }
    }
}
