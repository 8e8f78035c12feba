//! What is wrong with the phone and what to do about it.

use phone::{Connection, PhoneState, Trouble};

phrases! {
    /// The first words of a trouble's note.
    pub enum TroubleTitle {
        /// No device.
        NoMicrophone => trouble.no_microphone.title,
        /// Refused.
        MicrophoneDenied => trouble.microphone_denied.title,
        /// Held by another program.
        MicrophoneBusy => trouble.microphone_busy.title,
        /// The tab has no focus (Firefox).
        MicrophoneWaits => trouble.microphone_waits.title,
        /// Unplugged, another is used.
        MicrophoneGone => trouble.microphone_gone.title,
        /// Unplugged, the default plays.
        SpeakerGone => trouble.speaker_gone.title,
        /// Not HTTPS.
        InsecurePage => trouble.insecure_page.title,
        /// No WebRTC.
        Unsupported => trouble.unsupported.title,
        /// WebSocket.
        NoServer => trouble.no_server.title,
        /// No network.
        Offline => trouble.offline.title,
        /// 401, 403.
        WrongPassword => trouble.wrong_password.title,
        /// Another code.
        Registrar => trouble.registrar.title,
        /// ICE or DTLS.
        NoMedia => trouble.no_media.title,
        /// Autoplay.
        SoundBlocked => trouble.sound_blocked.title,
    }
}

phrases! {
    /// What to do about it.
    pub enum TroubleRemedy {
        /// No device.
        NoMicrophone => trouble.no_microphone.remedy,
        /// Refused.
        MicrophoneDenied => trouble.microphone_denied.remedy,
        /// Held by another program.
        MicrophoneBusy => trouble.microphone_busy.remedy,
        /// The tab has no focus (Firefox).
        MicrophoneWaits => trouble.microphone_waits.remedy,
        /// Unplugged, another is used.
        MicrophoneGone => trouble.microphone_gone.remedy,
        /// Unplugged, the default plays.
        SpeakerGone => trouble.speaker_gone.remedy,
        /// Not HTTPS.
        InsecurePage => trouble.insecure_page.remedy,
        /// No WebRTC.
        Unsupported => trouble.unsupported.remedy,
        /// WebSocket.
        NoServer => trouble.no_server.remedy,
        /// No network.
        Offline => trouble.offline.remedy,
        /// 401, 403.
        WrongPassword => trouble.wrong_password.remedy,
        /// Another code.
        Registrar => trouble.registrar.remedy,
        /// ICE or DTLS.
        NoMedia => trouble.no_media.remedy,
        /// Autoplay.
        SoundBlocked => trouble.sound_blocked.remedy,
    }
}

/// What a note's button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Ask for the microphone again.
    Microphone,
    /// Play sound: a click has happened.
    Sound,
    /// Register again with fresh credentials.
    Reconnect,
}

/// A note at the top of the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// First words.
    pub title: TroubleTitle,
    /// What to do.
    pub remedy: TroubleRemedy,
    /// Its button.
    pub button: Option<Remedy>,
    /// Comes back by itself: amber; else red.
    pub passing: bool,
    /// Icon.
    pub icon: &'static str,
    /// SIP code and reason, where there are such.
    pub detail: Option<String>,
    /// Names that stand in the words.
    pub names: Vec<(&'static str, String)>,
}

impl Note {
    /// The note for a trouble.
    pub fn of(trouble: &Trouble) -> Self {
        use Remedy::{Microphone, Reconnect, Sound};
        let (title, remedy, button, passing, icon) = match trouble {
            Trouble::NoMicrophone => (
                TroubleTitle::NoMicrophone,
                TroubleRemedy::NoMicrophone,
                Some(Microphone),
                false,
                "mic-off",
            ),
            Trouble::MicrophoneDenied => (
                TroubleTitle::MicrophoneDenied,
                TroubleRemedy::MicrophoneDenied,
                Some(Microphone),
                false,
                "mic-off",
            ),
            Trouble::MicrophoneBusy => (
                TroubleTitle::MicrophoneBusy,
                TroubleRemedy::MicrophoneBusy,
                Some(Microphone),
                false,
                "mic-off",
            ),
            Trouble::MicrophoneWaits => (
                TroubleTitle::MicrophoneWaits,
                TroubleRemedy::MicrophoneWaits,
                None,
                true,
                "mic-off",
            ),
            Trouble::MicrophoneGone { .. } => (
                TroubleTitle::MicrophoneGone,
                TroubleRemedy::MicrophoneGone,
                None,
                true,
                "mic-off",
            ),
            Trouble::SpeakerGone { .. } => (
                TroubleTitle::SpeakerGone,
                TroubleRemedy::SpeakerGone,
                None,
                true,
                "volume-2",
            ),
            Trouble::InsecurePage => (
                TroubleTitle::InsecurePage,
                TroubleRemedy::InsecurePage,
                None,
                false,
                "circle-x",
            ),
            Trouble::Unsupported => (
                TroubleTitle::Unsupported,
                TroubleRemedy::Unsupported,
                None,
                false,
                "circle-x",
            ),
            Trouble::NoServer => (
                TroubleTitle::NoServer,
                TroubleRemedy::NoServer,
                None,
                true,
                "refresh-cw",
            ),
            Trouble::Offline => (
                TroubleTitle::Offline,
                TroubleRemedy::Offline,
                None,
                true,
                "wifi-off",
            ),
            Trouble::WrongPassword => (
                TroubleTitle::WrongPassword,
                TroubleRemedy::WrongPassword,
                Some(Reconnect),
                false,
                "circle-x",
            ),
            Trouble::Registrar { .. } => (
                TroubleTitle::Registrar,
                TroubleRemedy::Registrar,
                Some(Reconnect),
                false,
                "circle-x",
            ),
            Trouble::NoMedia => (
                TroubleTitle::NoMedia,
                TroubleRemedy::NoMedia,
                None,
                false,
                "wifi-off",
            ),
            Trouble::SoundBlocked => (
                TroubleTitle::SoundBlocked,
                TroubleRemedy::SoundBlocked,
                Some(Sound),
                true,
                "volume-2",
            ),
        };
        let detail = match trouble {
            Trouble::Registrar { code, reason } => {
                Some(format!("{code} {reason}").trim_end().to_owned())
            }
            _ => None,
        };
        Self {
            title,
            remedy,
            button,
            passing,
            icon,
            detail,
            names: names(trouble),
        }
    }
}

fn names(trouble: &Trouble) -> Vec<(&'static str, String)> {
    match trouble {
        Trouble::MicrophoneGone { name, used } => {
            vec![("name", name.clone()), ("used", used.clone())]
        }
        Trouble::SpeakerGone { name } => vec![("name", name.clone())],
        _ => Vec::new(),
    }
}

/// Every note a phone has to show, the connection's first.
pub fn notes(state: &PhoneState) -> Vec<Note> {
    let connection = match &state.connection {
        Connection::Lost { trouble, .. } | Connection::Refused { trouble } => Some(trouble),
        Connection::Off | Connection::Connecting | Connection::Ready { .. } => None,
    };
    let others = state
        .troubles
        .iter()
        .filter(|trouble| Some(*trouble) != connection);
    connection.into_iter().chain(others).map(Note::of).collect()
}

phrases! {
    /// State of the phone on the pill in the top bar.
    pub enum PhoneWords {
        /// Not started.
        Off => phone.off,
        /// Connecting.
        Connecting => phone.connecting,
        /// Calls work.
        Ready => phone.ready,
        /// Coming back.
        Lost => phone.lost,
        /// Refused.
        Refused => phone.refused,
    }
}

impl PhoneWords {
    /// Of a connection.
    pub fn of(connection: &Connection) -> Self {
        match connection {
            Connection::Off => Self::Off,
            Connection::Connecting => Self::Connecting,
            Connection::Ready { .. } => Self::Ready,
            Connection::Lost { .. } => Self::Lost,
            Connection::Refused { .. } => Self::Refused,
        }
    }

    /// Stable name for tests and styles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Connecting => "connecting",
            Self::Ready => "ready",
            Self::Lost => "lost",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(connection: Connection, troubles: Vec<Trouble>) -> PhoneState {
        PhoneState {
            connection,
            troubles,
            ..PhoneState::default()
        }
    }

    #[test]
    fn the_connection_comes_first_and_nothing_is_said_twice() {
        let lost = Connection::Lost {
            trouble: Trouble::Offline,
            retry_in_secs: 3,
        };
        let notes = notes(&state(lost, vec![Trouble::Offline, Trouble::NoMicrophone]));
        let titles: Vec<_> = notes.iter().map(|note| note.title).collect();
        assert_eq!(titles, [TroubleTitle::Offline, TroubleTitle::NoMicrophone]);
    }

    #[test]
    fn a_registrars_answer_is_shown_with_its_code() {
        let note = Note::of(&Trouble::Registrar {
            code: 500,
            reason: "Server Internal Error".into(),
        });
        assert_eq!(note.detail.as_deref(), Some("500 Server Internal Error"));
    }

    #[test]
    fn a_ready_phone_has_no_notes() {
        assert!(notes(&state(Connection::Ready { round_trip_ms: 3 }, vec![])).is_empty());
    }
}
