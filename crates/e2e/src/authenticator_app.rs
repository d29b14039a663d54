//! An authenticator app that is not ours: PyOTP.

use serde_json::{Value, json};

use crate::places::{command, provided, tool};
use crate::server::Answer;

/// What it makes of the address in the QR code, so many steps of 30 seconds from now: `code`, `issuer` and `name`.
///
/// # Panics
/// When it can't read the address.
pub async fn told(address: &str, ahead: u32) -> Value {
    let mut python = command(provided("venv/bin/python"));
    python.arg(tool("totp_code.py"));
    let input = json!({"address": address, "ahead": ahead}).to_string();
    tokio::task::spawn_blocking(move || Answer::of(python, &input)).await.expect("an answer").json()
}

/// The code alone.
///
/// # Panics
/// When it can't read the address.
pub async fn code(address: &str, ahead: u32) -> String {
    told(address, ahead).await["code"].as_str().expect("a code").to_owned()
}
