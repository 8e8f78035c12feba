//! What handlers take out of a request, with errors in the API's own form.

use std::str::FromStr;

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, StatusCode, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::error::Error;

/// A JSON body.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(unreadable_json(&rejection)),
        }
    }
}

fn unreadable_json(rejection: &JsonRejection) -> Error {
    let message = match rejection {
        JsonRejection::JsonSyntaxError(_) => "the body is not JSON".to_owned(),
        JsonRejection::MissingJsonContentType(_) => {
            "the body must be JSON: send Content-Type: application/json".to_owned()
        }
        // Names the field, never the value: it may be a password.
        JsonRejection::JsonDataError(error) => shape(&error.body_text()),
        _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            "the body is too large".to_owned()
        }
        _ => "the body could not be read".to_owned(),
    };
    Error::Unreadable {
        status: rejection.status(),
        message,
    }
}

/// `Failed to deserialize the JSON body …: a.b: missing field `c` at line 1` → the useful part.
fn shape(text: &str) -> String {
    let detail = text.split_once(": ").map_or(text, |(_, detail)| detail);
    if detail.contains("invalid type") || detail.contains("invalid value") {
        let field = detail
            .split_once(": ")
            .map_or("a field", |(field, _)| field);
        return match field.contains(' ') {
            true => "a field of the body has the wrong type".to_owned(),
            false => format!("the field {field} has the wrong type"),
        };
    }
    format!(
        "the body does not fit: {}",
        detail.split(" at line ").next().unwrap_or(detail)
    )
}

/// The query string.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection: QueryRejection| Error::Unreadable {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                message: rejection.body_text(),
            })
    }
}

/// The `{id}` of the path.
pub(crate) struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let not_found = |_: PathRejection| Error::NotFound("thing");
        let path = axum::extract::Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(not_found)?;
        parse_id(&path).map(Self).ok_or(Error::NotFound("thing"))
    }
}

/// With or without hyphens (a call's id is also its SIP Session-ID).
pub(crate) fn parse_id(text: &str) -> Option<Uuid> {
    Uuid::from_str(text).ok()
}

/// Rows on a page unless told.
pub(crate) const PAGE: u64 = 50;
/// Rows on a page at most.
pub(crate) const LONGEST_PAGE: u64 = 200;

/// The page's length asked for.
pub(crate) fn page_length(asked: Option<u64>) -> Result<u64, Error> {
    match asked.unwrap_or(PAGE) {
        length @ 1..=LONGEST_PAGE => Ok(length),
        _ => Err(Error::invalid(
            "bad_limit",
            "limit",
            format!("limit must be from 1 to {LONGEST_PAGE}"),
        )),
    }
}

/// A cursor we did not make.
pub(crate) fn bad_cursor() -> Error {
    Error::invalid(
        "bad_cursor",
        "cursor",
        "the cursor was not made by this server; begin without one",
    )
}

/// A cursor as we wrote it, if there is one.
pub(crate) fn cursor<T: DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, Error> {
    let read = |text: &str| {
        let json = URL_SAFE_NO_PAD.decode(text).ok()?;
        serde_json::from_slice(&json).ok()
    };
    text.map(|text| read(text).ok_or_else(bad_cursor))
        .transpose()
}

/// A cursor for the next page.
pub(crate) fn write_cursor(last: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(last).unwrap_or_default())
}

/// How many rows there are, where that was counted.
pub(crate) fn total(count: Option<u64>) -> HeaderMap {
    let known = count.map(|count| (HeaderName::from_static("x-total-count"), count.into()));
    known.into_iter().collect()
}

/// Records one request changes at most.
const MOST_AT_ONCE: usize = 1000;

/// Ids of many records.
pub(crate) fn many(ids: &[String]) -> Result<Vec<Uuid>, Error> {
    let read: Option<Vec<Uuid>> = ids.iter().map(|id| parse_id(id)).collect();
    let wrong = |message| Error::invalid("bad_ids", "ids", message);
    match read {
        Some(read) if (1..=MOST_AT_ONCE).contains(&read.len()) => Ok(read),
        Some(_) => Err(wrong("choose 1 to 1000 records")),
        None => Err(wrong("one of the ids is not an id")),
    }
}
