//! The letters that were written, for who tries Doorward out on their own machine: where letters go into a folder, the way
//! to read one is a page. Letters hold what signs people in, so the page is for the machine itself alone.

use crate::context::Context;
use crate::extract::request::id;
use crate::letters::render;
use crate::refused::Refused;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use model::id::LetterId;
use model::time::Timestamp;
use routes::url;
use store::tables::outbox::{self, OutboxLetter};
use views::RenderedLetter;
use views::pages::{LetterLink, LetterPage, LetterRow, Letters};
use views::text::When;

/// The most letters that are listed.
const MOST: i64 = 100;

/// Lets in who is on this machine, by its own name. A page elsewhere could lead a browser here under a name of its own
/// that resolves to this machine; the browser then says that name.
fn on_this_machine(context: &Context) -> Result<(), Refused> {
    let config = &context.state.config;
    let peer_is_here = context.request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let named_here = context.header(header::HOST) == Some(config.public_url.host());
    let fits = config.mail_url.starts_with("file://")
        && !config.public_url.is_https()
        && config.trusted_proxies.is_empty()
        && context.origin.address.is_loopback();
    // Plain http is for loopback alone: the configuration sees to that.
    if peer_is_here && named_here && fits { Ok(()) } else { Err(Refused::NotFound) }
}

/// Lists them.
///
/// # Errors
/// 404 elsewhere than on this machine.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    on_this_machine(&context)?;
    let letters = context.state.db.read("newest letters", |conn| outbox::newest(conn, MOST)).await?;
    let now = context.now();
    let rows = letters.iter().map(|letter| row(&context, letter, now)).collect::<Result<_, _>>()?;
    page(
        &context,
        StatusCode::OK,
        &Letters { letters: rows },
        &frame::bare(&context.state, &context.request_id(), context.language),
    )
}

fn row(context: &Context, letter: &OutboxLetter, now: Timestamp) -> Result<LetterRow, Refused> {
    Ok(LetterRow {
        to: letter.recipient.clone(),
        subject: rendered(context, letter)?.subject,
        written: When::past(letter.created_at, now),
        url: url::letter(letter.id),
    })
}

/// The letter as it went out: what a letter holds is derived anew, and the same each time.
fn rendered(context: &Context, letter: &OutboxLetter) -> Result<RenderedLetter, Refused> {
    // A newer version's letter, which this one does not know.
    let ready = delivery::outbox::read(letter.clone()).map_err(|_| Refused::NotFound)?;
    Ok(render(&context.state, &ready)?)
}

/// Shows one.
///
/// # Errors
/// 404 elsewhere than on this machine.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    on_this_machine(&context)?;
    let letter: LetterId = id(context.path("letter"))?;
    let found = context.state.db.read("letter", move |conn| outbox::by_id(conn, letter)).await?;
    let found = found.ok_or(Refused::NotFound)?;
    let rendered = rendered(&context, &found)?;
    let public_url = context.state.config.public_url.as_str();
    let ours = |word: &str| word.strip_prefix(public_url).is_some_and(|rest| rest.starts_with('/'));
    let links = rendered.text.lines().filter_map(|line| {
        let (label, url) = line.rsplit_once(": ").map_or((None, line), |(label, url)| (Some(label.to_owned()), url));
        ours(url.trim()).then(|| LetterLink { label, url: url.trim().to_owned() })
    });
    let shown = LetterPage {
        to: found.recipient,
        subject: rendered.subject.clone(),
        written: When::past(found.created_at, context.now()),
        links: links.collect(),
        text: rendered.text.clone(),
        html: rendered.html,
        list_url: url::LETTERS.to_owned(),
    };
    page(&context, StatusCode::OK, &shown, &frame::bare(&context.state, &context.request_id(), context.language))
}
