//! Faults at the edge: the one mapping from what went wrong to what a caller sees. Logged once, with the request's id.

use actix_web::http::StatusCode;
use model::fault::{Fault, FaultKind};
use protocol::error::{ErrorCode, OAuthError};
use std::time::Duration;

/// Writes a fault to the log.
pub fn log(fault: &Fault, request_id: &str) {
    match fault.kind() {
        FaultKind::Busy => tracing::warn!(request_id, %fault, "busy"),
        FaultKind::Unavailable => tracing::error!(request_id, %fault, "unavailable"),
        FaultKind::Broken => tracing::error!(request_id, %fault, "broken"),
    }
}

/// The status of its answer.
pub fn status(fault: &Fault) -> StatusCode {
    match fault.kind() {
        FaultKind::Busy | FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// When trying again may help.
pub fn retry_after(fault: &Fault) -> Option<Duration> {
    match fault.kind() {
        FaultKind::Busy => Some(Duration::from_secs(1)),
        FaultKind::Unavailable => Some(Duration::from_secs(2)),
        FaultKind::Broken => None,
    }
}

/// What a program is told.
pub fn told(fault: &Fault) -> OAuthError {
    match fault.kind() {
        FaultKind::Busy | FaultKind::Unavailable => OAuthError::new(
            ErrorCode::TemporarilyUnavailable,
            "The server is busy. Wait as long as Retry-After says, then try again.",
        ),
        FaultKind::Broken => OAuthError::new(
            ErrorCode::ServerError,
            "Something went wrong on the server. The X-Request-Id header names it in its log.",
        ),
    }
}
