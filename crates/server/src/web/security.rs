//! What keeps the account safe: the page that shows it, and what its forms share.

use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor};
use crate::web::passkeys::passkey_form;
use crate::web::security_passkeys::{ADD, REMOVE, RENAME};
use crate::web::security_upstream::{self, Identities};
use crate::web::{frame, from_letter, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::factor::{Factors, Scales};
use login::{recovery, totp};
use model::id::OrgId;
use model::org::{Organization, Role};
use model::time::{Timestamp, minutes_up};
use model::user::SignedIn;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::tables::passkeys::{self, PasskeyRow};
use store::tables::{memberships, organizations, users};
use views::pages::{
    CodesLeft, FactorNeeded, Form, FormError, HiddenField, PasskeyState, Passkeys, Security, TotpState,
};
use views::text::When;
use views::{Message, say};

pub(super) const PASSWORD: FormPurpose<'static> = FormPurpose { action: "password-change", object: "" };
pub(super) const TOTP_BEGIN: FormPurpose<'static> = FormPurpose { action: "totp-begin", object: "" };
pub(super) const TOTP_CONFIRM: FormPurpose<'static> = FormPurpose { action: "totp-confirm", object: "" };
pub(super) const TOTP_REMOVE: FormPurpose<'static> = FormPurpose { action: "totp-remove", object: "" };
pub(super) const CODES: FormPurpose<'static> = FormPurpose { action: "recovery-codes", object: "" };

/// In the address, after a change.
pub(super) const DONE_PASSWORD: &str = "password";
pub(super) const DONE_TOTP: &str = "totp";
pub(super) const DONE_NO_TOTP: &str = "no-totp";
pub(super) const DONE_PASSKEY: &str = "passkey";
pub(super) const DONE_PASSKEY_NAME: &str = "passkey-name";
pub(super) const DONE_NO_PASSKEY: &str = "no-passkey";

/// What the page is made of.
struct Seen {
    signed_in: SignedIn,
    organizations: Vec<(Organization, Role)>,
    has_password: bool,
    factors: Factors,
    totp: Option<Timestamp>,
    passkeys: Vec<PasskeyRow>,
    codes: Option<(usize, Timestamp)>,
    due: Vec<(OrgId, String, Timestamp)>,
    identities: Identities,
}

/// Shows it. Whoever is on the way to an organization that needs a second factor, and has one, is asked for it first.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    if let Some(onward) = from_letter(&context, url::SECURITY)? {
        return Ok(onward);
    }
    let query = context.query().map_err(unreadable)?;
    let seen = look(&context).await?;
    let next = next_of(&query);
    let shown = seen.signed_in.session().factor_at.is_some();
    if let Some(next) = next.filter(|_| !shown && seen.factors.any()) {
        return Ok(answer::see_other(&url::step_up_by_factor_to(next)));
    }
    let notice = match query.get("done") {
        Some(DONE_PASSWORD) => Some(say::password_changed()),
        Some(DONE_TOTP) => Some(say::totp_added()),
        Some(DONE_NO_TOTP) => Some(say::totp_removed()),
        Some(DONE_PASSKEY) => Some(say::passkey_added()),
        Some(DONE_PASSKEY_NAME) => Some(say::passkey_renamed()),
        Some(DONE_NO_PASSKEY) => Some(say::passkey_removed()),
        Some(done) => security_upstream::notice(done),
        None => None,
    };
    let problem = query.get("done").and_then(security_upstream::problem);
    let errors = problem.map(|sentence| FormError::new("", sentence)).into_iter().collect();
    render(&context, StatusCode::OK, &seen, next, Told { notice, errors })
}

/// Shows the page again with what is wrong about a form that it sent.
pub(super) async fn again(
    context: &Context,
    status: StatusCode,
    next: Option<&str>,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let seen = look(context).await?;
    render(context, status, &seen, next, Told { notice: None, errors })
}

struct Told {
    notice: Option<Message>,
    errors: Vec<FormError>,
}

async fn look(context: &Context) -> Result<Seen, Refused> {
    let (visitor, state) = (Visitor::of(context), context.state.clone());
    let seen = context.state.db.snapshot("security", move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let organizations = organizations::of_user(conn, user)?;
        Ok(Ok(Seen {
            identities: Identities::read(conn, &signed_in, &organizations, &state.providers)?,
            organizations,
            has_password: users::password_hash(conn, user)?.is_some(),
            factors: Factors::of(conn, user)?,
            totp: totp::since(conn, user)?,
            passkeys: passkeys::of_user(conn, user)?,
            codes: recovery::left(conn, user)?,
            due: memberships::factors_due(conn, user)?,
            signed_in,
        }))
    });
    Ok(seen.await??)
}

fn render(
    context: &Context,
    status: StatusCode,
    seen: &Seen,
    next: Option<&str>,
    told: Told,
) -> Result<HttpResponse, Refused> {
    let (now, session) = (context.now(), seen.signed_in.session());
    let form = |action: &str, purpose| form(context, &seen.signed_in, action, purpose, next);
    let shown = Security {
        side: frame::account_side(url::SECURITY),
        notice: told.notice,
        errors: told.errors,
        needed: if seen.factors.any() { Vec::new() } else { needed(&seen.due, now) },
        onward: next.filter(|_| session.factor_at.is_some()).map(str::to_owned),
        password: form(url::SECURITY_PASSWORD, PASSWORD),
        ask_current: seen.has_password && !session.is_fresh_by_factor(now, &context.state.config.sessions),
        email: seen.signed_in.user().email.clone(),
        totp: TotpState {
            since: seen.totp.map(|since| When::past(since, now)),
            change: match seen.totp {
                Some(_) => form(url::SECURITY_TOTP_REMOVE, TOTP_REMOVE),
                None => form(url::SECURITY_TOTP, TOTP_BEGIN),
            },
        },
        passkeys: listed(context, seen, next),
        identities: seen.identities.rows(context, &seen.signed_in, now),
        linkable: seen.identities.buttons(context, &seen.signed_in),
        codes: seen.codes.map(|(left, made)| CodesLeft { left, made: When::past(made, now) }),
        make_codes: form(url::SECURITY_RECOVERY_CODES, CODES),
    };
    page(context, status, &shown, &frame::of_account(context, None, &seen.signed_in, &seen.organizations))
}

/// The passkeys, and how to have another; nothing where passkeys are off.
fn listed(context: &Context, seen: &Seen, next: Option<&str>) -> Option<Passkeys> {
    let now = context.now();
    let form = |action: String, purpose, passkey: &PasskeyRow| {
        let object = passkey.id.to_string();
        form(context, &seen.signed_in, &action, FormPurpose { action: purpose, object: &object }, next)
    };
    let row = |passkey: &PasskeyRow| PasskeyState {
        name: passkey.name.clone(),
        added: When::past(passkey.created_at, now),
        used: passkey.last_used_at.map(|used| When::past(used, now)),
        rename: form(url::security_passkey_name(passkey.id), RENAME, passkey),
        remove: form(url::security_passkey_remove(passkey.id), REMOVE, passkey),
    };
    let add = self::form(context, &seen.signed_in, url::SECURITY_PASSKEYS, ADD, next);
    Some(Passkeys {
        add: passkey_form(context, url::SECURITY_PASSKEYS_OPTIONS, add)?,
        proposed_name: context.origin.program.clone(),
        passkeys: seen.passkeys.iter().map(row).collect(),
    })
}

/// The organizations that need a second factor which an account does not have.
pub(super) fn needed(due: &[(OrgId, String, Timestamp)], now: Timestamp) -> Vec<FactorNeeded> {
    let need = |(_, name, due): &(OrgId, String, Timestamp)| FactorNeeded {
        organization: name.clone(),
        due: (*due > now).then(|| When::coming(*due, now)),
    };
    due.iter().map(need).collect()
}

/// A form of the account's security, which takes along where somebody was on the way to.
pub(super) fn form(
    context: &Context,
    signed_in: &SignedIn,
    action: &str,
    purpose: FormPurpose<'_>,
    next: Option<&str>,
) -> Form {
    let hidden = |next: &str| HiddenField { name: "next".to_owned(), value: next.to_owned() };
    Form {
        action: action.to_owned(),
        csrf_token: Visitor::of(context).form_token(&signed_in.session().digest, purpose.action, purpose.object),
        hidden: next.map(hidden).into_iter().collect(),
    }
}

/// Where somebody was on the way to.
pub(super) fn next_of(params: &Params) -> Option<&str> {
    params.get("next").and_then(url::own_path)
}

/// The security page after a change, or before one, for somebody on the way to `next`.
pub(super) fn back(done: Option<&str>, next: Option<&str>) -> String {
    match (done, next) {
        (Some(done), Some(next)) => url::after_on_the_way(url::SECURITY, done, next),
        (Some(done), None) => url::after(url::SECURITY, done),
        (None, Some(next)) => url::security_for(next),
        (None, None) => url::SECURITY.to_owned(),
    }
}

/// What guesses of a request are weighed with.
pub(super) fn scales(context: &Context) -> Scales {
    Scales { keys: context.state.keyring.clone(), limits: context.state.config.budgets }
}

/// What is told to whoever has guessed too often.
pub(super) fn wait(retry_after: Duration) -> Message {
    say::step_up_spent(minutes_up(retry_after))
}

/// What a use of the account's security comes to inside its transaction.
pub(super) type Within<T> = Result<T, Stopped>;
