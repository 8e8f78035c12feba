//! What a desk phone registers with.

use api_types::SipAccount;
use axum::{Json, extract::State};
use sip_gateway::ports::REALM;

use super::find;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    office::{desk_phone_purpose, seal_ha1},
    switchboard::Credential,
    vault,
};

/// Makes a SIP password and shows it this once; a phone that is registered with the one before
/// rings no more.
#[utoipa::path(
    post, path = "/users/{id}/sip-password", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = SipAccount), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn sip_password(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<SipAccount>, Error> {
    let extension = find(&app, id)
        .await?
        .extension
        .ok_or_else(|| Error::Conflict {
            code: "no_extension",
            field: None,
            message: "a phone needs an extension; give the user one first".to_owned(),
        })?;
    let password = vault::short_token()?;
    let ha1 = Credential::ha1(&extension, &password);
    let sealed = seal_ha1(&app.vault, &desk_phone_purpose(id), &ha1)?;
    app.store.set_sip_ha1(id, Some(sealed)).await?;
    app.reload_office().await?;
    app.drop_phones(std::slice::from_ref(&extension));
    Ok(Json(SipAccount {
        server: server(&app),
        transports: transports(&app),
        username: extension,
        password,
        realm: REALM.to_owned(),
    }))
}

/// What phones can come by. UDP and TCP share a port.
fn transports(app: &Shared) -> Vec<String> {
    let tls = app.gateway.sip_tls_addr().map(|_| "tls");
    let open = ["udp", "tcp"].into_iter().chain(tls);
    open.map(str::to_owned).collect()
}

/// As far as it is known: what was set, else what a provider saw, else where the port is bound.
fn server(app: &Shared) -> String {
    let bound = app.gateway.sip_addr();
    if !bound.ip().is_unspecified() {
        return bound.to_string();
    }
    match app.lines.seen_as() {
        Some(seen) => format!("{}:{}", seen.ip(), bound.port()),
        None => format!(":{}", bound.port()),
    }
}
