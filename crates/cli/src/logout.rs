//! `doorward logout`.

use crate::args::LogoutArgs;
use crate::failure::Failure;
use crate::surroundings::Surroundings;
use crate::token::kept;
use crate::words::plain;
use crate::{USER_AGENT, out};
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
            "{why} The sign-in was removed here, but the server was not told: end it under “Connected apps” in your account there."
        )));
    }
    if around.terminal {
        return out::line(&plain(&format!("  Signed out of {} at {}.", key.org, key.server)));
    }
    out::json(&json!({
        "event": "done", "server": key.server, "org_id": key.org, "client_id": key.client_id, "revoked": untold.is_none(),
    }))
}
