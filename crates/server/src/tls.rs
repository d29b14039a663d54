//! TLS of the server's own listener, for those who have no proxy in front.

use crate::config::{Problem, TlsFiles};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;

/// Reads certificate chain and key.
///
/// # Errors
/// A sentence that names the file.
pub fn configuration(files: &TlsFiles) -> Result<ServerConfig, Problem> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        Problem::new(format!(
            "{} can't be read as PEM: {error}. Check DOORWARD_TLS_CERT and DOORWARD_TLS_KEY.",
            path.display()
        ))
    };
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(&files.cert, &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable(&files.key, &error))?;
    ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).map_err(|error| {
        Problem::new(format!("Certificate and key don't fit: {error}. Check DOORWARD_TLS_CERT and DOORWARD_TLS_KEY."))
    })
}
