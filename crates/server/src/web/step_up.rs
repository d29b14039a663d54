//! *Confirm that it is you*: asked before something dangerous, and where an organization wants a second factor that the
//! session has not shown. The session goes on under another cookie.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::own_password::Asked;
use crate::web::passkeys::passkey_form;
use crate::web::security::{self, scales, wait};
use crate::web::{frame, page, spent, step_up_passkey, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::factor::{self, Factors, Weighed};
use login::session::NewSession;
use login::step_up::{self, Proof};
use model::audit::{Actor, By};
use model::fault::Fault;
use model::secret::Secret;
use model::session::Reach;
use model::user::SignedIn;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::tables::users;
use store::{Class, Conn};
use views::pages::{FormError, HiddenField, StepUp};
use views::{Message, say};

pub(super) const AGAIN: FormPurpose<'static> = FormPurpose { action: "step-up", object: "" };

/// Where somebody goes on to, and whether that wants a second factor.
#[derive(Clone)]
struct Way {
    next: String,
    by_factor: bool,
}

impl Way {
    fn of(params: &Params) -> Self {
        let next = params.get("next").and_then(url::own_path).unwrap_or(url::SECURITY).to_owned();
        Self { next, by_factor: params.has("factor") }
    }
}

struct Seen {
    signed_in: SignedIn,
    factors: Factors,
    has_password: bool,
}

impl Seen {
    fn read(conn: &mut Conn, visitor: &Visitor) -> Result<Result<Self, Stopped>, Fault> {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let (factors, hash) = (Factors::of(conn, user)?, users::password_hash(conn, user)?);
        Ok(Ok(Self { signed_in, factors, has_password: hash.is_some() }))
    }

    /// Whoever has an authenticator app is asked for its code: the password alone would make the app worth nothing here.
    fn asks_password(&self, way: &Way) -> bool {
        !self.factors.totp && !way.by_factor && self.has_password
    }

    /// A recovery code takes the place of whichever factor is asked for.
    fn asks_code(&self, way: &Way) -> bool {
        self.factors.totp || self.factors.passkeys && !self.asks_password(way)
    }
}

/// Asks.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    render(&context, StatusCode::OK, &Way::of(&query), Vec::new()).await
}

async fn render(
    context: &Context,
    status: StatusCode,
    way: &Way,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(context);
    let seen = context.state.db.snapshot("step-up", move |conn| Seen::read(conn, &visitor)).await??;
    let mut form = security::form(context, &seen.signed_in, url::STEP_UP, AGAIN, Some(&way.next));
    if way.by_factor {
        form.hidden.push(HiddenField { name: "factor".to_owned(), value: "1".to_owned() });
    }
    let passkey = if seen.factors.passkeys { passkey_form(context, url::STEP_UP_OPTIONS, form.clone()) } else { None };
    let shown = StepUp {
        email: seen.signed_in.user().email.clone(),
        form,
        passkey,
        ask_code: seen.asks_code(way),
        has_app: seen.factors.totp,
        ask_password: seen.asks_password(way),
        errors,
        back_url: if way.by_factor { url::ORGANIZATIONS.to_owned() } else { url::SECURITY.to_owned() },
    };
    page(context, status, &shown, &frame::of_organization(context, None))
}

/// What a proof comes to.
pub(super) enum Taken {
    Done(NewSession),
    Wrong(&'static str, Message),
    Spent(Spent, Duration),
}

/// Whether a password is asked for.
enum Begun {
    Compare(Asked),
    Spent(Duration),
    /// It is not what is asked for.
    Not,
}

/// Takes the proof.
///
/// # Errors
/// 403 for a form of another session.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), AGAIN, form.get("csrf_token"))?;
    let way = Way::of(&form);
    let taken = match (form.get("code"), form.get("password")) {
        _ if form.has("credential") => {
            let credential = form.get("credential").unwrap_or_default().to_owned();
            step_up_passkey::take(&context, visitor, credential).await?
        }
        (Some(code), _) => by_code(&context, visitor, code.to_owned()).await?,
        (None, Some(password)) => by_password(&context, visitor, &way, Secret::new(password.to_owned())).await?,
        (None, None) => Taken::Wrong("", say::step_up_empty()),
    };
    match taken {
        Taken::Done(new) => Ok(gone_on(&context, &new, &way.next)),
        Taken::Wrong(field, sentence) => {
            render(&context, StatusCode::BAD_REQUEST, &way, vec![FormError::new(field, sentence)]).await
        }
        Taken::Spent(what, retry_after) => {
            let field = if matches!(what, Spent::Factors) { "code" } else { "password" };
            let errors = vec![FormError::new(field, wait(retry_after))];
            let response = render(&context, StatusCode::TOO_MANY_REQUESTS, &way, errors).await?;
            Ok(spent(&context, what, retry_after, response))
        }
    }
}

/// On to where somebody was on the way to, with the session's new cookie.
pub(super) fn gone_on(context: &Context, new: &NewSession, next: &str) -> HttpResponse {
    let mut response = answer::see_other(next);
    let policy = &context.state.config.sessions;
    let whole = new.session.expires_at.since(new.session.created_at);
    let left = new.session.expires_at.since(context.now());
    let lives = (whole > policy.plain).then_some(left);
    cookies::set_session(&mut response, &context.state.config.public_url, &new.cookie, lives);
    response
}

async fn by_code(context: &Context, visitor: Visitor, code: String) -> Result<Taken, Refused> {
    let (scales, at) = (scales(context), (context.moment.clone(), context.origin.clone()));
    let language = context.language;
    let written = context.state.db.write("step-up by code", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user();
        users::held_to_change(conn, user.id)?;
        let by = By::request(Actor::User(user.id), (&at.0, &at.1));
        Ok(match factor::weigh(conn, (user.id, &Reach::Everywhere), &code, &scales, &by)? {
            Weighed::Wrong => Ok(Taken::Wrong("code", say::step_up_code_wrong())),
            Weighed::Spent { retry_after } => Ok(Taken::Spent(Spent::Factors, retry_after)),
            weighed => {
                if weighed == Weighed::RecoveryCode {
                    post::recovery_code_used(conn, user, language, &by)?;
                }
                let new = step_up::complete(conn, &signed_in, Proof::Factor, &by)?;
                new.map(Taken::Done).ok_or(Stopped::SignedOut)
            }
        })
    });
    Ok(written.await?.into_inner()?)
}

async fn by_password(context: &Context, visitor: Visitor, way: &Way, typed: Secret) -> Result<Taken, Refused> {
    let (scales, at) = (scales(context), (context.moment.clone(), context.origin.clone()));
    let (asking, way) = (visitor.clone(), way.clone());
    let written = context.state.db.write("begin step-up", Class::Durable, move |conn| {
        let seen = match Seen::read(conn, &asking)? {
            Ok(seen) => seen,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = seen.signed_in.user().id;
        let hash = users::password_hash(conn, user)?.filter(|_| seen.asks_password(&way));
        let Some(hash) = hash else { return Ok(Ok(Begun::Not)) };
        let by = By::request(Actor::User(user), (&at.0, &at.1));
        Ok(Ok(Asked::charge(conn, user, hash, &scales, &by)?.map_or_else(Begun::Spent, Begun::Compare)))
    });
    let asked = match written.await?.into_inner()? {
        Begun::Compare(asked) => asked,
        Begun::Spent(retry_after) => return Ok(Taken::Spent(Spent::Passwords, retry_after)),
        Begun::Not => return Ok(Taken::Wrong("", say::step_up_password_not_enough())),
    };
    let wrong = || Taken::Wrong("password", say::step_up_password_wrong());
    if !asked.is(context, typed).await? {
        return Ok(wrong());
    }
    let at = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("step-up by password", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        users::held_to_change(conn, user)?;
        if !asked.still(conn, user)? {
            return Ok(Ok(wrong()));
        }
        let by = By::request(Actor::User(user), (&at.0, &at.1));
        let new = step_up::complete(conn, &signed_in, Proof::Password, &by)?;
        Ok(new.map(Taken::Done).ok_or(Stopped::SignedOut))
    });
    Ok(written.await?.into_inner()?)
}
