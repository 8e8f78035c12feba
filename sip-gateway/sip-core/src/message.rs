//! Requests and responses.

/// A request. Header fields keep their order and spelling.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method in upper case; unknown ones are allowed.
    pub method: String,
    /// Request-URI.
    pub uri: crate::uri::SipUri,
    /// Header fields (full name, unfolded value), in order.
    pub headers: Vec<(String, String)>,
    /// The body, octet for octet.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code, 100–699.
    pub code: u16,
    /// Reason phrase as it came.
    pub reason: String,
    /// Header fields (full name, unfolded value), in order.
    pub headers: Vec<(String, String)>,
    /// The body, octet for octet.
    pub body: Vec<u8>,
}
