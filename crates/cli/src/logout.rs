//! `doorward logout`.

use crate::args::LogoutArgs;
use crate::failure::Failure;
use crate::surroundings::Surroundings;
use crate::token::kept;
use crate::words::{client_id, plain};
use crate::{USER_AGENT, out};
use client::Dialect;
use serde_json::json;

pub(crate) async fn logout(args: &LogoutArgs, around: &Surroundings) -> Result<(), Failure> {
    let (store, login) = kept(&args.place)?;
    let untold = store.end(&login.key, USER_AGENT, args.forget).await.map_err(|error| {
        let failure = Failure::from_login(&error, &login.key);
        if args.forget {
            failure
        } else {
            failure.and(" You are still signed in here; --forget removes the sign-in anyway.")
        }
    })?;
    let key = &login.key;
    if let Some(why) = &untold {
        out::note(&plain(&format!(
            "{why} The sign-in was removed here, but the server was not told: end it under “{}” in your account there.",
            section(key.dialect)
        )));
    }
    if around.terminal {
        return out::line(&plain(&format!("  Signed out of {} at {}.", key.org, key.server)));
    }
    out::json(&json!({
        "event": "done", "server": key.server, "org_id": key.org, "dialect": key.dialect, "client_id": client_id(key),
        "revoked": untold.is_none(),
    }))
}

/// What the account's page calls such sign-ins.
fn section(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Rfc8628 => "Connected apps",
        Dialect::ApiKey => "API keys",
        Dialect::Mcp => "MCP Tokens",
    }
}
