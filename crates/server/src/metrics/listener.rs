//! The listener of the metrics: for a monitoring system in the same house, never for strangers.

use super::exposition::told;
use crate::config::{Config, Problem};
use crate::fault;
use crate::state::State;
use actix_web::dev::Server;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use std::net::TcpListener;

/// Whoever asks is one program, now and then.
const CONNECTIONS: usize = 32;

/// Takes the port where there is one for metrics.
///
/// # Errors
/// A sentence where it can't be taken.
pub fn listen(config: &Config) -> Result<Option<TcpListener>, Problem> {
    let Some(address) = config.metrics_listen else { return Ok(None) };
    TcpListener::bind(address).map(Some).map_err(|error| {
        Problem::new(format!(
            "The metrics can't be served on {address}: {error}. Choose another address with DOORWARD_METRICS_LISTEN."
        ))
    })
}

/// The HTTP server of the metrics over `listener`, not yet awaited.
///
/// # Errors
/// A sentence where the listener can't be used.
pub fn bind(state: &Data<State>, listener: TcpListener) -> Result<Server, Problem> {
    let shared = state.clone();
    let factory = move || App::new().app_data(shared.clone()).route("/metrics", web::get().to(metrics));
    let server = HttpServer::new(factory).workers(1).max_connections(CONNECTIONS).disable_signals();
    let server = server
        .listen(listener)
        .map_err(|error| Problem::new(format!("The server can't use the listener of its metrics: {error}.")))?;
    Ok(server.run())
}

async fn metrics(state: Data<State>) -> HttpResponse {
    match told(&state).await {
        Ok(text) => {
            HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text)
        }
        Err(failed) => {
            fault::log(&failed, "metrics");
            HttpResponse::InternalServerError().finish()
        }
    }
}
