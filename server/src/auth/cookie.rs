//! The session's cookie.

use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};

use crate::config::Config;

/// How long a session lasts after it was used last, seconds.
pub(crate) const SESSION_SECS: i64 = 30 * 24 * 3600;

/// `__Host-` binds it to HTTPS and this host; on http://localhost browsers would refuse that.
fn name(config: &Config) -> &'static str {
    if config.https() {
        "__Host-trubka_session"
    } else {
        "trubka_session"
    }
}

/// The token a browser sent.
pub(crate) fn read(jar: &CookieJar, config: &Config) -> Option<String> {
    jar.get(name(config))
        .map(|cookie| cookie.value().to_owned())
}

/// The cookie for a new session.
pub(crate) fn set(jar: CookieJar, config: &Config, token: String) -> CookieJar {
    jar.add(build(config, token, SESSION_SECS))
}

/// Signs out.
pub(crate) fn clear(jar: CookieJar, config: &Config) -> CookieJar {
    jar.add(build(config, String::new(), 0))
}

fn build(config: &Config, value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build((name(config), value))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(config.https())
        .path("/")
        .max_age(time::Duration::seconds(seconds))
        .build()
}
