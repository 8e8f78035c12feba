//! REGISTER and its digest.

use crate::{
    phone::{Phone, header},
    provider,
};
use test_network::{Quirk, Quirks};

#[tokio::test]
async fn each_kind_of_digest_registers() {
    for digest in [Quirk::StrictDigestUri, Quirk::NoQop, Quirk::Sha256] {
        let quirks = [digest, Quirk::ShortExpires, Quirk::StrictDigestUri];
        let net = provider(quirks.into()).await;
        let phone = Phone::new(&net, "alice").await;
        let ok = phone.registered().await;
        let contact = format!("<sip:alice@127.0.0.1:{}>;expires=60", phone.port());
        assert_eq!(header(&ok, "Contact"), contact);
        assert!(header(&ok, "Via").contains(&format!("rport={}", phone.port())));
        assert_eq!(net.contacts("alice"), 1);
        net.shutdown().await;
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_refused() {
    let net = provider(Quirks::default()).await;
    for (user, password) in [("alice", "bob-secret"), ("mallory", "x")] {
        let mut phone = Phone::new(&net, user).await;
        phone.password = password.to_owned();
        phone.send(&phone.register(1, "a", "")).await;
        let challenge = phone.expect("SIP/2.0 401 ").await;
        let uri = format!("sip:{}", phone.net);
        let credentials = phone.credentials(&challenge, "REGISTER", &uri, 1);
        phone.send(&phone.register(2, "b", &credentials)).await;
        phone.expect("SIP/2.0 403 ").await;
        assert_eq!(net.contacts(user), 0);
    }
    net.shutdown().await;
}

#[tokio::test]
async fn a_nonce_is_good_again_with_a_higher_count_and_stale_with_the_same() {
    let net = provider(Quirks::default()).await;
    let phone = Phone::new(&net, "alice").await;
    let uri = format!("sip:{}", phone.net);
    phone.send(&phone.register(1, "a", "")).await;
    let challenge = phone.expect("SIP/2.0 401 ").await;
    let with_count = |nc| phone.credentials(&challenge, "REGISTER", &uri, nc);
    let first = phone.register(2, "b", &with_count(1));
    phone.send(&first).await;
    let answer = phone.expect("SIP/2.0 200 ").await;
    // The answer was lost, the request comes again: the same answer, not a stale nonce.
    phone.send(&first).await;
    assert_eq!(phone.receive().await, answer);
    phone.send(&phone.register(3, "c", &with_count(2))).await;
    phone.expect("SIP/2.0 200 ").await;
    phone.send(&phone.register(4, "d", &with_count(2))).await;
    let stale = phone.expect("SIP/2.0 401 ").await;
    assert!(stale.contains("stale=true"), "{stale}");
    let leave = format!("{}Expires: 0\r\n", with_count(3));
    phone.send(&phone.register(5, "e", &leave)).await;
    phone.expect("SIP/2.0 200 ").await;
    assert_eq!(net.contacts("alice"), 0);
    net.shutdown().await;
}

#[tokio::test]
async fn too_short_a_registration_is_told_the_minimum() {
    let net = provider([Quirk::MinExpires].into()).await;
    let phone = Phone::new(&net, "alice").await;
    phone.send(&phone.register(1, "a", "Expires: 60\r\n")).await;
    let challenge = phone.expect("SIP/2.0 401 ").await;
    let uri = format!("sip:{}", phone.net);
    let credentials = phone.credentials(&challenge, "REGISTER", &uri, 1);
    phone
        .send(&phone.register(2, "b", &format!("{credentials}Expires: 60\r\n")))
        .await;
    let brief = phone.expect("SIP/2.0 423 ").await;
    assert_eq!(header(&brief, "Min-Expires"), "600");
    net.shutdown().await;
}

#[tokio::test]
async fn rubbish_is_ignored_and_strange_requests_are_answered() {
    let net = provider(Quirks::default()).await;
    let phone = Phone::new(&net, "alice").await;
    for rubbish in [
        "",
        "\r\n\r\n",
        "hello",
        "INVITE",
        "SIP/2.0 200 OK\r\n\r\n",
        "\u{0}\u{1}",
    ] {
        phone.send(rubbish).await;
    }
    let odd = phone.register(1, "a", "");
    phone.send(&odd.replace("REGISTER", "OPTIONS")).await;
    let ok = phone.expect("SIP/2.0 200 ").await;
    assert!(header(&ok, "Allow").contains("UPDATE"));
    phone.send(&odd.replace("REGISTER", "PUBLISH")).await;
    phone.expect("SIP/2.0 405 ").await;
    net.shutdown().await;
}
