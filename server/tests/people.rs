use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_second_agent_is_made_and_may_do_only_what_agents_may() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let anna = server.user(&admin, "anna", "agent", Some("102")).await;
    assert_eq!(anna.get("/session").await.json()["extension"], "102");
    let empty = json!({});
    for (method, path) in [
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/lines"),
        ("POST", "/lines"),
        ("PUT", "/lines/01a2006c-8dd9-70e9-ae01-83e7580a3038"),
        ("DELETE", "/lines/01a2006c-8dd9-70e9-ae01-83e7580a3038"),
        ("GET", "/settings/addresses"),
        ("PUT", "/settings/addresses"),
        ("GET", "/test-network/calls"),
        ("POST", "/test-network/calls"),
    ] {
        let answer = anna.json(method, path, &empty).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "forbidden"),
            "{method} {path}"
        );
    }
    for path in ["/session", "/contacts", "/calls"] {
        assert_eq!(anna.get(path).await.status, 200, "{path}");
    }
    let chief = server.user(&admin, "chief", "sub_admin", None).await;
    assert_eq!(chief.get("/lines").await.status, 200);
    assert_eq!(chief.get("/users").await.status, 403);
    let none = chief.json("POST", "/phone/credentials", &empty).await;
    assert_eq!((none.status, none.code().as_str()), (409, "no_extension"));
}

#[tokio::test]
async fn users_that_cannot_be_are_refused_in_words() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let draft = |login: &str, extension: &str| json!({ "login": login, "name": "N", "role": "agent", "extension": extension });
    for (body, status, code) in [
        (draft("a b", "102"), 422, "bad_login"),
        (draft("anna", "1"), 422, "bad_extension"),
        (draft("anna", "x12"), 422, "bad_extension"),
        (draft("ADMIN", "102"), 409, "login_taken"),
        (draft("anna", "101"), 409, "extension_taken"),
    ] {
        let answer = admin.json("POST", "/users", &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
    }
    let made = admin
        .json("POST", "/users", &draft("anna", "102"))
        .await
        .json();
    let password = made["password"].as_str().unwrap();
    assert!(password.len() >= 20);
    let mut anna = server.nobody();
    assert_eq!(
        anna.sign_in(
            "/session",
            &json!({ "login": "anna", "password": password })
        )
        .await
        .status,
        200
    );
}
