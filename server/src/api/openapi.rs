//! `GET /api/v1/openapi.json`: the description of the API.

use std::{any::Any, sync::Arc};

use api_types::ApiError;
use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use utoipa::{
    OpenApi,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

use super::error::Error;

/// What stands above the endpoints.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Trubka",
        description = "Telephony and customers. Times are milliseconds since 1970 (UTC), durations are \
                       milliseconds, ids are UUIDs. Every answer of 400 and above carries an ApiError.",
    ),
    servers((url = "/api/v1")),
    components(schemas(ApiError)),
)]
pub(super) struct About;

/// The description as JSON; every operation says that errors are [`ApiError`].
pub(super) fn document(mut api: utoipa::openapi::OpenApi) -> Arc<str> {
    for path in api.paths.paths.values_mut() {
        let operations = [
            &mut path.get,
            &mut path.post,
            &mut path.put,
            &mut path.patch,
            &mut path.delete,
        ];
        for operation in operations.into_iter().flatten() {
            operation
                .responses
                .responses
                .entry("default".to_owned())
                .or_insert_with(error_response);
        }
    }
    api.to_json()
        .unwrap_or_else(|error| {
            tracing::error!(%error, "the API's description could not be written");
            "{}".to_owned()
        })
        .into()
}

fn error_response() -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ApiError")))
        .build();
    ResponseBuilder::new()
        .description("What was wrong")
        .content("application/json", content)
        .build()
        .into()
}

/// Sends it.
pub(super) async fn show(document: Arc<str>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(document.to_string()),
    )
        .into_response()
}

/// A handler panicked: a bug, but the others go on.
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned());
    let error = anyhow::anyhow!("a handler panicked: {}", text.unwrap_or_default());
    let response = Error::Internal(error).into_response();
    debug_assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    response
}
