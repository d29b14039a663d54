//! `doorward login`.

use crate::args::{LoginArgs, Place};
use crate::failure::Failure;
use crate::screen::Screen;
use crate::surroundings::Surroundings;
use crate::words::{client_id, moment, plain, span};
use crate::{USER_AGENT, browser, out};
use client::{Client, DeviceLogin, Dialect, Error, Issuer, Login, Program, Store, Timestamp, now};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// How often the server is asked, once tokens are there that must not be lost.
const TRIES: u32 = 5;

pub(crate) async fn login(args: &LoginArgs, around: &Surroundings, unstoppable: &Cell<bool>) -> Result<(), Failure> {
    args.checked()?;
    let place = &args.place;
    let failed = |error: &Error| Failure::from_client(error, place);
    let issuer = place.issuer()?;
    // Told before the person goes to the trouble of approving.
    let store = Store::at(Store::usual_folder().map_err(|error| failed(&error.into()))?);
    let client = client(&issuer, args).await.map_err(|error| failed(&error))?;

    let mut login = loop {
        let codes = client.begin(args.scope()).await.map_err(|error| failed(&error))?;
        match approved(&client, &codes, args, around).await? {
            Ok(login) => break login,
            Err(Error::Expired) if around.terminal && around.keyboard => new_code_wanted(place).await?,
            Err(error) => return Err(failed(&error)),
        }
    };
    unstoppable.set(true);
    let who = match patiently(async || client.identity(&login.tokens).await).await {
        Ok(who) => who,
        Err(error) => {
            // Tokens that are not kept should not stay good. If that fails too, the first reason is the one to tell.
            let _ = client.revoke(&login).await;
            return Err(failed(&error));
        }
    };
    store.keep(login.clone()).await.map_err(|error| failed(&error.into()))?;
    let who = match who {
        Some(who) => Some(Who { email: who.email, sub: who.sub }),
        None => asked(&client, &store, &mut login).await.map_err(|error| failed(&error))?,
    };
    done(&login, who.as_ref(), around)?;
    if let Some(sentence) = other_organization(place, &login) {
        out::note(&plain(&sentence));
    }
    Ok(())
}

async fn client(issuer: &Issuer, args: &LoginArgs) -> Result<Client, Error> {
    match args.place.dialect() {
        Dialect::Rfc8628 | Dialect::Mcp => {
            let program = Program { client_id: args.place.client_id(), user_agent: USER_AGENT };
            Client::discover(issuer, program).await
        }
        Dialect::ApiKey => Client::for_keys(issuer, &args.client_name(), USER_AGENT),
    }
}

/// Who signed in, by the server's word, where there is no id_token. The sign-in is good even if the server does not say.
async fn asked(client: &Client, store: &Store, login: &mut Login) -> Result<Option<Who>, Error> {
    let Ok(me) = patiently(async || client.me(login).await).await else { return Ok(None) };
    if login.key.dialect == Dialect::ApiKey {
        // The answer with the key does not say when it ends.
        login.tokens.expires_at = Timestamp::from_seconds(me.exp);
        store.keep(login.clone()).await?;
    }
    Ok(Some(Who { email: me.email, sub: me.sub }))
}

/// What to tell those who named an organization and picked another one on the page.
fn other_organization(place: &Place, login: &Login) -> Option<String> {
    let picked = &login.key.org;
    let (named, ambient) = place.org().filter(|(named, _)| named != picked)?;
    let by = if ambient { "DOORWARD_ORG" } else { "--org" };
    Some(format!(
        "The organization that was picked on the page is {picked}, and not {named}, which {by} names. To use this \
         sign-in, say --org {picked}."
    ))
}

/// Shows the codes and waits for the decision. The outer error is ours, the inner one the login's.
async fn approved(
    client: &Client,
    codes: &DeviceLogin,
    args: &LoginArgs,
    around: &Surroundings,
) -> Result<Result<Login, Error>, Failure> {
    let screen = RefCell::new(Screen::new(around));
    screen.borrow().codes(client.issuer(), codes)?;
    if around.desktop && !args.no_browser {
        browser::open(codes.verification_uri_complete.as_deref().unwrap_or(&codes.verification_uri));
    }
    let unseen = Cell::new(None);
    let mut waiting = std::pin::pin!(client.wait(codes, |event| {
        if let Err(failure) = screen.borrow_mut().event(event) {
            unseen.set(Some(failure));
        }
    }));
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let outcome = loop {
        tokio::select! {
            outcome = &mut waiting => break outcome,
            _ = second.tick() => screen.borrow_mut().count_down(codes.expires_at)?,
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

/// Asks again where the server is away for a moment, as what it has given would be lost otherwise.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    let mut pause = Duration::from_secs(1);
    for _ in 1..TRIES {
        match ask().await {
            Err(Error::Unreachable(_) | Error::Unavailable { .. } | Error::Limited { .. }) => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            outcome => return outcome,
        }
    }
    ask().await
}

/// Whom the last line names.
struct Who {
    sub: String,
    email: Option<String>,
}

fn done(login: &Login, who: Option<&Who>, around: &Surroundings) -> Result<(), Failure> {
    let Login { key, tokens } = login;
    if !around.terminal {
        return out::json(&json!({
            "event": "done",
            "server": key.server,
            "org_id": key.org,
            "dialect": key.dialect,
            "client_id": client_id(key),
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
    let text = format!("Signed in as {name} to {} at {}{may}, until {until}{renewed}.", key.org, key.server);
    let (green, end) = if around.colour { ("\u{1b}[32m", "\u{1b}[0m") } else { ("", "") };
    out::line(&format!("  {green}✓{end} {}", plain(&text)))
}
