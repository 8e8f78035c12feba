//! State and commands as text: between the tabs of one browser, and across a reload.
//!
//! Fields one after another, in the order of the types. Both sides are the same program; a text of
//! another version fails to be read and counts as nothing.

use std::str::Split;

use crate::{
    Advice, CallFrom, CallKey, CallPhase, CallView, Choices, Command, Connection, DeviceName,
    DeviceRole, EndReason, FarFigures, Grade, IceServer, MediaWay, Member, PhoneConfig, PhoneState,
    Processing, QualityView, Rejection, Side, Transfer, TransferKind, TransferProgress, Trouble,
    quality::{Figures, Incident, IncidentKind, Slot, WayFigures},
};

/// Between two fields; it stands in no text people or networks write.
const END: char = '\u{1f}';

/// The fields of a text.
pub type Fields<'a> = Split<'a, char>;

/// The fields of a text.
#[must_use]
pub fn fields(text: &str) -> Fields<'_> {
    text.split(END)
}

/// A value as text.
#[must_use]
pub fn write(value: &impl Wire) -> String {
    let mut text = String::new();
    value.put(&mut text);
    text
}

/// A value out of a text.
#[must_use]
pub fn read<T: Wire>(text: &str) -> Option<T> {
    T::take(&mut fields(text))
}

/// What can be written and read.
pub trait Wire: Sized {
    /// Adds it to a text.
    fn put(&self, to: &mut String);
    /// Takes it off a text; `None`: there is none.
    fn take(from: &mut Fields<'_>) -> Option<Self>;
}

impl Wire for String {
    fn put(&self, to: &mut String) {
        to.extend(self.chars().filter(|c| *c != END));
        to.push(END);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        from.next().map(str::to_owned)
    }
}

impl Wire for u64 {
    fn put(&self, to: &mut String) {
        self.to_string().put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        from.next()?.parse().ok()
    }
}

impl Wire for u32 {
    fn put(&self, to: &mut String) {
        u64::from(*self).put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        u64::take(from)?.try_into().ok()
    }
}

impl Wire for u16 {
    fn put(&self, to: &mut String) {
        u64::from(*self).put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        u64::take(from)?.try_into().ok()
    }
}

impl Wire for u8 {
    fn put(&self, to: &mut String) {
        u64::from(*self).put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        u64::take(from)?.try_into().ok()
    }
}

impl Wire for bool {
    fn put(&self, to: &mut String) {
        u64::from(*self).put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        Some(u64::take(from)? == 1)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, to: &mut String) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        Some(match bool::take(from)? {
            true => Some(T::take(from)?),
            false => None,
        })
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, to: &mut String) {
        (self.len() as u64).put(to);
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        let count = u64::take(from)?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, to: &mut String) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl Wire for CallKey {
    fn put(&self, to: &mut String) {
        self.0.put(to);
    }

    fn take(from: &mut Fields<'_>) -> Option<Self> {
        u64::take(from).map(Self)
    }
}

macro_rules! record {
    ($name:ident { $($field:ident),+ }) => {
        impl Wire for $name {
            fn put(&self, to: &mut String) { $(self.$field.put(to);)+ }
            fn take(from: &mut Fields<'_>) -> Option<Self> { Some(Self { $($field: Wire::take(from)?),+ }) }
        }
    };
}

macro_rules! choice {
    ($name:ident { $($tag:literal => $variant:ident $(($($part:ident),+))? $({ $($field:ident),+ })?),+ $(,)? }) => {
        impl Wire for $name {
            fn put(&self, to: &mut String) {
                match self { $(Self::$variant $(($($part),+))? $({ $($field),+ })? => {
                    $tag.put(to);
                    $($($part.put(to);)+)?
                    $($($field.put(to);)+)?
                })+ }
            }
            fn take(from: &mut Fields<'_>) -> Option<Self> {
                Some(match u16::take(from)? {
                    $($tag => {
                        $($(let $part = Wire::take(from)?;)+)?
                        $($(let $field = Wire::take(from)?;)+)?
                        Self::$variant $(($($part),+))? $({ $($field),+ })?
                    })+
                    _ => return None,
                })
            }
        }
    };
}

record!(PhoneConfig {
    websocket,
    domain,
    extension,
    username,
    password,
    display_name,
    gathers,
    ice_servers,
    ice_secs
});
record!(IceServer {
    urls,
    username,
    credential
});
record!(CallFrom { line, number });
record!(PhoneState {
    connection,
    troubles,
    calls,
    devices
});
record!(DeviceName { id, label, group });
record!(Processing {
    echo,
    noise,
    gain,
    clean
});
record!(Choices {
    microphone,
    speaker,
    ringer,
    processing,
    clean_theirs
});
choice!(DeviceRole { 0_u16 => Microphone, 1_u16 => Speaker, 2_u16 => Ringer });
record!(EndReason {
    by_us,
    code,
    reason,
    talk_ms
});
record!(Member {
    number,
    display_name,
    call_id
});
record!(Transfer { kind, to, progress });
record!(CallView {
    key,
    call_id,
    side,
    number,
    display_name,
    line,
    phase,
    muted,
    began_at,
    answered_at,
    digits,
    held,
    returning,
    consults_for,
    transfer,
    members,
    way,
    quality
});
record!(QualityView {
    grade,
    advice,
    mos_tenths,
    loss_permille,
    jitter_ms,
    round_trip_ms
});
record!(FarFigures {
    heard_loss,
    said_loss,
    jitter_ms
});
record!(WayFigures {
    loss_permille,
    jitter_ms,
    mos_tenths,
    level_permille
});
record!(Figures {
    heard,
    said,
    microphone_ppm,
    round_trip_ms,
    late_ms
});
record!(Slot { at, secs, figures });
record!(Incident { at, kind });
choice!(Grade { 0_u16 => Bad, 1_u16 => Poor, 2_u16 => Fair, 3_u16 => Good });
choice!(Advice {
    0_u16 => SilentMicrophone, 1_u16 => OwnLoss(permille), 2_u16 => FarLoss(permille),
    3_u16 => Late(ms), 4_u16 => Uneven(ms),
});
choice!(IncidentKind {
    0_u16 => ConnectionLost, 1_u16 => ConnectionBack, 2_u16 => MediaLost, 3_u16 => MediaBack,
    4_u16 => PathRenewed, 5_u16 => PageBack, 6_u16 => MicrophoneLost, 7_u16 => MicrophoneBack,
    8_u16 => WayChanged(way),
});
choice!(Side { 0_u16 => Incoming, 1_u16 => Outgoing });
choice!(Rejection { 0_u16 => Busy, 1_u16 => CallBack, 2_u16 => Decline });
choice!(TransferKind { 0_u16 => Blind, 1_u16 => Attended, 2_u16 => Join, 3_u16 => Park });
choice!(MediaWay { 0_u16 => Udp, 1_u16 => Tcp, 2_u16 => TurnUdp, 3_u16 => TurnTcp, 4_u16 => TurnTls });
choice!(TransferProgress {
    0_u16 => Trying, 1_u16 => Ringing, 2_u16 => Done { note }, 3_u16 => Failed { code, reason },
});
choice!(CallPhase {
    0_u16 => Dialling, 1_u16 => RingingOut, 2_u16 => EarlyMedia, 3_u16 => RingingIn,
    4_u16 => Answering, 5_u16 => Talking, 6_u16 => Ended(end),
});
choice!(Connection {
    0_u16 => Off, 1_u16 => Connecting, 2_u16 => Ready { round_trip_ms },
    3_u16 => Lost { trouble, retry_in_secs }, 4_u16 => Refused { trouble },
});
choice!(Trouble {
    0_u16 => NoMicrophone, 1_u16 => MicrophoneDenied, 2_u16 => MicrophoneBusy,
    3_u16 => InsecurePage, 4_u16 => Unsupported, 5_u16 => NoServer, 6_u16 => Offline,
    7_u16 => WrongPassword, 8_u16 => Registrar { code, reason }, 9_u16 => NoMedia,
    10_u16 => SoundBlocked, 11_u16 => MicrophoneWaits, 12_u16 => MicrophoneGone { name, used },
    13_u16 => SpeakerGone { name },
});
choice!(Command {
    0_u16 => Start(config), 1_u16 => Stop, 2_u16 => Dial { number }, 3_u16 => Answer(call),
    4_u16 => Reject(call, rejection), 5_u16 => HangUp(call), 6_u16 => Hold(call, hold),
    7_u16 => Transfer { call, number }, 8_u16 => Consult { call, number },
    9_u16 => Connect { call, to }, 10_u16 => Join { call, other }, 11_u16 => Park(call),
    12_u16 => Restore(kept), 13_u16 => FarAnswered(call), 14_u16 => Mute(call, muted),
    15_u16 => SendDigits(call, digits), 16_u16 => Dismiss(call), 17_u16 => RetryMicrophone,
    18_u16 => UnlockSound, 19_u16 => CallFrom(from), 20_u16 => FarMeasured(call, far),
    21_u16 => QualityStored(call, until), 22_u16 => ChooseDevice { role, device },
    23_u16 => Process(processing), 24_u16 => CleanTheirs(on), 25_u16 => PutInto(call, into),
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_the_way_to_another_tab() {
        let trouble = Trouble::Registrar {
            code: 503,
            reason: "Service Unavailable".to_owned(),
        };
        let call = CallView {
            key: CallKey(7),
            call_id: Some("ab30317f-1a78-4dc4-8ff8-24d0d3715d86".to_owned()),
            side: Side::Outgoing,
            number: "+7 (495) 123".to_owned(),
            display_name: "Анна \"А\"".to_owned(),
            line: None,
            phase: CallPhase::Ended(EndReason {
                by_us: true,
                code: 200,
                reason: String::new(),
                talk_ms: 4_000_000_000_000,
            }),
            muted: true,
            began_at: 1,
            answered_at: Some(2),
            digits: String::new(),
            held: true,
            returning: false,
            consults_for: Some(CallKey(6)),
            transfer: Some(Transfer {
                kind: TransferKind::Park,
                to: String::new(),
                progress: TransferProgress::Failed {
                    code: 404,
                    reason: "x".to_owned(),
                },
            }),
            members: vec![Member {
                number: "1".to_owned(),
                display_name: String::new(),
                call_id: None,
            }],
            way: Some(MediaWay::TurnTls),
            quality: Some(QualityView {
                grade: Grade::Poor,
                advice: Some(Advice::OwnLoss(42)),
                mos_tenths: 33,
                loss_permille: 42,
                jitter_ms: 7,
                round_trip_ms: None,
            }),
        };
        let state = PhoneState {
            connection: Connection::Lost {
                trouble: trouble.clone(),
                retry_in_secs: 3,
            },
            troubles: vec![Trouble::MicrophoneWaits, trouble],
            calls: vec![call],
            devices: Choices {
                ringer: Some(DeviceName::default()),
                ..Choices::default()
            },
        };
        assert_eq!(read(&write(&state)), Some(state));
    }

    #[test]
    fn a_command_survives_it_too_and_nonsense_is_none() {
        let text = write(&Command::Consult {
            call: CallKey(3),
            number: "102".to_owned(),
        });
        let back = read::<Command>(&text);
        assert!(
            matches!(back, Some(Command::Consult { call: CallKey(3), number }) if number == "102")
        );
        assert!(read::<Command>("99\u{1f}").is_none());
        assert!(read::<PhoneState>("").is_none());
    }
}
