//! One table: which role may use which address. Every address of the description is tried as
//! everybody.

use serde_json::json;

use crate::server::Server;

/// Who may use an address; each role is one of these itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    Nobody,
    Agent,
    /// Whoever sees everybody's calls.
    Supervisor,
    SubAdmin,
    Admin,
}

use Who::{Admin, Agent, Nobody, SubAdmin, Supervisor};

/// Whether this role may use what is for `least`.
fn may(role: Who, least: Who) -> bool {
    match least {
        Nobody => true,
        Agent => role != Nobody,
        Supervisor => matches!(role, Supervisor | Admin),
        SubAdmin => matches!(role, SubAdmin | Admin),
        Admin => role == Admin,
    }
}

const TABLE: &[(&str, Who)] = &[
    ("DELETE /blocked-numbers/{id}", Agent),
    ("DELETE /calls/{id}", Agent),
    ("DELETE /contacts/{id}", Agent),
    ("DELETE /files/{id}", Agent),
    ("DELETE /groups/{id}", SubAdmin),
    ("DELETE /items/{id}", Agent),
    ("DELETE /lines/{id}", SubAdmin),
    ("DELETE /lines/{id}/tariffs/{prefix}", SubAdmin),
    ("DELETE /lock-outs/{id}", SubAdmin),
    ("DELETE /presence-reasons/{id}", SubAdmin),
    ("DELETE /session", Nobody),
    ("DELETE /users/{id}/sip-password", Admin),
    ("DELETE /views/{id}", Agent),
    ("GET /blocked-numbers", Agent),
    ("GET /calls", Agent),
    ("GET /calls/export", Agent),
    ("GET /calls/totals", Agent),
    ("GET /calls/{id}", Agent),
    ("GET /calls/{id}/listened", Agent),
    ("GET /calls/{id}/path", Agent),
    ("GET /calls/{id}/quality", Agent),
    ("GET /calls/{id}/recording", Agent),
    ("GET /calls/{id}/recording/peaks", Agent),
    ("GET /colleagues", Agent),
    ("GET /contacts", Agent),
    ("GET /contacts/export", Supervisor),
    ("GET /contacts/{id}", Agent),
    ("GET /contacts/{id}/changes", Agent),
    ("GET /contacts/{id}/figures", Agent),
    ("GET /contacts/{id}/timeline", Agent),
    ("GET /duplicates", Supervisor),
    ("GET /events", Agent),
    ("GET /files", Agent),
    ("GET /files/{id}/content", Agent),
    ("GET /groups", SubAdmin),
    ("GET /imports/{id}", Supervisor),
    ("GET /imports/{id}/errors.csv", Supervisor),
    ("GET /items", Agent),
    ("GET /items/counts", Agent),
    ("GET /items/{id}", Agent),
    ("GET /items/{id}/changes", Agent),
    ("GET /lines", SubAdmin),
    ("GET /lines/{id}", SubAdmin),
    ("GET /lines/{id}/balance", SubAdmin),
    ("GET /lines/{id}/tariffs", SubAdmin),
    ("GET /lock-outs", SubAdmin),
    ("GET /me/presence", Agent),
    ("GET /notices", Agent),
    ("GET /numbers/directions", SubAdmin),
    ("GET /phone/lines", Agent),
    ("GET /presence-reasons", Agent),
    ("GET /presets", SubAdmin),
    ("GET /recordings/usage", SubAdmin),
    ("GET /search", Agent),
    ("GET /session", Agent),
    ("GET /settings/addresses", SubAdmin),
    ("GET /settings/numbers", SubAdmin),
    ("GET /settings/outgoing", SubAdmin),
    ("GET /settings/presence", SubAdmin),
    ("GET /tags", Agent),
    ("GET /test-network/calls", SubAdmin),
    ("GET /users", SubAdmin),
    ("GET /users/extensions/{extension}", SubAdmin),
    ("GET /views", Agent),
    ("GET /work", Agent),
    ("PATCH /calls/{id}", Agent),
    ("PATCH /items/{id}", Agent),
    ("POST /blocked-numbers", Agent),
    ("POST /calls/records.zip", Agent),
    ("POST /calls/{id}/restore", Agent),
    ("POST /contacts", Agent),
    ("POST /contacts/bulk", Agent),
    ("POST /contacts/hand-over", Supervisor),
    ("POST /contacts/merge", Supervisor),
    ("POST /contacts/{id}/erase", Admin),
    ("POST /contacts/{id}/phones", Agent),
    ("POST /contacts/{id}/restore", Agent),
    ("POST /files", Agent),
    ("POST /files/{id}/restore", Agent),
    ("POST /groups", SubAdmin),
    ("POST /imports", Supervisor),
    ("POST /imports/{id}/start", Supervisor),
    ("POST /imports/{id}/undo", Supervisor),
    ("POST /items", Agent),
    ("POST /items/bulk", Agent),
    ("POST /items/{id}/restore", Agent),
    ("POST /lines", SubAdmin),
    ("POST /lines/check", SubAdmin),
    ("POST /lines/rewrites/try", SubAdmin),
    ("POST /lines/{id}/check", SubAdmin),
    ("POST /lines/{id}/tariffs/import", SubAdmin),
    ("POST /me/activity", Agent),
    ("POST /notices/seen", Agent),
    ("POST /notices/{id}/seen", Agent),
    ("POST /numbers/try", SubAdmin),
    ("POST /operations/{id}/undo", Agent),
    ("POST /phone/credentials", Agent),
    ("POST /phone/echo", Agent),
    ("POST /presence-reasons", SubAdmin),
    ("POST /recordings/delete", Admin),
    ("POST /session", Nobody),
    ("POST /session/link", Nobody),
    ("POST /test-network/calls", SubAdmin),
    ("POST /users", Admin),
    ("POST /users/{id}/password", Admin),
    ("POST /users/{id}/sip-password", Admin),
    ("POST /views", Agent),
    ("PUT /calls/{id}/quality", Agent),
    ("PUT /contacts/{id}", Agent),
    ("PUT /groups/{id}", SubAdmin),
    ("PUT /imports/{id}/mapping", Supervisor),
    ("PUT /items/{id}", Agent),
    ("PUT /lines/{id}", SubAdmin),
    ("PUT /lines/{id}/default", SubAdmin),
    ("PUT /lines/{id}/tariffs", SubAdmin),
    ("PUT /lines/{id}/tariffs/{prefix}", SubAdmin),
    ("PUT /me/password", Agent),
    ("PUT /me/presence", Agent),
    ("PUT /presence-reasons", SubAdmin),
    ("PUT /presence-reasons/{id}", SubAdmin),
    ("PUT /settings/addresses", SubAdmin),
    ("PUT /settings/numbers", SubAdmin),
    ("PUT /settings/outgoing", SubAdmin),
    ("PUT /settings/presence", SubAdmin),
    ("PUT /settings/work", SubAdmin),
    ("PUT /users/{id}", Admin),
    ("PUT /views/{id}", Agent),
];

const NOTHING: &str = "01a2006c-8dd9-70e9-ae01-83e7580a3038";

async fn listed(server: &Server) -> Vec<String> {
    let api = server.nobody().get("/openapi.json").await.json();
    let mut listed = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            listed.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    listed.sort();
    listed
}

#[tokio::test]
async fn every_address_is_for_the_roles_of_the_table_and_for_nobody_else() {
    let server = Server::start().await;
    let routes = listed(&server).await;
    let table: Vec<&str> = TABLE.iter().map(|(route, _)| *route).collect();
    assert_eq!(routes, table);
    let admin = server.admin().await;
    let mut people = vec![(Nobody, server.nobody())];
    for (role, name) in [
        (Agent, "agent"),
        (Supervisor, "supervisor"),
        (SubAdmin, "sub_admin"),
        (Admin, "admin"),
    ] {
        people.push((
            role,
            server
                .user(&admin, &format!("one-{name}"), name, None)
                .await,
        ));
    }
    for &(route, least) in TABLE {
        // One is a stream, the other ends the session.
        if matches!(route, "GET /events" | "DELETE /session") {
            continue;
        }
        let (method, path) = route.split_once(' ').unwrap();
        let path = path
            .replace("{id}", NOTHING)
            .replace("{extension}", "next")
            .replace("{prefix}", "+7495");
        for (role, client) in &people {
            let answer = client.json(method, &path, &json!({})).await;
            let status = answer.status;
            match (may(*role, least), role) {
                (true, _) => assert!(!matches!(status, 401 | 403), "{route}: {answer:?}"),
                (false, Nobody) => assert_eq!(status, 401, "{route}"),
                (false, _) => assert_eq!(
                    (status, answer.code().as_str()),
                    (403, "forbidden"),
                    "{route}"
                ),
            }
        }
    }
    assert_eq!(
        server
            .nobody()
            .json("GET", "/events", &json!({}))
            .await
            .status,
        401
    );
}
