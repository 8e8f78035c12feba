//! Requests and responses.

use crate::{
    header::{CSeq, HeaderError, NameAddr, Via},
    uri::SipUri,
    wire,
};

mod body;
pub(crate) mod check;
mod fields;
mod reason;

pub use reason::{default_reason, known_method, split_reason_header};

/// Header fields (full name, unfolded value), in order.
pub type Fields = Vec<(String, String)>;

/// A request. Header fields keep their order and spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method in upper case; unknown ones are allowed.
    pub method: String,
    /// Request-URI.
    pub uri: SipUri,
    /// Header fields (full name, unfolded value), in order.
    pub headers: Fields,
    /// The body, octet for octet.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status code, 100–699.
    pub code: u16,
    /// Reason phrase as it came.
    pub reason: String,
    /// Header fields (full name, unfolded value), in order.
    pub headers: Fields,
    /// The body, octet for octet.
    pub body: Vec<u8>,
}

/// Either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Request {
    /// A request without header fields.
    #[must_use]
    pub fn new(method: &str, uri: SipUri) -> Self {
        Self {
            method: method.to_ascii_uppercase(),
            uri: uri.for_request_line(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The message as it goes over the wire; `Content-Length` is made to fit.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode_request(self)
    }

    /// Whether a `Require` or `Proxy-Require` lists this option tag.
    #[must_use]
    pub fn requires(&self, option: &str) -> bool {
        self.header_values("Require")
            .any(|value| value.eq_ignore_ascii_case(option))
    }
}

impl Response {
    /// A response without header fields; an empty `reason` becomes the usual phrase.
    #[must_use]
    pub fn new(code: u16, reason: &str) -> Self {
        let reason = if reason.is_empty() {
            default_reason(code)
        } else {
            reason.to_owned()
        };
        Self {
            code,
            reason,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A response with what RFC 3261 §8.2.6.2 copies from the request: Via, From, To, Call-ID,
    /// CSeq, and Record-Route (§12.1.1). `to_tag` is added to To where it has none.
    #[must_use]
    pub fn to_request(request: &Request, code: u16, reason: &str, to_tag: Option<&str>) -> Self {
        let mut response = Self::new(code, reason);
        response.headers.extend(
            request
                .headers
                .iter()
                .filter(|(name, _)| is_copied(name, code))
                .cloned(),
        );
        if let (Some(tag), Ok(to)) = (to_tag, response.to_header())
            && to.tag().is_none()
        {
            response.set_header("To", to.with_tag(tag).to_string());
        }
        response
    }

    /// The message as it goes over the wire; `Content-Length` is made to fit.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode_response(self)
    }

    /// 100–199.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.code < 200
    }

    /// 200–299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

fn is_copied(name: &str, code: u16) -> bool {
    let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
    copied
        .iter()
        .any(|field| crate::header::same_name(field, name))
        || (code > 100 && code < 300 && name.eq_ignore_ascii_case("Record-Route"))
}

/// The accessors both kinds of message share.
macro_rules! header_access {
    ($message:ty) => {
        impl $message {
            /// The first field of this name. Case and compact form of the name do not matter.
            #[must_use]
            pub fn header(&self, name: &str) -> Option<&str> {
                fields::first(&self.headers, name)
            }

            /// Every field of this name, one item per field line.
            pub fn header_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
                fields::all(&self.headers, name)
            }

            /// Every value of a comma-separated field, across field lines.
            pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
                fields::all(&self.headers, name).flat_map(crate::header::split_list)
            }

            /// Adds a field at the end.
            pub fn add_header(&mut self, name: &str, value: impl Into<String>) {
                self.headers.push((name.to_owned(), value.into()));
            }

            /// Changes the first field of this name and drops the others; adds it if there is none.
            pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
                fields::set(&mut self.headers, name, value.into());
            }

            /// Drops every field of this name.
            pub fn remove_header(&mut self, name: &str) {
                self.headers
                    .retain(|(field, _)| !crate::header::same_name(field, name));
            }

            /// The same with one more field.
            #[must_use]
            pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
                self.add_header(name, value);
                self
            }

            /// The same with a body.
            #[must_use]
            pub fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
                self.set_header("Content-Type", content_type);
                self.body = body.into();
                self
            }

            /// From.
            ///
            /// # Errors
            /// When it is missing or cannot be read.
            pub fn from_header(&self) -> Result<NameAddr, HeaderError> {
                self.header("From")
                    .ok_or(HeaderError::Missing("From"))?
                    .parse()
            }

            /// To.
            ///
            /// # Errors
            /// When it is missing or cannot be read.
            pub fn to_header(&self) -> Result<NameAddr, HeaderError> {
                self.header("To").ok_or(HeaderError::Missing("To"))?.parse()
            }

            /// CSeq.
            ///
            /// # Errors
            /// When it is missing or cannot be read.
            pub fn cseq(&self) -> Result<CSeq, HeaderError> {
                self.header("CSeq")
                    .ok_or(HeaderError::Missing("CSeq"))?
                    .parse()
            }

            /// The topmost Via.
            ///
            /// # Errors
            /// When it is missing or cannot be read.
            pub fn via(&self) -> Result<Via, HeaderError> {
                self.header_values("Via")
                    .next()
                    .ok_or(HeaderError::Missing("Via"))?
                    .parse()
            }

            /// Call-ID.
            #[must_use]
            pub fn call_id(&self) -> Option<&str> {
                self.header("Call-ID").filter(|id| !id.is_empty())
            }

            /// Every Contact that can be read; `Contact: *` is none.
            #[must_use]
            pub fn contacts(&self) -> Vec<NameAddr> {
                self.header_values("Contact")
                    .filter_map(|value| value.parse().ok())
                    .collect()
            }

            /// The first Contact that can be read.
            #[must_use]
            pub fn contact(&self) -> Option<NameAddr> {
                self.header_values("Contact")
                    .find_map(|value| value.parse().ok())
            }

            /// The seconds in `Expires`.
            #[must_use]
            pub fn expires(&self) -> Option<u32> {
                self.header("Expires")?.parse().ok()
            }

            /// The session description: the body if it is `application/sdp`, or that part of a
            /// multipart body.
            #[must_use]
            pub fn sdp(&self) -> Option<String> {
                body::sdp(self.header("Content-Type"), &self.body)
            }

            /// Code and text of the `Reason` header (RFC 3326), the one of protocol SIP first.
            #[must_use]
            pub fn reason_header(&self) -> Option<(Option<u16>, Option<String>)> {
                split_reason_header(self.header_values("Reason"))
            }
        }
    };
}

header_access!(Request);
header_access!(Response);
