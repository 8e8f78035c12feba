//! `Refer-To` (RFC 3515 §2.1): where a transferred party is to call.

use std::{fmt, str::FromStr};

use super::{HeaderError, NameAddr, Replaces};
use crate::uri::SipUri;

/// The place, with or without the dialog to take over there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferTo(pub NameAddr);

impl ReferTo {
    /// A blind transfer to `target`.
    #[must_use]
    pub fn new(target: SipUri) -> Self {
        Self(NameAddr::new(target))
    }

    /// An attended transfer: the call to `target` takes the place of `replaces`.
    #[must_use]
    pub fn replacing(target: SipUri, replaces: &Replaces) -> Self {
        Self::naming("Replaces", target, replaces)
    }

    /// A conference: the call to `target` joins `dialog` (RFC 3911). `Join` names a dialog as
    /// `Replaces` does.
    #[must_use]
    pub fn joining(target: SipUri, dialog: &Replaces) -> Self {
        Self::naming("Join", target, dialog)
    }

    fn naming(header: &str, mut target: SipUri, dialog: &Replaces) -> Self {
        target.headers.push((header.to_owned(), dialog.to_string()));
        Self::new(target)
    }

    /// The method asked for; INVITE where none is named.
    #[must_use]
    pub fn method(&self) -> &str {
        self.0
            .uri
            .param("method")
            .filter(|method| !method.is_empty())
            .unwrap_or("INVITE")
    }

    /// The Request-URI of the call asked for.
    #[must_use]
    pub fn target(&self) -> SipUri {
        self.0.uri.clone().for_request_line()
    }

    /// The dialog to take over, of an attended transfer.
    #[must_use]
    pub fn replaces(&self) -> Option<Replaces> {
        self.named("Replaces")
    }

    /// The dialog to join, of a conference.
    #[must_use]
    pub fn joins(&self) -> Option<Replaces> {
        self.named("Join")
    }

    fn named(&self, header: &str) -> Option<Replaces> {
        let headers = &self.0.uri.headers;
        let (_, value) = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(header))?;
        value.parse().ok()
    }
}

impl FromStr for ReferTo {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for ReferTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialog_of_an_attended_transfer_travels_in_the_uri() {
        let text = "<sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345%3Bfrom-tag%3D5FFE-3994>";
        let refer: ReferTo = text.parse().unwrap();
        let replaces = refer.replaces().unwrap();
        assert_eq!(replaces.call_id, "12345@192.168.118.3");
        assert_eq!(replaces.from_tag, "5FFE-3994");
        assert_eq!(refer.target().to_string(), "sip:dave@denver.example.org");
        assert_eq!(refer.method(), "INVITE");
        assert_eq!(ReferTo::replacing(refer.target(), &replaces), refer);
        assert_eq!(refer.to_string().parse(), Ok(refer));
    }

    #[test]
    fn the_dialog_of_a_conference_is_told_from_that_of_a_transfer() {
        let dialog = "a@b;to-tag=1;from-tag=2".parse().unwrap();
        let target: SipUri = "sip:dave@denver.example.org".parse().unwrap();
        let refer: ReferTo = ReferTo::joining(target, &dialog)
            .to_string()
            .parse()
            .unwrap();
        assert_eq!((refer.joins(), refer.replaces()), (Some(dialog), None));
    }

    #[test]
    fn another_method_is_seen() {
        let refer: ReferTo = "<sip:a@b;method=BYE>".parse().unwrap();
        assert_eq!(refer.method(), "BYE");
        assert_eq!(refer.target().to_string(), "sip:a@b");
        assert!(refer.replaces().is_none());
    }
}
