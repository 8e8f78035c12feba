//! How a request finds its server transaction (RFC 3261 §17.2.3).

use crate::{header::HeaderError, message::Request};

use super::MAGIC_COOKIE;

/// Branch, sent-by and method.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerKey {
    branch: String,
    sent_by: String,
    method: String,
}

impl ServerKey {
    /// The key of the transaction this request begins or repeats; ACK belongs to its INVITE.
    pub fn of(request: &Request) -> Result<Self, HeaderError> {
        let method = if request.method == "ACK" {
            "INVITE"
        } else {
            &request.method
        };
        Self::for_method(request, method)
    }

    /// The key of the INVITE a CANCEL means (§9.2).
    pub fn cancelled_by(cancel: &Request) -> Result<Self, HeaderError> {
        Self::for_method(cancel, "INVITE")
    }

    fn for_method(request: &Request, method: &str) -> Result<Self, HeaderError> {
        let via = request.via()?;
        let branch = match via.branch() {
            // RFC 4475 §3.2: the cookie alone makes nothing unique.
            Some(branch) if is_unique(branch) => branch.to_owned(),
            _ => old_style_key(request)?,
        };
        Ok(Self {
            branch,
            sent_by: via.sent_by(),
            method: method.to_owned(),
        })
    }
}

fn is_unique(branch: &str) -> bool {
    branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE)
}

/// RFC 2543 had no unique branches. The To tag is left out: ACK carries one, its INVITE does not.
fn old_style_key(request: &Request) -> Result<String, HeaderError> {
    let from = request.from_header()?;
    let call_id = request.call_id().unwrap_or_default();
    Ok(format!(
        "{call_id}|{}|{}",
        from.tag().unwrap_or_default(),
        request.cseq()?.number
    ))
}
