//! The formulas of RFC 7616 §3.4.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::{Algorithm, Scheme};

/// `H(user:realm:password)` in lower-case hex, per algorithm. What a registrar stores.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    /// For [`Algorithm::Md5`].
    pub md5: String,
    /// For [`Algorithm::Sha256`].
    pub sha256: String,
    /// For SHA-512-256; empty where it is not known (the crate's feature `gateway`).
    pub sha512_256: String,
}

impl Ha1 {
    /// Hashes a password.
    #[must_use]
    pub fn new(user: &str, realm: &str, password: &str) -> Self {
        let text = [user, realm, password];
        Self {
            md5: hash(Algorithm::Md5, &text),
            sha256: hash(Algorithm::Sha256, &text),
            #[cfg(feature = "gateway")]
            sha512_256: hash(Algorithm::Sha512_256, &text),
            #[cfg(not(feature = "gateway"))]
            sha512_256: String::new(),
        }
    }

    /// What was stored without SHA-512-256.
    #[must_use]
    pub fn stored(md5: String, sha256: String) -> Self {
        Self {
            md5,
            sha256,
            sha512_256: String::new(),
        }
    }

    /// The hash for one algorithm.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm) -> &str {
        match algorithm {
            Algorithm::Md5 => &self.md5,
            Algorithm::Sha256 => &self.sha256,
            #[cfg(feature = "gateway")]
            Algorithm::Sha512_256 => &self.sha512_256,
        }
    }
}

impl std::fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ha1(…)")
    }
}

/// Hex of the hash of the parts with colons between them.
pub fn hash(algorithm: Algorithm, parts: &[&str]) -> String {
    hash_bytes(algorithm, parts.join(":").as_bytes())
}

fn hash_bytes(algorithm: Algorithm, bytes: &[u8]) -> String {
    match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(bytes)),
        Algorithm::Sha256 => hex::encode(Sha256::digest(bytes)),
        #[cfg(feature = "gateway")]
        Algorithm::Sha512_256 => hex::encode(sha2::Sha512_256::digest(bytes)),
    }
}

/// What goes into one response besides the password.
pub struct Inputs<'a> {
    pub scheme: Scheme,
    pub method: &'a str,
    pub uri: &'a str,
    pub nonce: &'a str,
    /// `None`: the formula of RFC 2069.
    pub qop: Option<Qop<'a>>,
    /// Nonce and cnonce the session began with, for `-sess`.
    pub session: (&'a str, &'a str),
    /// For `auth-int`.
    pub body: &'a [u8],
}

/// The parts that come with `qop`.
#[derive(Clone, Copy)]
pub struct Qop<'a> {
    pub name: &'a str,
    pub nc: &'a str,
    pub cnonce: &'a str,
}

/// The value of `response=`.
pub fn response(ha1: &str, inputs: &Inputs<'_>) -> String {
    let algorithm = inputs.scheme.algorithm;
    let session;
    let ha1 = match inputs.scheme.session {
        true => {
            session = hash(algorithm, &[ha1, inputs.session.0, inputs.session.1]);
            &session
        }
        false => ha1,
    };
    let ha2 = match inputs.qop {
        Some(qop) if qop.name.eq_ignore_ascii_case("auth-int") => {
            let body = hash_bytes(algorithm, inputs.body);
            hash(algorithm, &[inputs.method, inputs.uri, &body])
        }
        _ => hash(algorithm, &[inputs.method, inputs.uri]),
    };
    match inputs.qop {
        Some(qop) => hash(
            algorithm,
            &[ha1, inputs.nonce, qop.nc, qop.cnonce, qop.name, &ha2],
        ),
        None => hash(algorithm, &[ha1, inputs.nonce, &ha2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(algorithm: Algorithm, cnonce_nonce: (&str, &str)) -> String {
        let ha1 = Ha1::new("Mufasa", "http-auth@example.org", "Circle of Life");
        let (cnonce, nonce) = cnonce_nonce;
        let qop = Some(Qop {
            name: "auth",
            nc: "00000001",
            cnonce,
        });
        let inputs = Inputs {
            scheme: algorithm.into(),
            session: ("", ""),
            method: "GET",
            uri: "/dir/index.html",
            nonce,
            qop,
            body: b"",
        };
        response(ha1.get(algorithm), &inputs)
    }

    /// RFC 7616 §3.9.1.
    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        let values = (
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        );
        assert_eq!(
            example(Algorithm::Md5, values),
            "8ca523f5e9506fed4657c9700eebdbec"
        );
        assert_eq!(
            example(Algorithm::Sha256, values),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    /// Computed with Python's hashlib: user alice, realm r, password `se\\cret`.
    #[cfg(feature = "gateway")]
    #[test]
    fn every_algorithm_and_quality_follows_its_formula() {
        let vectors = [
            ("MD5", "", "f06c2709fce441baf5083854457d95f7"),
            ("MD5", "auth", "f76fe647784b7870a8a5df79e4afdedb"),
            ("MD5", "auth-int", "7d6d2dbae02edb17332c0334c9761fb3"),
            ("MD5-sess", "", "94f085179f4a6a9133eb04a6f40dcb2a"),
            ("MD5-sess", "auth", "8a56966ec734781351b38d7ec332e394"),
            ("MD5-sess", "auth-int", "0c3c5bdeff4f027b77de167a48d1335e"),
            (
                "SHA-256",
                "",
                "bc00b322be04fc9ca7a1a54614497aa309f3b892fcf7d8809aec897862e2dc13",
            ),
            (
                "SHA-256",
                "auth",
                "18f394384422200cba7bf26cff0e3c0a52c5507052b3c02a33085d068b57a33c",
            ),
            (
                "SHA-256",
                "auth-int",
                "5a4793c972845c8dd0906d62737570002d09c4c3f945df0bdd9ccd633f89b8a2",
            ),
            (
                "SHA-256-sess",
                "",
                "beaf7ef8f9a78b46dc79407a998e42bbf6e854ee14f435df3dd7e356e5976912",
            ),
            (
                "SHA-256-sess",
                "auth",
                "5b056d6d981f22725e5d6aa80c95a5e90c3abf9d005825baf326b0c9c4d73d3a",
            ),
            (
                "SHA-256-sess",
                "auth-int",
                "fd1b89b27ebeb6871900d09adbc3be487c069c714465c66bd88ce8889dcf53a0",
            ),
            (
                "SHA-512-256",
                "",
                "1a7796c04928c3079492b8515868e48161d0b04a157ed633a521b9cdec9ece8b",
            ),
            (
                "SHA-512-256",
                "auth",
                "23d6fdfc4a6a0580d766aebc0b3b0da973594e0d483dc5d06a1116216a84507b",
            ),
            (
                "SHA-512-256",
                "auth-int",
                "09f4240971404d806e2672901423e856848740434cc139ddd9c353487bc5a313",
            ),
            (
                "SHA-512-256-sess",
                "",
                "ab50dd4f4d64d8e692c0b5e6dc19cdd0b76a24dcc66b575f982ebf12a7f3c0fa",
            ),
            (
                "SHA-512-256-sess",
                "auth",
                "b8c1d2d20252a10c66e2d06769831fdc440ac9ec57cc216400529dc7fc68e9aa",
            ),
            (
                "SHA-512-256-sess",
                "auth-int",
                "239631110c75bcd42b5c1a845932fbfe9a0ec6ed29e723a2b170c821edd74ea5",
            ),
        ];
        for (name, qop, wanted) in vectors {
            let scheme = Scheme::from_param(Some(name)).unwrap();
            assert_eq!(scheme.name(), name);
            let (nc, cnonce) = ("00000001", "0a4f113b");
            let inputs = Inputs {
                scheme,
                method: "REGISTER",
                uri: "sip:h:5080;transport=tcp",
                nonce: "n",
                qop: (!qop.is_empty()).then_some(Qop {
                    name: qop,
                    nc,
                    cnonce,
                }),
                session: ("n", cnonce),
                body: b"v=0",
            };
            let ha1 = Ha1::new("alice", "r", r"se\cret");
            let response = response(ha1.get(scheme.algorithm), &inputs);
            assert_eq!(response, wanted, "{name} {qop}");
        }
    }
}
