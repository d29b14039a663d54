//! An authenticator app is set up, confirmed by its first code, and removed.

use crate::answer;
use crate::context::Context;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form};
use crate::web::security::{
    DONE_NO_TOTP, DONE_TOTP, TOTP_BEGIN, TOTP_CONFIRM, TOTP_REMOVE, Within, back, form, next_of, scales, wait,
};
use crate::web::{frame, page, spent, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use login::totp::Confirmed;
use login::{factor, totp};
use model::audit::{Actor, By};
use model::org::{Organization, Role};
use model::secret::Secret;
use model::user::SignedIn;
use routes::url;
use store::Class;
use store::tables::{organizations, sessions, users};
use views::pages::{FormError, TotpSetup};
use views::qr::Qr;
use views::say;

/// Draws the secret that the app is to have.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn begin(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), TOTP_BEGIN, form.get("csrf_token"))?;
    let (moment, keys) = (context.moment.clone(), context.state.keyring.clone());
    let written = context.state.db.write("set authenticator app up", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        totp::begin(conn, signed_in.user().id, &keys, &moment).map(Ok)
    });
    let begun = written.await?.into_inner()?;
    let next = next_of(&form);
    Ok(answer::see_other(&match (begun, next) {
        (false, next) => back(None, next),
        (true, Some(next)) => url::security_on_the_way(url::SECURITY_TOTP, next),
        (true, None) => url::SECURITY_TOTP.to_owned(),
    }))
}

struct Seen {
    signed_in: SignedIn,
    organizations: Vec<(Organization, Role)>,
    /// What is being set up; nothing where nothing is.
    secret: Option<Secret>,
}

async fn look(context: &Context) -> Result<Seen, Refused> {
    let (visitor, keys, now) = (Visitor::of(context), context.state.keyring.clone(), context.now());
    let seen = context.state.db.snapshot("authenticator app", move |conn| -> Result<Within<Seen>, _> {
        // The secret is shown: a session left open somewhere must not give it away.
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let organizations = organizations::of_user(conn, signed_in.user().id)?;
        let secret = totp::being_set_up(conn, signed_in.user().id, &keys, now)?;
        Ok(Ok(Seen { signed_in, organizations, secret }))
    });
    Ok(seen.await??)
}

/// Shows the secret that is being set up.
///
/// # Errors
/// To the sign-in page where nobody is signed in; to the step-up where the last proof is too old.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let seen = look(&context).await?;
    render(&context, StatusCode::OK, &seen, next_of(&query), Vec::new())
}

fn render(
    context: &Context,
    status: StatusCode,
    seen: &Seen,
    next: Option<&str>,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let Some(secret) = &seen.secret else { return Ok(answer::see_other(&back(None, next))) };
    let issuer = context.state.config.public_url.host_name();
    let app_url = url::otpauth(issuer, &seen.signed_in.user().email, secret.expose());
    let letters: Vec<char> = secret.expose().chars().collect();
    let shown = TotpSetup {
        side: frame::account_side(url::SECURITY),
        errors,
        qr: Qr::of(&app_url),
        app_url,
        secret: letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" "),
        form: form(context, &seen.signed_in, url::SECURITY_TOTP_CONFIRM, TOTP_CONFIRM, next),
        back_url: back(None, next),
    };
    page(context, status, &shown, &frame::of_account(context, None, &seen.signed_in, &seen.organizations))
}

/// Takes the app's first code.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn confirm(context: Context) -> Result<HttpResponse, Refused> {
    let sent = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), TOTP_CONFIRM, sent.get("csrf_token"))?;
    let (next, code) = (next_of(&sent), sent.get("code").unwrap_or_default().to_owned());
    let (scales, at) = (scales(&context), (context.moment.clone(), context.origin.clone()));
    let language = context.language;
    let written = context.state.db.write("confirm authenticator app", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().clone();
        users::held_to_change(conn, user.id)?;
        let by = By::request(Actor::User(user.id), (&at.0, &at.1));
        let confirmed = factor::confirm(conn, user.id, &code, &scales, &by)?;
        if confirmed == Ok(Confirmed::Yes) {
            // Whoever has just typed a code of it has shown it.
            sessions::note_factor(conn, signed_in.session().id, by.now())?;
            post::account_changed(conn, (&user, language), AccountChange::TotpAdded, &by)?;
        }
        Ok(Ok(confirmed))
    });
    match written.await?.into_inner()? {
        Ok(Confirmed::Yes) => Ok(answer::see_other(&back(Some(DONE_TOTP), next))),
        Ok(Confirmed::NotBegun) => Ok(answer::see_other(&back(None, next))),
        Ok(Confirmed::WrongCode) => {
            let wrong = FormError::new("code", say::totp_wrong());
            render(&context, StatusCode::BAD_REQUEST, &look(&context).await?, next, vec![wrong])
        }
        Err(retry_after) => {
            let errors = vec![FormError::new("code", wait(retry_after))];
            let seen = look(&context).await?;
            let response = render(&context, StatusCode::TOO_MANY_REQUESTS, &seen, next, errors)?;
            Ok(spent(&context, Spent::Factors, retry_after, response))
        }
    }
}

/// Removes the app.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn remove(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), TOTP_REMOVE, form.get("csrf_token"))?;
    let (at, language) = ((context.moment.clone(), context.origin.clone()), context.language);
    let written = context.state.db.write("remove authenticator app", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().clone();
        users::held_to_change(conn, user.id)?;
        let by = By::request(Actor::User(user.id), (&at.0, &at.1));
        let removed = totp::remove(conn, user.id, &by)?;
        if removed {
            post::account_changed(conn, (&user, language), AccountChange::TotpRemoved, &by)?;
        }
        Ok(Ok(removed))
    });
    let removed = written.await?.into_inner()?;
    Ok(answer::see_other(&back(removed.then_some(DONE_NO_TOTP), next_of(&form))))
}
