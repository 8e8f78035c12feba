use store::{
    CallChange, CallFilter, CallState, ContactRow, PhoneRow, Scope,
    entity::{call, recording},
};
use uuid::Uuid;

use crate::{fresh, people::add_user};

fn state(started_at: i64, number: &str, viewers: Vec<Uuid>) -> CallState {
    let call = call::Model {
        id: Uuid::now_v7(),
        version: 1,
        direction: "incoming".into(),
        status: "ringing".into(),
        started_at,
        answered_at: None,
        ended_at: None,
        updated_at: started_at,
        employee_id: None,
        employee_extension: None,
        employee_name: None,
        rung: "[]".into(),
        number_e164: Some(number.into()),
        number_display: Some(number.into()),
        network_name: None,
        our_number: String::new(),
        line_id: None,
        line_label: None,
        line_number_e164: None,
        line_number_display: None,
        hung_up_by: None,
        sip_code: 0,
        sip_reason: String::new(),
        digits: String::new(),
        note: String::new(),
        path: "[]".into(),
        ..call::Model::default()
    };
    CallState {
        call,
        viewers,
        recording: None,
    }
}

fn with_recording(mut state: CallState) -> CallState {
    state.recording = Some(recording::Model {
        call_id: state.call.id,
        state: "running".into(),
        duration_ms: 0,
        bytes: 0,
        gap_ms: 0,
        peaks_per_sec: 0,
        mp3: None,
        peaks: None,
        journal: Some("/j".into()),
        note: String::new(),
    });
    state
}

fn all() -> CallFilter {
    CallFilter {
        limit: 100,
        ..CallFilter::default()
    }
}

#[tokio::test]
async fn an_older_state_never_overwrites_a_newer_one_and_notes_stay() {
    let (store, _folder) = fresh().await;
    let first = state(10, "+7", vec![]);
    let mut second = first.clone();
    second.call.version = 2;
    second.call.status = "talking".into();
    store.put_calls(&[second.clone()]).await.unwrap();
    store
        .change_call(
            second.call.id,
            &CallChange {
                note: Some("says hello".to_owned()),
                ..CallChange::default()
            },
        )
        .await
        .unwrap();
    store.put_calls(&[first, second.clone()]).await.unwrap();
    second.call.version = 3;
    store.put_calls(&[second.clone()]).await.unwrap();
    let (call, _) = store
        .call(second.call.id, Scope::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (call.status.as_str(), call.note.as_str(), call.version),
        ("talking", "says hello", 3)
    );
}

#[tokio::test]
async fn an_agent_sees_own_calls_only() {
    let (store, _folder) = fresh().await;
    let anna = add_user(&store, "anna", Some("101")).await;
    let boris = add_user(&store, "boris", Some("102")).await;
    let (hers, his) = (state(1, "+7", vec![anna]), state(2, "+7", vec![boris]));
    store.put_calls(&[hers.clone(), his.clone()]).await.unwrap();
    let found = store.find_calls(&all(), Scope::Own(anna)).await.unwrap();
    assert_eq!(
        found.iter().map(|(call, _)| call.id).collect::<Vec<_>>(),
        [hers.call.id]
    );
    assert!(
        store
            .call(his.call.id, Scope::Own(anna))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(store.find_calls(&all(), Scope::All).await.unwrap().len(), 2);
}

#[tokio::test]
async fn pages_are_newest_first_without_gaps_even_within_a_millisecond() {
    let (store, _folder) = fresh().await;
    let states: Vec<_> = (0..20).map(|i| state(i / 5, "+7", vec![])).collect();
    store.put_calls(&states).await.unwrap();
    let mut filter = CallFilter {
        limit: 3,
        ..CallFilter::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = store.find_calls(&filter, Scope::All).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        filter.before = Some((last.started_at, last.id));
        seen.extend(page.iter().map(|(call, _)| (call.started_at, call.id)));
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn calls_are_found_by_the_clients_name_number_and_by_recording() {
    let (store, _folder) = fresh().await;
    let phones = vec![PhoneRow {
        e164: "+74951234567".into(),
        display: String::new(),
        label: String::new(),
    }];
    let contact = ContactRow {
        id: Uuid::now_v7(),
        name: "Марина Соколова".into(),
        phones,
        responsible: None,
        created_at: 1,
        ..ContactRow::default()
    };
    store.add_contacts(&[contact]).await.unwrap();
    let known = with_recording(state(1, "+74951234567", vec![]));
    let other = state(2, "+442079460123", vec![]);
    store
        .put_calls(&[known.clone(), other.clone()])
        .await
        .unwrap();
    for (query, id) in [
        ("соко", known.call.id),
        ("8 495 123", known.call.id),
        ("0123", other.call.id),
    ] {
        let filter = CallFilter {
            query: query.into(),
            ..all()
        };
        let found = store.find_calls(&filter, Scope::All).await.unwrap();
        assert_eq!(
            found.iter().map(|(call, _)| call.id).collect::<Vec<_>>(),
            [id],
            "{query}"
        );
    }
    for (wanted, id) in [(true, known.call.id), (false, other.call.id)] {
        let filter = CallFilter {
            has_recording: Some(wanted),
            ..all()
        };
        let found = store.find_calls(&filter, Scope::All).await.unwrap();
        assert_eq!(
            found.iter().map(|(call, _)| call.id).collect::<Vec<_>>(),
            [id]
        );
    }
}

#[tokio::test]
async fn calls_without_an_end_are_listed_with_their_journal() {
    let (store, _folder) = fresh().await;
    let open = with_recording(state(1, "+7", vec![]));
    let mut closed = state(2, "+7", vec![]);
    closed.call.ended_at = Some(9);
    store.put_calls(&[open.clone(), closed]).await.unwrap();
    let found = store.open_calls().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id, found[0].journal.as_deref()),
        (open.call.id, Some("/j"))
    );
}

#[tokio::test]
async fn another_call_with_an_id_used_before_changes_neither_the_call_nor_its_recording() {
    let (store, _folder) = fresh().await;
    let anna = add_user(&store, "anna", None).await;
    let old = with_recording(state(1_000, "+74951234567", vec![anna]));
    store.put_calls(std::slice::from_ref(&old)).await.unwrap();
    assert!(store.has_call(old.call.id).await.unwrap());
    assert!(!store.has_call(Uuid::now_v7()).await.unwrap());

    let boris = add_user(&store, "boris", None).await;
    let mut new = with_recording(state(2_000, "+74950000000", vec![boris]));
    new.call.id = old.call.id;
    new.call.version = 7;
    let recording = new.recording.as_mut().unwrap();
    recording.call_id = old.call.id;
    recording.journal = Some("/another".into());
    store.put_calls(&[new]).await.unwrap();
    assert_eq!(store.call_state(old.call.id).await.unwrap(), Some(old));
}

async fn found(store: &store::Store, query: &str) -> Vec<Uuid> {
    let filter = CallFilter {
        query: query.into(),
        limit: 5000,
        ..CallFilter::default()
    };
    let calls = store.find_calls(&filter, Scope::All).await.unwrap();
    let sums = store.sum_calls(&filter, Scope::All).await.unwrap();
    assert_eq!(sums.calls, i64::try_from(calls.len()).unwrap(), "{query}");
    calls.into_iter().map(|(call, _)| call.id).collect()
}

#[tokio::test]
async fn calls_are_found_by_what_is_written_about_them_as_long_as_it_stands_there() {
    let (store, _folder) = fresh().await;
    let mut named = state(1, "+74951230001", vec![]);
    named.call.network_name = Some("ACME Ltd".into());
    let noted = state(2, "+74951230002", vec![]);
    store
        .put_calls(&[named.clone(), noted.clone()])
        .await
        .unwrap();
    assert_eq!(found(&store, "acme").await, [named.call.id]);
    assert_eq!(found(&store, "30002").await, [noted.call.id]);
    assert_eq!(found(&store, "1230").await, [noted.call.id, named.call.id]);
    for (note, holds, not) in [
        ("wants 50% off", "50% o", "blue door"),
        ("a \"blue door\"", "\"blue door", "50% o"),
        ("", "", "blue door"),
    ] {
        let change = CallChange {
            note: Some(note.into()),
            ..CallChange::default()
        };
        store.change_call(noted.call.id, &change).await.unwrap();
        assert!(found(&store, not).await.is_empty(), "{note}");
        assert!(
            found(&store, holds).await.contains(&noted.call.id),
            "{note}"
        );
    }
    // The same call with a later state, and another number.
    let mut later = named.clone();
    later.call.version = 2;
    later.call.network_name = Some("Other".into());
    later.call.number_e164 = Some("+74957770001".into());
    store.put_calls(&[later]).await.unwrap();
    assert!(found(&store, "acme").await.is_empty());
    assert!(found(&store, "1230001").await.is_empty());
    assert_eq!(found(&store, "7770001").await, [named.call.id]);
}

#[tokio::test]
async fn calls_with_a_name_that_thousands_have_are_all_found_and_summed() {
    let (store, _folder) = fresh().await;
    let number = |i: u32| format!("+7495{:07}", 3_000_000 + i);
    let contacts: Vec<_> = (0..2500)
        .map(|i| ContactRow {
            id: Uuid::now_v7(),
            name: format!("Мария Иванова {i}"),
            phones: vec![PhoneRow {
                e164: number(i),
                display: String::new(),
                label: String::new(),
            }],
            created_at: 1,
            ..ContactRow::default()
        })
        .collect();
    store.add_contacts(&contacts).await.unwrap();
    let calls: Vec<_> = (0..40)
        .map(|i| state(i64::from(i), &number(i * 60), vec![]))
        .collect();
    store.add_calls(&calls).await.unwrap();
    // One of another's number that was said to be with her.
    let mut said = state(100, "+442079460777", vec![]);
    said.call.contact_id = Some(contacts[7].id);
    let other = state(101, "+442079460778", vec![]);
    store.add_calls(&[said.clone(), other]).await.unwrap();
    assert_eq!(found(&store, "иванова").await.len(), 41);
    assert_eq!(found(&store, "иванова 1200").await, [calls[20].call.id]);
    assert_eq!(found(&store, "3001").await.len(), 17);
    store.count_log().await.unwrap();
    let in_memory = found(&store, "ИВАНОВА").await;
    assert_eq!((in_memory.len(), in_memory[0]), (41, said.call.id));
}
