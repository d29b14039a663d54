//! What the three pages with passkeys share: sign-in, step-up, the account's security.

use crate::answer;
use crate::context::Context;
use crate::letters::post;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use login::passkey::prove::{self, Proof, Prover};
use login::passkey::{LIFE, Options, RelyingParty};
use model::audit::By;
use model::fault::Fault;
use model::language::Language;
use store::Conn;
use views::pages::{Form, PasskeyForm};

/// We, as authenticators know us.
///
/// # Errors
/// `NotFound` where passkeys are off.
pub(super) fn relying_party(context: &Context) -> Result<RelyingParty, Refused> {
    context.state.passkeys.clone().ok_or(Refused::NotFound)
}

/// The form of a page that a passkey fills; nothing where passkeys are off.
pub(super) fn passkey_form(context: &Context, options_url: &str, form: Form) -> Option<PasskeyForm> {
    context.state.passkeys.is_some().then(|| PasskeyForm { form, options_url: options_url.to_owned() })
}

/// The options for the page's script; too many where there are none.
///
/// # Errors
/// `TooMany`.
pub(super) fn told(options: Option<Options>) -> Result<HttpResponse, Refused> {
    let options = options.ok_or(Refused::TooMany { retry_after: LIFE })?;
    Ok(answer::json(StatusCode::OK, &options))
}

/// Writes down that a passkey may have been copied, and tells its owner, once for each ceremony.
///
/// # Errors
/// The database's.
pub(super) fn refuse_copy(
    conn: &mut Conn,
    proof: &Proof,
    prover: Prover<'_>,
    by: &By,
    language: Language,
) -> Result<(), Fault> {
    if prove::refuse_copy(conn, proof, prover, by)? {
        let change = AccountChange::PasskeyRefused(proof.passkey_name().to_owned());
        post::account_changed(conn, (proof.user(), language), change, by)?;
    }
    Ok(())
}
