use super::*;
use crate::digest::{AuthError, Authenticator, Ha1};

fn register() -> Request {
    let mut request = Request::new("REGISTER", "sip:h:5080;transport=tcp".parse().unwrap());
    request.add_header("CSeq", "1 REGISTER");
    request
}

fn refuse(fields: Vec<(String, String)>) -> Response {
    let mut response = Response::new(401, "");
    response.headers = fields;
    response
}

fn known(user: &str) -> Option<Ha1> {
    (user == "alice").then(|| Ha1::new("alice", "r", "secret"))
}

struct Fixture {
    random: Random,
    client: ClientAuth,
    server: Authenticator,
}

fn fixture(password: &str) -> Fixture {
    Fixture {
        random: Random::new([1; 32]),
        client: ClientAuth::new(Credentials::new("alice", password)),
        server: Authenticator::new("r", [2; 32]),
    }
}

#[test]
fn the_strongest_challenge_is_answered_and_its_nonce_used_again() {
    let Fixture {
        mut random,
        mut client,
        mut server,
    } = fixture("secret");
    let mut request = register();
    client.begin(&mut request, &mut random);
    assert_eq!(
        server.verify(0, &request, known),
        Err(AuthError::Challenge { stale: false })
    );
    let response = refuse(server.challenges(0, false));
    assert_eq!(
        client.challenged(&response, &mut request, &mut random),
        Answer::Retry
    );
    assert!(
        request
            .header("Authorization")
            .unwrap()
            .contains("algorithm=SHA-256")
    );
    assert_eq!(server.verify(0, &request, known), Ok("alice".into()));
    assert_eq!(server.claimed_user(&request).as_deref(), Some("alice"));
    assert_eq!(
        server.verify(0, &request, known),
        Err(AuthError::Challenge { stale: true })
    );

    let mut second = register();
    client.begin(&mut second, &mut random);
    assert!(
        second
            .header("Authorization")
            .unwrap()
            .contains("nc=00000002")
    );
    assert_eq!(server.verify(1, &second, known), Ok("alice".into()));
}

#[test]
fn a_wrong_password_is_tried_once_and_an_old_nonce_again() {
    let Fixture {
        mut random,
        mut client,
        mut server,
    } = fixture("wrong");
    let mut request = register();
    let response = refuse(server.challenges(0, false));
    assert_eq!(
        client.challenged(&response, &mut request, &mut random),
        Answer::Retry
    );
    assert_eq!(server.verify(0, &request, known), Err(AuthError::Forbidden));
    let response = refuse(server.challenges(0, false));
    assert_eq!(
        client.challenged(&response, &mut request, &mut random),
        Answer::GiveUp
    );

    let Fixture {
        mut random,
        mut client,
        mut server,
    } = fixture("secret");
    let response = refuse(server.challenges(0, false));
    client.challenged(&response, &mut request, &mut random);
    let mut later = register();
    client.begin(&mut later, &mut random);
    let expired = server.verify(10_000_000, &later, known);
    assert_eq!(expired, Err(AuthError::Challenge { stale: true }));
    // The registrar forgets to say stale.
    let response = refuse(server.challenges(10_000_000, false));
    assert_eq!(
        client.challenged(&response, &mut later, &mut random),
        Answer::Retry
    );
    assert_eq!(server.verify(10_000_000, &later, known), Ok("alice".into()));
}

#[test]
fn challenges_without_qop_or_with_odd_spelling_are_answered() {
    let Fixture {
        mut random,
        mut client,
        ..
    } = fixture("secret");
    let mut request = register();
    let mut response = Response::new(407, "");
    response.add_header(
        "Proxy-Authenticate",
        r#"DIGEST realm="x", nonce=abc, algorithm=md5"#,
    );
    assert_eq!(
        client.challenged(&response, &mut request, &mut random),
        Answer::Retry
    );
    let header = request.header("Proxy-Authorization").unwrap();
    assert!(
        header.contains(r#"uri="sip:h:5080;transport=tcp""#),
        "{header}"
    );
    assert!(!header.contains("qop"));
}

#[test]
fn a_server_and_a_proxy_may_both_ask() {
    let Fixture {
        mut random,
        mut client,
        ..
    } = fixture("secret");
    let mut request = register();
    for (code, field) in [(407, "Proxy-Authenticate"), (401, "WWW-Authenticate")] {
        let response = Response::new(code, "").with_header(field, r#"Digest realm="x", nonce="n""#);
        assert_eq!(
            client.challenged(&response, &mut request, &mut random),
            Answer::Retry
        );
    }
    assert!(request.header("Authorization").is_some());
    assert!(request.header("Proxy-Authorization").is_some());
}

fn challenge(code: u16, fields: &[&str]) -> Response {
    let name = match code {
        407 => "Proxy-Authenticate",
        _ => "WWW-Authenticate",
    };
    let mut response = Response::new(code, "");
    fields
        .iter()
        .for_each(|field| response.add_header(name, *field));
    response
}

/// What we answer to these challenges of a 401.
fn answer(fields: &[&str]) -> Option<AuthValue> {
    let Fixture {
        mut random,
        mut client,
        ..
    } = fixture("secret");
    let mut request = register();
    let answer = client.challenged(&challenge(401, fields), &mut request, &mut random);
    assert_eq!(
        answer == Answer::Retry,
        request.header("Authorization").is_some()
    );
    AuthValue::parse_all(request.header("Authorization")?).pop()
}

#[test]
fn every_scheme_offered_is_answered_and_verified() {
    for name in ["MD5", "md5-SESS", "SHA-256", "SHA-256-sess"] {
        for integrity in [false, true] {
            let scheme = Scheme::from_param(Some(name)).unwrap();
            let offer = crate::digest::Offer {
                schemes: vec![scheme],
                integrity,
                ..Default::default()
            };
            let mut server = Authenticator::offering("r", [2; 32], offer);
            let Fixture {
                mut random,
                mut client,
                ..
            } = fixture("secret");
            let response = refuse(server.challenges(0, false));
            let mut request = register();
            client.challenged(&response, &mut request, &mut random);
            assert_eq!(
                server.verify(0, &request, known),
                Ok("alice".into()),
                "{name}"
            );
            let mut again = register();
            client.begin(&mut again, &mut random);
            assert_eq!(
                server.verify(0, &again, known),
                Ok("alice".into()),
                "{name} again"
            );
        }
    }
}

#[test]
fn a_body_changed_on_the_way_is_noticed_with_auth_int() {
    let Fixture {
        mut random,
        mut client,
        mut server,
    } = fixture("secret");
    let nonce = server.challenges(0, false)[0].1.clone();
    let only_int = nonce.replace("qop=\"auth\"", "qop=\"auth-int\"");
    let mut request = register().with_body("text/plain", "hello");
    client.challenged(&challenge(401, &[&only_int]), &mut request, &mut random);
    let mut changed = request.clone();
    changed.body = b"hullo".to_vec();
    assert_eq!(server.verify(0, &changed, known), Err(AuthError::Forbidden));
    assert_eq!(server.verify(0, &request, known), Ok("alice".into()));
}

#[test]
fn of_equal_challenges_the_first_and_of_unequal_the_strongest_is_answered() {
    let md5 = r#"Digest realm="r", nonce="1", algorithm=MD5"#;
    let md5_sess = r#"Digest realm="r", nonce="2", algorithm=MD5-sess"#;
    let sha = r#"Digest realm="r", nonce="3", algorithm=SHA-256"#;
    let strange = r#"Digest realm="r", nonce="4", algorithm=SHA3-512"#;
    let basic = r#"Basic realm="r""#;
    let nonce = |fields: &[&str]| answer(fields)?.param("nonce").map(str::to_owned);
    assert_eq!(nonce(&[md5, md5_sess]).as_deref(), Some("1"));
    assert_eq!(nonce(&[md5_sess, md5]).as_deref(), Some("2"));
    assert_eq!(nonce(&[basic, strange, md5, sha]).as_deref(), Some("3"));
    assert_eq!(nonce(&[&[strange, md5].join(", ")]).as_deref(), Some("1"));
    assert_eq!(nonce(&[basic, strange]), None);
}

#[test]
fn opaque_quotes_and_userhash_come_back_as_they_should() {
    let value = answer(&[
        r#"dIgEsT realm="a \"b\", c",nonce="n\\1" , opaque="", qop="auth,auth-int",userhash=true"#,
    ])
    .unwrap();
    assert_eq!(value.param("realm"), Some(r#"a "b", c"#));
    assert_eq!(value.param("nonce"), Some(r"n\1"));
    assert_eq!(value.param("opaque"), Some(""));
    assert_eq!(value.param("qop"), Some("auth"));
    assert_eq!(value.param("userhash"), Some("false"));
    assert_eq!(value.param("algorithm"), None);
    let text = value.to_string();
    assert!(
        text.contains("nc=00000001") && text.contains("qop=auth,"),
        "{text}"
    );
    assert!(text.contains(r#"realm="a \"b\", c""#), "{text}");
}

#[test]
fn the_next_nonce_is_used_from_its_first_count() {
    let Fixture {
        mut random,
        mut client,
        ..
    } = fixture("secret");
    let mut request = register();
    let first = challenge(401, &[r#"Digest realm="r", nonce="1", qop="auth""#]);
    client.challenged(&first, &mut request, &mut random);
    let info = r#"qop=auth, rspauth="x", nextnonce="2""#;
    client.accepted(&Response::new(200, "").with_header("Authentication-Info", info));
    let mut next = register();
    client.begin(&mut next, &mut random);
    let text = next.header("Authorization").unwrap();
    assert!(
        text.contains(r#"nonce="2""#) && text.contains("nc=00000001"),
        "{text}"
    );
}

#[test]
fn every_realm_of_a_forking_proxy_is_answered() {
    let Fixture {
        mut random,
        mut client,
        ..
    } = fixture("secret");
    let mut request = register();
    let both = challenge(
        407,
        &[
            r#"Digest realm="a", nonce="1""#,
            r#"Digest realm="b", nonce="2""#,
        ],
    );
    assert_eq!(
        client.challenged(&both, &mut request, &mut random),
        Answer::Retry
    );
    assert_eq!(request.header_all("Proxy-Authorization").count(), 2);
    assert_eq!(
        client.challenged(&both, &mut request, &mut random),
        Answer::GiveUp
    );
}

#[test]
fn a_server_that_calls_every_nonce_stale_is_left() {
    let Fixture {
        mut random,
        mut client,
        ..
    } = fixture("secret");
    let mut request = register();
    let stale = challenge(401, &[r#"Digest realm="r", nonce="1", stale=TRUE"#]);
    let rounds = (0..10)
        .take_while(|_| client.challenged(&stale, &mut request, &mut random) == Answer::Retry)
        .count();
    assert_eq!(rounds, usize::from(MAX_ROUNDS));
}
