//! Listens to a REGISTER of ours as it passes.

use std::net::SocketAddr;

use sip_core::{
    Millis,
    message::{Message, Response},
    wire::parse_message,
};

use crate::ports::{CheckStep, Seen};

/// What is heard of one check.
#[derive(Debug)]
pub(super) struct Ear {
    /// User part of the check's Contact, which nobody else has.
    user: String,
    call_id: Option<String>,
    sent: Option<Sent>,
    /// The last answer, which the next REGISTER (or its absence) explains.
    answer: Option<(u32, SocketAddr, Response)>,
}

#[derive(Debug)]
struct Sent {
    at: Millis,
    with_credentials: bool,
}

impl Ear {
    pub(super) fn new(user: String) -> Self {
        Self {
            user,
            call_id: None,
            sent: None,
            answer: None,
        }
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// Whether the provider has answered the last REGISTER.
    pub(super) fn has_answer(&self) -> bool {
        self.answer.is_some()
    }

    /// A message goes out. If it is the next REGISTER, the answer before it only asked for it.
    pub(super) fn said(&mut self, now: Millis, bytes: &[u8]) -> Option<CheckStep> {
        if !contains(bytes, self.user.as_bytes()) {
            return None;
        }
        let Ok(Message::Request(request)) = parse_message(bytes) else {
            return None;
        };
        if request.method != "REGISTER" || request.expires() == Some(0) {
            return None;
        }
        let repeated = self.answer.is_none() && self.sent.is_some();
        self.call_id = request.call_id().map(str::to_owned);
        if !repeated {
            let with_credentials = ["Authorization", "Proxy-Authorization"]
                .iter()
                .any(|name| request.header(name).is_some());
            self.sent = Some(Sent {
                at: now,
                with_credentials,
            });
        }
        let (took_ms, address, response) = self.answer.take()?;
        let seen = match response.code {
            423 => Seen::TooBrief {
                min_expires: number(&response, "Min-Expires").unwrap_or(0),
            },
            code => Seen::Challenged {
                address,
                code,
                realm: challenge_param(&response, "realm")
                    .next()
                    .unwrap_or_default(),
                algorithms: algorithms(&response),
            },
        };
        Some(CheckStep { took_ms, seen })
    }

    /// A message came.
    pub(super) fn heard(&mut self, now: Millis, from: Option<SocketAddr>, bytes: &[u8]) {
        let (Some(call_id), Some(sent), Some(address)) = (&self.call_id, &self.sent, from) else {
            return;
        };
        if !contains(bytes, call_id.as_bytes()) {
            return;
        }
        let Ok(Message::Response(response)) = parse_message(bytes) else {
            return;
        };
        if response.code >= 200 && response.call_id() == Some(call_id.as_str()) {
            let took = now.saturating_sub(sent.at);
            let took_ms = u32::try_from(took).unwrap_or(u32::MAX);
            self.answer = Some((took_ms, address, response));
        }
    }

    /// The answer nothing followed on.
    pub(super) fn last_step(&mut self) -> Option<CheckStep> {
        let (took_ms, address, response) = self.answer.take()?;
        let seen = if response.is_success() {
            Seen::Registered {
                address,
                expires_secs: granted(&response, &self.user),
                seen_as: response.via().ok().and_then(|via| via.seen_as()),
            }
        } else {
            Seen::Refused {
                address,
                code: response.code,
                reason: response.reason.clone(),
                retry_after: number(&response, "Retry-After"),
                with_credentials: self.sent.as_ref().is_some_and(|sent| sent.with_credentials),
            }
        };
        Some(CheckStep { took_ms, seen })
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The number a field begins with.
fn number(response: &Response, name: &str) -> Option<u32> {
    let value = response.header(name)?.trim();
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    value.get(..end)?.parse().ok()
}

/// Seconds granted to the Contact of `user` (RFC 3261 §10.2.4).
fn granted(response: &Response, user: &str) -> u32 {
    let contacts = response
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("Contact"));
    let ours = contacts
        .flat_map(|(_, value)| value.split(','))
        .find(|value| value.contains(user))
        .and_then(|value| {
            value
                .split(';')
                .find_map(|part| part.trim().strip_prefix("expires="))
        })
        .and_then(|text| text.trim().parse().ok());
    ours.or_else(|| number(response, "Expires")).unwrap_or(0)
}

/// A parameter of every challenge.
fn challenge_param<'a>(
    response: &'a Response,
    wanted: &'a str,
) -> impl Iterator<Item = String> + 'a {
    challenges(response).map(move |value| {
        let rest = value.split_once(' ').map_or(value, |(_, rest)| rest);
        split_quoted(rest)
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
            .map(|(_, text)| text.trim().trim_matches('"').to_owned())
            .unwrap_or_default()
    })
}

fn challenges(response: &Response) -> impl Iterator<Item = &str> {
    let fields = response.headers.iter();
    fields
        .filter(|(name, _)| {
            name.eq_ignore_ascii_case("WWW-Authenticate")
                || name.eq_ignore_ascii_case("Proxy-Authenticate")
        })
        .map(|(_, value)| value.as_str())
}

/// Parts between commas that stand outside quotes.
fn split_quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
}

fn algorithms(response: &Response) -> Vec<String> {
    challenge_param(response, "algorithm")
        .map(|name| {
            if name.is_empty() {
                "MD5".to_owned()
            } else {
                name
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_whatever_its_order_and_quotes() {
        let response = Response::new(401, "Unauthorized").with_header(
            "WWW-Authenticate",
            "Digest qop=\"auth,auth-int\", realm=\"a, b\", nonce=\"x\", algorithm=SHA-256",
        );
        assert_eq!(
            challenge_param(&response, "realm").collect::<Vec<_>>(),
            ["a, b"]
        );
        assert_eq!(algorithms(&response), ["SHA-256"]);
    }
}
