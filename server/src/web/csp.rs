//! The Content-Security-Policy: scripts only from here, and trunk's one inline script by its hash.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The policy for the app whose `index.html` this is.
pub(crate) fn policy(index: &str) -> String {
    let scripts = hashes(index, "script");
    let styles = hashes(index, "style");
    [
        "default-src 'none'".to_owned(),
        format!("script-src 'self' 'wasm-unsafe-eval'{scripts}"),
        format!("style-src 'self'{styles}"),
        // Widths of bars and the like.
        "style-src-attr 'unsafe-inline'".to_owned(),
        // The telephone may be registered at another RFC 7118 server.
        "connect-src 'self' ws: wss:".to_owned(),
        "img-src 'self' data: blob:".to_owned(),
        "media-src 'self' blob:".to_owned(),
        "font-src 'self'".to_owned(),
        "worker-src 'self' blob:".to_owned(),
        "manifest-src 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'self'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}

/// ` 'sha256-…'` for each inline element of this name.
fn hashes(html: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut found = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(&open) {
        rest = &rest[at + open.len()..];
        let Some((attributes, after)) = rest.split_once('>') else {
            break;
        };
        let Some((body, after)) = after.split_once(&close) else {
            break;
        };
        let is_element = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        if is_element && !attributes.contains("src=") && !body.is_empty() {
            let hash = STANDARD.encode(Sha256::digest(body.as_bytes()));
            found.push_str(&format!(" 'sha256-{hash}'"));
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_and_others_are_not() {
        let policy = policy(
            r#"<script src="a.js"></script><script type="module">alert(1)</script><style></style>"#,
        );
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert!(
            policy.contains(
                "'wasm-unsafe-eval' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';"
            )
        );
        assert!(policy.contains("style-src 'self';"));
        assert!(!policy.contains("script-src 'self' 'unsafe-inline'"));
    }
}
