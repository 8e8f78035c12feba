//! `sip:`, `sips:` and `tel:` URIs (RFC 3261 §19.1, RFC 3966).

use std::{fmt, str::FromStr};

mod escape;
mod parse;

pub use parse::UriError;

/// A SIP or tel URI. Unknown parameters are kept in order.
///
/// ```
/// use sip_core::uri::SipUri;
/// let uri: SipUri = "sip:+74951234567@[2001:db8::1]:5080;transport=tcp".parse()?;
/// assert_eq!(uri.host, "2001:db8::1");
/// assert_eq!(uri.param("transport"), Some("tcp"));
/// # Ok::<(), sip_core::uri::UriError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SipUri {
    /// `sip`, `sips` or `tel`, in lower case. Other schemes are kept as they came.
    pub scheme: String,
    /// User part, percent-decoded; the number of a `tel:` URI.
    pub user: Option<String>,
    /// Host or IP address; IPv6 without brackets; empty for `tel:`.
    pub host: String,
    /// Port, if written.
    pub port: Option<u16>,
    /// Parameters after `;`, in order; a value may be absent.
    pub params: Vec<(String, Option<String>)>,
    /// Headers after `?`, percent-decoded.
    pub headers: Vec<(String, String)>,
}

impl SipUri {
    /// `sip:user@host`.
    #[must_use]
    pub fn new(user: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            user: Some(user.into()),
            ..Self::from_host(host)
        }
    }

    /// `sip:host`, as in the Request-URI of a REGISTER.
    #[must_use]
    pub fn from_host(host: impl Into<String>) -> Self {
        Self {
            scheme: "sip".into(),
            user: None,
            host: host.into(),
            port: None,
            params: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// `tel:number`.
    #[must_use]
    pub fn tel(number: impl Into<String>) -> Self {
        Self {
            scheme: "tel".into(),
            user: Some(number.into()),
            ..Self::from_host("")
        }
    }

    /// The same URI with a port.
    #[must_use]
    pub fn with_port(mut self, port: Option<u16>) -> Self {
        self.port = port;
        self
    }

    /// The same URI with another user part.
    #[must_use]
    pub fn with_user(mut self, user: Option<String>) -> Self {
        self.user = user;
        self
    }

    /// The same URI with one more parameter, or with its value changed.
    #[must_use]
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> Self {
        self.params.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.params
            .push((name.to_owned(), value.map(str::to_owned)));
        self
    }

    /// Value of a parameter; an absent value reads as the empty string.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_deref().unwrap_or_default())
    }

    /// The user part, or the empty string.
    #[must_use]
    pub fn user_or_empty(&self) -> &str {
        self.user.as_deref().unwrap_or_default()
    }

    /// Whether both name the same user at the same place: scheme, user, host and port without
    /// regard to parameters. A missing port is the default port.
    #[must_use]
    pub fn same_address(&self, other: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(&other.scheme)
            && self.user_or_empty() == other.user_or_empty()
            && self.host.eq_ignore_ascii_case(&other.host)
            && self.port_or_default() == other.port_or_default()
    }

    /// The port, or 5061 for `sips` and `transport=tls`, else 5060 (RFC 3261 §19.1.2).
    #[must_use]
    pub fn port_or_default(&self) -> u16 {
        let secure = self.scheme == "sips"
            || self
                .param("transport")
                .is_some_and(|t| t.eq_ignore_ascii_case("tls"));
        self.port.unwrap_or(if secure { 5061 } else { 5060 })
    }

    /// The same URI without the parts that may not stand in a Request-URI (RFC 3261 §19.1.1).
    #[must_use]
    pub(crate) fn for_request_line(mut self) -> Self {
        self.headers.clear();
        self.params
            .retain(|(n, _)| !n.eq_ignore_ascii_case("method"));
        self
    }
}

impl FromStr for SipUri {
    type Err = UriError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::parse(text)
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scheme)?;
        if let Some(user) = self.user.as_ref().filter(|user| !user.is_empty()) {
            escape::write_user(f, user)?;
            if !self.host.is_empty() {
                f.write_str("@")?;
            }
        }
        write_host_port(f, &self.host, self.port)?;
        for (name, value) in &self.params {
            f.write_str(";")?;
            escape::write_param(f, name)?;
            if let Some(value) = value {
                f.write_str("=")?;
                escape::write_param(f, value)?;
            }
        }
        for (index, (name, value)) in self.headers.iter().enumerate() {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            escape::write_header(f, name)?;
            f.write_str("=")?;
            escape::write_header(f, value)?;
        }
        Ok(())
    }
}

/// Writes `host:port`, an IPv6 address in brackets.
pub(crate) fn write_host_port(
    f: &mut fmt::Formatter<'_>,
    host: &str,
    port: Option<u16>,
) -> fmt::Result {
    if host.contains(':') {
        write!(f, "[{host}]")?
    } else {
        f.write_str(host)?
    }
    port.map_or(Ok(()), |port| write!(f, ":{port}"))
}

/// Splits `host:port` with or without brackets; white space around the colon is tolerated.
pub(crate) fn split_host_port(text: &str) -> Result<(String, Option<u16>), UriError> {
    parse::host_port(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        text.parse::<SipUri>().unwrap().to_string()
    }

    #[test]
    fn well_formed_uris_print_as_they_were_read() {
        for text in [
            "sip:alice@example.com",
            "sips:bob@biloxi.example.com:5061;transport=tcp;lr",
            "sip:[2001:db8::1]:5070",
            "sip:+1-212-555-1212:1234@gateway.com;user=phone",
            "sip:a@b?Replaces=1%40x%3Bto-tag%3D2",
            "tel:+358-555-1234567;postd=pp22",
            "sip:alice;day=tuesday@atlanta.com",
        ] {
            assert_eq!(round_trip(text), text);
        }
    }

    #[test]
    fn escapes_in_the_user_part_are_decoded_and_written_back() {
        let uri: SipUri = "sip:%23600%20x@h".parse().unwrap();
        assert_eq!(uri.user.as_deref(), Some("#600 x"));
        assert_eq!(uri.to_string(), "sip:%23600%20x@h");
    }

    #[test]
    fn escapes_that_are_no_utf8_stay_as_they_were() {
        for text in ["sip:M%FCller@h", "sip:%41%FF%23@h"] {
            let uri: SipUri = text.parse().unwrap();
            assert_eq!(uri.to_string(), text.replace("%41", "A"));
        }
    }

    #[test]
    fn escapes_nobody_needs_are_taken_out_of_parameters() {
        let uri: SipUri = "sip:h;%6C%72;n%61me=v%61lue%25%34%31".parse().unwrap();
        assert_eq!(uri.param("lr"), Some(""));
        assert_eq!(uri.to_string(), "sip:h;lr;name=value%2541");
    }

    #[test]
    fn line_breaks_cannot_be_smuggled_in() {
        let uri = SipUri::new("a\r\nX: y", "h").with_param("p\r\n", Some("q\r\nZ: z"));
        assert!(!uri.to_string().contains(['\r', '\n']));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "sip",
            "sip:",
            "sip:@",
            ":x",
            "sip:a@",
            "sip:a@b:99999",
            "sip:[::1",
            "sip:a@b c",
        ] {
            assert!(text.parse::<SipUri>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_at_sign_in_the_user_part_is_tolerated() {
        let uri: SipUri = "sip:me@home@proxy.example;lr".parse().unwrap();
        assert_eq!(
            (uri.user_or_empty(), uri.host.as_str()),
            ("me@home", "proxy.example")
        );
    }
}
