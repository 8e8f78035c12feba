//! What the browser's telephone registers with.

use api_types::PhoneCredentials;
use axum::{Json, extract::State};
use sip_gateway::ports::REALM;
use store::CredentialRow;

use crate::{
    api::error::Error,
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    office::seal_ha1,
    relay::ice_servers,
    switchboard::{Credential, FRESH_MS},
    vault,
};

/// New short-lived credentials. They stay good while they are used, and end with the session.
#[utoipa::path(
    post, path = "/phone/credentials", tag = "phone",
    responses((status = 200, body = PhoneCredentials), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn credentials(
    State(app): State<Shared>,
    viewer: Viewer,
) -> Result<Json<PhoneCredentials>, Error> {
    let extension = viewer
        .user
        .extension
        .clone()
        .ok_or_else(|| Error::Conflict {
            code: "no_extension",
            field: None,
            message: "you have no extension; ask an administrator for one".to_owned(),
        })?;
    let username = format!("{extension}-{}", vault::short_token()?);
    let password = vault::token()?;
    let now = now_ms();
    let ha1 = Credential::ha1(&username, &password);
    let sealed_ha1 = seal_ha1(&app.vault, &purpose(&username), &ha1)?;
    let row = CredentialRow {
        username: username.clone(),
        user_id: viewer.id(),
        session_hash: viewer.session_hash.clone(),
        sealed_ha1,
        created_at: now,
        used_at: 0,
    };
    app.store.add_sip_credential(row).await?;
    let credential = Credential {
        user: viewer.id(),
        session_hash: viewer.session_hash,
        ha1,
        created_at: now,
        used_at: 0,
    };
    app.switchboard.add_credential(username.clone(), credential);
    let ice_servers = ice_servers(&app.config, &extension, now);
    let ice_expires_secs = match ice_servers.is_empty() {
        true => 0,
        false => app.config.turn_lifetime,
    };
    Ok(Json(PhoneCredentials {
        websocket: "/sip".to_owned(),
        domain: REALM.to_owned(),
        extension,
        username,
        password,
        display_name: viewer.user.name,
        expires_secs: u32::try_from(FRESH_MS / 1000).unwrap_or(600),
        ice_servers,
        ice_expires_secs,
    }))
}

/// What a credential's hashes are sealed for.
pub(crate) fn purpose(username: &str) -> String {
    format!("sip:{username}")
}
