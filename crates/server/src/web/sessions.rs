//! Where somebody is signed in, and the end of it.

use crate::answer;
use crate::context::Context;
use crate::extract::request::id;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form};
use crate::web::login::LOGOUT;
use crate::web::{frame, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::access::Keys;
use login::csrf::FormPurpose;
use login::session;
use model::audit::{Actor, By};
use model::context::Origin;
use model::id::SessionId;
use protocol::params::Params;
use routes::url;
use store::Class;
use store::tables::sessions::ListedSession;
use store::tables::{organizations, sessions, users};
use views::pages::{BrowserFace, Form, SessionRow, Sessions};
use views::say;
use views::text::When;

const END: &str = "session-end";
const END_OTHERS: FormPurpose<'static> = FormPurpose { action: "session-end-others", object: "" };

/// A browser as lists show it to who reads them.
pub(super) fn face(context: &Context, origin: &Origin, here: bool) -> BrowserFace {
    BrowserFace {
        program: (!origin.program.is_empty()).then(|| origin.program.clone()),
        ip: origin.address.to_string(),
        place: context.state.places.of(origin.address, context.language),
        here,
    }
}

/// In the address of the page: all other browsers are signed out, and apps and devices have lost their access.
const ELSEWHERE: &str = "elsewhere";
/// The same, and keys are ended, too.
const WITH_KEYS: &str = "with-keys";

/// Shows them.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let notice = query.get("done").and_then(|done| match done {
        ELSEWHERE => Some(say::sessions_ended_elsewhere()),
        WITH_KEYS => Some(say::sessions_ended_with_keys()),
        number => number.parse::<u64>().ok().map(say::sessions_ended),
    });
    let (visitor, now) = (Visitor::of(&context), context.now());
    let seen = context.state.db.snapshot("sessions", move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        Ok(Ok((sessions::of_user(conn, user, now)?, organizations::of_user(conn, user)?, signed_in)))
    });
    let (listed, mine, signed_in) = seen.await??;
    let own = signed_in.session();
    let visitor = Visitor::of(&context);
    let row = |listed: &ListedSession| {
        let (session, here) = (&listed.session, listed.session.id == own.id);
        let end = if here {
            let csrf_token = visitor.form_token(&own.digest, LOGOUT.action, LOGOUT.object);
            Form { action: url::LOGOUT.to_owned(), csrf_token, hidden: Vec::new() }
        } else {
            let csrf_token = visitor.form_token(&own.digest, END, &session.id.to_string());
            Form { action: url::end_session(session.id), csrf_token, hidden: Vec::new() }
        };
        SessionRow {
            browser: face(&context, &listed.origin, here),
            since: When::past(session.created_at, now),
            until: When::coming(session.expires_at, now),
            end,
        }
    };
    let shown = Sessions {
        side: frame::account_side(url::SESSIONS),
        notice,
        sessions: listed.iter().map(row).collect(),
        end_others: Form {
            action: url::END_OTHER_SESSIONS.to_owned(),
            csrf_token: visitor.form_token(&own.digest, END_OTHERS.action, END_OTHERS.object),
            hidden: Vec::new(),
        },
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &mine))
}

/// Signs out one other browser.
///
/// # Errors
/// 403 for a form of another session.
pub async fn end_one(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let session: SessionId = id(context.path("session"))?;
    let purpose = FormPurpose { action: END, object: &session.to_string() };
    Visitor::of(&context).check((), purpose, form.get("csrf_token"))?;
    let ended = end(&context, Some(session), Keys::OfApps).await?;
    Ok(answer::see_other(&url::after(url::SESSIONS, &ended.to_string())))
}

/// Signs out everywhere else, and ends the access of all applications.
///
/// # Errors
/// 403 for a form of another session.
pub async fn end_others(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    Visitor::of(&context).check((), END_OTHERS, form.get("csrf_token"))?;
    let keys = keys_of(&form);
    end(&context, None, keys).await?;
    let done = match keys {
        Keys::OfApps => ELSEWHERE,
        Keys::All => WITH_KEYS,
    };
    Ok(answer::see_other(&url::after(url::SESSIONS, done)))
}

/// Which keys end along with everything else, as a form says it that asks.
pub(super) fn keys_of(form: &Params) -> Keys {
    if form.get("keys") == Some("yes") { Keys::All } else { Keys::OfApps }
}

/// Ends one session, or all but this one with what else they let in; gives how many.
async fn end(context: &Context, one: Option<SessionId>, keys: Keys) -> Result<usize, Refused> {
    let (visitor, moment, origin) = (Visitor::of(context), context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("end sessions", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        if one.is_none() {
            // Held: a key that another session is making at this moment is stored by now, and ends here, or it is not made.
            users::held_to_change(conn, signed_in.user().id)?;
        }
        let chosen = |listed: &ListedSession| one.is_none_or(|one| listed.session.id == one);
        let ended = session::end_others(conn, &signed_in, &by, chosen)?;
        if one.is_none() {
            directory::users::end_connections(conn, signed_in.user().id, keys, &by)?;
        }
        Ok(Ok(ended))
    });
    Ok(written.await?.into_inner()?)
}
