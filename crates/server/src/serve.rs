//! Starting the server: state, jobs, listener.

use crate::capacity;
use crate::clock::Time;
use crate::config::{Config, Problem, cores};
use crate::engine::Engine;
use crate::places::Places;
use crate::state::State;
use crate::{app, edge, jobs, metrics};
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::rt::spawn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// How long requests under way may take to finish when the server is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long a client may leave what it is sent unacknowledged, or its window closed, before its connection ends.
const SENDING: Duration = Duration::from_secs(60);

/// Connections that wait to be accepted.
const BACKLOG: i32 = 2048;

/// Runs the server until it is told to stop.
///
/// # Errors
/// A sentence for the operator where it does not start.
pub fn run(config: Config, places: Places, engine: Engine, time: Arc<dyn Time>) -> Result<(), Problem> {
    let listener = listen(&config)?;
    let metrics_listener = metrics::listen(&config)?;
    capacity::raise_descriptor_limit();
    let state = State::new(config, places, engine.db, engine.keyring, time)
        .map_err(|fault| Problem::new(format!("The server can't start: {fault}")))?;
    let state = Data::new(state);
    actix_web::rt::System::new().block_on(async move {
        let address = state.config.listen;
        let url = state.config.public_url.as_str().to_owned();
        let server = bind(&state, listener)?;
        let mut jobs = jobs::start(&state);
        if let Some(listener) = metrics_listener {
            let metrics = metrics::bind(&state, listener)?;
            jobs.push(spawn(async move {
                if let Err(error) = metrics.await {
                    tracing::error!(%error, "the metrics are not served any more");
                }
            }));
        }
        tracing::info!(%address, url, "listening");
        let ended = server.await;
        for job in jobs {
            job.abort();
        }
        ended.map_err(|error| Problem::new(format!("The server stopped: {error}.")))
    })
}

/// Takes the port, or says who has it.
fn listen(config: &Config) -> Result<TcpListener, Problem> {
    TcpListener::bind(config.listen).map_err(|error| {
        Problem::new(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "Another program listens on {} already. Stop it, or choose another address with DOORWARD_LISTEN (and DOORWARD_PUBLIC_URL).",
                config.listen
            ),
            io::ErrorKind::PermissionDenied => {
                format!("This user may not listen on {}. Choose a port above 1023 with DOORWARD_LISTEN.", config.listen)
            }
            _ => format!("The server can't listen on {}: {error}. Choose another address with DOORWARD_LISTEN.", config.listen),
        })
    })
}

/// The HTTP server over `listener`, not yet awaited. Tests bind it to a port of the system's choice.
///
/// # Errors
/// A sentence where listener or certificate can't be used.
pub fn bind(state: &Data<State>, listener: TcpListener) -> Result<Server, Problem> {
    capacity::bound_sending(&listener, SENDING);
    let shared = state.clone();
    let factory = move || App::new().app_data(shared.clone()).configure(app::configure).wrap(from_fn(edge::guard));
    let workers = state.config.workers.unwrap_or_else(cores);
    let server = HttpServer::new(factory)
        .workers(workers)
        .max_connections(capacity::connections_per_worker(workers))
        .client_request_timeout(state.config.request_timeout)
        .backlog(BACKLOG.unsigned_abs())
        .shutdown_timeout(LAST_REQUESTS.as_secs());
    let unusable = |error: io::Error| Problem::new(format!("The server can't use its listener: {error}."));
    let server = match &state.config.tls {
        None => server.listen(listener).map_err(unusable)?,
        Some(files) => server.listen_rustls_0_23(listener, crate::tls::configuration(files)?).map_err(unusable)?,
    };
    Ok(server.run())
}
