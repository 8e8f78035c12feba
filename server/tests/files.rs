//! The app's files.

use std::fs;

use crate::{http::Client, server::config};

#[tokio::test]
async fn the_app_is_served_with_its_headers() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    fs::write(
        dist.join("index.html"),
        "<script type=\"module\">start()</script>",
    )
    .unwrap();
    fs::write(dist.join("app-0123456789abcdef.js"), "let a = 1;").unwrap();
    fs::write(dist.join("app-0123456789abcdef.js.br"), "squeezed").unwrap();
    let mut config = config(&folder.path().join("data"));
    config.dist = Some(dist);
    let server = trubka::start(config).await.unwrap();
    let client = Client::new(server.http());

    for page in ["/", "/start", "/calls/2024"] {
        let answer = client.send("GET", page, &[], b"").await;
        assert_eq!(
            (answer.status, answer.headers["content-type"].as_str()),
            (200, "text/html; charset=utf-8"),
            "{page}"
        );
        let policy = &answer.headers["content-security-policy"];
        assert!(
            policy.contains("'wasm-unsafe-eval' 'sha256-")
                && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(answer.headers["cache-control"], "no-cache");
        assert!(answer.headers["permissions-policy"].contains("microphone=(self)"));
    }
    let script = client
        .send("GET", "/app-0123456789abcdef.js", &[], b"")
        .await;
    assert_eq!(script.body, b"let a = 1;");
    assert!(script.headers["cache-control"].contains("immutable"));
    let squeezed = client
        .send(
            "GET",
            "/app-0123456789abcdef.js",
            &[("Accept-Encoding", "gzip, br")],
            b"",
        )
        .await;
    assert_eq!(
        (
            squeezed.body.as_slice(),
            squeezed.headers["content-encoding"].as_str()
        ),
        (&b"squeezed"[..], "br")
    );
    assert_eq!(
        squeezed.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    let tag = &squeezed.headers["etag"];
    let same = client
        .send(
            "GET",
            "/app-0123456789abcdef.js",
            &[("Accept-Encoding", "br"), ("If-None-Match", tag)],
            b"",
        )
        .await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    for missing in ["/nothing.js", "/../data/trubka.db", "/%2e%2e/data/key.bin"] {
        assert_eq!(
            client.send("GET", missing, &[], b"").await.status,
            404,
            "{missing}"
        );
    }
    server.stop().await;
}
