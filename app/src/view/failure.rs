//! Why a request to the server failed, in words.

use api_types::ApiError;

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in (401).
    SignedOut,
    /// The server refused and said why.
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        error: ApiError,
    },
    /// No answer: no network or no server.
    Unreachable,
    /// An answer that is not understood.
    Garbled,
}

impl Failure {
    /// From an answer with a status of 400 or above.
    pub fn of(status: u16, body: &str) -> Self {
        match serde_json::from_str::<ApiError>(body) {
            Ok(error) => Self::Refused { status, error },
            Err(_) if status == 401 => Self::SignedOut,
            Err(_) if status >= 502 => Self::Unreachable,
            Err(_) => Self::Garbled,
        }
    }

    /// The field of the request it concerns.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Refused { error, .. } => error.field.as_deref(),
            Self::SignedOut | Self::Unreachable | Self::Garbled => None,
        }
    }
}

phrases! {
    /// The sentence for a failure whose name is known; others show the server's own sentence.
    pub enum FailureWords {
        /// Session over.
        SignedOut => failure.signed_out,
        /// Network or server away.
        Unreachable => failure.unreachable,
        /// Not understood.
        Garbled => failure.garbled,
        /// Name and password do not fit.
        WrongPassword => failure.wrong_password,
        /// Too many tries.
        TooManyTries => failure.too_many_tries,
        /// The first-run link was used or is old.
        LinkSpent => failure.link_spent,
        /// Not allowed.
        Forbidden => failure.forbidden,
        /// Gone.
        NotFound => failure.not_found,
        /// Password too short.
        ShortPassword => failure.short_password,
        /// The present password is wrong.
        WrongCurrent => failure.wrong_current,
        /// The server has a fault.
        ServerFault => failure.server_fault,
    }
}

impl FailureWords {
    /// Of a failure; `None`: show the server's sentence.
    pub fn of(failure: &Failure) -> Option<Self> {
        match failure {
            Failure::SignedOut => Some(Self::SignedOut),
            Failure::Unreachable => Some(Self::Unreachable),
            Failure::Garbled => Some(Self::Garbled),
            Failure::Refused { status, error } => match (error.code.as_str(), status) {
                ("wrong_password", _) if error.field.as_deref() == Some("current") => {
                    Some(Self::WrongCurrent)
                }
                ("wrong_password", _) => Some(Self::WrongPassword),
                (_, 429) => Some(Self::TooManyTries),
                ("link_used_up", _) => Some(Self::LinkSpent),
                ("password_too_short", _) => Some(Self::ShortPassword),
                ("sign_in_needed", _) => Some(Self::SignedOut),
                (_, 403) => Some(Self::Forbidden),
                (_, 404) => Some(Self::NotFound),
                (_, 500) => Some(Self::ServerFault),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_has_our_words_and_an_unknown_one_the_servers() {
        let body = r#"{"code":"wrong_password","message":"x"}"#;
        assert_eq!(
            FailureWords::of(&Failure::of(401, body)),
            Some(FailureWords::WrongPassword)
        );
        let body = r#"{"code":"number_taken","message":"That number is taken.","field":"phones"}"#;
        let failure = Failure::of(409, body);
        assert_eq!(
            (FailureWords::of(&failure), failure.field()),
            (None, Some("phones"))
        );
    }

    #[test]
    fn a_proxy_without_a_server_behind_is_unreachable() {
        assert_eq!(Failure::of(502, "<html>"), Failure::Unreachable);
        assert_eq!(Failure::of(401, ""), Failure::SignedOut);
    }
}
