use store::{
    Author, ContactCursor, ContactFilter, ContactOrder, ContactRow, PhoneRow, Store, Written,
};
use uuid::Uuid;

use crate::fresh;

fn contact(name: &str, phones: &[&str]) -> ContactRow {
    let phones = phones.iter().map(|e164| PhoneRow {
        e164: (*e164).into(),
        display: (*e164).into(),
        label: String::new(),
    });
    ContactRow {
        id: Uuid::now_v7(),
        name: name.into(),
        phones: phones.collect(),
        responsible: None,
        created_at: 1,
        ..ContactRow::default()
    }
}

async fn names(store: &Store, query: &str) -> Vec<String> {
    let found = page(store, query, None, 20).await;
    found.into_iter().map(|(row, _)| row.name).collect()
}

async fn page(
    store: &Store,
    query: &str,
    after: Option<&ContactCursor>,
    limit: u64,
) -> Vec<(ContactRow, ContactCursor)> {
    let filter = ContactFilter {
        query: query.to_owned(),
        ..ContactFilter::default()
    };
    let by_name = (&ContactOrder::Name, false);
    store
        .find_contacts(&filter, by_name, after, limit)
        .await
        .unwrap()
}

/// Hides a contact at this time, or brings it back.
async fn delete(store: &Store, id: Uuid, at: Option<i64>) -> bool {
    let rule = Author::default();
    let done = store.set_contact_deleted(id, at, 5, &rule).await;
    done.unwrap().is_some()
}

#[tokio::test]
async fn any_part_of_a_name_or_number_is_found_in_any_case() {
    let (store, _folder) = fresh().await;
    let rows = [
        contact("Марина Соколова", &["+74951234567", "+79161112233"]),
        contact("Пётр Сёмин", &["+442079460123"]),
        contact("Ann Marlow", &["+12025550123"]),
    ];
    store.add_contacts(&rows).await.unwrap();
    assert_eq!(names(&store, "мАРи").await, ["Марина Соколова"]);
    assert_eq!(names(&store, "колова").await, ["Марина Соколова"]);
    assert_eq!(names(&store, "семин").await, ["Пётр Сёмин"]);
    assert_eq!(names(&store, "со мар").await, ["Марина Соколова"]);
    assert_eq!(names(&store, "8 (495) 123-45").await, ["Марина Соколова"]);
    assert_eq!(names(&store, "112233").await, ["Марина Соколова"]);
    assert_eq!(names(&store, "0123").await, ["Ann Marlow", "Пётр Сёмин"]);
    assert_eq!(names(&store, "%").await, Vec::<String>::new());
    assert_eq!(names(&store, "\"quoted OR").await, Vec::<String>::new());
    assert_eq!(names(&store, "").await.len(), 3);
}

#[tokio::test]
async fn names_that_begin_with_the_search_come_first_and_pages_follow_each_other() {
    let (store, _folder) = fresh().await;
    let mut rows: Vec<_> = (0..7).map(|i| contact(&format!("Anna {i}"), &[])).collect();
    rows.extend((0..7).map(|i| contact(&format!("Aa Joanna {i}"), &[])));
    store.add_contacts(&rows).await.unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = page(&store, "anna", after.as_ref(), 3).await;
        let Some((_, cursor)) = page.last() else {
            break;
        };
        after = Some(cursor.clone());
        seen.extend(page.into_iter().map(|(row, _)| row.name));
    }
    assert_eq!(seen.len(), 14);
    assert!(seen[..7].iter().all(|name| name.starts_with("Anna")));
    assert!(seen[7..].is_sorted());
}

/// The first contact with a number.
async fn caller(store: &store::Store, e164: &str) -> Option<String> {
    let places = ["contacts", "companies"].map(|table| store::Place {
        table: table.to_owned(),
        fields: Vec::new(),
    });
    let mut found = store.callers(&places, e164).await.unwrap();
    (!found.contacts.is_empty()).then(|| found.contacts.remove(0).name)
}

#[tokio::test]
async fn a_number_belongs_to_the_first_contact_made_with_it() {
    let (store, _folder) = fresh().await;
    let (first, second) = (
        contact("First", &["+74951234567"]),
        contact("Second", &["+74951234567"]),
    );
    store.add_contacts(&[first.clone(), second]).await.unwrap();
    assert_eq!(
        caller(&store, "+74951234567").await.as_deref(),
        Some("First")
    );
    assert!(delete(&store, first.id, Some(5)).await);
    assert_eq!(
        caller(&store, "+74951234567").await.as_deref(),
        Some("Second")
    );
    assert!(names(&store, "first").await.is_empty());
    assert!(delete(&store, first.id, None).await);
    assert_eq!(names(&store, "first").await, ["First"]);
}

#[tokio::test]
async fn a_changed_contact_is_found_by_what_it_is_now() {
    let (store, _folder) = fresh().await;
    let mut row = contact("Old Name", &["+74951234567"]);
    store
        .add_contacts(std::slice::from_ref(&row))
        .await
        .unwrap();
    row.name = "New Name".into();
    row.phones[0].e164 = "+79990001122".into();
    let rule = Author::default();
    let Written::Done(row_now) = store.update_contact(&row, Some(1), 2, &rule).await.unwrap()
    else {
        panic!("it is there")
    };
    assert_eq!((row_now.version, row_now.updated_at), (2, 2));
    let late = store.update_contact(&row, Some(1), 3, &rule).await.unwrap();
    assert_eq!(late, Written::Changed);
    assert!(names(&store, "old").await.is_empty());
    assert_eq!(caller(&store, "+74951234567").await, None);
    assert_eq!(names(&store, "999000").await, ["New Name"]);
    row.id = Uuid::now_v7();
    let gone = store.update_contact(&row, None, 3, &rule).await.unwrap();
    assert_eq!(gone, Written::Gone);
}

#[tokio::test]
async fn a_hundred_thousand_contacts_are_searched() {
    let (store, _folder) = fresh().await;
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
    let rows: Vec<_> = (0..100_000u64)
        .map(|i| {
            contact(
                &format!("{} Фамилия{i}", given[i as usize % 8]),
                &[&format!("+7495{:07}", i * 37)],
            )
        })
        .collect();
    store.add_contacts(&rows).await.unwrap();
    // How fast is measured by `cargo xtask bench search`.
    for (query, is_found) in [
        ("марина", true),
        ("фамилия9999", true),
        ("74950370", true),
        ("nobody at all", false),
    ] {
        let items = page(&store, query, None, 20).await;
        assert_eq!(!items.is_empty(), is_found, "{query}");
    }
    assert!(caller(&store, "+74950370000").await.is_some());
}
