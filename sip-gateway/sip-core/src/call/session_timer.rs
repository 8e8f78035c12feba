//! Session timers (RFC 4028): somebody refreshes the session at half the interval; where both
//! sides agreed on it, a call that nobody refreshes is ended before the interval is over.

use super::{
    EndedBy, SessionTimers, SipCause,
    leg::Call,
    options::{RefreshBy, Reliability},
    reoffer::Change,
};
use crate::{
    Millis,
    header::{MinSe, Refresher, SessionExpires},
    message::{Fields, Request, Response},
    stack::Stack,
    timers::{CallTimer, Timer},
};

/// RFC 4028 §5: no interval is shorter, in seconds.
const FLOOR: u32 = 90;
/// A peer that answers with less than this, in seconds, is not taken at its word.
const SHORTEST: u32 = 10;
/// RFC 4028 §10: how long before its end an agreed interval ends the call, in seconds.
const MARGIN: u32 = 32;
const EXPIRED: &str = "SIP;cause=408;text=\"Session timer expired\"";

/// What stands between the two sides.
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionTimer {
    active: Option<Active>,
    /// The largest `Min-SE` heard, in seconds.
    min_se: u32,
}

#[derive(Debug, Clone, Copy)]
struct Active {
    secs: u32,
    we_refresh: bool,
    /// The peer knows of it. Otherwise its silence proves nothing.
    agreed: bool,
}

impl SessionTimers {
    fn floor(self) -> u32 {
        self.min_se_secs.max(FLOOR)
    }

    /// `Min-SE` of the 422 this request deserves (§9: only a peer that knows of timers gets one).
    pub fn too_brief(self, request: &Request) -> Option<u32> {
        let asked = wish_of(request)?;
        (asked.secs < self.floor() && supports(request)).then(|| self.floor())
    }
}

fn wish_of(request: &Request) -> Option<SessionExpires> {
    request.header("Session-Expires")?.parse().ok()
}

fn supports(request: &Request) -> bool {
    let timer = |option: &str| option.eq_ignore_ascii_case("timer");
    request.header_values("Supported").any(timer) || request.requires("timer")
}

fn field(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

impl Call {
    /// Fields of an INVITE or UPDATE of ours: what we support, and the wish for a session timer.
    pub(super) fn extension_fields(&self) -> Fields {
        let mut fields = vec![field("Supported", self.supported())];
        if self.options.reliable == Reliability::Required && !self.is_talking() {
            fields.push(field("Require", "100rel"));
        }
        let Some(timers) = self.options.timers else {
            return fields;
        };
        let min_se = timers.floor().max(self.timer.min_se);
        let (secs, refresher) = match (self.timer.active, timers.refresher) {
            (Some(active), _) if active.we_refresh => (active.secs, Some(Refresher::Uac)),
            (Some(active), _) => (active.secs, Some(Refresher::Uas)),
            (None, RefreshBy::Caller) => (timers.expires_secs, None),
            (None, RefreshBy::Us) => (timers.expires_secs, Some(Refresher::Uac)),
            (None, RefreshBy::Peer) => (timers.expires_secs, Some(Refresher::Uas)),
        };
        let secs = secs.max(min_se);
        fields.push(field("Session-Expires", SessionExpires { secs, refresher }));
        if min_se > FLOOR {
            fields.push(field("Min-SE", min_se));
        }
        fields
    }

    fn supported(&self) -> &'static str {
        match (self.options.timers, self.options.reliable) {
            (Some(_), Reliability::Off) => "timer, replaces, norefersub",
            (Some(_), _) => "timer, 100rel, replaces, norefersub",
            (None, Reliability::Off) => "replaces, norefersub",
            (None, _) => "100rel, replaces, norefersub",
        }
    }

    /// A 422 to a request of ours (§7.4). Whether asking for more may help.
    pub(super) fn raise_interval(&mut self, request: &Request, response: &Response) -> bool {
        let least = response.header("Min-SE").and_then(|text| text.parse().ok());
        let (Some(MinSe(least)), Some(asked)) = (least, wish_of(request)) else {
            return false;
        };
        let helps = response.code == 422 && least > asked.secs && self.options.timers.is_some();
        if helps {
            self.timer.min_se = least;
            if let Some(active) = &mut self.timer.active {
                active.secs = active.secs.max(least);
            }
        }
        helps
    }

    /// A 2xx to an INVITE or UPDATE of ours (§7.2).
    pub(super) fn timer_answered(&mut self, response: &Response, stack: &mut Stack) {
        let Some(timers) = self.options.timers else {
            return;
        };
        let given = response.header("Session-Expires");
        let given: Option<SessionExpires> = given.and_then(|text| text.parse().ok());
        let wanted = timers
            .expires_secs
            .max(timers.floor())
            .max(self.timer.min_se);
        let active = match given {
            Some(given) => Active {
                secs: given.secs.max(SHORTEST),
                we_refresh: given.refresher != Some(Refresher::Uas),
                agreed: true,
            },
            // The peer supports no timers: nothing expires, but we keep the path open.
            None => Active {
                secs: wanted,
                we_refresh: true,
                agreed: false,
            },
        };
        self.start_timer(active, stack);
    }

    /// Fields of our 2xx to an INVITE or UPDATE, and the timer they start (§9).
    pub(super) fn timer_fields(&mut self, request: &Request, stack: &mut Stack) -> Fields {
        let mut fields = vec![field("Supported", self.supported())];
        let Some(timers) = self.options.timers else {
            return fields;
        };
        let (asked, knows) = (wish_of(request), supports(request));
        let refresher = self.refresher_as_uas(asked, knows, timers.refresher);
        let secs = agreed_secs(timers, request, asked, self.timer.active);
        let wish = SessionExpires {
            secs,
            refresher: Some(refresher),
        };
        fields.push(field("Session-Expires", wish));
        if knows && refresher == Refresher::Uac {
            fields.push(field("Require", "timer"));
        }
        let active = Active {
            secs,
            we_refresh: refresher == Refresher::Uas,
            agreed: knows,
        };
        self.start_timer(active, stack);
        fields
    }

    /// RFC 4028 §9, table 2.
    fn refresher_as_uas(
        &self,
        asked: Option<SessionExpires>,
        knows: bool,
        wish: RefreshBy,
    ) -> Refresher {
        if !knows {
            return Refresher::Uas;
        }
        let named = asked.and_then(|asked| asked.refresher);
        named.unwrap_or(match (self.timer.active, wish) {
            (Some(active), _) if active.we_refresh => Refresher::Uas,
            (None, RefreshBy::Us) => Refresher::Uas,
            (Some(_), _) | (None, RefreshBy::Caller | RefreshBy::Peer) => Refresher::Uac,
        })
    }

    fn start_timer(&mut self, active: Active, stack: &mut Stack) {
        self.timer.active = Some(active);
        for timer in [CallTimer::Refresh, CallTimer::Expire] {
            stack.timers.cancel(Timer::Call(self.handle, timer));
        }
        if self.over {
            return;
        }
        if active.we_refresh {
            self.set_timer(CallTimer::Refresh, millis(active.secs) / 2, stack);
        }
        if active.agreed {
            let patience = active.secs - MARGIN.min(active.secs / 3);
            self.set_timer(CallTimer::Expire, millis(patience), stack);
        }
    }

    /// Half the interval is over.
    pub(super) fn refresh_due(&mut self, stack: &mut Stack) {
        self.offers.queued.get_or_insert(Change::Refresh);
        self.flush_queue(stack);
    }

    /// The peer is there but did not take the refresh. Where it agreed to a timer it must take one
    /// before that ends; where it knows of none the call goes on.
    pub(super) fn refresh_refused(&mut self, stack: &mut Stack) {
        let Some(active) = self.timer.active else {
            return;
        };
        let part = if active.agreed { 16 } else { 2 };
        self.set_timer(CallTimer::Refresh, millis(active.secs) / part, stack);
    }

    /// §10: nobody refreshed.
    pub(super) fn session_expired(&mut self, stack: &mut Stack) {
        let cause = SipCause::new(408, "Session timer expired");
        self.end(EndedBy::Failure, cause, stack);
        self.bye(Some(EXPIRED.to_owned()), stack);
    }
}

/// The interval of our 2xx: never longer than asked, never shorter than anybody's minimum.
fn agreed_secs(
    timers: SessionTimers,
    request: &Request,
    asked: Option<SessionExpires>,
    active: Option<Active>,
) -> u32 {
    let least = request.header("Min-SE").and_then(|text| text.parse().ok());
    let least = least.map_or(0, |MinSe(secs)| secs).max(timers.floor());
    match (asked, active) {
        // Below the minimum it came from a proxy, for a peer that knows no timers.
        (Some(asked), _) => asked.secs.min(timers.expires_secs.max(least)).max(SHORTEST),
        (None, Some(active)) => active.secs,
        (None, None) => timers.expires_secs.max(least),
    }
}

fn millis(secs: u32) -> Millis {
    Millis::from(secs) * 1000
}
