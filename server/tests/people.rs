use serde_json::json;

use crate::{server::Server, sip_phone::SipPhone};

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

fn user(login: &str, extension: &str) -> serde_json::Value {
    json!({ "login": login, "name": login, "role": "agent", "extension": extension, "password": "correct horse battery" })
}

#[tokio::test]
async fn whoever_is_made_inactive_is_signed_out_and_comes_back_when_active() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let anna = server.user(&admin, "anna", "agent", Some("105")).await;
    let mut phone = server.phone(&anna).await;
    let users = admin.get("/users").await.json();
    let users = users.as_array().unwrap();
    let id = |login: &str| {
        let found = users.iter().find(|user| user["login"] == login).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let path = format!("/users/{}", id("anna"));
    let mut draft = user("anna", "105");
    draft["active"] = json!(false);
    draft["password"] = json!(null);
    let changed = admin.json("PUT", &path, &draft).await;
    assert_eq!(
        (changed.status, &changed.json()["active"]),
        (200, &json!(false))
    );
    assert_eq!(anna.get("/session").await.status, 401);
    assert_ne!(phone.register().await, 200);
    let mut again = server.nobody();
    let sign_in = json!({ "login": "anna", "password": "correct horse battery" });
    assert_eq!(again.sign_in("/session", &sign_in).await.status, 401);
    draft["active"] = json!(true);
    draft["international"] = json!(true);
    draft["max_calls"] = json!(2);
    let changed = admin.json("PUT", &path, &draft).await.json();
    assert_eq!(
        (&changed["international"], &changed["max_calls"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(again.sign_in("/session", &sign_in).await.status, 200);

    let only = json!({ "login": "admin", "name": "You", "role": "agent" });
    let refused = admin
        .json("PUT", &format!("/users/{}", id("admin")), &only)
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "last_admin")
    );
    let made = admin
        .json("POST", &format!("{path}/password"), &json!({}))
        .await
        .json();
    let new = json!({ "login": "anna", "password": made["password"] });
    assert_eq!(again.get("/session").await.status, 401);
    assert_eq!(again.sign_in("/session", &new).await.status, 200);
}

#[tokio::test]
async fn extensions_are_offered_and_conflicts_are_explained() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let offer = |extension: &'static str| {
        let admin = &admin;
        async move {
            admin
                .get(&format!("/users/extensions/{extension}"))
                .await
                .json()
        }
    };
    // 102, 103 and 104 are emergency services in Russia.
    assert_eq!(offer("next").await["extension"], "105");
    let taken = offer("101").await;
    assert_eq!(
        (&taken["free"], &taken["taken_by"]),
        (&json!(false), &json!("You"))
    );
    assert_eq!(offer("102").await["hides_emergency"], true);
    let first = admin.json("POST", "/users", &user("anna", "112")).await;
    assert_eq!(
        (first.status, first.code().as_str()),
        (422, "emergency_number")
    );
    let refused = admin.json("POST", "/users", &user("anna", "101")).await;
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert_eq!(message, "You has the extension 101 already.");
    let names = admin.get("/colleagues").await.json();
    assert_eq!(names[0]["extension"], "101");
}

#[tokio::test]
async fn groups_are_made_changed_and_deleted() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let me = admin.get("/session").await.json()["id"].clone();
    let draft = json!({ "name": "Sales", "members": [me], "international": true });
    let made = admin.json("POST", "/groups", &draft).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/groups/{}", made.json()["id"].as_str().unwrap());
    let twin = admin.json("POST", "/groups", &draft).await;
    assert_eq!((twin.status, twin.code().as_str()), (409, "name_taken"));
    let stranger = json!({ "name": "X", "members": ["01a2006c-8dd9-70e9-ae01-83e7580a3038"] });
    assert_eq!(
        admin.json("POST", "/groups", &stranger).await.code(),
        "no_user"
    );
    assert_eq!(
        admin.get("/users").await.json()[0]["groups"][0],
        made.json()["id"]
    );
    let changed = json!({ "name": "Service", "members": [] });
    let changed = admin.json("PUT", &path, &changed).await.json();
    assert_eq!(
        (&changed["name"], &changed["members"]),
        (&json!("Service"), &json!([]))
    );
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(admin.get("/groups").await.json(), json!([]));
}

#[tokio::test]
async fn a_desk_phone_registers_with_its_own_password_until_it_is_taken_away() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let me = admin.get("/session").await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/users/{me}/sip-password");
    let account = admin.json("POST", &path, &json!({})).await.json();
    assert_eq!(account["username"], "101");
    assert_eq!(account["transports"], json!(["udp", "tcp", "tls"]));
    let credentials =
        json!({ "extension": "101", "username": "101", "password": account["password"] });
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_eq!(phone.register().await, 200);
    let server = server.restart().await;
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_eq!(phone.register().await, 200, "after a restart");
    let admin = server.admin().await;
    assert_eq!(
        admin.get("/users").await.json()[0]["has_sip_password"],
        true
    );
    assert_eq!(admin.json("DELETE", &path, &json!({})).await.status, 204);
    let mut phone = SipPhone::connect(server.running.http(), &credentials).await;
    assert_ne!(phone.register().await, 200);
}
