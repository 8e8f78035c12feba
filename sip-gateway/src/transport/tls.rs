//! TLS: whom we trust, what we show, and what is wrong with a certificate.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};

use crate::ports::Certificate;

/// The certificate SIP phones are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsIdentity {
    /// PEM files: the chain, own certificate first, and its key.
    Files {
        /// Certificates.
        chain: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// Made by ourselves for these names and kept in this folder, so that phones that were told to
    /// trust it go on doing so.
    SelfMade {
        /// Folder.
        folder: PathBuf,
        /// Host names and addresses.
        names: Vec<String>,
    },
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Trusts the well-known authorities and those in `ca` (PEM). An own certificate of the server
/// in `ca` is trusted as it is, whoever signed it.
pub(super) fn client(ca: Option<&str>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let mut pinned = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(ca.unwrap_or_default().as_bytes()) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        // One that cannot be an authority may still be the server's own.
        let _ = roots.add(certificate.clone());
        pinned.push(certificate);
    }
    if pinned.is_empty() && ca.is_some_and(|text| !text.trim().is_empty()) {
        return Err("no certificate (PEM) was found in it".to_owned());
    }
    let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| error.to_string())?;
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { usual, pinned }))
        .with_no_client_auth();
    Ok(config)
}

/// The usual checks, except for certificates entered by hand.
#[derive(Debug)]
struct Verifier {
    usual: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pinned.iter().any(|pinned| pinned == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        self.usual
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// What is wrong with the peer's certificate, if that is why the handshake failed.
pub(super) fn certificate_problem(error: &io::Error) -> Option<Certificate> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(problem) = inner else {
        return None;
    };
    Some(match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Certificate::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Certificate::NotYetValid
        }
        CertificateError::NotValidForName => Certificate::WrongName { names: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => Certificate::WrongName {
            names: presented.iter().map(|name| plain_name(name)).collect(),
        },
        CertificateError::UnknownIssuer => Certificate::UnknownIssuer,
        CertificateError::Revoked => Certificate::Revoked,
        // An authority's certificate that a server uses for itself: as good as signed by itself.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            Certificate::UnknownIssuer
        }
        other => Certificate::Other(other.to_string()),
    })
}

/// `DnsName("sip.example")` as `sip.example`.
fn plain_name(text: &str) -> String {
    text.split('"').nth(1).unwrap_or(text).to_owned()
}

/// What phones are shown.
pub(crate) fn server(identity: &TlsIdentity) -> Result<ServerConfig, String> {
    let (chain, key) = match identity {
        TlsIdentity::Files { chain, key } => (chain.clone(), key.clone()),
        TlsIdentity::SelfMade { folder, names } => self_made(folder, names)?,
    };
    let in_file = |path: &Path, error: String| format!("{}: {error}", path.display());
    let certificates = CertificateDer::pem_file_iter(&chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| in_file(&chain, error.to_string()))?;
    let private =
        PrivateKeyDer::from_pem_file(&key).map_err(|error| in_file(&key, error.to_string()))?;
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|error| in_file(&chain, error.to_string()))
}

/// The files of our own certificate, made now unless they are there.
fn self_made(folder: &Path, names: &[String]) -> Result<(PathBuf, PathBuf), String> {
    let (chain, key) = (folder.join("sip-cert.pem"), folder.join("sip-key.pem"));
    if chain.exists() && key.exists() {
        return Ok((chain, key));
    }
    let made = rcgen::generate_simple_self_signed(names.to_vec()).map_err(|e| e.to_string())?;
    fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    let write = |path: &Path, mode, text: String| {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(path)?;
        io::Write::write_all(&mut file, text.as_bytes())
    };
    write(&key, 0o600, made.signing_key.serialize_pem()).map_err(|e| e.to_string())?;
    write(&chain, 0o644, made.cert.pem()).map_err(|e| e.to_string())?;
    Ok((chain, key))
}
