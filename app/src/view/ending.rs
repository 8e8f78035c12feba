//! Why a call ended, in a sentence: from the SIP code and how far the call had come.

use phone::{EndReason, Side};

phrases! {
    /// The sentence on the card of a call that is over.
    pub enum Ending {
        /// After talk, ended here.
        YouHungUp => ending.you_hung_up,
        /// After talk, ended there.
        TheyHungUp => ending.they_hung_up,
        /// After talk, the connection broke.
        ConnectionLost => ending.connection_lost,
        /// Outgoing, given up here.
        YouCancelled => ending.you_cancelled,
        /// Incoming, rejected here.
        YouRejected => ending.you_rejected,
        /// Incoming, the caller gave up.
        CallerGaveUp => ending.caller_gave_up,
        /// Incoming, somebody else answered.
        AnsweredElsewhere => ending.answered_elsewhere,
        /// 486, 600.
        Busy => ending.busy,
        /// 408, 480, 487.
        NoAnswer => ending.no_answer,
        /// 480 of our own server: the colleague said so.
        DoNotDisturb => ending.do_not_disturb,
        /// 603, 607.
        Declined => ending.declined,
        /// 404, 410, 604.
        NotFound => ending.not_found,
        /// 484.
        Incomplete => ending.incomplete,
        /// 403.
        Forbidden => ending.forbidden,
        /// 401, 407.
        LineRefused => ending.line_refused,
        /// 415, 488, 606.
        NoCommonCodec => ending.no_common_codec,
        /// 503.
        NoLine => ending.no_line,
        /// Other 5xx.
        ServerTrouble => ending.server_trouble,
        /// Local: no microphone.
        NoMicrophone => ending.no_microphone,
        /// Local: media could not be set up.
        NoMedia => ending.no_media,
        /// Local: the phone is not connected.
        NotConnected => ending.not_connected,
        /// Anything else.
        Other => ending.other,
    }
}

impl Ending {
    /// The sentence for a call of `side` that ended for `reason`.
    pub fn of(side: Side, reason: &EndReason) -> Self {
        if reason.talk_ms > 0 {
            return Self::after_talk(reason);
        }
        match side {
            Side::Incoming => Self::unanswered_incoming(reason),
            Side::Outgoing => Self::unanswered_outgoing(reason),
        }
    }

    fn after_talk(reason: &EndReason) -> Self {
        match (reason.by_us, reason.code) {
            (_, 0 | 408 | 481 | 500..=599) => {
                Self::local(&reason.reason).unwrap_or(Self::ConnectionLost)
            }
            (true, _) => Self::YouHungUp,
            (false, _) => Self::TheyHungUp,
        }
    }

    fn unanswered_incoming(reason: &EndReason) -> Self {
        // RFC 3326 and RFC 3261 §16.7: CANCEL with `Reason: SIP;cause=200;text="Call completed elsewhere"`.
        let elsewhere =
            reason.code == 200 || reason.reason.to_ascii_lowercase().contains("elsewhere");
        match (reason.by_us, reason.code) {
            (false, _) if elsewhere => Self::AnsweredElsewhere,
            (_, 0) => Self::local(&reason.reason).unwrap_or(Self::Other),
            (_, 488) => Self::NoCommonCodec,
            (true, _) => Self::YouRejected,
            (false, _) => Self::CallerGaveUp,
        }
    }

    fn unanswered_outgoing(reason: &EndReason) -> Self {
        match reason.code {
            0 => Self::local(&reason.reason).unwrap_or(if reason.by_us {
                Self::YouCancelled
            } else {
                Self::Other
            }),
            200 | 487 if reason.by_us => Self::YouCancelled,
            480 if reason.reason.eq_ignore_ascii_case("Do Not Disturb") => Self::DoNotDisturb,
            code => Self::refused(code),
        }
    }

    /// What a final answer to INVITE means (RFC 3261 §21).
    fn refused(code: u16) -> Self {
        match code {
            486 | 600 => Self::Busy,
            408 | 480 | 487 => Self::NoAnswer,
            603 | 607 => Self::Declined,
            404 | 410 | 604 => Self::NotFound,
            484 => Self::Incomplete,
            403 => Self::Forbidden,
            401 | 407 => Self::LineRefused,
            415 | 488 | 606 => Self::NoCommonCodec,
            503 => Self::NoLine,
            500..=599 => Self::ServerTrouble,
            _ => Self::Other,
        }
    }

    /// A call that failed in this browser: code 0 and a word.
    fn local(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        let says = |part: &str| word.contains(part);
        if says("microphone") {
            Some(Self::NoMicrophone)
        } else if says("media") || says("ice") {
            Some(Self::NoMedia)
        } else if says("connect") || says("regist") || says("offline") {
            Some(Self::NotConnected)
        } else {
            None
        }
    }

    /// Whether the end was what somebody here wanted or the natural one; such a card goes by itself.
    pub fn is_normal(self) -> bool {
        matches!(
            self,
            Self::YouHungUp
                | Self::TheyHungUp
                | Self::YouCancelled
                | Self::YouRejected
                | Self::CallerGaveUp
                | Self::AnsweredElsewhere
        )
    }
}

phrases! {
    /// A SIP code in words, for the call's page.
    pub enum CodeWords {
        /// 2xx.
        Normal => sip.normal,
        /// 487.
        Cancelled => sip.cancelled,
        /// 486, 600.
        Busy => sip.busy,
        /// 408, 480.
        NoAnswer => sip.no_answer,
        /// 603, 607.
        Declined => sip.declined,
        /// 404, 410, 604.
        NotFound => sip.not_found,
        /// 484.
        Incomplete => sip.incomplete,
        /// 403.
        Forbidden => sip.forbidden,
        /// 401, 407.
        WrongPassword => sip.wrong_password,
        /// 415, 488, 606.
        NoCommonCodec => sip.no_common_codec,
        /// 503.
        Unavailable => sip.unavailable,
        /// 5xx.
        ServerTrouble => sip.server_trouble,
        /// Anything else.
        Other => sip.other,
    }
}

impl CodeWords {
    /// Of a code; `None` while a call runs (0).
    pub fn of(code: u16) -> Option<Self> {
        Some(match code {
            0 => return None,
            200..=299 => Self::Normal,
            487 => Self::Cancelled,
            486 | 600 => Self::Busy,
            408 | 480 => Self::NoAnswer,
            603 | 607 => Self::Declined,
            404 | 410 | 604 => Self::NotFound,
            484 => Self::Incomplete,
            403 => Self::Forbidden,
            401 | 407 => Self::WrongPassword,
            415 | 488 | 606 => Self::NoCommonCodec,
            503 => Self::Unavailable,
            500..=599 => Self::ServerTrouble,
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(by_us: bool, code: u16, text: &str, talk_ms: u64) -> EndReason {
        EndReason {
            by_us,
            code,
            reason: text.into(),
            talk_ms,
        }
    }

    #[test]
    fn an_unanswered_call_out_says_what_the_far_end_did() {
        for (code, ending) in [
            (486, Ending::Busy),
            (600, Ending::Busy),
            (480, Ending::NoAnswer),
            (487, Ending::NoAnswer),
            (603, Ending::Declined),
            (404, Ending::NotFound),
            (484, Ending::Incomplete),
            (403, Ending::Forbidden),
            (488, Ending::NoCommonCodec),
            (503, Ending::NoLine),
            (500, Ending::ServerTrouble),
            (499, Ending::Other),
        ] {
            assert_eq!(
                Ending::of(Side::Outgoing, &reason(false, code, "", 0)),
                ending,
                "{code}"
            );
        }
        assert_eq!(
            Ending::of(Side::Outgoing, &reason(true, 487, "", 0)),
            Ending::YouCancelled
        );
    }

    #[test]
    fn an_unanswered_call_in_tells_a_caller_who_gave_up_from_a_rejection() {
        assert_eq!(
            Ending::of(Side::Incoming, &reason(false, 487, "Request Terminated", 0)),
            Ending::CallerGaveUp
        );
        assert_eq!(
            Ending::of(Side::Incoming, &reason(true, 486, "Busy Here", 0)),
            Ending::YouRejected
        );
        assert_eq!(
            Ending::of(
                Side::Incoming,
                &reason(false, 487, "Call completed elsewhere", 0)
            ),
            Ending::AnsweredElsewhere
        );
    }

    #[test]
    fn after_talk_it_says_who_hung_up_or_that_the_connection_broke() {
        assert_eq!(
            Ending::of(Side::Incoming, &reason(true, 200, "", 9)),
            Ending::YouHungUp
        );
        assert_eq!(
            Ending::of(Side::Outgoing, &reason(false, 200, "", 9)),
            Ending::TheyHungUp
        );
        assert_eq!(
            Ending::of(Side::Outgoing, &reason(false, 408, "", 9)),
            Ending::ConnectionLost
        );
    }

    #[test]
    fn a_failure_in_this_browser_names_the_microphone_or_the_network() {
        assert_eq!(
            Ending::of(Side::Outgoing, &reason(true, 0, "NoMicrophone", 0)),
            Ending::NoMicrophone
        );
        assert_eq!(
            Ending::of(Side::Incoming, &reason(true, 0, "MicrophoneDenied", 0)),
            Ending::NoMicrophone
        );
        assert_eq!(
            Ending::of(Side::Outgoing, &reason(true, 0, "NoMedia", 0)),
            Ending::NoMedia
        );
        assert_eq!(
            Ending::of(Side::Outgoing, &reason(false, 0, "not connected", 0)),
            Ending::NotConnected
        );
    }
}
