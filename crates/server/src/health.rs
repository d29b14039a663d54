//! Whether the server is alive, and able to serve.

use crate::context::Context;
use crate::refused::Refused;
use crate::{answer, fault};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

/// Alive.
///
/// # Errors
/// None: an answer is the proof.
pub async fn healthz(_context: Context) -> Result<HttpResponse, Refused> {
    Ok(answer::json(StatusCode::OK, &json!({"status": "ok"})))
}

/// Able to serve: the database answers and its schema is the program's.
///
/// # Errors
/// None: what is wrong is the answer, 503.
pub async fn readyz(context: Context) -> Result<HttpResponse, Refused> {
    match context.state.db.ready().await {
        Ok(()) => Ok(answer::json(StatusCode::OK, &json!({"status": "ready"}))),
        Err(cause) => {
            fault::log(&cause, &context.request_id());
            let told = json!({"status": "unavailable", "reason": "The database can't be reached, or its schema is not up to date."});
            Ok(answer::json(StatusCode::SERVICE_UNAVAILABLE, &told))
        }
    }
}
