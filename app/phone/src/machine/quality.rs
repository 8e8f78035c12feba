//! How calls sound: looks at their statistics, what their browsers meet, and the reports of both.

use super::{
    Machine,
    call::{Call, Step},
};
use crate::{
    CallKey, FarFigures, MediaWay, PhoneEvent,
    quality::{Circumstances, IncidentKind, QualityReport, Snapshot},
};

/// Milliseconds between two reports of a call that goes on.
const REPORT_EVERY: u64 = 30_000;

impl Machine {
    pub(super) fn media_looked_at(&mut self, key: CallKey, look: Snapshot) {
        let now = self.now;
        let Some(call) = self.live_call(key) else {
            return;
        };
        if !matches!(call.step, Step::Talking(_)) {
            return;
        }
        let speaks = !call.view.muted && !call.wants_hold;
        call.quality.look(look, now.wall, Circumstances { speaks });
        call.view.quality = call.quality.view().filter(|_| !call.view.held);
        if call.quality_told == 0 {
            call.quality_told = now.mono;
        }
        if now.mono >= call.quality_told + REPORT_EVERY {
            self.tell_quality(key, false);
        }
    }

    pub(super) fn media_takes(&mut self, key: CallKey, way: MediaWay) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let before = call.view.way.replace(way);
        if before.is_some_and(|before| before != way) {
            self.note(key, IncidentKind::WayChanged(way));
        }
    }

    pub(super) fn far_measured(&mut self, key: CallKey, far: FarFigures) {
        if let Some(call) = self.live_call(key) {
            call.quality.far_measured(far);
        }
    }

    /// What was measured up to now is kept for the page that comes after, which measures anew.
    pub(super) fn close_slots(&mut self) {
        self.calls
            .iter_mut()
            .for_each(|call| call.quality.series.close());
    }

    /// Hands out what is not stored yet. `is_last`: the call is over.
    pub(super) fn tell_quality(&mut self, key: CallKey, is_last: bool) {
        let now = self.now;
        let Some(call) = self.calls.iter_mut().find(|call| call.key() == key) else {
            return;
        };
        call.quality_told = now.mono;
        let series = &mut call.quality.series;
        if is_last {
            if let Some(at) = self.link.lost_at.filter(|_| call.talk_began.is_some()) {
                series.note(at, IncidentKind::ConnectionLost);
            }
            series.close();
        }
        let Some(call_id) = call.view.call_id.clone().filter(|_| !series.is_empty()) else {
            return;
        };
        let report = QualityReport {
            call_id,
            codec: series.codec,
            way: call.view.way,
            slots: series.slots.clone(),
            incidents: series.incidents.clone(),
            at: now.wall,
            is_last,
        };
        self.tell(PhoneEvent::Quality(key, Box::new(report)));
    }

    pub(super) fn quality_stored(&mut self, key: CallKey, until: u64) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.key() == key) {
            call.quality.series.stored(until);
        }
    }

    /// Something happened to a call that people talk in.
    pub(super) fn note(&mut self, key: CallKey, kind: IncidentKind) {
        let at = self.now.wall;
        if let Some(call) = self.live_call(key).filter(|call| is_talked_in(call)) {
            call.quality.series.note(at, kind);
        }
    }

    /// Something happened to all calls that people talk in.
    pub(super) fn note_all(&mut self, kind: IncidentKind) {
        self.note_all_at(self.now.wall, kind);
    }

    pub(super) fn note_all_at(&mut self, at: u64, kind: IncidentKind) {
        for call in self.calls.iter_mut().filter(|call| is_talked_in(call)) {
            call.quality.series.note(at, kind);
        }
    }
}

fn is_talked_in(call: &Call) -> bool {
    call.talk_began.is_some() && !call.is_over()
}
