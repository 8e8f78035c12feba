//! The formulas of RFC 7616 §3.4.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::Algorithm;

/// `H(user:realm:password)` in lower-case hex, per algorithm. What a registrar stores.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    /// For [`Algorithm::Md5`].
    pub md5: String,
    /// For [`Algorithm::Sha256`].
    pub sha256: String,
}

impl Ha1 {
    /// Hashes a password.
    #[must_use]
    pub fn new(user: &str, realm: &str, password: &str) -> Self {
        let text = [user, realm, password];
        Self {
            md5: hash(Algorithm::Md5, &text),
            sha256: hash(Algorithm::Sha256, &text),
        }
    }

    /// The hash for one algorithm.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm) -> &str {
        match algorithm {
            Algorithm::Md5 => &self.md5,
            Algorithm::Sha256 => &self.sha256,
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
    let text = parts.join(":");
    match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(text)),
        Algorithm::Sha256 => hex::encode(Sha256::digest(text)),
    }
}

/// What goes into one response besides the password.
pub struct Inputs<'a> {
    pub algorithm: Algorithm,
    pub method: &'a str,
    pub uri: &'a str,
    pub nonce: &'a str,
    /// `None`: the formula of RFC 2069.
    pub qop: Option<Qop<'a>>,
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
    let algorithm = inputs.algorithm;
    let ha2 = match inputs.qop {
        Some(qop) if qop.name.eq_ignore_ascii_case("auth-int") => hash(
            algorithm,
            &[
                inputs.method,
                inputs.uri,
                &hash_body(algorithm, inputs.body),
            ],
        ),
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

fn hash_body(algorithm: Algorithm, body: &[u8]) -> String {
    match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(body)),
        Algorithm::Sha256 => hex::encode(Sha256::digest(body)),
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
            algorithm,
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
}
