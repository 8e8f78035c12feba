//! Who calls, whom they called, and what else the headers of a request tell. Pure.

use sip_core::{
    header::{NameAddr, SessionId},
    message::Request,
    uri::SipUri,
};
use uuid::Uuid;

use super::Shown;
use crate::ports::{CallId, LineId};

/// The caller as the network vouches for it: P-Asserted-Identity before Remote-Party-ID before From
/// (RFC 3325 §9.1, draft-ietf-sip-privacy-04 §5), and nobody where the caller asked for privacy
/// (RFC 3323 §4.2).
pub(crate) fn caller(request: &Request, from: &NameAddr) -> Shown {
    if is_withheld(request, from) {
        return Shown {
            number: None,
            name: None,
        };
    }
    let asserted: Option<NameAddr> = request
        .header_values("P-Asserted-Identity")
        .find_map(|value| value.parse().ok());
    let asserted = asserted.or_else(|| remote_party(request));
    let identity = asserted.as_ref().unwrap_or(from);
    let number = identity
        .uri
        .user
        .as_deref()
        .map(plain_user)
        .filter(|user| !user.is_empty());
    let name = identity.display.clone().or_else(|| from.display.clone());
    let name = name
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && Some(name) != number.as_ref());
    Shown { number, name }
}

fn is_withheld(request: &Request, from: &NameAddr) -> bool {
    let privacy = request.header("Privacy").is_some_and(|value| {
        value
            .split(';')
            .any(|part| matches!(part.trim(), "id" | "user" | "header" | "full"))
    });
    let anonymous = |address: &NameAddr| {
        address.uri.host.eq_ignore_ascii_case("anonymous.invalid")
            || address
                .uri
                .user
                .as_deref()
                .is_some_and(|user| user.eq_ignore_ascii_case("anonymous"))
    };
    let asserted = request.header("P-Asserted-Identity").is_some();
    let party = remote_party(request);
    let hidden = party.as_ref().is_some_and(hides_itself) && !asserted;
    privacy || hidden || (anonymous(from) && !asserted && party.is_none())
}

/// Remote-Party-ID, where it speaks of the caller (draft-ietf-sip-privacy-04 §5.1).
fn remote_party(request: &Request) -> Option<NameAddr> {
    let parties = request.header_values("Remote-Party-ID");
    parties
        .filter_map(|value| value.parse::<NameAddr>().ok())
        .find(|party| {
            let of = party.param("party");
            of.is_none_or(|of| of.eq_ignore_ascii_case("calling"))
        })
}

fn hides_itself(party: &NameAddr) -> bool {
    let privacy = party.param("privacy");
    privacy.is_some_and(|privacy| !privacy.eq_ignore_ascii_case("off"))
}

/// By which line and number a phone of ours wants its call to go out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preferred {
    /// Which line.
    pub line: Option<LineId>,
    /// Which number.
    pub number: Option<String>,
}

/// P-Preferred-Identity (RFC 3325 §9.2). One number may be that of several lines, so our own phones
/// name the line in the parameter `line`; a phone that knows nothing of it names the number alone.
pub(crate) fn preferred(request: &Request) -> Preferred {
    let named: Option<NameAddr> = request
        .header_values("P-Preferred-Identity")
        .find_map(|value| value.parse().ok());
    let Some(identity) = named else {
        return Preferred::default();
    };
    let line = identity.uri.param("line").and_then(|id| id.parse().ok());
    let number = identity.uri.user.as_deref().map(plain_user);
    Preferred {
        line,
        number: number.filter(|number| !number.is_empty()),
    }
}

/// A user part without the parameters some providers put into it (`+7495…;phone-context=…`).
fn plain_user(user: &str) -> String {
    user.split(';').next().unwrap_or_default().trim().to_owned()
}

/// The number that was called: P-Called-Party-ID (RFC 7315 §4.2), else the Request-URI, else To.
/// `ours` are names of the account itself, which say nothing; then `number` is what was called.
pub(crate) fn called(
    request: &Request,
    target: &SipUri,
    to: &NameAddr,
    ours: &[&str],
    number: &str,
) -> String {
    let party: Option<NameAddr> = request
        .header("P-Called-Party-ID")
        .and_then(|value| value.parse().ok());
    let candidates = [
        party.as_ref().map(|party| &party.uri),
        Some(target),
        Some(&to.uri),
    ];
    candidates
        .into_iter()
        .flatten()
        .filter_map(|uri| uri.user.as_deref())
        .map(plain_user)
        .find(|user| !user.is_empty() && !ours.contains(&user.as_str()))
        .unwrap_or_else(|| number.to_owned())
}

/// Who passed the call on: Diversion (RFC 5806), topmost last diverter; else the entry before the
/// last of History-Info (RFC 7044 §5).
pub(crate) fn redirected_by(request: &Request) -> Option<String> {
    let user = |value: &str| {
        let address: NameAddr = value.parse().ok()?;
        let user = plain_user(address.uri.user.as_deref()?);
        (!user.is_empty()).then_some(user)
    };
    if let Some(diverter) = request.header_values("Diversion").find_map(user) {
        return Some(diverter);
    }
    let history: Vec<String> = request
        .header_values("History-Info")
        .filter_map(user)
        .collect();
    let before_last = history.len().checked_sub(2)?;
    history.get(before_last).cloned()
}

/// The conversation's name a phone proposes with Session-ID (RFC 7989).
pub(crate) fn proposed_id(request: &Request) -> Option<CallId> {
    let session: SessionId = request.header("Session-ID")?.parse().ok()?;
    Uuid::parse_str(&session.local)
        .ok()
        .filter(|id| !id.is_nil())
}

/// Our `Session-ID` value.
pub(crate) fn session_id(call: CallId) -> String {
    format!("{};remote={}", call.simple(), Uuid::nil().simple())
}

/// The digit in an INFO of type `application/dtmf-relay` or `application/dtmf`.
pub(crate) fn digit_of_info(request: &Request) -> Option<char> {
    let kind = request
        .header("Content-Type")?
        .split(';')
        .next()?
        .trim()
        .to_ascii_lowercase();
    let body = std::str::from_utf8(&request.body).ok()?;
    let text = match kind.as_str() {
        "application/dtmf-relay" => body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then_some(value)
        })?,
        "application/dtmf" => body,
        _ => return None,
    };
    let digit = text.trim().chars().next()?.to_ascii_uppercase();
    matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D').then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut request = Request::new("INVITE", "sip:token@192.0.2.1".parse().unwrap());
        for (name, value) in headers {
            request.add_header(name, *value);
        }
        request
    }

    fn shown(number: Option<&str>, name: Option<&str>) -> Shown {
        Shown {
            number: number.map(str::to_owned),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn a_phone_says_by_which_line_and_number_it_calls() {
        let line = "01a2006c-8dd9-70e9-ae01-83e7580a3038";
        let ours = format!("<sip:+74951234567@trubka;line={line}>");
        let both = preferred(&request(&[("P-Preferred-Identity", ours.as_str())]));
        assert_eq!(both.line, line.parse().ok());
        assert_eq!(both.number.as_deref(), Some("+74951234567"));
        let number = preferred(&request(&[("P-Preferred-Identity", "<tel:+74951234567>")]));
        assert_eq!(
            (number.line, number.number.as_deref()),
            (None, Some("+74951234567"))
        );
        assert_eq!(preferred(&request(&[])), Preferred::default());
    }

    #[test]
    fn the_asserted_identity_wins_over_from() {
        let from = "\"Bob\" <sip:account@provider.test>".parse().unwrap();
        let asked = request(&[("P-Asserted-Identity", "<tel:+74951234567>")]);
        assert_eq!(
            caller(&asked, &from),
            shown(Some("+74951234567"), Some("Bob"))
        );
    }

    #[test]
    fn a_remote_party_id_of_the_caller_wins_over_from_unless_it_hides_itself() {
        let from = "\"Trunk\" <sip:trunk-7@provider.test>".parse().unwrap();
        let with = |party: &str| caller(&request(&[("Remote-Party-ID", party)]), &from);
        let open = "\"Bob\" <sip:+7495@provider.test>;party=calling;privacy=off";
        assert_eq!(with(open), shown(Some("+7495"), Some("Bob")));
        assert_eq!(with(&open.replace("off", "full")), shown(None, None));
        let called = with(&open.replace("calling", "called"));
        assert_eq!(called, shown(Some("trunk-7"), Some("Trunk")));
    }

    #[test]
    fn a_withheld_number_is_nobody() {
        let from: NameAddr = "\"Anonymous\" <sip:anonymous@anonymous.invalid>"
            .parse()
            .unwrap();
        assert_eq!(caller(&request(&[]), &from), shown(None, None));
        let named: NameAddr = "<sip:+7495@provider.test>".parse().unwrap();
        assert_eq!(
            caller(&request(&[("Privacy", "id;critical")]), &named),
            shown(None, None)
        );
    }

    #[test]
    fn a_name_that_repeats_the_number_is_no_name() {
        let from = "\"+7495\" <sip:+7495@provider.test>".parse().unwrap();
        assert_eq!(caller(&request(&[]), &from), shown(Some("+7495"), None));
    }

    #[test]
    fn the_called_number_is_looked_for_until_it_says_something() {
        let target: SipUri = "sip:token@192.0.2.1".parse().unwrap();
        let to: NameAddr = "<sip:15550100@provider.test>".parse().unwrap();
        assert_eq!(
            called(&request(&[]), &target, &to, &["token", "trunk1"], "100"),
            "15550100"
        );
        let to: NameAddr = "<sip:trunk1@provider.test>".parse().unwrap();
        assert_eq!(
            called(&request(&[]), &target, &to, &["token", "trunk1"], "100"),
            "100"
        );
    }

    #[test]
    fn who_passed_the_call_on_is_read_from_diversion_and_history() {
        let diverted = request(&[(
            "Diversion",
            "<sip:15550100@provider.test>;reason=no-answer, <sip:15550000@provider.test>",
        )]);
        assert_eq!(redirected_by(&diverted).as_deref(), Some("15550100"));
        let history = request(&[(
            "History-Info",
            "<sip:15550100@provider.test>;index=1, <sip:token@192.0.2.1>;index=1.1",
        )]);
        assert_eq!(redirected_by(&history).as_deref(), Some("15550100"));
        assert_eq!(redirected_by(&request(&[])), None);
    }

    #[test]
    fn both_kinds_of_info_carry_a_digit() {
        let relay =
            request(&[]).with_body("application/dtmf-relay", "Signal= 5\r\nDuration= 160\r\n");
        assert_eq!(digit_of_info(&relay), Some('5'));
        let plain = request(&[]).with_body("application/dtmf", "#");
        assert_eq!(digit_of_info(&plain), Some('#'));
        let other = request(&[]).with_body("text/plain", "5");
        assert_eq!(digit_of_info(&other), None);
    }
}
