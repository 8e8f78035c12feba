//! The one way a request fails: a status and an [`ApiError`].

use api_types::ApiError;
use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use store::StoreError;

use crate::{vault::VaultError, work::Problem};

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignInNeeded,
    /// Signed in, but it is not for this role.
    #[error("your role does not allow this; ask an administrator")]
    Forbidden,
    /// There is no such thing, or it may not be seen.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A value of the request.
    #[error("{message}")]
    Invalid {
        /// Stable name.
        code: &'static str,
        /// The field.
        field: Option<&'static str>,
        /// The sentence.
        message: String,
    },
    /// Something typed; the same, said by the rules of work.
    #[error("{}", .0.message)]
    Wrong(Problem),
    /// It does not fit what is there.
    #[error("{message}")]
    Conflict {
        /// Stable name.
        code: &'static str,
        /// The field.
        field: Option<&'static str>,
        /// The sentence.
        message: String,
    },
    /// Wrong name or password, or a used-up link.
    #[error("{message}")]
    Refused {
        /// Stable name.
        code: &'static str,
        /// The sentence.
        message: &'static str,
    },
    /// Too many attempts.
    #[error("too many wrong attempts; try again in {0} seconds")]
    TooMany(u64),
    /// The request came from another site.
    #[error("this request came from another site and was refused")]
    ForeignOrigin,
    /// The request could not be read.
    #[error("{message}")]
    Unreadable {
        /// Status.
        status: StatusCode,
        /// The sentence.
        message: String,
    },
    /// The part of a file asked for is not in it.
    #[error("the file has {0} octets; the part asked for is not in it")]
    Range(u64),
    /// Something of ours does not run now.
    #[error("{0}")]
    Unavailable(&'static str),
    /// Our fault; the cause is in the log.
    #[error("something went wrong on the server; it is in its log")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// A value is wrong.
    pub(crate) fn invalid(
        code: &'static str,
        field: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            code,
            field: Some(field),
            message: message.into(),
        }
    }

    /// Somebody else changed it since it was read.
    pub(crate) fn changed_meanwhile(who: Option<&str>) -> Self {
        let who = who.unwrap_or("somebody else");
        Self::Conflict {
            code: "changed_meanwhile",
            field: None,
            message: format!(
                "{who} changed this while you did; look at what it is now, then save again"
            ),
        }
    }

    /// Our fault.
    pub(crate) fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self::Internal(error.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignInNeeded | Self::Refused { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Invalid { .. } | Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreadable { status, .. } => *status,
            Self::Range(_) => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SignInNeeded => "sign_in_needed",
            Self::Forbidden => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Wrong(problem) => problem.code,
            Self::Invalid { code, .. }
            | Self::Conflict { code, .. }
            | Self::Refused { code, .. } => code,
            Self::TooMany(_) => "too_many_attempts",
            Self::ForeignOrigin => "foreign_origin",
            Self::Unreadable { status, .. } => match *status {
                StatusCode::PAYLOAD_TOO_LARGE => "too_large",
                StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
                StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
                StatusCode::UNPROCESSABLE_ENTITY => "invalid",
                _ => "bad_request",
            },
            Self::Range(_) => "range_not_satisfiable",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } | Self::Conflict { field, .. } => *field,
            Self::Wrong(problem) => Some(&problem.field),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Wrong(problem)
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = format!("{error:#}"), "a request failed");
        }
        let body = ApiError {
            code: self.code().to_owned(),
            message: sentence(&self.to_string()),
            field: self.field().map(str::to_owned),
        };
        let mut response = (self.status(), Json(body)).into_response();
        match self {
            Self::TooMany(seconds) => {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            Self::Range(size) => {
                if let Ok(value) = HeaderValue::try_from(format!("bytes */{size}")) {
                    response.headers_mut().insert(header::CONTENT_RANGE, value);
                }
            }
            _ => {}
        }
        response
    }
}

/// Capital letter and full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", chars.as_str())
}

/// Below `/api` there is nothing at this path.
pub(crate) async fn no_such_path(request: Request) -> Error {
    tracing::debug!(path = request.uri().path(), "no such path");
    Error::NotFound("address in the API")
}

/// The path exists, the method does not.
pub(crate) async fn no_such_method(request: Request) -> Error {
    Error::Unreadable {
        status: StatusCode::METHOD_NOT_ALLOWED,
        message: format!(
            "{} does not work here; see /api/v1/openapi.json",
            request.method()
        ),
    }
}
