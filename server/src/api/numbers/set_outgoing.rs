//! Set over which lines calls go out.

use api_types::OutgoingOrder;
use axum::extract::State;
use uuid::Uuid;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    office::OUTGOING,
    routing::Office,
};

/// Rows of each list at most.
const MOST: usize = 1000;

/// Replaces the order of lines; the next call follows it.
#[utoipa::path(
    put, path = "/settings/outgoing", tag = "numbers", request_body = OutgoingOrder,
    responses((status = 200, body = OutgoingOrder), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_outgoing(
    State(app): State<Shared>,
    Json(mut order): Json<OutgoingOrder>,
) -> Result<axum::Json<OutgoingOrder>, Error> {
    check(&mut order, &app.switchboard.office())?;
    let users = app.store.users().await?;
    let stranger = |id: &str| !users.iter().any(|user| user.id.to_string() == id);
    if order.users.iter().any(|row| stranger(&row.user)) {
        let message = "a row names a user who does not exist";
        return Err(Error::invalid("no_user", "users", message));
    }
    app.store.set_setting(OUTGOING, &order).await?;
    app.reload_office().await?;
    Ok(axum::Json(order))
}

fn check(order: &mut OutgoingOrder, office: &Office) -> Result<(), Error> {
    if order.prefixes.len() > MOST || order.users.len() > MOST || order.default.len() > MOST {
        return Err(Error::invalid("too_many", "prefixes", "at most 1000 rows"));
    }
    let lines = order.prefixes.iter().flat_map(|row| &row.lines);
    let lines = lines.chain(order.users.iter().flat_map(|row| &row.lines));
    for id in lines.chain(&order.default) {
        let known = id.parse::<Uuid>().is_ok_and(|id| office.line(id).is_some());
        if !known {
            let message = "a row names a line that does not exist";
            return Err(Error::invalid("no_line", "lines", message));
        }
    }
    for row in &mut order.prefixes {
        row.prefix = row
            .prefix
            .chars()
            .filter(|c| !" ()-".contains(*c))
            .collect();
        let digits = row.prefix.strip_prefix('+').unwrap_or(&row.prefix);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("{:?} is no beginning of a number such as +44", row.prefix);
            return Err(Error::invalid("bad_prefix", "prefixes", message));
        }
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(row) = order.prefixes.iter().find(|row| !seen.insert(&row.prefix)) {
        let message = format!("{} stands there twice", row.prefix);
        return Err(Error::invalid("prefix_twice", "prefixes", message));
    }
    for row in &mut order.users {
        row.caller_number = row
            .caller_number
            .take()
            .filter(|number| !number.trim().is_empty())
            .map(|number| office.numbers().read(&number).e164);
    }
    Ok(())
}
