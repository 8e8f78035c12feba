//! What the gateway measures: gathered into slots, written now and then, and who talks in which call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api_types::{DirectionFigures, FarQuality, QualitySlot, Witness};
use media_core::emodel;
use sip_gateway::{
    media::Codec,
    ports::{CallEvent, LegFigures, Travel},
};
use store::Store;
use tokio::{sync::mpsc, time::Instant};
use uuid::Uuid;

use super::leg::{Measured, with};
use crate::clock::{HOUR, now_ms, to_ms};

/// Measurements that may wait for the database; more are lost, for calls go on all the same.
const MOST_WAITING: usize = 20_000;
/// A slot is as long as this, milliseconds.
const SLOT_MS: u32 = 10_000;
/// Slots are written at the end of the call, and as often as this.
const WRITE_AFTER: Duration = Duration::from_secs(30);
/// Between two looks at what is to be written.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long somebody may report on a call that is over, milliseconds.
const MEMORY_MS: i64 = HOUR;
/// From how many lost packets in a thousand, and how many milliseconds of jitter, a leg is bad.
const BAD: (u16, u16) = (20, 60);
/// What a packet and its coding take, milliseconds.
const PACKET_MS: u32 = 20;

/// Follows the measurements.
#[derive(Debug)]
pub(crate) struct Gauges {
    queue: mpsc::Sender<News>,
    calls: Mutex<HashMap<Uuid, Talk>>,
}

/// What is remembered of a call while it goes on, and a little longer.
#[derive(Debug, Default)]
struct Talk {
    /// Extensions that have or had a leg in it.
    who: Vec<String>,
    ended_at: Option<i64>,
    /// Those of its legs that are bad now; empty: the line.
    bad: Vec<String>,
}

#[derive(Debug)]
enum News {
    Measured {
        call: Uuid,
        leg: String,
        at: i64,
        figures: LegFigures,
    },
    Ended(Uuid),
}

impl Gauges {
    /// And what writes.
    pub(crate) fn new(store: Store) -> (Arc<Self>, impl Future<Output = ()>) {
        let (queue, news) = mpsc::channel(MOST_WAITING);
        let gauges = Self {
            queue,
            calls: Mutex::default(),
        };
        (Arc::new(gauges), write(store, news))
    }

    /// Something happened to a call. Gives what is to be said of one of its legs, if
    /// that is news.
    pub(crate) fn hear(&self, event: &CallEvent) -> Option<(Uuid, FarQuality)> {
        match event {
            CallEvent::CallStarted { id, extension, .. } => self.talks(*id, extension.as_deref()),
            CallEvent::CallAnswered { id, extension, .. }
            | CallEvent::CallUnparked {
                id, by: extension, ..
            } => self.talks(*id, Some(extension)),
            CallEvent::CallTransferred { id, to, .. } => self.talks(*id, to.as_deref()),
            CallEvent::ThirdJoined { id, with, .. } => self.talks(*id, Some(with)),
            CallEvent::CallEnded { id, at, .. } => self.ended(*id, to_ms(*at)),
            CallEvent::LegMeasured {
                id,
                at,
                extension,
                figures,
            } => {
                self.talks(*id, extension.as_deref());
                self.tell(News::Measured {
                    call: *id,
                    leg: extension.clone().unwrap_or_default(),
                    at: to_ms(*at),
                    figures: *figures,
                });
                return self.leg(*id, extension.as_deref(), figures);
            }
            _ => {}
        }
        None
    }

    /// Whether this extension has or had a leg in a call that goes on or ended lately.
    pub(crate) fn has_leg(&self, call: Uuid, extension: &str) -> bool {
        let calls = self.calls();
        let talk = calls.get(&call);
        talk.is_some_and(|talk| talk.who.iter().any(|who| who == extension))
    }

    fn talks(&self, call: Uuid, extension: Option<&str>) {
        let mut calls = self.calls();
        let talk = calls.entry(call).or_default();
        if let Some(extension) = extension
            && !talk.who.iter().any(|who| who == extension)
        {
            talk.who.push(extension.to_owned());
        }
    }

    fn ended(&self, call: Uuid, at: i64) {
        self.tell(News::Ended(call));
        let mut calls = self.calls();
        calls.retain(|_, talk| talk.ended_at.is_none_or(|ended| ended + MEMORY_MS > at));
        if let Some(talk) = calls.get_mut(&call) {
            talk.ended_at = Some(at);
        }
    }

    /// Only of a leg that is bad, and once when it is so no more.
    fn leg(
        &self,
        call: Uuid,
        extension: Option<&str>,
        figures: &LegFigures,
    ) -> Option<(Uuid, FarQuality)> {
        let sent = figures.sent.unwrap_or_default();
        let said = FarQuality {
            call: call.simple().to_string(),
            extension: extension.map(str::to_owned),
            heard_loss_permille: figures.received.loss_permille(),
            said_loss_permille: sent.loss_permille(),
            jitter_ms: figures.received.jitter_ms.max(sent.jitter_ms),
        };
        let worse = said.heard_loss_permille.max(said.said_loss_permille);
        let is_bad = worse >= BAD.0 || said.jitter_ms >= BAD.1;
        let mut calls = self.calls();
        let bad = &mut calls.get_mut(&call)?.bad;
        let leg = extension.unwrap_or_default();
        let was_bad = bad.iter().any(|known| known == leg);
        bad.retain(|known| known != leg);
        if is_bad {
            bad.push(leg.to_owned());
        }
        (is_bad || was_bad).then_some((call, said))
    }

    fn tell(&self, news: News) {
        if self.queue.try_send(news).is_err() {
            tracing::warn!("measurements of calls are not being written; one was dropped");
        }
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<Uuid, Talk>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One leg on its way to the database.
#[derive(Debug)]
struct Pending {
    since: Instant,
    open: Vec<(i64, LegFigures)>,
    slots: Vec<QualitySlot>,
    codec: Codec,
}

type Legs = HashMap<(Uuid, String), Pending>;

async fn write(store: Store, mut news: mpsc::Receiver<News>) {
    let mut legs = Legs::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        let ended = tokio::select! {
            next = news.recv() => match next {
                Some(News::Measured { call, leg, at, figures }) => {
                    take(&mut legs, (call, leg), at, figures);
                    continue;
                }
                Some(News::Ended(call)) => Some(call),
                None => return,
            },
            _ = look.tick() => None,
        };
        let is_due = |(call, _): &(Uuid, String), leg: &mut Pending| {
            ended == Some(*call) || leg.since.elapsed() >= WRITE_AFTER
        };
        let due: Vec<_> = legs.extract_if(is_due).collect();
        for ((call, leg), pending) in due {
            store_leg(&store, call, &leg, pending).await;
        }
    }
}

fn take(legs: &mut Legs, key: (Uuid, String), at: i64, figures: LegFigures) {
    let is_line = key.1.is_empty();
    let leg = legs.entry(key).or_insert_with(|| Pending {
        since: Instant::now(),
        open: Vec::new(),
        slots: Vec::new(),
        codec: figures.codec,
    });
    leg.open.push((at, figures));
    leg.codec = figures.codec;
    let measured: u32 = leg.open.iter().map(|(_, one)| one.over_ms).sum();
    if measured >= SLOT_MS {
        leg.close_slot(is_line);
    }
}

impl Pending {
    fn close_slot(&mut self, is_line: bool) {
        let open = std::mem::take(&mut self.open);
        self.slots.extend(slot(&open, is_line));
    }
}

/// Measurements in a row as one slot. `None`: there are none.
fn slot(measured: &[(i64, LegFigures)], is_line: bool) -> Option<QualitySlot> {
    let (first, _) = measured.first()?;
    let (_, first_figures) = measured.first()?;
    let over_ms: u32 = measured.iter().map(|(_, one)| one.over_ms).sum();
    let received = sum(measured.iter().map(|(_, one)| Some(one.received)));
    let sent = sum(measured.iter().map(|(_, one)| one.sent));
    let round_trip_ms = measured.iter().rev().find_map(|(_, one)| one.round_trip_ms);
    // An employee says what we receive of them; of the other side we hear it.
    let (heard, said) = if is_line {
        (received, sent)
    } else {
        (sent, received)
    };
    let figures = |travel: Option<Travel>| travel.map(|travel| direction(travel, round_trip_ms));
    Some(QualitySlot {
        at: first - i64::from(first_figures.over_ms),
        secs: u8::try_from(over_ms.div_ceil(1000))
            .unwrap_or(60)
            .clamp(1, 60),
        heard: figures(heard),
        said: figures(said),
        round_trip_ms,
    })
}

fn sum(all: impl Iterator<Item = Option<Travel>>) -> Option<Travel> {
    all.flatten().reduce(|a, b| Travel {
        expected: a.expected.saturating_add(b.expected),
        lost: a.lost.saturating_add(b.lost),
        jitter_ms: a.jitter_ms.midpoint(b.jitter_ms),
    })
}

fn direction(travel: Travel, round_trip_ms: Option<u16>) -> DirectionFigures {
    let loss_permille = travel.loss_permille();
    // Half the way there and back, and a buffer that evens the jitter out.
    let one_way_ms =
        u32::from(round_trip_ms.unwrap_or(0)) / 2 + 2 * u32::from(travel.jitter_ms) + 2 * PACKET_MS;
    DirectionFigures {
        loss_permille,
        jitter_ms: travel.jitter_ms,
        mos_tenths: emodel::tenths(emodel::CONCEALED, loss_permille, one_way_ms),
        level_permille: None,
    }
}

async fn store_leg(store: &Store, call: Uuid, leg: &str, mut pending: Pending) {
    pending.close_slot(leg.is_empty());
    let new = Measured {
        codec: codec_name(pending.codec).to_owned(),
        slots: pending.slots,
        ..Measured::default()
    };
    let key = (call, leg, Witness::Gateway);
    let written = store
        .change_call_quality((call, leg, "gateway"), |row| with(key, row, new, now_ms()))
        .await;
    if let Err(error) = written {
        tracing::warn!(call.id = %call, %error, "how a call sounded could not be written");
    }
}

fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcma | Codec::Pcmu => "g711",
        Codec::G722 => "g722",
        Codec::Opus => "opus",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(lost: u32, sent: Option<u32>) -> LegFigures {
        let travel = |lost| Travel {
            expected: 250,
            lost,
            jitter_ms: 10,
        };
        LegFigures {
            over_ms: 5_000,
            codec: Codec::Pcma,
            received: travel(lost),
            sent: sent.map(travel),
            round_trip_ms: Some(40),
        }
    }

    #[test]
    fn two_measurements_are_a_slot_seen_from_the_company() {
        let measured = [
            (105_000, figures(0, Some(25))),
            (110_000, figures(10, None)),
        ];
        let line = slot(&measured, true).unwrap();
        assert_eq!((line.at, line.secs), (100_000, 10));
        assert_eq!(line.heard.unwrap().loss_permille, 20);
        assert_eq!(line.said.unwrap().loss_permille, 100);
        assert!(line.said.unwrap().mos_tenths < line.heard.unwrap().mos_tenths);
        let employee = slot(&measured, false).unwrap();
        assert_eq!(employee.said.unwrap().loss_permille, 20);
        assert_eq!(slot(&[], true), None);
    }

    #[tokio::test]
    async fn only_who_has_a_leg_is_in_a_call_and_only_a_bad_line_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("trubka.db")).await.unwrap();
        let (gauges, _writing) = Gauges::new(store);
        let id = Uuid::now_v7();
        let line = |figures| CallEvent::LegMeasured {
            id,
            at: std::time::SystemTime::now(),
            extension: None,
            figures,
        };
        gauges.hear(&CallEvent::CallAnswered {
            id,
            at: std::time::SystemTime::now(),
            extension: "205".to_owned(),
        });
        assert!(gauges.has_leg(id, "205") && !gauges.has_leg(id, "206"));
        assert!(gauges.hear(&line(figures(0, None))).is_none());
        let (_, told) = gauges.hear(&line(figures(0, Some(25)))).unwrap();
        assert_eq!(
            (told.heard_loss_permille, told.said_loss_permille),
            (0, 100)
        );
        assert!(gauges.hear(&line(figures(0, None))).is_some(), "good again");
        assert!(gauges.hear(&line(figures(0, None))).is_none());
    }
}
