//! `/api/v1`: one endpoint per file, by area.

mod blocked;
pub(crate) mod calls;
mod changes;
mod clients;
pub(crate) mod contacts;
pub(crate) mod error;
mod events;
pub(crate) mod extract;
pub(crate) mod files;
mod groups;
mod health;
mod imports;
pub(crate) mod items;
mod lines;
mod lock_outs;
mod notices;
mod numbers;
mod openapi;
mod operations;
mod phone;
mod presence;
mod presets;
mod ranged;
mod recordings;
mod search;
mod session;
mod settings;
mod sip_socket;
mod test_network;
mod users;
mod views;
mod work;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    auth::{origin, rights},
    web,
};

/// Octets a request body may have.
const LONGEST_BODY: usize = 256 * 1024;
/// Octets a file that is imported may have.
const LONGEST_FILE: usize = 16 * 1024 * 1024;

pub(crate) use phone::credentials::purpose as credential_purpose;

/// Everything the server serves.
pub(crate) fn router(app: Shared) -> Router {
    let (api, document) = endpoints().split_for_parts();
    let document = openapi::document(document);
    let api = api
        .route(
            "/openapi.json",
            get(move || openapi::show(document.clone())),
        )
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(middleware::from_fn_with_state(app.clone(), rights::guard))
        .layer(middleware::from_fn_with_state(app.clone(), origin::guard))
        .layer(middleware::from_fn(web::headers::no_store))
        .layer(DefaultBodyLimit::max(LONGEST_BODY));
    Router::new()
        .nest("/api/v1", api)
        .route("/api", get(error::no_such_path))
        .route("/api/{*rest}", get(error::no_such_path))
        .route("/healthz", get(health::healthz))
        .route("/sip", get(sip_socket::open))
        .fallback(web::serve)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            web::headers::secure,
        ))
        .layer(CatchPanicLayer::custom(openapi::panicked))
        .with_state(app)
}

fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(openapi::About::openapi())
        .routes(routes!(
            session::show::show,
            session::sign_in::sign_in,
            session::sign_out::sign_out
        ))
        .routes(routes!(session::sign_in_by_link::sign_in_by_link))
        .routes(routes!(session::set_password::set_password))
        .routes(routes!(
            session::show_presence::show_presence,
            session::set_presence::set_presence
        ))
        .merge(presences())
        .routes(routes!(phone::credentials::credentials))
        .routes(routes!(phone::lines::lines))
        .routes(routes!(phone::echo::echo))
        .routes(routes!(users::list::list, users::create::create))
        .routes(routes!(users::update::update))
        .routes(routes!(users::password::new_password))
        .routes(routes!(
            users::sip_password::sip_password,
            users::remove_sip_password::remove_sip_password
        ))
        .routes(routes!(users::extension::offer))
        .routes(routes!(users::colleagues::colleagues))
        .routes(routes!(groups::list::list, groups::create::create))
        .routes(routes!(groups::update::update, groups::delete::delete))
        .merge(clients())
        .merge(calls::endpoints())
        .merge(notices::endpoints())
        .merge(recordings::endpoints())
        .merge(imports::endpoints())
        .merge(clients::endpoints())
        .merge(telephony())
        .routes(routes!(
            settings::show_addresses::show_addresses,
            settings::set_addresses::set_addresses
        ))
        .routes(routes!(
            test_network::list_calls::list_calls,
            test_network::ring::ring
        ))
        .routes(routes!(events::events))
}

/// Reasons not to take calls, and what happens by itself.
fn presences() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(presence::activity::activity))
        .routes(routes!(
            presence::list::list,
            presence::create::create,
            presence::order::order
        ))
        .routes(routes!(presence::update::update, presence::delete::delete))
        .routes(routes!(
            presence::show_rules::show_rules,
            presence::set_rules::set_rules
        ))
}

/// Clients, and what is done with them.
fn clients() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(work::show::show))
        .routes(routes!(work::set::set))
        .routes(routes!(contacts::list::list, contacts::create::create))
        .routes(routes!(
            contacts::show::show,
            contacts::update::update,
            contacts::delete::delete
        ))
        .routes(routes!(contacts::restore::restore))
        .routes(routes!(contacts::changes::changes))
        .routes(routes!(contacts::add_phone::add_phone))
        .routes(routes!(contacts::bulk::bulk))
        .routes(routes!(contacts::tags::tags))
        .routes(routes!(items::list::list, items::create::create))
        .routes(routes!(items::counts::counts))
        .routes(routes!(items::bulk::bulk))
        .routes(routes!(
            items::show::show,
            items::update::update,
            items::patch::patch,
            items::delete::delete
        ))
        .routes(routes!(items::restore::restore))
        .routes(routes!(items::changes::changes))
        .routes(routes!(operations::undo))
        .routes(routes!(contacts::timeline::timeline))
        .routes(routes!(contacts::figures::figures))
        .routes(routes!(search::search))
        .routes(routes!(files::list::list, files::upload::upload))
        .routes(routes!(files::content::content))
        .routes(routes!(files::delete::delete))
        .routes(routes!(files::delete::restore))
        .routes(routes!(views::list, views::create))
        .routes(routes!(views::update, views::remove))
}

/// Lines and numbers.
fn telephony() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(lines::list::list, lines::create::create))
        .routes(routes!(
            lines::show::show,
            lines::update::update,
            lines::delete::delete
        ))
        .routes(routes!(lines::default::set_default))
        .routes(routes!(lines::check::check))
        .routes(routes!(lines::check_saved::check_saved))
        .routes(routes!(lines::try_rewrites::try_rewrites))
        .routes(routes!(
            lines::show_tariffs::show_tariffs,
            lines::set_tariffs::set_tariffs
        ))
        .routes(routes!(
            lines::tariff_row::set_tariff,
            lines::tariff_row::remove_tariff
        ))
        .merge(prices())
        .routes(routes!(lines::balance::show_balance))
        .routes(routes!(presets::list))
        .routes(routes!(lock_outs::list::list))
        .routes(routes!(lock_outs::lift::lift))
        .routes(routes!(
            numbers::show_settings::show_settings,
            numbers::set_settings::set_settings
        ))
        .routes(routes!(
            numbers::show_outgoing::show_outgoing,
            numbers::set_outgoing::set_outgoing
        ))
        .routes(routes!(numbers::directions::directions))
        .routes(routes!(numbers::try_number::try_number))
        .routes(routes!(blocked::list::list, blocked::block::block))
        .routes(routes!(blocked::unblock::unblock))
}

/// Files of prices are larger than other requests.
fn prices() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(lines::import_tariffs::import_tariffs))
        .layer(DefaultBodyLimit::max(LONGEST_FILE))
}
