//! Who may use which address of the API: one table, asked before any handler. An address that is
//! not in it is nobody's.

use api_types::Role;
use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};

use super::Viewer;
use crate::{
    api::error::{Error, no_such_method},
    app::Shared,
};

/// What an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Nobody,
    /// Being signed in; which rows one sees is part of the query.
    SignedIn,
    /// Everybody's calls and clients: supervisors and administrators.
    Everything,
    /// Telephony settings: sub-administrators and administrators.
    Settings,
    /// Administrators.
    Admin,
}

use Needs::{Admin, Everything, Nobody, Settings, SignedIn};

/// Every address of the API.
pub(crate) const TABLE: &[(&str, &str, Needs)] = &[
    ("GET", "/openapi.json", Nobody),
    ("POST", "/session", Nobody),
    ("DELETE", "/session", Nobody),
    ("POST", "/session/link", Nobody),
    ("GET", "/session", SignedIn),
    ("PUT", "/me/password", SignedIn),
    ("GET", "/me/presence", SignedIn),
    ("PUT", "/me/presence", SignedIn),
    ("POST", "/me/activity", SignedIn),
    ("GET", "/presence-reasons", SignedIn),
    ("POST", "/presence-reasons", Settings),
    ("PUT", "/presence-reasons", Settings),
    ("PUT", "/presence-reasons/{id}", Settings),
    ("DELETE", "/presence-reasons/{id}", Settings),
    ("POST", "/phone/credentials", SignedIn),
    ("GET", "/phone/lines", SignedIn),
    ("POST", "/phone/echo", SignedIn),
    ("GET", "/events", SignedIn),
    ("GET", "/colleagues", SignedIn),
    ("GET", "/contacts", SignedIn),
    ("POST", "/contacts", SignedIn),
    ("GET", "/contacts/{id}", SignedIn),
    ("PUT", "/contacts/{id}", SignedIn),
    ("DELETE", "/contacts/{id}", SignedIn),
    ("POST", "/contacts/{id}/restore", SignedIn),
    ("GET", "/contacts/{id}/changes", SignedIn),
    ("POST", "/contacts/{id}/phones", SignedIn),
    ("POST", "/contacts/bulk", SignedIn),
    ("GET", "/tags", SignedIn),
    ("GET", "/items", SignedIn),
    ("POST", "/items", SignedIn),
    ("GET", "/items/counts", SignedIn),
    ("POST", "/items/bulk", SignedIn),
    ("GET", "/items/{id}", SignedIn),
    ("PUT", "/items/{id}", SignedIn),
    ("PATCH", "/items/{id}", SignedIn),
    ("DELETE", "/items/{id}", SignedIn),
    ("POST", "/items/{id}/restore", SignedIn),
    ("GET", "/items/{id}/changes", SignedIn),
    ("POST", "/operations/{id}/undo", SignedIn),
    ("GET", "/contacts/{id}/timeline", SignedIn),
    ("GET", "/contacts/{id}/figures", SignedIn),
    ("GET", "/search", SignedIn),
    ("GET", "/files", SignedIn),
    ("POST", "/files", SignedIn),
    ("GET", "/files/{id}/content", SignedIn),
    ("DELETE", "/files/{id}", SignedIn),
    ("POST", "/files/{id}/restore", SignedIn),
    ("GET", "/views", SignedIn),
    ("POST", "/views", SignedIn),
    ("PUT", "/views/{id}", SignedIn),
    ("DELETE", "/views/{id}", SignedIn),
    ("GET", "/work", SignedIn),
    ("PUT", "/settings/work", Settings),
    ("POST", "/imports", Everything),
    ("GET", "/imports/{id}", Everything),
    ("PUT", "/imports/{id}/mapping", Everything),
    ("POST", "/imports/{id}/start", Everything),
    ("GET", "/imports/{id}/errors.csv", Everything),
    ("POST", "/imports/{id}/undo", Everything),
    ("GET", "/contacts/export", Everything),
    ("GET", "/duplicates", Everything),
    ("POST", "/contacts/merge", Everything),
    ("POST", "/contacts/hand-over", Everything),
    ("POST", "/contacts/{id}/erase", Admin),
    ("GET", "/calls", SignedIn),
    ("GET", "/calls/{id}", SignedIn),
    ("PATCH", "/calls/{id}", SignedIn),
    ("DELETE", "/calls/{id}", SignedIn),
    ("POST", "/calls/{id}/restore", SignedIn),
    ("GET", "/calls/totals", SignedIn),
    ("GET", "/calls/export", SignedIn),
    ("POST", "/calls/records.zip", SignedIn),
    ("GET", "/calls/{id}/listened", SignedIn),
    ("GET", "/recordings/usage", Settings),
    ("POST", "/recordings/delete", Admin),
    ("GET", "/notices", SignedIn),
    ("POST", "/notices/seen", SignedIn),
    ("POST", "/notices/{id}/seen", SignedIn),
    ("GET", "/calls/{id}/path", SignedIn),
    ("GET", "/calls/{id}/quality", SignedIn),
    ("PUT", "/calls/{id}/quality", SignedIn),
    ("GET", "/calls/{id}/recording", SignedIn),
    ("GET", "/calls/{id}/recording/peaks", SignedIn),
    ("GET", "/blocked-numbers", SignedIn),
    ("POST", "/blocked-numbers", SignedIn),
    ("DELETE", "/blocked-numbers/{id}", SignedIn),
    ("GET", "/lines", Settings),
    ("POST", "/lines", Settings),
    ("GET", "/lines/{id}", Settings),
    ("PUT", "/lines/{id}", Settings),
    ("DELETE", "/lines/{id}", Settings),
    ("PUT", "/lines/{id}/default", Settings),
    ("POST", "/lines/{id}/check", Settings),
    ("POST", "/lines/check", Settings),
    ("POST", "/lines/rewrites/try", Settings),
    ("GET", "/lines/{id}/tariffs", Settings),
    ("PUT", "/lines/{id}/tariffs", Settings),
    ("PUT", "/lines/{id}/tariffs/{prefix}", Settings),
    ("DELETE", "/lines/{id}/tariffs/{prefix}", Settings),
    ("POST", "/lines/{id}/tariffs/import", Settings),
    ("GET", "/lines/{id}/balance", Settings),
    ("GET", "/presets", Settings),
    ("GET", "/lock-outs", Settings),
    ("DELETE", "/lock-outs/{id}", Settings),
    ("GET", "/numbers/directions", Settings),
    ("POST", "/numbers/try", Settings),
    ("GET", "/settings/numbers", Settings),
    ("PUT", "/settings/numbers", Settings),
    ("GET", "/settings/outgoing", Settings),
    ("PUT", "/settings/outgoing", Settings),
    ("GET", "/settings/presence", Settings),
    ("PUT", "/settings/presence", Settings),
    ("GET", "/settings/addresses", Settings),
    ("PUT", "/settings/addresses", Settings),
    ("GET", "/test-network/calls", Settings),
    ("POST", "/test-network/calls", Settings),
    ("GET", "/groups", Settings),
    ("POST", "/groups", Settings),
    ("PUT", "/groups/{id}", Settings),
    ("DELETE", "/groups/{id}", Settings),
    ("GET", "/users", Settings),
    ("GET", "/users/extensions/{extension}", Settings),
    ("POST", "/users", Admin),
    ("PUT", "/users/{id}", Admin),
    ("POST", "/users/{id}/password", Admin),
    ("POST", "/users/{id}/sip-password", Admin),
    ("DELETE", "/users/{id}/sip-password", Admin),
];

/// What an address asks for; none: it is not in the table.
fn needs(method: &Method, path: &str) -> Option<Needs> {
    // HEAD is answered by the handler of GET.
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    TABLE
        .iter()
        .find(|(m, p, _)| method == m && *p == path)
        .map(|(_, _, needs)| *needs)
}

/// Whether a role is enough.
fn may(role: Role, needs: Needs) -> bool {
    match needs {
        Needs::Nobody | Needs::SignedIn => true,
        Needs::Everything => matches!(role, Role::Supervisor | Role::Admin),
        Needs::Settings => matches!(role, Role::SubAdmin | Role::Admin),
        Needs::Admin => role == Role::Admin,
    }
}

/// Lets a request through to its handler, or not.
pub(crate) async fn guard(
    State(app): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let Some(matched) = request.extensions().get::<MatchedPath>() else {
        // No such address: the answer says so.
        return Ok(next.run(request).await);
    };
    let Some(needs) = needs(request.method(), matched.as_str()) else {
        tracing::debug!(
            path = matched.as_str(),
            "this method or address is in no table"
        );
        return Err(no_such_method(request).await);
    };
    if needs == Needs::Nobody {
        return Ok(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let viewer = Viewer::of(&parts.headers, &app).await?;
    if !may(viewer.role(), needs) {
        return Err(Error::Forbidden);
    }
    parts.extensions.insert(viewer);
    Ok(next.run(Request::from_parts(parts, body)).await)
}
