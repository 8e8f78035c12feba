//! Whose number it is: by phones, by custom fields and by rows of own tables, in the order set.

use std::time::{Duration, Instant};

use store::{Author, Callers, ContactRow, Erased, PhoneRow, Place, Store, Written, entity::item};
use uuid::Uuid;

use crate::fresh;

const NUMBER: &str = "+74951234567";

fn place(table: &str, fields: &[&str]) -> Place {
    Place {
        table: table.to_owned(),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
    }
}

fn contact(name: &str, kind: &str, phones: &[&str], fields: &[(&str, &str)]) -> ContactRow {
    let phone = |e164: &&str| PhoneRow {
        e164: (*e164).to_owned(),
        display: (*e164).to_owned(),
        label: String::new(),
    };
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    ContactRow {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        phones: phones.iter().map(phone).collect(),
        fields: fields.iter().map(pair).collect(),
        created_at: 1,
        ..ContactRow::default()
    }
}

fn row(title: &str, contact: Option<Uuid>, fields: &str) -> item::Model {
    item::Model {
        id: Uuid::now_v7(),
        kind: "own".to_owned(),
        own_table: Some("garages".to_owned()),
        title: title.to_owned(),
        contact_id: contact,
        fields: fields.to_owned(),
        created_at: 1,
        ..item::Model::default()
    }
}

async fn found(store: &Store, places: &[Place], e164: &str) -> Vec<String> {
    let Callers { contacts, rows, .. } = store.callers(places, e164).await.unwrap();
    let contacts = contacts.into_iter().map(|one| one.name);
    contacts
        .chain(rows.into_iter().map(|row| row.title))
        .collect()
}

#[tokio::test]
async fn the_first_place_in_the_order_that_holds_the_number_decides() {
    let (store, _place) = fresh().await;
    let people = [
        contact("Firm", "company", &[NUMBER], &[]),
        contact("Anna", "person", &[NUMBER], &[]),
        contact("Boris", "person", &[], &[("dacha", NUMBER)]),
        contact("Text", "person", &[], &[("remark", NUMBER)]),
    ];
    store.add_contacts(&people).await.unwrap();
    let field = format!("{{\"gate\":\"{NUMBER}\"}}");
    let author = Author::default();
    store
        .add_item(row("Garage 7", None, &field), &author)
        .await
        .unwrap();
    let contacts = || place("contacts", &["dacha"]);
    let (companies, garages) = (|| place("companies", &[]), || place("garages", &["gate"]));
    for (places, expected) in [
        (vec![contacts(), companies()], vec!["Anna", "Boris"]),
        (vec![place("contacts", &[])], vec!["Anna"]),
        (vec![companies(), contacts()], vec!["Firm"]),
        (vec![garages(), contacts()], vec!["Garage 7"]),
        (vec![place("garages", &["plate"])], vec![]),
        (vec![], vec![]),
    ] {
        assert_eq!(found(&store, &places, NUMBER).await, expected, "{places:?}");
    }
    let callers = store.callers(&[contacts()], NUMBER).await.unwrap();
    assert!(!callers.is_by_field);
    let both = vec![NUMBER.to_owned(), "+70000000000".to_owned()];
    let known = store.look_up(&[contacts()], both).await.unwrap();
    assert_eq!(known.keys().collect::<Vec<_>>(), [NUMBER]);
}

#[tokio::test]
async fn a_number_in_a_field_follows_every_change_of_its_record() {
    let (store, _place) = fresh().await;
    let (author, places) = (Author::default(), [place("contacts", &["dacha"])]);
    let mut boris = contact("Boris", "person", &[], &[("dacha", NUMBER)]);
    store.add_contact(&boris, &author).await.unwrap();
    assert_eq!(found(&store, &places, NUMBER).await, ["Boris"]);
    assert!(store.callers(&places, NUMBER).await.unwrap().is_by_field);
    boris
        .fields
        .insert("dacha".to_owned(), "+79990001122".to_owned());
    let written = store.update_contact(&boris, None, 2, &author).await;
    assert!(matches!(written.unwrap(), Written::Done(_)));
    assert!(found(&store, &places, NUMBER).await.is_empty());
    assert_eq!(found(&store, &places, "+79990001122").await, ["Boris"]);
    store
        .set_contact_deleted(boris.id, Some(3), 3, &author)
        .await
        .unwrap();
    assert!(found(&store, &places, "+79990001122").await.is_empty());
    store
        .set_contact_deleted(boris.id, None, 4, &author)
        .await
        .unwrap();
    assert_eq!(found(&store, &places, "+79990001122").await, ["Boris"]);
    let erased = store.erase_contact(boris.id, 5, &author).await.unwrap();
    assert!(matches!(erased, Erased::Done { .. }));
    assert!(found(&store, &places, "+79990001122").await.is_empty());
}

#[tokio::test]
async fn a_row_of_a_client_stands_for_the_client_while_he_is_there() {
    let (store, _place) = fresh().await;
    let (author, places) = (Author::default(), [place("garages", &["gate"])]);
    let anna = contact("Anna", "person", &[], &[]);
    store.add_contact(&anna, &author).await.unwrap();
    let field = format!("{{\"gate\":\"{NUMBER}\"}}");
    let garage = row("Garage 7", Some(anna.id), &field);
    let garage = store.add_item(garage, &author).await.unwrap();
    assert_eq!(found(&store, &places, NUMBER).await, ["Anna"]);
    store
        .set_contact_deleted(anna.id, Some(2), 2, &author)
        .await
        .unwrap();
    assert_eq!(found(&store, &places, NUMBER).await, ["Garage 7"]);
    store
        .set_item_deleted(garage.id, Some(3), 3, &author)
        .await
        .unwrap();
    assert!(found(&store, &places, NUMBER).await.is_empty());
}

#[tokio::test]
async fn a_number_in_a_field_is_found_by_index_among_many() {
    let (store, _place) = fresh().await;
    let rows: Vec<_> = (0..50_000)
        .map(|i| {
            let number = format!("+7812{i:07}");
            contact("Many", "person", &[], &[("dacha", number.as_str())])
        })
        .collect();
    store.add_contacts(&rows).await.unwrap();
    let places = [place("contacts", &["dacha"])];
    let begun = Instant::now();
    assert_eq!(found(&store, &places, "+78120049999").await, ["Many"]);
    assert!(begun.elapsed() < Duration::from_millis(50));
}
