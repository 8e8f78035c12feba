//! Items, their history, what is done to many, search.

use std::time::{Duration, Instant};

use store::{
    Author, ContactChange, ContactRow, ItemChange, ItemFilter, ItemOrder, PhoneRow, Store, Undone,
    Written, entity::item,
};
use uuid::Uuid;

use crate::fresh;

fn row(kind: &str, title: &str, contact: Option<Uuid>) -> item::Model {
    item::Model {
        id: Uuid::now_v7(),
        kind: kind.to_owned(),
        title: title.to_owned(),
        is_open: true,
        contact_id: contact,
        created_at: 1,
        ..item::Model::default()
    }
}

fn person(name: &str, phone: &str) -> ContactRow {
    let phone = PhoneRow {
        e164: phone.to_owned(),
        display: phone.to_owned(),
        label: String::new(),
    };
    ContactRow {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        phones: vec![phone],
        created_at: 1,
        ..ContactRow::default()
    }
}

async fn add(store: &Store, row: item::Model) -> item::Model {
    store.add_item(row, &Author::default()).await.unwrap()
}

#[tokio::test]
async fn an_item_is_numbered_changed_hidden_and_every_step_is_told() {
    let (store, _place) = fresh().await;
    let anna = Author {
        id: Some(Uuid::now_v7()),
        name: Some("Anna".to_owned()),
    };
    let client = Uuid::now_v7();
    let first = add(&store, row("deal", "Sofa", Some(client))).await;
    let second = add(&store, row("task", "Call", Some(client))).await;
    assert_eq!((first.version, second.seq), (1, first.seq + 1));
    let changed = item::Model {
        title: "Two sofas".to_owned(),
        updated_at: 5,
        ..first.clone()
    };
    let written = store
        .update_item(changed.clone(), Some(1), &anna)
        .await
        .unwrap();
    assert!(matches!(&written, Written::Done(row) if row.version == 2));
    let late = store.update_item(changed, Some(1), &anna).await.unwrap();
    assert_eq!(late, Written::Changed);
    let told = store.changes(first.id, None, 10).await.unwrap();
    assert_eq!(told[0].fields, r#"[["title","Sofa","Two sofas"]]"#);
    assert_eq!(
        (told[0].user_name.as_deref(), told[1].what.as_str()),
        (Some("Anna"), "created")
    );
    let open = store.open_items(client, &["deal"], 5).await.unwrap();
    assert_eq!(open.len(), 1);
    assert!(
        store
            .set_item_deleted(first.id, Some(9), 9, &anna)
            .await
            .unwrap()
            .is_some()
    );
    assert!(store.item(first.id).await.unwrap().is_none());
    assert!(
        store
            .open_items(client, &["deal"], 5)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .set_item_deleted(first.id, None, 10, &anna)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(store.item(first.id).await.unwrap().unwrap().version, 4);
}

#[tokio::test]
async fn pages_of_items_follow_each_other_by_any_order() {
    let (store, _place) = fresh().await;
    for i in 0..9_i64 {
        let new = item::Model {
            due_at: (i % 3 != 0).then_some(i / 2),
            amount: (i % 2 == 0).then_some(i),
            created_at: i / 4,
            ..row("task", &format!("Task {}", i % 5), None)
        };
        add(&store, new).await;
    }
    let filter = ItemFilter {
        kinds: vec!["task".to_owned()],
        query: "task".to_owned(),
        ..ItemFilter::default()
    };
    for order in [
        ItemOrder::Created,
        ItemOrder::Updated,
        ItemOrder::Due,
        ItemOrder::Amount,
        ItemOrder::Number,
        ItemOrder::Title,
        ItemOrder::State,
    ] {
        for descending in [false, true] {
            let by = (order, descending);
            let whole = store.find_items(&filter, by, None, 100).await.unwrap();
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = store
                    .find_items(&filter, by, after.as_ref(), 2)
                    .await
                    .unwrap();
                let Some((_, last)) = page.last() else {
                    break;
                };
                after = Some(last.clone());
                paged.extend(page);
            }
            assert_eq!(whole.len(), 9);
            assert!(whole == paged, "{order:?} {descending}");
        }
    }
    assert_eq!(store.count_items(&filter, 5).await.unwrap(), 5);
    assert_eq!(store.count_items(&filter, 50).await.unwrap(), 9);
}

#[tokio::test]
async fn what_was_done_to_many_is_taken_back_whole_or_not_at_all() {
    let (store, _place) = fresh().await;
    let rule = Author::default();
    let people = [
        person("Anna", "+74950000001"),
        person("Boris", "+74950000002"),
    ];
    store.add_contacts(&people).await.unwrap();
    let ids = people.each_ref().map(|row| row.id);
    let tagged = ContactChange {
        add_tag: Some("vip".to_owned()),
        ..ContactChange::default()
    };
    let (first, rows) = store
        .change_contacts(&ids, &tagged, 5, &rule)
        .await
        .unwrap();
    assert!(
        rows.iter()
            .all(|row| row.tags == ["vip"] && row.version == 2)
    );
    let deleted = ContactChange {
        delete: true,
        ..ContactChange::default()
    };
    let (second, _) = store
        .change_contacts(&ids[..1], &deleted, 6, &rule)
        .await
        .unwrap();
    let refused = store.undo(first, 7, &rule, false).await.unwrap();
    assert_eq!(refused, Undone::ChangedSince("Anna".to_owned()));
    let stranger = Author {
        id: Some(Uuid::now_v7()),
        name: None,
    };
    assert_eq!(
        store.undo(second, 7, &stranger, false).await.unwrap(),
        Undone::Unknown
    );
    let done = store.undo(second, 7, &rule, false).await.unwrap();
    assert!(matches!(done, Undone::Done { contacts, .. } if contacts == [ids[0]]));
    assert_eq!(
        store.undo(second, 8, &rule, false).await.unwrap(),
        Undone::Already
    );
    let anna = store.contact(ids[0]).await.unwrap().unwrap();
    assert_eq!(
        (anna.tags, anna.phones),
        (vec!["vip".to_owned()], people[0].phones.clone())
    );

    let task = add(&store, row("task", "Call", None)).await;
    let wanted = ItemChange {
        rows: vec![item::Model {
            is_open: false,
            ..task.clone()
        }],
        delete: true,
    };
    let (third, changed) = store.change_items(wanted, 9, &rule).await.unwrap();
    assert_eq!(
        (changed[0].version, store.item(task.id).await.unwrap()),
        (2, None)
    );
    store.undo(third, 10, &rule, false).await.unwrap();
    assert!(store.item(task.id).await.unwrap().unwrap().is_open);
}

#[tokio::test]
async fn search_forgives_a_letter_and_puts_beginnings_first() {
    let (store, _place) = fresh().await;
    let people = [
        person("Соколова Марина", "+74951234567"),
        person("Марина Сокольская", "+74951234568"),
        person("Иванов Пётр", "+442079460123"),
        ContactRow {
            kind: "company".to_owned(),
            ..person("Марина и партнёры", "+74957654321")
        },
    ];
    store.add_contacts(&people).await.unwrap();
    for (query, persons, companies) in [
        (
            "марина",
            vec!["Марина Сокольская", "Соколова Марина"],
            vec!["Марина и партнёры"],
        ),
        ("марина соколова", vec!["Соколова Марина"], vec![]),
        ("сокалова", vec!["Соколова Марина"], vec![]),
        ("ивонов", vec!["Иванов Пётр"], vec![]),
        ("петр", vec!["Иванов Пётр"], vec![]),
        ("партнеры", vec![], vec!["Марина и партнёры"]),
        (
            "8 495 123-45",
            vec!["Марина Сокольская", "Соколова Марина"],
            vec![],
        ),
        ("79460", vec!["Иванов Пётр"], vec![]),
        ("со", vec!["Соколова Марина"], vec![]),
        ("\"*", vec![], vec![]),
    ] {
        let found = store.search_contacts(query, 5).await.unwrap();
        let names =
            |rows: Vec<ContactRow>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(
            (names(found.0), names(found.1)),
            (
                persons.iter().map(|s| (*s).to_owned()).collect(),
                companies.iter().map(|s: &&str| (*s).to_owned()).collect()
            ),
            "{query}"
        );
    }
}

/// Takes minutes: run by hand, `cargo test -p store -- --ignored --nocapture a_million`.
#[tokio::test]
#[ignore = "a measurement"]
#[expect(clippy::print_stdout, reason = "figures for whoever runs it")]
async fn a_million_contacts_are_searched_as_one_types() {
    let (store, _place) = fresh().await;
    let surnames = [
        "Соколов",
        "Лаптев",
        "Иванов",
        "Кузнецов",
        "Marlow",
        "Smith",
        "Попов",
        "Морозов",
        "Волков",
        "Зайцев",
    ];
    let given = [
        "Марина",
        "Иван",
        "Анна",
        "Пётр",
        "Ольга",
        "John",
        "Mary",
        "Семён",
    ];
    for batch in 0..100_u64 {
        let rows: Vec<_> = (0..10_000_u64)
            .map(|i| {
                let n = batch * 10_000 + i;
                let surname = surnames[(n % 10) as usize];
                let name = format!("{surname}{} {}", n / 500, given[(n / 10 % 8) as usize]);
                person(&name, &format!("+7{:010}", n * 7919 % 10_000_000_000))
            })
            .collect();
        store.add_contacts(&rows).await.unwrap();
    }
    let mut times: Vec<(Duration, &str)> = Vec::new();
    for query in [
        "с",
        "со",
        "сок",
        "соко",
        "соколов",
        "соколов12",
        "соколов1234",
        "саколов12",
        "марина",
        "марина соколов77",
        "соколов77 марина",
        "мраина",
        "ivan",
        "smith",
        "smiht55",
        "marlow1999 john",
        "8 495",
        "7919",
        "+7 000 123",
        "12345",
        "олга",
        "пётр морозов5",
        "zzzz",
        "зайцев100 анна",
        "кузнецов",
        "кузнецв",
        "волков3 семен",
        "маринна",
        "анна",
        "8123456",
    ] {
        let _warm = store.search_contacts(query, 5).await.unwrap();
        for _ in 0..3 {
            let began = Instant::now();
            store.search_contacts(query, 5).await.unwrap();
            store.search_items(query, 5).await.unwrap();
            times.push((began.elapsed(), query));
        }
    }
    times.sort();
    println!(
        "p50 {:?}, p95 {:?}",
        times[times.len() / 2].0,
        times[times.len() * 95 / 100].0
    );
    println!("slowest: {:?}", &times[times.len() - 12..]);
}
