//! Balances: asked for where the provider has a public API for it. One entry of `APIS` and one
//! function that reads the answer are all another provider needs.

use std::time::Duration;

use api_types::{Balance, BalanceAccess};
use serde::Deserialize;
use store::entity::line;
use uuid::Uuid;

use crate::{
    clock::now_ms,
    vault::{Vault, VaultError},
};

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Octets of an answer at most.
const LONGEST: u64 = 64 * 1024;

/// A provider's API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api {
    /// Id of the preset.
    preset: &'static str,
    /// Address without the path.
    base: &'static str,
    /// What is asked for.
    path: fn(&BalanceAccess) -> String,
    /// Whether the key goes into `Authorization: Bearer`.
    bearer: bool,
    /// Amount and currency.
    read: fn(&str) -> Option<(String, String)>,
}

/// Those that are known. Telnyx: <https://developers.telnyx.com/api/billing/get-user-balance>.
const APIS: [Api; 1] = [Api {
    preset: "telnyx",
    base: "https://api.telnyx.com",
    path: |_| "/v2/balance".to_owned(),
    bearer: true,
    read: telnyx,
}];

/// Why there is no balance.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BalanceError {
    /// 401 or 403.
    #[error("the provider does not accept the key; copy it from its panel once more")]
    WrongKey,
    /// Another status.
    #[error("the provider answered {0}; try later")]
    Status(u16),
    /// No answer.
    #[error("the provider did not answer: {0}")]
    Network(String),
    /// An answer we do not understand.
    #[error("the provider's answer could not be read")]
    Unreadable,
}

/// The API of a preset's provider.
pub(crate) fn api(preset: &str) -> Option<Api> {
    APIS.into_iter().find(|api| api.preset == preset)
}

/// Asks. `base` is another address than the provider's own, for tests.
pub(crate) async fn ask(
    api: Api,
    base: Option<String>,
    access: BalanceAccess,
) -> Result<Balance, BalanceError> {
    let asked = tokio::task::spawn_blocking(move || {
        let base = base.as_deref().unwrap_or(api.base);
        fetch(
            &format!("{base}{}", (api.path)(&access)),
            api.bearer.then_some(&access.key),
        )
    });
    let text = asked
        .await
        .map_err(|error| BalanceError::Network(error.to_string()))??;
    let (amount, currency) = (api.read)(&text).ok_or(BalanceError::Unreadable)?;
    Ok(Balance {
        amount,
        currency,
        asked_at: now_ms(),
    })
}

fn fetch(url: &str, bearer: Option<&String>) -> Result<String, BalanceError> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = agent.get(url).header("Accept", "application/json");
    if let Some(key) = bearer {
        request = request.header("Authorization", format!("Bearer {key}"));
    }
    let mut answer = request
        .call()
        .map_err(|error| BalanceError::Network(error.to_string()))?;
    match answer.status().as_u16() {
        200 => answer
            .body_mut()
            .with_config()
            .limit(LONGEST)
            .read_to_string()
            .map_err(|_| BalanceError::Unreadable),
        401 | 403 => Err(BalanceError::WrongKey),
        status => Err(BalanceError::Status(status)),
    }
}

fn telnyx(text: &str) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Answer {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        balance: String,
        currency: String,
    }
    let data = serde_json::from_str::<Answer>(text).ok()?.data;
    Some((data.balance, data.currency))
}

fn purpose(line: Uuid) -> String {
    format!("balance:{line}")
}

/// Seals a key; an empty one is none.
pub(crate) fn seal(
    vault: &Vault,
    line: Uuid,
    access: Option<&BalanceAccess>,
) -> Result<Option<Vec<u8>>, VaultError> {
    let Some(access) = access.filter(|access| !access.key.trim().is_empty()) else {
        return Ok(None);
    };
    let plain = serde_json::json!({ "key": access.key.trim(), "secret": access.secret.trim() });
    vault
        .seal(&purpose(line), plain.to_string().as_bytes())
        .map(Some)
}

/// Opens what [`seal`] made.
pub(crate) fn open(vault: &Vault, row: &line::Model) -> Result<Option<BalanceAccess>, VaultError> {
    let Some(sealed) = &row.sealed_balance else {
        return Ok(None);
    };
    let plain = vault.open_sealed(&purpose(row.id), sealed)?;
    Ok(serde_json::from_slice(&plain).ok())
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A provider that answers once; what it was asked.
    async fn fake(status: &str, body: &str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        (base, served)
    }

    fn key() -> BalanceAccess {
        BalanceAccess {
            key: "KEY0123".to_owned(),
            secret: String::new(),
        }
    }

    #[tokio::test]
    async fn telnyx_is_asked_with_the_key_and_its_answer_is_read() {
        let body = r#"{"data":{"record_type":"balance","pending":"0.00","balance":"86.20","credit_limit":"0.00","available_credit":"86.20","currency":"USD"}}"#;
        let (base, served) = fake("200 OK", body).await;
        let balance = ask(api("telnyx").unwrap(), Some(base), key())
            .await
            .unwrap();
        assert_eq!(
            (balance.amount.as_str(), balance.currency.as_str()),
            ("86.20", "USD")
        );
        let request = served.await.unwrap();
        assert!(request.starts_with("GET /v2/balance HTTP/1.1"), "{request}");
        assert!(
            request
                .to_lowercase()
                .contains("authorization: bearer key0123"),
            "{request}"
        );
    }

    #[tokio::test]
    async fn a_refused_key_and_an_odd_answer_are_told_apart() {
        for (status, body, expected) in [
            (
                "401 Unauthorized",
                r#"{"errors":[]}"#,
                "does not accept the key",
            ),
            ("503 Service Unavailable", "", "answered 503"),
            ("200 OK", "<html>", "could not be read"),
        ] {
            let (base, _served) = fake(status, body).await;
            let error = ask(api("telnyx").unwrap(), Some(base), key())
                .await
                .unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        let nobody = Some("http://127.0.0.1:9".to_owned());
        let error = ask(api("telnyx").unwrap(), nobody, key())
            .await
            .unwrap_err();
        assert!(matches!(error, BalanceError::Network(_)));
    }
}
