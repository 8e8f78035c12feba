//! The check before a call: its steps and what each says.

use phone::MediaWay;

phrases! {
    /// A step.
    pub enum StepTitle {
        /// Permission and level.
        Microphone => precheck.microphone,
        /// The WebSocket.
        Signalling => precheck.signalling,
        /// Audio by UDP.
        Udp => precheck.udp,
        /// Audio by TCP.
        Tcp => precheck.tcp,
        /// Audio over a relay.
        Turn => precheck.turn,
        /// Some seconds of a real call.
        Sound => precheck.sound,
    }
}

phrases! {
    /// What came of a step; `{value}` stands in some.
    pub enum StepWords {
        /// Not yet.
        Waiting => precheck.waiting,
        /// Now.
        Running => precheck.running,
        /// Heard.
        MicrophoneHeard => precheck.microphone_heard,
        /// Open, and nobody knows how loud.
        MicrophoneOpen => precheck.microphone_open,
        /// Nothing comes from it.
        MicrophoneSilent => quality.silent_microphone,
        /// Refused.
        MicrophoneDenied => precheck.microphone_denied,
        /// There is none.
        MicrophoneNone => precheck.microphone_none,
        /// Another program has it.
        MicrophoneBusy => precheck.microphone_busy,
        /// The page is not secure.
        MicrophoneInsecure => precheck.microphone_insecure,
        /// There and back in so many milliseconds.
        SignallingGood => precheck.signalling_good,
        /// It does not open, or nothing comes back.
        SignallingBlocked => precheck.signalling_blocked,
        /// It gets through.
        WayGood => precheck.way_good,
        /// It does not.
        UdpBlocked => precheck.udp_blocked,
        /// The server offers none.
        NotSetUp => precheck.not_set_up,
        /// It does not.
        TcpBlocked => precheck.tcp_blocked,
        /// It does, over this relay.
        TurnGood => precheck.turn_good,
        /// It does not, over none of these.
        TurnBlocked => precheck.turn_blocked,
        /// The server did not answer.
        NoServer => precheck.no_server,
        /// Nothing gets through.
        SoundNoWay => precheck.sound_no_way,
        /// It needs the microphone.
        Skipped => precheck.skipped,
        /// Nothing came back.
        SoundNothing => precheck.sound_nothing,
        /// As it should be.
        SoundGood => precheck.sound_good,
        /// Too few octets came back.
        SoundNarrow => precheck.sound_narrow,
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Not known.
    Open,
    /// Well.
    Good,
    /// Not well: what to do stands there.
    Bad,
}

/// What is shown of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub title: StepTitle,
    /// How.
    pub mark: Mark,
    /// In words.
    pub words: StepWords,
    /// What stands in them.
    pub value: String,
}

impl Row {
    fn new(title: StepTitle) -> Self {
        Self {
            title,
            mark: Mark::Open,
            words: StepWords::Waiting,
            value: String::new(),
        }
    }
}

/// The whole check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precheck {
    /// Its steps, in order.
    pub rows: Vec<Row>,
    /// Which way the audio of a call would go.
    pub way: Option<MediaWay>,
    /// It is going on.
    pub runs: bool,
}

impl Default for Precheck {
    fn default() -> Self {
        Self {
            rows: StepTitle::ALL.iter().copied().map(Row::new).collect(),
            way: None,
            runs: false,
        }
    }
}

impl Precheck {
    /// One step is done, or begins.
    pub fn set(&mut self, title: StepTitle, mark: Mark, words: StepWords, value: String) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.title == title) {
            *row = Row {
                title,
                mark,
                words,
                value,
            };
        }
    }

    /// Whether everything that was tried went well; `None` while it goes on or before.
    pub fn verdict(&self) -> Option<bool> {
        let is_done = !self.runs && self.rows.iter().any(|row| row.mark != Mark::Open);
        is_done.then(|| self.rows.iter().all(|row| row.mark != Mark::Bad))
    }
}

/// The lines of a description without the candidates of other transports, and the port of the first
/// that is left; `None`: none is left.
pub fn only_by(sdp: &str, transport: &str) -> Option<(String, String)> {
    let is_other = |line: &&str| {
        let mut parts = line.strip_prefix("a=candidate:").unwrap_or("").split(' ');
        parts
            .nth(2)
            .is_some_and(|by| !by.eq_ignore_ascii_case(transport))
    };
    let kept: Vec<&str> = sdp.lines().filter(|line| !is_other(line)).collect();
    let first = kept.iter().find(|line| line.starts_with("a=candidate:"))?;
    let port = first.split(' ').nth(5)?.to_owned();
    Some((kept.join("\r\n") + "\r\n", port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_only_the_candidates_of_one_transport() {
        let sdp = "v=0\r\na=candidate:1 1 UDP 2 192.0.2.1 4000 typ host\r\n\
                   a=candidate:2 1 TCP 1 192.0.2.1 4001 typ host tcptype passive\r\na=end-of-candidates\r\n";
        let (udp, port) = only_by(sdp, "udp").unwrap();
        assert_eq!(port, "4000");
        assert!(udp.contains("4000") && !udp.contains("4001") && udp.ends_with("candidates\r\n"));
        assert_eq!(only_by(sdp, "tcp").unwrap().1, "4001");
        assert_eq!(only_by("v=0\r\n", "tcp"), None);
    }

    #[test]
    fn one_bad_step_is_a_bad_check_and_what_is_not_set_up_is_not_bad() {
        let mut check = Precheck::default();
        assert_eq!(check.verdict(), None);
        check.runs = true;
        check.set(
            StepTitle::Udp,
            Mark::Good,
            StepWords::WayGood,
            String::new(),
        );
        assert_eq!(check.verdict(), None);
        check.runs = false;
        check.set(
            StepTitle::Turn,
            Mark::Open,
            StepWords::NotSetUp,
            String::new(),
        );
        assert_eq!(check.verdict(), Some(true));
        check.set(
            StepTitle::Tcp,
            Mark::Bad,
            StepWords::TcpBlocked,
            String::new(),
        );
        assert_eq!(check.verdict(), Some(false));
    }
}
