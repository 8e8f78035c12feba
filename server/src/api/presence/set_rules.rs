//! Set what happens by itself.

use api_types::PresenceRules;
use axum::extract::State;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
};

/// Sets what happens to people's states by itself. Who is away by a rule that is switched off is
/// available again.
#[utoipa::path(
    put, path = "/settings/presence", tag = "settings", request_body = PresenceRules,
    responses((status = 200, body = PresenceRules), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_rules(
    State(app): State<Shared>,
    Json(rules): Json<PresenceRules>,
) -> Result<axum::Json<PresenceRules>, Error> {
    let is_between =
        |secs: Option<u32>, least, most| secs.is_none_or(|secs| (least..=most).contains(&secs));
    if !is_between(rules.away_after_secs, 10, 8 * 3_600) {
        let message = "give 10 seconds to 8 hours, or none at all";
        return Err(Error::invalid("bad_time", "away_after_secs", message));
    }
    if !is_between(rules.wrap_up_secs, 1, 3_600) {
        let message = "give 1 second to an hour, or none at all";
        return Err(Error::invalid("bad_time", "wrap_up_secs", message));
    }
    app.set_presence_rules(rules).await?;
    Ok(axum::Json(rules))
}
