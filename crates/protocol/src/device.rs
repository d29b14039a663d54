//! The device authorization answer (RFC 8628 §3.2).

use serde::{Deserialize, Serialize};

/// What a device gets to show and to poll with.
#[derive(Clone, Serialize, Deserialize)]
pub struct DeviceAuthorization {
    /// What the device polls with. A secret.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code filled in, for QR codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// Lifetime of both codes, in seconds.
    pub expires_in: u64,
    /// Seconds to wait between polls; 5 where absent.
    #[serde(default = "five")]
    pub interval: u64,
}

const fn five() -> u64 {
    5
}
