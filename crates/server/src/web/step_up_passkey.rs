//! A passkey as a fresh proof of who is signed in.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::passkeys::{refuse_copy, relying_party, told};
use crate::web::step_up::{AGAIN, Taken};
use actix_web::HttpResponse;
use login::passkey::prove::{self, Brought, Proof, Prover, Verified};
use model::audit::{Actor, By};
use store::Class;
use views::say;

/// Begins: what the browser hands to its authenticator.
///
/// # Errors
/// 403 for a form of another session, 429 where there is no passkey, or too many have begun from the network.
pub async fn options(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), AGAIN, form.get("csrf_token"))?;
    let relying_party = relying_party(&context)?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("begin step-up by passkey", Class::Relaxed, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        prove::begin_step_up(conn, &relying_party, &signed_in, (&moment, &origin)).map(Ok)
    });
    told(written.await?.into_inner()?)
}

/// Takes what the authenticator has signed.
///
/// # Errors
/// `SignedOut` where the session has ended.
pub(super) async fn take(context: &Context, visitor: Visitor, credential: String) -> Result<Taken, Refused> {
    let (relying_party, now) = (relying_party(context)?, context.now());
    let wrong = |sentence| Ok(Taken::Wrong("", sentence));
    if credential.is_empty() {
        return wrong(say::passkey_missing());
    }
    let asking = visitor.clone();
    let read = context.state.db.snapshot("read passkey", move |conn| {
        Ok(match asking.require_signed_in(conn)? {
            Ok(signed_in) => Ok(prove::read(conn, Prover::SignedIn(&signed_in), &credential, now)?),
            Err(stopped) => Err(stopped),
        })
    });
    let assertion = match read.await?? {
        Brought::Verify(assertion) => *assertion,
        Brought::Unknown => return wrong(say::passkey_wrong()),
        Brought::Over => return wrong(say::passkey_over()),
    };
    match relying_party.verify(assertion)? {
        Verified::Wrong => wrong(say::passkey_wrong()),
        Verified::Copied(proof) => copied(context, visitor, *proof).await,
        Verified::Right(proof) => {
            let at = (context.moment.clone(), context.origin.clone());
            let written = context.state.db.write("step-up by passkey", Class::Durable, move |conn| {
                let signed_in = match visitor.require_signed_in(conn)? {
                    Ok(signed_in) => signed_in,
                    Err(stopped) => return Ok(Err(stopped)),
                };
                let by = By::request(Actor::User(signed_in.user().id), (&at.0, &at.1));
                let new = prove::step_up(conn, &proof, &signed_in, &by)?;
                Ok(Ok(new.map_or(Taken::Wrong("", say::passkey_over()), Taken::Done)))
            });
            Ok(written.await?.into_inner()?)
        }
    }
}

async fn copied(context: &Context, visitor: Visitor, proof: Proof) -> Result<Taken, Refused> {
    let (at, language) = ((context.moment.clone(), context.origin.clone()), context.language);
    let written = context.state.db.write("refuse passkey", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err::<_, Stopped>(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&at.0, &at.1));
        refuse_copy(conn, &proof, Prover::SignedIn(&signed_in), &by, language).map(Ok)
    });
    written.await?.into_inner()?;
    Ok(Taken::Wrong("", say::passkey_copied()))
}
