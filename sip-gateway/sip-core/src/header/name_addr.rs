//! `From`, `To`, `Contact`, `Route` and their like.

use std::{fmt, str::FromStr};

use super::{
    HeaderError,
    params::{self, find_outside, parse_params, quote, unquote, write_params},
};
use crate::uri::SipUri;

/// `"Display" <sip:…>;params` (RFC 3261 §20.10, §20.20, §20.39).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// Display name, unquoted.
    pub display: Option<String>,
    /// The URI in angle brackets.
    pub uri: SipUri,
    /// Header parameters (`tag`, `expires`, …), in order.
    pub params: Vec<(String, Option<String>)>,
}

impl NameAddr {
    /// `<uri>`.
    #[must_use]
    pub fn new(uri: SipUri) -> Self {
        Self {
            display: None,
            uri,
            params: Vec::new(),
        }
    }

    /// The same with a display name; an empty one is none.
    #[must_use]
    pub fn with_display(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into()).filter(|name| !name.is_empty());
        self
    }

    /// The same with a parameter added or changed. Quotes are put around the value where needed.
    #[must_use]
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> Self {
        params::set(&mut self.params, name, value.map(str::to_owned));
        self
    }

    /// The same with this tag.
    #[must_use]
    pub fn with_tag(self, tag: &str) -> Self {
        self.with_param("tag", Some(tag))
    }

    /// The same without a tag.
    #[must_use]
    pub fn without_tag(mut self) -> Self {
        self.params
            .retain(|(name, _)| !name.eq_ignore_ascii_case("tag"));
        self
    }

    /// The tag, if there is one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.param("tag").filter(|tag| !tag.is_empty())
    }

    /// Value of a header parameter; an absent value reads as the empty string.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        params::find(&self.params, name)
    }
}

impl FromStr for NameAddr {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let Some(open) = find_outside(text, b'<') else {
            return addr_spec(text);
        };
        let inner = &text[open + 1..];
        let close = inner.find('>').ok_or(HeaderError::Malformed("name-addr"))?;
        let display = Some(unquote(text[..open].trim())).filter(|name| !name.is_empty());
        Ok(Self {
            display,
            uri: inner[..close].parse()?,
            params: parse_params(&inner[close + 1..]),
        })
    }
}

/// RFC 3261 §20: without angle brackets all parameters belong to the header, not to the URI.
fn addr_spec(text: &str) -> Result<NameAddr, HeaderError> {
    let start = host_start(text);
    let cut = text[start..].find(';').map_or(text.len(), |at| start + at);
    // §20: a URI with a question mark must stand in brackets, else nobody knows whose it is.
    if text[start..cut].contains('?') {
        return Err(HeaderError::Malformed("addr-spec"));
    }
    Ok(NameAddr {
        display: None,
        uri: text[..cut].parse()?,
        params: parse_params(&text[cut..]),
    })
}

/// The user part may hold semicolons, the host may not.
fn host_start(text: &str) -> usize {
    let is_sip = text
        .get(..3)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip"));
    if is_sip {
        text.find('@').map_or(0, |at| at + 1)
    } else {
        0
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", quote(display))?;
        }
        write!(f, "<{}>", self.uri)?;
        write_params(f, &self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_are_unquoted_and_quoted() {
        let addr: NameAddr = r#""A. \"G\" Bell" <sip:a@b;lr>;tag=x"#.parse().unwrap();
        assert_eq!(addr.display.as_deref(), Some(r#"A. "G" Bell"#));
        assert_eq!(addr.tag(), Some("x"));
        assert_eq!(addr.to_string(), r#""A. \"G\" Bell" <sip:a@b;lr>;tag=x"#);
    }

    #[test]
    fn without_brackets_parameters_belong_to_the_header() {
        let addr: NameAddr = "sip:c8@host:5070;tag=fe36".parse().unwrap();
        assert_eq!(addr.tag(), Some("fe36"));
        assert!(addr.uri.params.is_empty());
    }

    #[test]
    fn a_bare_word_name_needs_no_quotes() {
        let addr: NameAddr = "Mr Watson<sip:w@h>".parse().unwrap();
        assert_eq!(addr.display.as_deref(), Some("Mr Watson"));
    }

    #[test]
    fn instance_ids_keep_their_quotes_on_the_wire() {
        let text = r#"<sip:a@b>;+sip.instance="<urn:uuid:1>";expires=60"#;
        let addr: NameAddr = text.parse().unwrap();
        assert_eq!(addr.param("+SIP.instance"), Some("<urn:uuid:1>"));
        assert_eq!(addr.to_string(), text);
    }
}
