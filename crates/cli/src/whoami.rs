//! `doorward whoami`.

use crate::args::Place;
use crate::failure::Failure;
use crate::surroundings::Surroundings;
use crate::token::fresh;
use crate::words::client_id;
use crate::words::{moment, plain, span};
use crate::{USER_AGENT, out};
use client::{Identity, Login, Me, Timestamp, now};
use serde_json::{Value, json};

pub(crate) async fn whoami(place: &Place, around: &Surroundings) -> Result<(), Failure> {
    let (_, login) = fresh(place).await?;
    let failed = |error| Failure::from_login(&error, &login.key);
    let client = login.client(USER_AGENT).await.map_err(failed)?;
    let me = client.me(&login).await.map_err(failed)?;
    let who = match client.past_identity(&login.tokens).await {
        Ok(who) => who,
        Err(why) => {
            out::note(&plain(&format!("{why} What follows is what the server says now.")));
            None
        }
    };
    if who.as_ref().is_some_and(|who| who.sub != me.sub) {
        return Err(Failure::other(
            "identity",
            "The sign-in kept here is about somebody else than the server says. Sign in again.",
        ));
    }
    if around.terminal { show(&login, &me, who.as_ref()) } else { tell(&login, &me, who.as_ref()) }
}

fn tell(login: &Login, me: &Me, who: Option<&Identity>) -> Result<(), Failure> {
    out::json(&json!({
        "event": "done",
        "server": login.key.server,
        "org_id": login.key.org,
        "dialect": login.key.dialect,
        "client_id": client_id(&login.key),
        "me": me,
        "claims": who.map(|who| &who.claims),
    }))
}

fn show(login: &Login, me: &Me, who: Option<&Identity>) -> Result<(), Failure> {
    let row = |name: &str, value: &str| out::line(&plain(&format!("  {name:<13} {value}")));
    let (now, ends) = (now(), Timestamp::from_seconds(me.exp));
    row("Signed in as", me.email.as_deref().unwrap_or(&me.sub))?;
    row("Organization", &me.org_id)?;
    row("Server", &login.key.server)?;
    if let Some(client_id) = &me.client_id {
        row("App", client_id)?;
    }
    row("May use", &me.scope)?;
    row("Until", &format!("{} (in {})", moment(ends, now), span(ends.since(now))))?;
    let Some(who) = who else { return Ok(()) };
    out::line("  Signed by the server at sign-in:")?;
    for (name, value) in &who.claims {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        row(&format!("  {name}"), &value)?;
    }
    Ok(())
}
