//! What is written in parts and taken back: imports, merges, hand-overs; and erasing.

use std::collections::HashMap;

use store::{
    AddressRow, Author, ContactRow, Erased, HandedOver, ImportBatch, Merged, PhoneRow, Store,
    Undone, entity::item,
};
use uuid::Uuid;

use crate::fresh;

fn contact(name: &str, phones: &[&str]) -> ContactRow {
    let phone = |e164: &&str| PhoneRow {
        e164: (*e164).into(),
        display: (*e164).into(),
        label: String::new(),
    };
    ContactRow {
        id: Uuid::now_v7(),
        kind: "person".into(),
        name: name.into(),
        phones: phones.iter().map(phone).collect(),
        emails: vec![AddressRow {
            value: format!("{name}@example.com"),
            label: String::new(),
        }],
        created_at: 1,
        ..ContactRow::default()
    }
}

fn task(contact: Uuid, owner: Option<Uuid>, is_open: bool) -> item::Model {
    item::Model {
        id: Uuid::now_v7(),
        kind: "task".into(),
        title: "secret".into(),
        is_open,
        contact_id: Some(contact),
        owner_id: owner,
        created_at: 1,
        updated_at: 1,
        ..item::Model::default()
    }
}

async fn is_there(store: &Store, id: Uuid) -> bool {
    store.contact(id).await.unwrap().is_some()
}

#[tokio::test]
async fn an_import_is_written_in_batches_says_how_far_it_is_and_goes_back() {
    let (store, _folder) = fresh().await;
    let by = Author::default();
    let id = Uuid::now_v7();
    let known = contact("known", &["+74950000001"]);
    store
        .add_contacts(std::slice::from_ref(&known))
        .await
        .unwrap();
    store.begin_import(id, 2, &by).await.unwrap();
    assert_eq!(store.import_progress(id).await.unwrap(), None);
    let mut kept = Vec::new();
    for batch in 0..3 {
        let made = contact(&format!("made{batch}"), &[&format!("+749511111{batch:02}")]);
        kept.push(made.id);
        let mut updated = store.contact(known.id).await.unwrap().unwrap();
        updated.position = format!("batch {batch}");
        let batch = ImportBatch {
            notes: vec![(made.id, "said".into())],
            created: vec![made],
            updated: vec![updated],
            progress: batch.to_string(),
        };
        assert!(store.import_batch(id, batch, 3, &by).await.unwrap());
    }
    assert_eq!(
        store.import_progress(id).await.unwrap().as_deref(),
        Some("2")
    );
    // Somebody changed it meanwhile: nothing of the batch is written.
    let stale = ImportBatch {
        created: vec![contact("late", &[])],
        updated: vec![known.clone()],
        ..ImportBatch::default()
    };
    assert!(!store.import_batch(id, stale, 4, &by).await.unwrap());
    let shared = store
        .contacts_sharing(
            vec!["+74951111101".into()],
            vec!["known@example.com".into()],
        )
        .await
        .unwrap();
    assert_eq!(
        (shared["+74951111101"], shared["known@example.com"]),
        (kept[1], known.id)
    );
    // What got something of its own since stays.
    store
        .add_item(task(kept[2], None, true), &by)
        .await
        .unwrap();
    assert_eq!(store.undo_import(id, 5, &by).await.unwrap(), (3, 1));
    assert!(!is_there(&store, kept[0]).await && !is_there(&store, kept[1]).await);
    assert!(is_there(&store, kept[2]).await);
    assert_eq!(store.contact(known.id).await.unwrap().unwrap().position, "");
    assert_eq!(store.undo_import(id, 6, &by).await.unwrap(), (0, 0));
}

#[tokio::test]
async fn contacts_that_share_a_number_are_found_merged_and_taken_apart() {
    let (store, _folder) = fresh().await;
    let by = Author::default();
    let (one, mut two) = (
        contact("one", &["+74950000001"]),
        contact("two", &["+74950000001", "+74950000002"]),
    );
    two.fields.insert("colour".into(), "red".into());
    store
        .add_contacts(&[one.clone(), two.clone()])
        .await
        .unwrap();
    let work = store.add_item(task(two.id, None, true), &by).await.unwrap();
    let groups = store.duplicates(false, "", 10).await.unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!(
        (groups[0].value.as_str(), groups[0].contacts.len()),
        ("+74950000001", 2)
    );
    assert!(
        store
            .duplicates(false, "+74950000001", 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(store.duplicates(true, "", 10).await.unwrap().is_empty());
    let merged = store
        .merge_contacts(one.id, &[two.id], &HashMap::new(), 2, &by)
        .await
        .unwrap();
    let Merged::Done(operation, row) = merged else {
        panic!("{merged:?}");
    };
    assert_eq!(
        (
            row.phones.len(),
            row.emails.len(),
            row.fields["colour"].as_str()
        ),
        (2, 2, "red")
    );
    assert!(!is_there(&store, two.id).await);
    assert_eq!(
        store.item(work.id).await.unwrap().unwrap().contact_id,
        Some(one.id)
    );
    assert!(store.duplicates(false, "", 10).await.unwrap().is_empty());
    let undone = store.undo(operation, 3, &by, true).await.unwrap();
    assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
    assert_eq!(
        store.item(work.id).await.unwrap().unwrap().contact_id,
        Some(two.id)
    );
    assert_eq!(
        store.contact(two.id).await.unwrap().unwrap().phones.len(),
        2
    );
    assert_eq!(
        store.contact(one.id).await.unwrap().unwrap().emails.len(),
        1
    );
    assert_eq!(
        store.undo(operation, 4, &by, true).await.unwrap(),
        Undone::Already
    );
}

#[tokio::test]
async fn clients_are_handed_over_with_what_is_open_and_go_back() {
    let (store, _folder) = fresh().await;
    let by = Author::default();
    let (anna, boris, third) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let mut rows: Vec<ContactRow> = (0..1200).map(|i| contact(&format!("c{i}"), &[])).collect();
    for row in &mut rows {
        row.responsible = Some(anna);
    }
    rows[0].responsible = Some(third);
    store.add_contacts(&rows).await.unwrap();
    let open = store
        .add_item(task(rows[1].id, Some(anna), true), &by)
        .await
        .unwrap();
    let closed = store
        .add_item(task(rows[1].id, Some(anna), false), &by)
        .await
        .unwrap();
    let others = store
        .add_item(task(rows[1].id, Some(third), true), &by)
        .await
        .unwrap();
    let done = store
        .hand_over(&HandedOver::AllOf(anna), boris, 2, &by)
        .await
        .unwrap();
    assert_eq!((done.contacts, done.items), (1199, 1));
    let owner = async |item: &item::Model| store.item(item.id).await.unwrap().unwrap().owner_id;
    assert_eq!(owner(&open).await, Some(boris));
    assert_eq!(owner(&closed).await, Some(anna));
    assert_eq!(owner(&others).await, Some(third));
    let responsible = async |at: usize| {
        store
            .contact(rows[at].id)
            .await
            .unwrap()
            .unwrap()
            .responsible
    };
    assert_eq!(
        (responsible(0).await, responsible(1199).await),
        (Some(third), Some(boris))
    );
    store.undo(done.operation, 3, &by, true).await.unwrap();
    assert_eq!(
        (responsible(1).await, owner(&open).await),
        (Some(anna), Some(anna))
    );
}

#[tokio::test]
async fn who_is_erased_is_in_no_row_and_a_hold_refuses_it() {
    let (store, _folder) = fresh().await;
    let by = Author::default();
    let mut held = contact("held", &["+74950000009"]);
    held.legal_hold = true;
    let (one, two) = (
        contact("one", &["+74950000001"]),
        contact("two", &["+74950000002"]),
    );
    store
        .add_contacts(&[held.clone(), one.clone(), two.clone()])
        .await
        .unwrap();
    let secret = store.add_item(task(two.id, None, true), &by).await.unwrap();
    let merged = store
        .merge_contacts(one.id, &[two.id], &HashMap::new(), 2, &by)
        .await
        .unwrap();
    let Merged::Done(operation, _) = merged else {
        panic!("{merged:?}");
    };
    assert_eq!(
        store.erase_contact(held.id, 3, &by).await.unwrap(),
        Erased::Held
    );
    assert_eq!(
        store.erase_contact(Uuid::now_v7(), 3, &by).await.unwrap(),
        Erased::Unknown
    );
    let erased = store.erase_contact(one.id, 3, &by).await.unwrap();
    assert!(matches!(erased, Erased::Done { .. }), "{erased:?}");
    assert!(!is_there(&store, one.id).await && !is_there(&store, two.id).await);
    let left = store.item_or_deleted(secret.id).await.unwrap().unwrap();
    assert_eq!((left.title.as_str(), left.contact_id), ("", None));
    let history = store.changes(one.id, None, 10).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].what.as_str(), history[0].fields.as_str()),
        ("erased", "[]")
    );
    assert!(store.changes(two.id, None, 10).await.unwrap().is_empty());
    // Nothing brings them back.
    store.undo(operation, 4, &by, true).await.unwrap();
    assert!(!is_there(&store, one.id).await && !is_there(&store, two.id).await);
}
