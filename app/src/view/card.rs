//! The face of a call card: the phone's call and the server's record of it, merged.

use api_types::{Brought, CallRecord, PhoneNumber};
use phone::{CallPhase, CallView, Side, Transfer, TransferKind, TransferProgress};

/// What a card says about who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Who began the call.
    pub side: Side,
    /// The big line.
    pub who: Who,
    /// The number in full, for the second line; `None` when it is the big line, or withheld.
    pub number: Option<String>,
    /// What the network calls them, if it says more than the number.
    pub network_name: Option<String>,
    /// Line's name and number, once known.
    pub line: Option<(String, String)>,
    /// The colleague who hands the call over, asks about it or, where we dialled, has parked it, and
    /// what was noted so far.
    pub brought: Option<(String, String)>,
    /// A number that is in no contact: one can be made from it. `None` until the server has said so.
    pub unknown_number: Option<String>,
}

/// The big line of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A contact.
    Contact(String),
    /// A number.
    Number(String),
    /// The caller hides the number.
    Withheld,
}

impl Who {
    /// The text, if it is not a fixed phrase.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Contact(text) | Self::Number(text) => Some(text),
            Self::Withheld => None,
        }
    }
}

impl Face {
    /// Of a card; at least one of the two is there.
    pub fn of(call: Option<&CallView>, record: Option<&CallRecord>) -> Self {
        let side = side(call, record);
        if let Some(brought) = record.and_then(|record| record.brought.as_ref()) {
            return Self::brought(side, brought);
        }
        let number = shown_number(call, record);
        let contact = record
            .and_then(|record| {
                let contact = record.contact.as_ref().map(|contact| &contact.name);
                contact.or(record.row.as_ref().map(|row| &row.title))
            })
            .cloned();
        let who = match (contact, &number) {
            (Some(name), _) => Who::Contact(name),
            (None, Some(number)) => Who::Number(number.clone()),
            (None, None) => Who::Withheld,
        };
        let network_name = network_name(call, record)
            .filter(|name| Some(name) != number.as_ref() && who.text() != Some(name));
        let is_contact = matches!(who, Who::Contact(_));
        Self {
            side,
            number: if is_contact { number } else { None },
            brought: None,
            unknown_number: unknown_number(record),
            network_name,
            line: line(call, record),
            who,
        }
    }

    /// There is no record, but the server has said in which contact the number is; empty: in none.
    pub fn known_as(&mut self, name: &str) {
        let Who::Number(number) = &self.who else {
            return;
        };
        if name.is_empty() {
            self.unknown_number = Some(number.clone());
        } else {
            self.number = Some(number.clone());
            self.network_name = self.network_name.take().filter(|network| network != name);
            self.who = Who::Contact(name.to_owned());
        }
    }

    /// Of the client a colleague brings, not of the colleague.
    fn brought(side: Side, brought: &Brought) -> Self {
        let number = brought.number.as_ref().map(|number| number.display.clone());
        let who = match (&brought.contact, &number) {
            (Some(contact), _) => Who::Contact(contact.name.clone()),
            (None, Some(number)) => Who::Number(number.clone()),
            (None, None) => Who::Withheld,
        };
        let line = brought.line.as_ref();
        Self {
            side,
            number: number.filter(|_| matches!(who, Who::Contact(_))),
            network_name: None,
            line: line.map(|line| (line.label.clone(), distinct(&line.number, &line.label))),
            brought: Some((brought.by.name.clone(), brought.note.clone())),
            unknown_number: None,
            who,
        }
    }
}

fn side(call: Option<&CallView>, record: Option<&CallRecord>) -> Side {
    match (call, record) {
        (Some(call), _) => call.side,
        (None, Some(record)) if record.direction == api_types::Direction::Outgoing => {
            Side::Outgoing
        }
        (None, _) => Side::Incoming,
    }
}

fn shown_number(call: Option<&CallView>, record: Option<&CallRecord>) -> Option<String> {
    let from_record = record
        .and_then(|record| record.number.as_ref())
        .map(|number| number.display.clone());
    let from_call = || call.map(|call| call.number.clone());
    from_record
        .or_else(from_call)
        .filter(|number| !number.is_empty() && !number.eq_ignore_ascii_case("anonymous"))
}

fn network_name(call: Option<&CallView>, record: Option<&CallRecord>) -> Option<String> {
    let from_record = record.and_then(|record| record.network_name.clone());
    from_record
        .or_else(|| call.map(|call| call.display_name.clone()))
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("anonymous"))
        .filter(|name| crate::view::dial::number(name).is_none())
}

fn line(call: Option<&CallView>, record: Option<&CallRecord>) -> Option<(String, String)> {
    let from_record = record.and_then(|record| record.line.as_ref());
    match from_record {
        Some(line) => Some((line.label.clone(), distinct(&line.number, &line.label))),
        None => call
            .and_then(|call| call.line.clone())
            .map(|label| (label, String::new())),
    }
}

/// The number unless the label already is that number.
fn distinct(number: &PhoneNumber, label: &str) -> String {
    if number.display == label || number.e164 == label {
        String::new()
    } else {
        number.display.clone()
    }
}

fn unknown_number(record: Option<&CallRecord>) -> Option<String> {
    let record = record.filter(|record| record.contact.is_none())?;
    record.number.as_ref().map(|number| number.display.clone())
}

/// Stable name of a phase, for styles and tests.
pub fn phase_name(phase: &CallPhase) -> &'static str {
    match phase {
        CallPhase::Dialling => "dialling",
        CallPhase::RingingOut => "ringing-out",
        CallPhase::EarlyMedia => "early-media",
        CallPhase::RingingIn => "ringing-in",
        CallPhase::Answering => "answering",
        CallPhase::Talking => "talking",
        CallPhase::Ended(_) => "ended",
    }
}

phrases! {
    /// The word in the card's state bar.
    pub enum PhaseWords {
        /// Sent.
        Dialling => card.dialling,
        /// Far end rings.
        RingingOut => card.ringing_out,
        /// Early media.
        EarlyMedia => card.early_media,
        /// Rings here.
        Incoming => card.incoming,
        /// Being connected.
        Answering => card.answering,
        /// Talk, they called.
        TalkIncoming => card.talk_incoming,
        /// Talk, we called.
        TalkOutgoing => card.talk_outgoing,
        /// Over.
        Ended => card.ended,
        /// Waits with music.
        OnHold => card.on_hold,
        /// The page came back, audio not yet.
        ComingBack => card.coming_back,
        /// Three talk.
        Conference => card.conference,
    }
}

phrases! {
    /// What becomes of a call that is handed on.
    pub enum HandOnWords {
        /// Asked for.
        Trying => hand_on.trying,
        /// Rings there.
        Ringing => hand_on.ringing,
        /// Done.
        Done => hand_on.done,
        /// Two calls are being joined.
        Joining => hand_on.joining,
        /// Being parked.
        Parking => hand_on.parking,
        /// Parked somewhere.
        Parked => hand_on.parked,
        /// Parked in a slot.
        ParkedIn => hand_on.parked_in,
        /// Busy there.
        Busy => hand_on.busy,
        /// Nobody answered.
        NoAnswer => hand_on.no_answer,
        /// No such number.
        NotFound => hand_on.not_found,
        /// Refused for another reason.
        Failed => hand_on.failed,
        /// Not joined.
        NotJoined => hand_on.not_joined,
        /// Not parked.
        NotParked => hand_on.not_parked,
    }
}

impl HandOnWords {
    /// Of a transfer; the number of the slot where one is said.
    pub fn of(transfer: &Transfer) -> (Self, Option<String>) {
        use TransferKind::{Attended, Blind, Join, Park};
        use TransferProgress::{Done, Failed, Ringing, Trying};
        let words = match (transfer.kind, &transfer.progress) {
            (Join, Trying | Ringing | Done { .. }) => Self::Joining,
            (Park, Trying | Ringing) => Self::Parking,
            (Park, Done { note }) => return Self::parked(note),
            (Blind | Attended, Trying) => Self::Trying,
            (Blind | Attended, Ringing) => Self::Ringing,
            (Blind | Attended, Done { .. }) => Self::Done,
            (Join, Failed { .. }) => Self::NotJoined,
            (Park, Failed { .. }) => Self::NotParked,
            (Blind | Attended, Failed { code, .. }) => match code {
                486 | 600 => Self::Busy,
                408 | 480 | 487 => Self::NoAnswer,
                404 | 410 | 484 | 604 => Self::NotFound,
                _ => Self::Failed,
            },
        };
        (words, None)
    }

    fn parked(note: &str) -> (Self, Option<String>) {
        let slot: String = note.chars().filter(char::is_ascii_digit).collect();
        match slot.is_empty() {
            true => (Self::Parked, None),
            false => (Self::ParkedIn, Some(slot)),
        }
    }

    /// Whether the call is ours still.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::NoAnswer
                | Self::NotFound
                | Self::Failed
                | Self::NotJoined
                | Self::NotParked
        )
    }
}

impl PhaseWords {
    /// Of a call.
    pub fn of(call: &CallView) -> Self {
        if call.returning {
            return Self::ComingBack;
        }
        if call.held {
            return Self::OnHold;
        }
        if !call.members.is_empty() && call.is_talking() {
            return Self::Conference;
        }
        match (&call.phase, call.side) {
            (CallPhase::Dialling, _) => Self::Dialling,
            (CallPhase::RingingOut, _) => Self::RingingOut,
            (CallPhase::EarlyMedia, _) => Self::EarlyMedia,
            (CallPhase::RingingIn, _) => Self::Incoming,
            (CallPhase::Answering, _) => Self::Answering,
            (CallPhase::Talking, Side::Incoming) => Self::TalkIncoming,
            (CallPhase::Talking, Side::Outgoing) => Self::TalkOutgoing,
            (CallPhase::Ended(_), _) => Self::Ended,
        }
    }
}

/// The calls a key acts on.
pub mod target {
    use super::{CallPhase, CallView};

    /// The call that has rung longest.
    pub fn to_answer(calls: &[CallView]) -> Option<&CallView> {
        calls.iter().find(|call| call.phase == CallPhase::RingingIn)
    }

    /// The call in talk or going out; else the one that rings.
    pub fn to_end(calls: &[CallView]) -> Option<&CallView> {
        let under_way =
            |call: &&CallView| !matches!(call.phase, CallPhase::Ended(_) | CallPhase::RingingIn);
        let heard = calls.iter().find(|call| under_way(call) && !call.held);
        heard
            .or_else(|| to_answer(calls))
            .or_else(|| calls.iter().find(under_way))
    }

    /// The call in talk.
    pub fn in_talk(calls: &[CallView]) -> Option<&CallView> {
        let is_heard = |call: &&CallView| call.is_talking() && !call.held;
        calls.iter().find(is_heard).or_else(|| held(calls))
    }

    fn held(calls: &[CallView]) -> Option<&CallView> {
        calls
            .iter()
            .rev()
            .find(|call| call.is_talking() && call.held)
    }

    /// Another answered call, to be put together with this one; the one it is about first.
    pub fn partner<'a>(calls: &'a [CallView], of: &CallView) -> Option<&'a CallView> {
        let other = |call: &&CallView| call.key != of.key && call.is_talking() && !call.returning;
        let about = |call: &&CallView| {
            of.consults_for == Some(call.key) || call.consults_for == Some(of.key)
        };
        let mut others = calls.iter().filter(other);
        calls
            .iter()
            .filter(other)
            .find(about)
            .or_else(|| others.next())
    }

    /// Whether the card of a call that rings is small: another rings already. `None`: the phone does
    /// not know the call yet.
    pub fn is_small(calls: &[CallView], key: Option<phone::CallKey>) -> bool {
        let before = calls.iter().take_while(|call| Some(call.key) != key);
        before
            .filter(|call| call.phase == CallPhase::RingingIn)
            .count()
            > 0
    }

    /// Whether the card of a call is only a strip: it waits while another is heard.
    pub fn is_strip(calls: &[CallView], of: &CallView) -> bool {
        let heard = |call: &CallView| call.key != of.key && call.is_engaged() && !call.held;
        of.held && calls.iter().any(heard)
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use api_types::{CallStatus, ContactRef, Direction, LineRef};
    use phone::CallKey;

    pub fn call(key: u64) -> CallView {
        CallView {
            key: CallKey(key),
            call_id: None,
            side: Side::Incoming,
            number: "+74951234567".into(),
            display_name: String::new(),
            line: None,
            phase: CallPhase::RingingIn,
            muted: false,
            began_at: 0,
            answered_at: None,
            digits: String::new(),
            held: false,
            returning: false,
            consults_for: None,
            transfer: None,
            members: Vec::new(),
            way: None,
            quality: None,
        }
    }

    pub fn record(id: &str, status: CallStatus) -> CallRecord {
        CallRecord {
            id: id.into(),
            direction: Direction::Incoming,
            status,
            started_at: 0,
            answered_at: None,
            ended_at: None,
            employee: None,
            rung: vec!["101".into()],
            contact: None,
            number: Some(PhoneNumber {
                e164: "+74951234567".into(),
                display: "+7 495 123-45-67".into(),
            }),
            network_name: None,
            line: Some(LineRef {
                id: "l".into(),
                label: "Sales".into(),
                number: PhoneNumber {
                    e164: "+78005550123".into(),
                    display: "8 800 555-01-23".into(),
                },
            }),
            hung_up_by: None,
            sip_code: 0,
            sip_reason: String::new(),
            recording: None,
            digits: String::new(),
            note: String::new(),
            brought: None,
            parked_in: None,
            put_into: None,
            is_held: false,
            client: None,
            wait_ms: 0,
            talk_ms: 0,
            deal: None,
            result: None,
            reason: None,
            returned: None,
            tries: 0,
            calling_back: None,
            legal_hold: false,
        }
    }

    pub fn contact(name: &str) -> ContactRef {
        ContactRef {
            id: "c".into(),
            name: name.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{call, contact, record};
    use super::*;
    use api_types::CallStatus;
    use phone::CallKey;

    #[test]
    fn who_is_asked_by_a_colleague_or_picks_up_what_one_parked_sees_the_client() {
        let mut record = samples::record("a", api_types::CallStatus::Ringing);
        record.brought = Some(Brought {
            by: api_types::EmployeeRef {
                extension: "205".into(),
                name: "Anna".into(),
            },
            call: "b".into(),
            contact: None,
            number: Some(PhoneNumber {
                e164: "+442079460018".into(),
                display: "+44 20 7946 0018".into(),
            }),
            line: None,
            note: "wants two".into(),
        });
        let mut call = samples::call(1);
        call.side = Side::Incoming;
        let face = Face::of(Some(&call), Some(&record));
        assert_eq!(face.who, Who::Number("+44 20 7946 0018".into()));
        assert_eq!(face.brought, Some(("Anna".into(), "wants two".into())));
        call.side = Side::Outgoing;
        let face = Face::of(Some(&call), Some(&record));
        assert_eq!(face.who, Who::Number("+44 20 7946 0018".into()));
        assert_eq!(face.brought, Some(("Anna".into(), "wants two".into())));
    }

    #[test]
    fn the_phone_alone_shows_the_number_and_offers_nothing_yet() {
        let face = Face::of(Some(&call(1)), None);
        assert_eq!(face.who, Who::Number("+74951234567".into()));
        assert_eq!((face.line, face.unknown_number), (None, None));
    }

    #[test]
    fn the_record_adds_name_line_and_the_number_as_people_write_it() {
        let mut record = record("a", CallStatus::Ringing);
        record.contact = Some(contact("Марина Соколова"));
        let face = Face::of(Some(&call(1)), Some(&record));
        assert_eq!(face.who, Who::Contact("Марина Соколова".into()));
        assert_eq!(face.number.as_deref(), Some("+7 495 123-45-67"));
        assert_eq!(face.line, Some(("Sales".into(), "8 800 555-01-23".into())));
        assert_eq!(face.unknown_number, None);
    }

    #[test]
    fn an_unknown_number_can_become_a_contact() {
        let face = Face::of(None, Some(&record("a", CallStatus::Ringing)));
        assert_eq!(face.unknown_number.as_deref(), Some("+7 495 123-45-67"));
        assert_eq!(face.number, None);
    }

    #[test]
    fn a_withheld_number_is_said_so_and_makes_no_contact() {
        let mut hidden = call(1);
        hidden.number = "anonymous".into();
        hidden.display_name = "Anonymous".into();
        let mut record = record("a", CallStatus::Ringing);
        record.number = None;
        let face = Face::of(Some(&hidden), Some(&record));
        assert_eq!(
            (face.who, face.unknown_number, face.network_name),
            (Who::Withheld, None, None)
        );
    }

    #[test]
    fn a_call_between_colleagues_has_no_line_and_an_id_that_is_only_a_number_is_no_name() {
        let mut named = call(1);
        named.display_name = "+7 495 123-45-67".into();
        assert_eq!(Face::of(Some(&named), None).network_name, None);
        named.display_name = "MOSKVA".into();
        assert_eq!(
            Face::of(Some(&named), None).network_name.as_deref(),
            Some("MOSKVA")
        );
    }

    #[test]
    fn keys_end_the_talk_before_they_reject_the_second_call() {
        let (ringing, mut talking) = (call(1), call(2));
        talking.phase = CallPhase::Talking;
        let calls = [ringing, talking];
        assert_eq!(target::to_end(&calls).map(|call| call.key.0), Some(2));
        assert_eq!(target::to_answer(&calls).map(|call| call.key.0), Some(1));
        assert_eq!(target::to_end(&calls[..1]).map(|call| call.key.0), Some(1));
    }

    fn talking(key: u64, held: bool) -> CallView {
        let mut talking = call(key);
        talking.phase = CallPhase::Talking;
        talking.held = held;
        talking
    }

    #[test]
    fn a_waiting_call_is_a_strip_only_while_another_is_heard() {
        let (waits, heard) = (talking(1, true), talking(2, false));
        let both = [waits.clone(), heard.clone()];
        assert!(target::is_strip(&both, &waits) && !target::is_strip(&both, &heard));
        assert!(!target::is_strip(&both[..1], &waits));
    }

    #[test]
    fn keys_act_on_the_call_that_is_heard() {
        let calls = [talking(1, true), talking(2, false)];
        assert_eq!(target::in_talk(&calls).map(|call| call.key.0), Some(2));
        assert_eq!(target::to_end(&calls).map(|call| call.key.0), Some(2));
        assert_eq!(target::in_talk(&calls[..1]).map(|call| call.key.0), Some(1));
    }

    #[test]
    fn a_call_is_put_together_with_the_one_it_is_about() {
        let mut asked = talking(3, false);
        asked.consults_for = Some(CallKey(2));
        let calls = [talking(1, true), talking(2, true), asked.clone()];
        let partner = |of: &CallView| target::partner(&calls, of).map(|call| call.key.0);
        assert_eq!((partner(&asked), partner(&calls[1])), (Some(2), Some(3)));
        assert_eq!(target::partner(&calls[..1], &calls[0]), None);
    }

    #[test]
    fn a_parked_call_says_where() {
        let park = |progress| Transfer {
            kind: TransferKind::Park,
            to: String::new(),
            progress,
        };
        let note = "Parked in 7".to_owned();
        let parked = HandOnWords::of(&park(TransferProgress::Done { note }));
        assert_eq!(parked, (HandOnWords::ParkedIn, Some("7".into())));
        let reason = String::new();
        let (words, _) = HandOnWords::of(&park(TransferProgress::Failed { code: 503, reason }));
        assert!(words.is_failure());
    }
}
