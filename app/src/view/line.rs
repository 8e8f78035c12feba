//! State of a line in words.

use api_types::LineState;

phrases! {
    /// The word beside a line.
    pub enum LineWords {
        /// REGISTER is under way.
        Trying => line_state.trying,
        /// Registered.
        Registered => line_state.registered,
        /// The provider did not answer.
        NoAnswer => line_state.no_answer,
        /// 401, 403, 407.
        WrongPassword => line_state.wrong_password,
        /// 404.
        NoSuchAccount => line_state.no_such_account,
        /// 5xx.
        ProviderTrouble => line_state.provider_trouble,
        /// Anything else.
        Refused => line_state.refused,
    }
}

impl LineWords {
    /// Of a state.
    pub fn of(state: &LineState) -> Self {
        match state {
            LineState::Trying => Self::Trying,
            LineState::Registered { .. } => Self::Registered,
            LineState::Failed { code, .. } => match code {
                0 | 408 => Self::NoAnswer,
                401 | 403 | 407 => Self::WrongPassword,
                404 => Self::NoSuchAccount,
                500..=599 => Self::ProviderTrouble,
                _ => Self::Refused,
            },
        }
    }
}

/// Code and reason as the provider sent them; empty when it sent none.
pub fn provider_said(state: &LineState) -> String {
    match state {
        LineState::Failed { code, reason } if *code > 0 => {
            format!("{code} {reason}").trim_end().to_owned()
        }
        LineState::Failed { .. } | LineState::Trying | LineState::Registered { .. } => {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_code_and_meaning() {
        let state = LineState::Failed {
            code: 403,
            reason: "Forbidden".into(),
        };
        assert_eq!(LineWords::of(&state), LineWords::WrongPassword);
        assert_eq!(provider_said(&state), "403 Forbidden");
    }
}
