//! Media that stopped while signalling is well: ICE restarts in the running call, then its end.
//!
//! The rule: bad signalling is repaired by connecting again and never by an ICE restart; bad media
//! with good signalling by an ICE restart and never by connecting again. When both were lost (the
//! computer changed its network) the count of packets tells.

use super::{Machine, MediaAction, Output, call::Call, media::cause};
use crate::{CallKey, Trouble, quality::IncidentKind};

/// Milliseconds interrupted media may take to come back before the call is ended. The gateway keeps
/// a vanished leg as long.
const REPAIR_WITHIN: u64 = 30_000;
/// Milliseconds an interruption may last before anything is done about it.
const PATIENCE: u64 = 1_500;
/// Milliseconds between two ICE restarts.
const PAUSE: u64 = 4_000;

/// An interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repair {
    /// When the call is given up.
    until: u64,
    /// When ICE is restarted next.
    next_try: u64,
}

impl Repair {
    /// When something is to be done.
    pub(super) fn deadline(self) -> u64 {
        self.until.min(self.next_try)
    }
}

/// Milliseconds without a packet after which media counts as stopped once signalling is back.
const GONE: u64 = 1_500;
/// Milliseconds in which packets are to come in once signalling is back: 25 of them, of 20 ms each.
const STILL: u64 = 500;

/// Looks, a second apart, at which nothing at all had come in, after which the way counts as dead.
/// Firefox says nothing of a TCP connection that was reset until it gives up for good after 30 s. Even
/// a silent far end sends reports, every 5 s or so (RFC 3550 §6.2).
const STILL_LOOKS: u32 = 7;
/// How often ICE is restarted for that: who sends no reports is only silent.
const STILL_TRIES: u32 = 3;

/// Packets that come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Inflow {
    packets: u64,
    /// When the count last grew; `None`: never.
    grew_at: Option<u64>,
    /// Of everything, and looks since it last grew.
    octets: u64,
    still_looks: u32,
    /// Signalling has just come back.
    check: Option<Check>,
}

/// Whether packets come in, counted twice. The looks a second apart do not tell: what the first one sees
/// after an interruption may have come before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// The browser was asked how many have come.
    Counting { until: u64 },
    /// So many.
    Counted { packets: u64, until: u64 },
    /// It was asked again.
    Again { packets: u64 },
}

impl Inflow {
    pub(super) fn deadline(self) -> Option<u64> {
        match self.check? {
            Check::Counting { until } | Check::Counted { until, .. } => Some(until),
            Check::Again { .. } => None,
        }
    }

    /// Keeps a count; whether it says that nothing comes in any more.
    fn count(&mut self, now: u64, packets: u64) -> bool {
        if packets > self.packets {
            self.packets = packets;
            self.grew_at = Some(now);
        }
        let known = match self.check {
            Some(Check::Counting { until }) => {
                self.check = Some(Check::Counted { packets, until });
                return false;
            }
            Some(Check::Counted { packets, .. } | Check::Again { packets }) => packets,
            None => return false,
        };
        let is_last = matches!(self.check, Some(Check::Again { .. }));
        let is_alive = packets > known;
        self.check.take_if(|_| is_alive || is_last);
        is_last && !is_alive
    }

    /// The time of a check is over: whether the browser is to count once more.
    fn count_again(&mut self, now: u64) -> bool {
        let is_over = self.deadline().is_some_and(|until| until <= now);
        if is_over {
            let packets = match self.check {
                Some(Check::Counted { packets, .. }) => packets,
                _ => self.packets,
            };
            self.check = Some(Check::Again { packets });
        }
        is_over
    }
}

impl Machine {
    pub(super) fn media_received(&mut self, key: CallKey, packets: u64) {
        let now = self.now.mono;
        if let Some(call) = self.live_call(key) {
            call.wants_restart |= call.inflow.count(now, packets) && !call.wants_hold;
        }
    }

    pub(super) fn media_heard(&mut self, key: CallKey, octets: u64) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let inflow = &mut call.inflow;
        let grew = octets > inflow.octets;
        // It shrinks when the browser forgets a pair of candidates.
        inflow.octets = octets;
        inflow.still_looks = if grew { 0 } else { inflow.still_looks + 1 };
        let tries = inflow.still_looks / STILL_LOOKS;
        let is_due = inflow.still_looks % STILL_LOOKS == 0 && (1..=STILL_TRIES).contains(&tries);
        if is_due && call.was_connected && call.talk_began.is_some() && !call.wants_hold {
            call.wants_restart = true;
        }
    }

    /// Signalling was lost and is back: whether media went with it.
    pub(super) fn check_media(&mut self) {
        let now = self.now.mono;
        for call in &mut self.calls {
            let Some(grew_at) = call.inflow.grew_at.filter(|_| !call.wants_hold) else {
                continue;
            };
            if grew_at + GONE < now {
                call.wants_restart = true;
            } else {
                let until = now + STILL;
                call.inflow.check = Some(Check::Counting { until });
                let key = call.key();
                self.outputs
                    .push_back(Output::Media(key, MediaAction::Count));
            }
        }
    }

    fn check_inflow(&mut self) {
        let now = self.now.mono;
        for call in &mut self.calls {
            if call.inflow.count_again(now) {
                let key = call.key();
                self.outputs
                    .push_back(Output::Media(key, MediaAction::Count));
            }
        }
    }

    pub(super) fn media_connected(&mut self, key: CallKey) {
        if let Some(call) = self.live_call(key) {
            call.was_connected = true;
            let was_away = call.repair.take().is_some();
            if was_away {
                self.note(key, IncidentKind::MediaBack);
            }
            self.set_trouble(Trouble::NoMedia, false);
        }
    }

    /// Often a moment's matter: the browser is given time to find its way back alone.
    pub(super) fn media_disconnected(&mut self, key: CallKey) {
        let next_try = self.now.mono + PATIENCE;
        self.begin_repair(key, next_try);
    }

    /// The browser gave up. Media that never came will not come by trying again: UDP is blocked.
    pub(super) fn media_failed(&mut self, key: CallKey) {
        let now = self.now.mono;
        let Some(call) = self.live_call(key) else {
            return;
        };
        if !call.was_connected || call.talk_began.is_none() {
            return self.no_media(key);
        }
        // After a restart browsers may say once more that the path before it is dead.
        if call.repair.is_none() {
            self.set_trouble(Trouble::NoMedia, true);
            self.begin_repair(key, now);
            self.restart_media();
        }
    }

    fn begin_repair(&mut self, key: CallKey, next_try: u64) {
        let until = self.now.mono + REPAIR_WITHIN;
        if let Some(call) = self.live_call(key)
            && call.talk_began.is_some()
        {
            let is_new = call.repair.is_none();
            call.repair.get_or_insert(Repair { until, next_try });
            if is_new {
                self.note(key, IncidentKind::MediaLost);
            }
        }
    }

    /// The way to the far end is back: every interrupted call is repaired at once.
    pub(super) fn repair_now(&mut self) {
        let now = self.now.mono;
        for repair in self
            .calls
            .iter_mut()
            .filter_map(|call| call.repair.as_mut())
        {
            repair.next_try = now;
        }
        self.restart_media();
    }

    /// Restarts ICE in every call whose time has come, as soon as there is a way to tell the far end.
    fn restart_media(&mut self) {
        let now = self.now.mono;
        for call in &mut self.calls {
            let Some(repair) = &mut call.repair else {
                continue;
            };
            if repair.next_try <= now {
                repair.next_try = now + PAUSE;
                call.wants_restart = true;
            }
        }
    }

    pub(super) fn media_timeout(&mut self) {
        let now = self.now.mono;
        let is_lost = |call: &&Call| call.repair.is_some_and(|repair| repair.until <= now);
        let lost: Vec<CallKey> = self.calls.iter().filter(is_lost).map(Call::key).collect();
        lost.into_iter().for_each(|key| self.no_media(key));
        self.restart_media();
        self.check_inflow();
    }

    fn no_media(&mut self, key: CallKey) {
        self.set_trouble(Trouble::NoMedia, true);
        self.end_leg(key, cause(500, "No media"));
    }
}
