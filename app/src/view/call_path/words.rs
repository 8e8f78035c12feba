//! What the rows of a call's path say.

use api_types::PlanRule;

phrases! {
    /// What a row is about; `{who}` stands in most.
    pub enum PathWords {
        /// Extensions rang.
        Rang => path.rang,
        /// Nobody had a phone.
        PassedOver => path.passed_over,
        /// A line was tried.
        Line => path.line,
        /// The call was forwarded over a line.
        Forwarded => path.forwarded,
        /// Handed over.
        Transferred => path.transferred,
        /// On hold.
        Held => path.held,
        /// On hold by the other side.
        HeldOutside => path.held_outside,
        /// Off hold.
        Resumed => path.resumed,
        /// A page or a network was gone.
        Vanished => path.vanished,
        /// And came back.
        Reattached => path.reattached,
        /// In a slot.
        Parked => path.parked,
        /// Out of it.
        PickedUp => path.picked_up,
        /// A conference began.
        ThirdJoined => path.third_joined,
        /// It ended.
        ThirdLeft => path.third_left,
        /// The call went on in another one.
        Joined => path.joined,
        /// A blocked number.
        Blocked => path.blocked,
        /// A hidden number.
        Anonymous => path.anonymous,
        /// A browser's connection was lost.
        ConnectionLost => path.connection_lost,
        /// And is back.
        ConnectionBack => path.connection_back,
        /// Audio stopped.
        MediaLost => path.media_lost,
        /// And flows again.
        MediaBack => path.media_back,
        /// ICE restart.
        PathRenewed => path.path_renewed,
        /// The page was loaded again.
        PageBack => path.page_back,
        /// The microphone is gone.
        MicrophoneLost => path.microphone_lost,
        /// There is one again.
        MicrophoneBack => path.microphone_back,
        /// Audio goes another way.
        WayChanged => path.way_changed,
        /// The end.
        Ended => path.ended,
    }
}

phrases! {
    /// What came of it; `{time}` and `{who}` stand in some.
    pub enum PathResult {
        /// Answered.
        Answered => path.answered,
        /// In time nobody did.
        NoAnswer => path.no_answer,
        /// Busy or declined.
        Declined => path.declined,
        /// The caller went.
        CallerGone => path.caller_gone,
        /// No phone.
        NoPhone => path.no_phone,
        /// Still ringing.
        Ringing => path.ringing,
        /// Refused.
        Refused => path.refused,
        /// By whom a call was handed over.
        By => path.by,
        /// A way of audio.
        Udp => way.udp.name,
        /// A way of audio.
        Tcp => way.tcp.name,
        /// A way of audio.
        TurnUdp => way.turn_udp.name,
        /// A way of audio.
        TurnTcp => way.turn_tcp.name,
        /// A way of audio.
        TurnTls => way.turn_tls.name,
        /// Not at the desk.
        Away => presence.away,
        /// Ate.
        Lunch => presence.lunch,
        /// Sat with others.
        Meeting => presence.meeting,
        /// Wrote the call before up.
        WrapUp => presence.wrap_up,
        /// Wanted quiet.
        DoNotDisturb => presence.do_not_disturb,
    }
}

phrases! {
    /// Which rule it was; `{name}` stands in some.
    pub enum PathRule {
        /// The employee responsible for the client.
        Responsible => path.rule_responsible,
        /// Named in the plan.
        Employees => path.rule_employees,
        /// A group.
        Group => path.rule_group,
        /// No plan.
        Everybody => path.rule_everybody,
        /// A number outside.
        Forward => path.rule_forward,
    }
}

impl PathResult {
    /// Why somebody was passed over: [`api_types::Availability`] as it is written.
    pub(super) fn absent(said: &str) -> Self {
        match said {
            "lunch" => Self::Lunch,
            "meeting" => Self::Meeting,
            "wrap_up" => Self::WrapUp,
            "do_not_disturb" => Self::DoNotDisturb,
            _ => Self::Away,
        }
    }
}

impl PathResult {
    /// Of the name of a way.
    pub(super) fn way(name: &str) -> Option<Self> {
        Some(match name {
            "udp" => Self::Udp,
            "tcp" => Self::Tcp,
            "turn-udp" => Self::TurnUdp,
            "turn-tcp" => Self::TurnTcp,
            "turn-tls" => Self::TurnTls,
            _ => return None,
        })
    }
}

impl PathRule {
    /// Of a rule.
    pub fn of(rule: PlanRule) -> Self {
        match rule {
            PlanRule::Responsible => Self::Responsible,
            PlanRule::Employees => Self::Employees,
            PlanRule::Group => Self::Group,
            PlanRule::Everybody => Self::Everybody,
            PlanRule::Forward => Self::Forward,
        }
    }
}
