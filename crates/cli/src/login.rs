//! `doorward login`.

use crate::args::{Dialect, LoginArgs, Place};
use crate::failure::Failure;
use crate::screen::Screen;
use crate::surroundings::Surroundings;
use crate::words::{moment, plain, span};
use crate::{USER_AGENT, browser, out};
use client::{Client, DeviceLogin, Error, Identity, Program, Store, Tokens, now};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// How often the organization's keys are asked for, once tokens are there that must not be lost.
const TRIES: u32 = 5;

pub(crate) async fn login(args: &LoginArgs, around: &Surroundings, unstoppable: &Cell<bool>) -> Result<(), Failure> {
    match args.dialect {
        Dialect::Rfc8628 => {}
        Dialect::ApiKey => return Err(Failure::usage("This version can't get API keys yet. Leave --dialect away.")),
        Dialect::Mcp => return Err(Failure::usage("This version can't get MCP tokens yet. Leave --dialect away.")),
    }
    let place = &args.place;
    let failed = |error: &Error| Failure::from_client(error, place);
    let issuer = place.issuer()?;
    // Told before the person goes to the trouble of approving.
    let store = Store::at(Store::usual_folder().map_err(|error| failed(&error.into()))?);
    let program = Program { client_id: place.client_id(), user_agent: USER_AGENT };
    let client = Client::discover(&issuer, program).await.map_err(|error| failed(&error))?;

    let tokens = loop {
        let login = client.begin(None).await.map_err(|error| failed(&error))?;
        match approved(&client, &login, args, around).await? {
            Ok(tokens) => break tokens,
            Err(Error::Expired) if around.terminal && around.keyboard => new_code_wanted(place).await?,
            Err(error) => return Err(failed(&error)),
        }
    };
    unstoppable.set(true);
    let who = match identity(&client, &tokens).await {
        Ok(who) => who,
        Err(error) => {
            // Tokens that are not kept should not stay good. If that fails too, the first reason is the one to tell.
            let _ = client.revoke(tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token)).await;
            return Err(failed(&error));
        }
    };
    store.keep(client.login(tokens.clone())).await.map_err(|error| failed(&error.into()))?;
    let who = match who {
        Some(who) => Some(Who { email: who.email, sub: who.sub }),
        // Without an id_token the server is asked. The sign-in is good even if it does not say.
        None => client.me(tokens.access_token.expose()).await.ok().map(|me| Who { email: me.email, sub: me.sub }),
    };
    done(&client, &tokens, who.as_ref(), around)
}

/// Shows the codes and waits for the decision. The outer error is ours, the inner one the login's.
async fn approved(
    client: &Client,
    login: &DeviceLogin,
    args: &LoginArgs,
    around: &Surroundings,
) -> Result<Result<Tokens, Error>, Failure> {
    let screen = RefCell::new(Screen::new(around));
    screen.borrow().codes(client.issuer(), login)?;
    if around.desktop && !args.no_browser {
        browser::open(login.verification_uri_complete.as_deref().unwrap_or(&login.verification_uri));
    }
    let unseen = Cell::new(None);
    let mut waiting = std::pin::pin!(client.wait(login, |event| {
        if let Err(failure) = screen.borrow_mut().event(event) {
            unseen.set(Some(failure));
        }
    }));
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let outcome = loop {
        tokio::select! {
            outcome = &mut waiting => break outcome,
            _ = second.tick() => screen.borrow_mut().count_down(login.expires_at)?,
        }
        // Whoever was to read the code is gone.
        if let Some(failure) = unseen.take() {
            return Err(failure);
        }
    };
    screen.borrow_mut().end_count_down()?;
    Ok(outcome)
}

/// Returns when the person presses Enter.
async fn new_code_wanted(place: &Place) -> Result<(), Failure> {
    out::part("  This code has expired. Press Enter for a new one   (Ctrl-C to stop) ")?;
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)
    });
    match line.await {
        Ok(Ok(read)) if read > 0 => Ok(()),
        _ => {
            out::line("")?;
            Err(Failure::from_client(&Error::Expired, place))
        }
    }
}

/// Who signed in. A server that is away for a moment is asked again, as the tokens would be lost otherwise.
async fn identity(client: &Client, tokens: &Tokens) -> Result<Option<Identity>, Error> {
    let mut pause = Duration::from_secs(1);
    for _ in 1..TRIES {
        match client.identity(tokens).await {
            Err(Error::Unreachable(_) | Error::Unavailable { .. } | Error::Limited { .. }) => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            outcome => return outcome,
        }
    }
    client.identity(tokens).await
}

/// Whom the last line names.
struct Who {
    sub: String,
    email: Option<String>,
}

fn done(client: &Client, tokens: &Tokens, who: Option<&Who>, around: &Surroundings) -> Result<(), Failure> {
    let issuer = client.issuer();
    if !around.terminal {
        return out::json(&json!({
            "event": "done",
            "server": issuer.server(),
            "org_id": issuer.org(),
            "client_id": client.client_id(),
            "sub": who.map(|who| &who.sub),
            "email": who.and_then(|who| who.email.as_ref()),
            "scope": tokens.scope,
            "expires_at": tokens.expires_at.seconds(),
        }));
    }
    let name = who.map_or("somebody", |who| who.email.as_deref().unwrap_or(&who.sub));
    let may =
        if tokens.scope.is_empty() { String::new() } else { format!(", may use {}", tokens.scope.replace(' ', ", ")) };
    let now = now();
    let until = format!("{} (in {})", moment(tokens.expires_at, now), span(tokens.expires_at.since(now)));
    let renewed = if tokens.refresh_token.is_some() { ", then renewed" } else { "" };
    let text = format!("Signed in as {name} to {} at {}{may}, until {until}{renewed}.", issuer.org(), issuer.server());
    let (green, end) = if around.colour { ("\u{1b}[32m", "\u{1b}[0m") } else { ("", "") };
    out::line(&format!("  {green}✓{end} {}", plain(&text)))
}
