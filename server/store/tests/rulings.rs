//! Rules of business are written once; the log is filtered and summed.

use store::{
    CallChange, CallEmployee, CallFilter, CallState, ReturnedBy, Ruling, Scope, Store,
    entity::{call, item, notice},
};
use uuid::Uuid;

use crate::fresh;

fn call(started_at: i64, direction: &str, answered: Option<i64>) -> call::Model {
    call::Model {
        id: Uuid::now_v7(),
        version: 1,
        direction: direction.to_owned(),
        status: "answered".to_owned(),
        started_at,
        answered_at: answered,
        ended_at: Some(started_at + 100),
        rung: "[]".to_owned(),
        path: "[]".to_owned(),
        number_e164: Some("+74951234567".to_owned()),
        wait_ms: answered.map_or(100, |at| at - started_at),
        talk_ms: answered.map_or(0, |at| started_at + 100 - at),
        ..call::Model::default()
    }
}

async fn put(store: &Store, call: call::Model) -> Uuid {
    let id = call.id;
    let state = CallState {
        call,
        viewers: Vec::new(),
        recording: None,
    };
    store.put_calls(&[state]).await.unwrap();
    id
}

fn unsorted(call: Uuid) -> item::Model {
    item::Model {
        id: Uuid::now_v7(),
        kind: "unsorted".to_owned(),
        state: "open".to_owned(),
        title: "A caller".to_owned(),
        is_open: true,
        call_id: Some(call),
        created_at: 1,
        ..item::Model::default()
    }
}

#[tokio::test]
async fn what_a_rule_does_is_written_once_and_a_returned_call_closes_its_entry() {
    let (store, _folder) = fresh().await;
    let missed = put(&store, call(1000, "incoming", None)).await;
    let back = put(&store, call(2000, "outgoing", Some(2050))).await;
    let user = Uuid::now_v7();
    assert_eq!(store.unruled_calls().await.unwrap(), [missed, back]);
    let told = notice::Model {
        id: Uuid::now_v7(),
        user_id: user,
        at: 5,
        seen: false,
        body: "{}".to_owned(),
    };
    let ruling = Ruling {
        call: missed,
        stage: 2,
        now: 1100,
        items: vec![unsorted(missed)],
        notices: vec![told],
        ..Ruling::default()
    };
    let made = store.rule(&ruling).await.unwrap().unwrap();
    assert_eq!(made.len(), 1);
    assert!(made[0].seq > 0);
    assert_eq!(store.rule(&ruling).await.unwrap(), None, "once");
    assert_eq!(store.unruled_calls().await.unwrap(), [back]);
    assert_eq!(store.notices(user, None, 10).await.unwrap().len(), 1);
    assert_eq!(store.see_notices(user, None).await.unwrap().len(), 1);
    assert!(store.see_notices(user, None).await.unwrap().is_empty());

    let open = store.open_missed(None, Some("+74951234567")).await.unwrap();
    assert_eq!(
        open.iter().map(|call| call.id).collect::<Vec<_>>(),
        [missed]
    );
    let returned = CallChange {
        returned: Some(ReturnedBy {
            at: 2050,
            employee: Some(("205".to_owned(), "Anna".to_owned())),
            call: back,
        }),
        ..CallChange::default()
    };
    let ruling = Ruling {
        call: back,
        stage: 1,
        now: 2050,
        changes: vec![(missed, returned)],
        accepted: (vec![missed], Some(user)),
        ..Ruling::default()
    };
    let accepted = store.rule(&ruling).await.unwrap().unwrap();
    assert_eq!(
        (accepted[0].state.as_str(), accepted[0].is_open),
        ("accepted", false)
    );
    assert_eq!(accepted[0].owner_id, Some(user));
    assert!(
        store
            .open_missed(None, Some("+74951234567"))
            .await
            .unwrap()
            .is_empty()
    );
    let state = store.call_state(missed).await.unwrap().unwrap();
    assert_eq!(state.call.returned_call, Some(back));
    assert_eq!(state.call.returned_by_extension.as_deref(), Some("205"));
}

#[tokio::test]
async fn an_event_that_comes_late_changes_nothing_people_said() {
    let (store, _folder) = fresh().await;
    let mut row = call(1000, "incoming", Some(1010));
    let id = put(&store, row.clone()).await;
    let said = CallChange {
        result: Some(Some("sale".to_owned())),
        legal_hold: Some(true),
        note: Some("wants two".to_owned()),
        ..CallChange::default()
    };
    assert!(store.change_call(id, &said).await.unwrap());
    assert!(!store.change_call(Uuid::now_v7(), &said).await.unwrap());
    row.version = 2;
    put(&store, row).await;
    let kept = store.call_state(id).await.unwrap().unwrap().call;
    assert_eq!(
        (
            kept.version,
            kept.result.as_deref(),
            kept.legal_hold,
            kept.note.as_str()
        ),
        (2, Some("sale"), true, "wants two")
    );
}

#[tokio::test]
async fn the_log_is_filtered_and_summed() {
    let (store, _folder) = fresh().await;
    let anna = Uuid::now_v7();
    let missed = put(&store, call(1000, "incoming", None)).await;
    let answered = call::Model {
        employee_id: Some(anna),
        employee_extension: Some("205".to_owned()),
        line_id: Some(Uuid::from_u128(7)),
        result: Some("sale".to_owned()),
        ..call(2000, "incoming", Some(2030))
    };
    let answered = put(&store, answered).await;
    let outgoing = put(&store, call(3000, "outgoing", Some(3001))).await;
    let gone = put(&store, call(4000, "outgoing", None)).await;
    assert!(store.set_call_deleted(gone, Some(5)).await.unwrap());
    let all = || CallFilter {
        limit: 10,
        ..CallFilter::default()
    };
    let mut filters = Vec::new();
    for (filter, expected) in [
        (all(), vec![outgoing, answered, missed]),
        (
            CallFilter {
                not_returned: true,
                ..all()
            },
            vec![missed],
        ),
        (
            CallFilter {
                result: Some("sale".to_owned()),
                ..all()
            },
            vec![answered],
        ),
        (
            CallFilter {
                result: Some("-".to_owned()),
                ..all()
            },
            vec![outgoing, missed],
        ),
        (
            CallFilter {
                line: Some(Uuid::from_u128(7)),
                ..all()
            },
            vec![answered],
        ),
        (
            CallFilter {
                employee: Some(CallEmployee::User(anna)),
                ..all()
            },
            vec![answered],
        ),
        (
            CallFilter {
                employee: Some(CallEmployee::Extension("205".to_owned())),
                ..all()
            },
            vec![answered],
        ),
        (
            CallFilter {
                min_ms: Some(80),
                ..all()
            },
            vec![outgoing],
        ),
        (
            CallFilter {
                min_ms: Some(1),
                max_ms: Some(80),
                ..all()
            },
            vec![answered],
        ),
        (
            CallFilter {
                ids: vec![missed, gone],
                ..all()
            },
            vec![missed],
        ),
        (
            CallFilter {
                contact: Some(anna),
                ..all()
            },
            vec![],
        ),
    ] {
        let found = store.find_calls(&filter, Scope::All).await.unwrap();
        let ids: Vec<Uuid> = found.iter().map(|(call, _)| call.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
        let sums = store.sum_calls(&filter, Scope::All).await.unwrap();
        assert_eq!(
            sums.calls,
            i64::try_from(expected.len()).unwrap(),
            "{filter:?}"
        );
        filters.push((filter, sums));
    }
    // The same from memory.
    store.count_log().await.unwrap();
    for (filter, sums) in filters {
        let counted = store.sum_calls(&filter, Scope::All).await.unwrap();
        assert_eq!(counted, sums, "{filter:?}");
    }
    let own = store.sum_calls(&all(), Scope::Own(anna)).await.unwrap();
    assert_eq!(own.calls, 0);
    let sums = store.sum_calls(&all(), Scope::All).await.unwrap();
    assert_eq!(
        (
            sums.answered,
            sums.missed,
            sums.not_returned,
            sums.talk_ms,
            sums.wait_ms
        ),
        (2, 1, 1, 70 + 99, 100 + 30 + 1)
    );
    assert!(store.set_call_deleted(gone, None).await.unwrap());
    assert_eq!(store.sum_calls(&all(), Scope::All).await.unwrap().calls, 4);
}
