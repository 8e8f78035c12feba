//! Every answer has the API's own form, and every address is described.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn the_description_lists_every_address() {
    let server = Server::start().await;
    let api = server.nobody().get("/openapi.json").await.json();
    let mut listed = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            listed.push(format!("{} {path}", method.to_uppercase()));
            assert!(
                item[method]["responses"]["default"].is_object(),
                "{method} {path}"
            );
        }
    }
    listed.sort();
    assert!(listed.len() > 50, "{listed:?}");
    for schema in [
        "ApiError",
        "CallRecord",
        "Contact",
        "Event",
        "Line",
        "Me",
        "PhoneCredentials",
    ] {
        assert!(api["components"]["schemas"][schema].is_object(), "{schema}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_an_api_error() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let json_type = [("Content-Type", "application/json")];
    let large = vec![b' '; 300 * 1024];
    for (method, path, headers, body, status, code) in [
        (
            "GET",
            "/api/v1/nothing",
            &[][..],
            &b""[..],
            404,
            "not_found",
        ),
        ("GET", "/api/other", &[], b"", 404, "not_found"),
        (
            "PATCH",
            "/api/v1/contacts",
            &[],
            b"",
            405,
            "method_not_allowed",
        ),
        (
            "POST",
            "/api/v1/contacts",
            &json_type,
            &large,
            413,
            "too_large",
        ),
        (
            "POST",
            "/api/v1/contacts",
            &[],
            b"{}",
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            "/api/v1/contacts",
            &json_type,
            b"{",
            400,
            "bad_request",
        ),
        (
            "POST",
            "/api/v1/items",
            &json_type,
            b"{\"title\":\"no kind\"}",
            422,
            "invalid",
        ),
        (
            "POST",
            "/api/v1/contacts",
            &json_type,
            b"{\"name\":7,\"phones\":[]}",
            422,
            "invalid",
        ),
        (
            "POST",
            "/api/v1/session",
            &json_type,
            b"{\"login\":1,\"password\":2}",
            422,
            "invalid",
        ),
        (
            "GET",
            "/api/v1/calls?direction=sideways",
            &[],
            b"",
            422,
            "invalid",
        ),
        (
            "GET",
            "/api/v1/calls/01a2006c8dd970e9ae0183e7580a3038",
            &[],
            b"",
            404,
            "not_found",
        ),
    ] {
        let answer = admin.send(method, path, headers, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path}"
        );
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            message.ends_with('.') && message.starts_with(char::is_uppercase),
            "{message}"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn a_wrong_type_is_named_without_repeating_the_value() {
    let server = Server::start().await;
    let answer = server
        .nobody()
        .json(
            "POST",
            "/session",
            &json!({ "login": "anna", "password": ["hunter2 secret"] }),
        )
        .await;
    assert_eq!(answer.status, 422);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(
        text.contains("password") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn a_second_server_on_the_folder_or_port_says_what_is_in_the_way() {
    let server = Server::start().await;
    let mut config = crate::server::config(server.folder.path());
    let error = trubka::start(config.clone())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("another Trubka runs") && error.contains("--data"),
        "{error}"
    );
    config.http = server.running.http();
    let error = trubka::start(config).await.err().unwrap().to_string();
    assert!(
        error.contains(&format!("port {}", server.running.http().port()))
            && error.contains("--http"),
        "{error}"
    );
}
