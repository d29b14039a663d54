//! Recovery codes are made, and shown this once.

use crate::context::Context;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form};
use crate::web::security::{CODES, back, next_of};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use login::recovery;
use model::audit::{Actor, By};
use routes::url;
use store::Class;
use store::tables::{organizations, users};
use views::pages::RecoveryCodes;

/// Makes new ones in place of all before.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn make(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), CODES, form.get("csrf_token"))?;
    let (at, language) = ((context.moment.clone(), context.origin.clone()), context.language);
    let written = context.state.db.write("make recovery codes", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().clone();
        // Of two who make codes at once, the second replaces those of the first instead of adding to them.
        users::held_to_change(conn, user.id)?;
        let by = By::request(Actor::User(user.id), (&at.0, &at.1));
        let codes = recovery::make(conn, user.id, &by)?;
        post::account_changed(conn, (&user, language), AccountChange::RecoveryCodesMade, &by)?;
        let organizations = organizations::of_user(conn, user.id)?;
        Ok(Ok((signed_in, organizations, codes)))
    });
    let (signed_in, organizations, codes) = written.await?.into_inner()?;
    let shown = RecoveryCodes {
        side: frame::account_side(url::SECURITY),
        codes: codes.iter().map(recovery::shown).collect(),
        back_url: back(None, next_of(&form)),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &organizations))
}
