//! A call once begun belongs to nobody else.

use std::time::SystemTime;

use api_types::CallStepKind;
use sip_gateway::{
    ports::{Direction, Disposition},
    recording::Finished,
};

use super::*;
use crate::{
    calls::{Journal, blank, read_path},
    routing::Office,
};

fn started(id: Uuid, number: &str) -> CallEvent {
    CallEvent::CallStarted {
        id,
        at: SystemTime::now(),
        direction: Direction::Outgoing,
        line: None,
        number: Some(number.to_owned()),
        network_name: None,
        our_number: String::new(),
        extension: None,
    }
}

fn ready(id: Uuid, name: &str) -> CallEvent {
    let files = Finished {
        mp3: format!("/r/{name}.mp3").into(),
        peaks: format!("/r/{name}.peaks").into(),
        duration_ms: 1000,
        bytes: 8000,
        gap_ms: 0,
        peaks_per_sec: 20,
    };
    CallEvent::RecordingReady { id, files }
}

fn ended(id: Uuid) -> CallEvent {
    CallEvent::CallEnded {
        id,
        at: SystemTime::now(),
        disposition: Disposition::Answered,
        by: sip_gateway::ports::HungUpBy::Client,
        code: 200,
        reason: "OK".to_owned(),
    }
}

async fn whole_call(book: &CallBook, id: Uuid, number: &str, recording: &str) {
    let journal = format!("/j/{recording}").into();
    for event in [
        started(id, number),
        CallEvent::RecordingStarted { id, journal },
        ended(id),
        ready(id, recording),
    ] {
        book.apply(&event).await;
    }
}

/// A book with its store.
async fn book(folder: &std::path::Path) -> (CallBook, Store) {
    let store = Store::open(&folder.join("trubka.db")).await.unwrap();
    let (journal, _) = Journal::open(&folder.join("calls.journal")).unwrap();
    let writer = Writer::new();
    tokio::spawn(Arc::clone(&writer).run(store.clone(), journal));
    let switchboard = Arc::new(Switchboard::new(
        Office::new(numbering::defaults("RU")).unwrap(),
    ));
    let hub = Arc::new(EventHub::new());
    (
        CallBook::new(
            store.clone(),
            hub,
            switchboard,
            writer,
            Arc::default(),
            mpsc::unbounded_channel().0,
        ),
        store,
    )
}

#[tokio::test]
async fn a_held_and_parked_call_is_shown_so_with_who_parked_it_and_its_path_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let (book, store) = book(folder.path()).await;
    let (id, at) = (Uuid::now_v7(), SystemTime::now());
    let anna = || "101".to_owned();
    let held = |held| CallEvent::CallHeld {
        id,
        at,
        by: Some(anna()),
        held,
    };
    let shown = |book: &CallBook| {
        let live = book.live();
        let call = live.get(&id).unwrap();
        let record = call.record();
        let brought = call.now.brought.as_ref();
        let by = brought.map(|(by, about)| (by.extension.clone(), *about == id));
        (record.is_held, record.parked_in, by)
    };
    let parked = CallEvent::CallParked {
        id,
        at,
        by: anna(),
        slot: 7,
    };
    let picked_up = CallEvent::CallUnparked {
        id,
        at,
        by: "102".to_owned(),
    };
    for (event, expected) in [
        (started(id, "+74951234567"), (false, None, None)),
        (held(true), (true, None, None)),
        (held(false), (false, None, None)),
        (held(true), (true, None, None)),
        (parked, (false, Some(7), None)),
        (picked_up, (false, None, Some((anna(), true)))),
    ] {
        book.apply(&event).await;
        assert_eq!(shown(&book), expected, "{event:?}");
    }
    book.apply(&ended(id)).await;
    assert!(book.flush(Duration::from_secs(5)).await);
    let call = store.call_state(id).await.unwrap().unwrap().call;
    assert_eq!(call.employee_extension.as_deref(), Some("102"));
    let path = read_path(&call.path);
    let kinds: Vec<CallStepKind> = path.iter().map(|step| step.kind).collect();
    assert_eq!(
        kinds,
        [
            CallStepKind::Held,
            CallStepKind::Resumed,
            CallStepKind::Held,
            CallStepKind::Parked,
            CallStepKind::PickedUp,
        ]
    );
    assert_eq!(
        (path[3].detail.as_str(), &path[3].extensions),
        ("7", &vec![anna()])
    );
}

#[tokio::test]
async fn a_call_with_an_id_used_before_changes_nothing_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let (book, store) = book(folder.path()).await;
    let id = Uuid::now_v7();
    whole_call(&book, id, "+74951234567", "old").await;
    // Not written yet, and written.
    whole_call(&book, id, "+74950000000", "new").await;
    assert!(book.flush(Duration::from_secs(5)).await);
    let old = store.call_state(id).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    whole_call(&book, id, "+74950000000", "new").await;
    assert!(book.flush(Duration::from_secs(5)).await);
    assert_eq!(store.call_state(id).await.unwrap().unwrap(), old);
    assert_eq!(old.call.number_e164.as_deref(), Some("+74951234567"));
    let recording = old.recording.unwrap();
    assert_eq!(recording.state, "ready");
    assert_eq!(recording.mp3.as_deref(), Some("old.mp3"));
    assert!(book.live().is_empty());
}

pub(in crate::calls) fn state() -> CallState {
    CallState {
        call: blank(Uuid::now_v7(), 1),
        viewers: vec![Uuid::now_v7()],
        recording: None,
    }
}

#[tokio::test]
async fn a_colleague_who_is_asked_is_brought_the_client_and_the_notes_typed_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let (book, _store) = book(folder.path()).await;
    let (client, asking) = (Uuid::now_v7(), Uuid::now_v7());
    let at = SystemTime::now();
    let begins = |id, direction, number: &str, extension: &str| CallEvent::CallStarted {
        id,
        at,
        direction,
        line: None,
        number: Some(number.to_owned()),
        network_name: None,
        our_number: String::new(),
        extension: Some(extension.to_owned()),
    };
    let answered = |id, extension: &str| CallEvent::CallAnswered {
        id,
        at,
        extension: extension.to_owned(),
    };
    for event in [
        begins(client, Direction::Outgoing, "+442079460018", "205"),
        answered(client, "205"),
    ] {
        book.apply(&event).await;
    }
    let note = CallChange {
        note: Some("wants two".to_owned()),
        ..CallChange::default()
    };
    book.amend(client, &note).await.unwrap();
    let rings = CallEvent::CallRinging {
        id: asking,
        at,
        extensions: vec!["206".to_owned()],
    };
    for event in [begins(asking, Direction::Internal, "206", "205"), rings] {
        book.apply(&event).await;
    }
    let told = book.record(asking).unwrap().brought.unwrap();
    assert_eq!(
        (told.by.extension.as_str(), told.note.as_str()),
        ("205", "wants two")
    );
    assert_eq!(told.number.unwrap().e164, "+442079460018");
    assert_eq!(told.call, client.simple().to_string());
    let joined = CallEvent::CallJoined {
        id: asking,
        at,
        into: client,
    };
    book.apply(&joined).await;
    let put_into = book.live()[&asking].record().put_into;
    assert_eq!(put_into, Some(client.simple().to_string()));
    // Handed over at once, it is the same call.
    let offered = CallEvent::CallOffered {
        id: client,
        at,
        from: "205".to_owned(),
        to: "207".to_owned(),
    };
    book.apply(&offered).await;
    let told = book.record(client).unwrap().brought.unwrap();
    assert_eq!(
        (told.by.extension.as_str(), told.call),
        ("205", client.simple().to_string())
    );
    // A call to a colleague without a client waiting brings nobody.
    let idle = Uuid::now_v7();
    let rings = CallEvent::CallRinging {
        id: idle,
        at,
        extensions: vec!["206".to_owned()],
    };
    for event in [begins(idle, Direction::Internal, "206", "208"), rings] {
        book.apply(&event).await;
    }
    assert!(book.record(idle).unwrap().brought.is_none());
}
