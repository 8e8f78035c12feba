//! A call once begun belongs to nobody else.

use std::time::SystemTime;

use sip_gateway::{ports::Direction, recording::Finished};

use super::*;
use crate::calls::Journal;

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

#[tokio::test]
async fn a_call_with_an_id_used_before_changes_nothing_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("trubka.db")).await.unwrap();
    let (journal, _) = Journal::open(&folder.path().join("calls.journal")).unwrap();
    let writer = Writer::new();
    tokio::spawn(Arc::clone(&writer).run(store.clone(), journal));
    let switchboard = Arc::new(Switchboard::new(
        Office::new(numbering::defaults("RU")).unwrap(),
    ));
    let hub = Arc::new(EventHub::new());
    let book = CallBook::new(store.clone(), hub, switchboard, writer);

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
