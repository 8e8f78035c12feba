//! One request to `/api/v1`. Not generic, so that it is compiled once.

use gloo::net::http::{Method, Request, RequestBuilder};

use crate::view::failure::Failure;

/// Whether the server is there.
pub async fn is_there() -> bool {
    RequestBuilder::new("/healthz").send().await.is_ok()
}

/// Sends `body` (JSON) and returns the answer's text.
pub async fn request(
    method: &'static str,
    path: &str,
    body: Option<String>,
) -> Result<String, Failure> {
    let method = match method {
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => Method::GET,
    };
    let builder = RequestBuilder::new(&format!("/api/v1{path}"))
        .method(method)
        .header("Accept", "application/json");
    let request = match body {
        Some(body) => builder
            .header("Content-Type", "application/json")
            .body(body),
        None => builder.build(),
    };
    answer(request.map_err(|_| Failure::Garbled)?).await
}

/// Sends a file by POST.
pub async fn upload(path: &str, kind: &str, body: String) -> Result<String, Failure> {
    let request = RequestBuilder::new(&format!("/api/v1{path}"))
        .method(Method::POST)
        .header("Accept", "application/json")
        .header("Content-Type", kind)
        .body(body);
    answer(request.map_err(|_| Failure::Garbled)?).await
}

/// GET of a list: the answer's text, and how many there are in all where the server says so.
pub async fn list(path: &str) -> Result<(String, Option<u64>), Failure> {
    let request = RequestBuilder::new(&format!("/api/v1{path}"))
        .header("Accept", "application/json")
        .build();
    let request = request.map_err(|_| Failure::Garbled)?;
    let response = request.send().await.map_err(|_| Failure::Unreachable)?;
    let total = response.headers().get("x-total-count");
    let (status, ok) = (response.status(), response.ok());
    let text = response.text().await.map_err(|_| Failure::Unreachable)?;
    if ok {
        Ok((text, total.and_then(|total| total.parse().ok())))
    } else {
        Err(Failure::of(status, &text))
    }
}

/// Sends a file as it is by POST; the browser reads it piece by piece.
pub async fn upload_file(path: &str, file: &web_sys::File) -> Result<String, Failure> {
    let request = RequestBuilder::new(&format!("/api/v1{path}"))
        .method(Method::POST)
        .header("Accept", "application/json")
        .header("Content-Type", "application/octet-stream")
        .body(file.clone());
    answer(request.map_err(|_| Failure::Garbled)?).await
}

async fn answer(request: Request) -> Result<String, Failure> {
    let response = request.send().await.map_err(|_| Failure::Unreachable)?;
    let (status, ok) = (response.status(), response.ok());
    let text = response.text().await.map_err(|_| Failure::Unreachable)?;
    if ok {
        Ok(text)
    } else {
        Err(Failure::of(status, &text))
    }
}
