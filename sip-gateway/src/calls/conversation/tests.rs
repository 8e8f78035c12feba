use std::net::Ipv4Addr;

use async_trait::async_trait;
use uuid::Uuid;

use super::*;
use crate::{
    config::OnFatal,
    media::{LegKind, MediaConfig},
    ports::{IncomingCall, IncomingPlan, OutgoingCall, OutgoingPlan, SipUser},
};

struct Nobody;

#[async_trait]
impl CallDirector for Nobody {
    async fn sip_user(&self, _username: &str) -> Option<SipUser> {
        None
    }
    async fn route_incoming(&self, _call: &IncomingCall) -> IncomingPlan {
        panic!("on purpose")
    }
    async fn authorize_outgoing(&self, _call: &OutgoingCall) -> OutgoingPlan {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn the_recording_of_a_conversation_that_panicked_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let journals = folder.path().join("journals");
    let (engine, _media) = Engine::start(MediaConfig {
        browser_bind: (Ipv4Addr::LOCALHOST, 0).into(),
        browser_tcp: None,
        browser_public: vec![Ipv4Addr::LOCALHOST.into()],
        line_bind: Ipv4Addr::LOCALHOST.into(),
        line_public: None,
        line_ports: (29_500, 29_598),
        journal_dir: journals.clone(),
    })
    .unwrap();
    let (sender, mut told) = mpsc::channel(16);
    let events = EventSink::new(sender);
    let recordings = folder.path().join("recordings");
    let (archive, _) =
        Archive::open(&journals, &recordings, events.clone(), OnFatal::default()).unwrap();
    let (orders, _source) = Orders::new();
    let (_lines, lines) = watch::channel(Arc::default());
    let services = Services {
        engine: engine.clone(),
        director: Arc::new(Nobody),
        events,
        orders,
        archive,
        waits: Waits::default(),
        lines,
    };
    let id = Uuid::new_v4();
    let left = engine.create_leg(LegKind::Browser).unwrap();
    let right = engine.create_leg(LegKind::Browser).unwrap();
    let journal = engine.record(id, left, right);
    let beginning = Beginning::FromPhone(crate::calls::FromPhone {
        extension: "101".to_owned(),
        name: "Anna".to_owned(),
        kind: LegKind::Browser,
        dialled: "102".to_owned(),
        preferred: crate::calls::identity::Preferred::default(),
        over_limit: false,
        sdp: None,
    });
    let _mailbox = Conversation::spawn(id, beginning, services, LegNumbers::default());
    let mut ends = 0;
    loop {
        match told.recv().await.unwrap() {
            CallEvent::CallEnded { code: 500, .. } => ends += 1,
            CallEvent::RecordingReady { .. } | CallEvent::RecordingFailed { .. } => break,
            _ => {}
        }
    }
    assert_eq!(ends, 1);
    assert!(!journal.exists());
    engine.shutdown().await;
}
