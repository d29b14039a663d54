//! A recovery code in the place of the letter's answer, for whoever can't reach their mailbox.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{self, own_form};
use crate::web::new_device::{RECOVERY, Said, over, render};
use crate::web::onward::{Arrival, Arrived, Tell};
use crate::web::security::{scales, wait};
use crate::web::spent;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::attempt::{self, Recovered, Seen};
use model::audit::{Actor, By};
use routes::url;
use std::time::Duration;
use store::Class;
use views::say;

/// What a code comes to in its transaction.
enum Taken {
    Arrived(Box<Arrived>),
    Wrong(Option<Box<Seen>>),
    Spent(Duration, Option<Box<Seen>>),
    Never,
}

/// Takes the code.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let guest = gate::check_guest(&context, RECOVERY, form.get("csrf_token"))?;
    let Some(cookie) = cookies::login_attempt(&context) else { return Ok(answer::see_other(url::LOGIN)) };
    let typed = form.get("code").unwrap_or_default().to_owned();
    let (scales, policy, language) = (scales(&context), context.state.config.sessions, context.language);
    let (moment, origin, arrival) = (context.moment.clone(), context.origin.clone(), Arrival::of(&context, guest));
    let written = context.state.db.write("recovery code instead of a letter", Class::Durable, move |conn| {
        let at = (&moment, &origin);
        let cookies = (&cookie, &guest);
        let seen = |conn: &mut store::Conn| Ok(attempt::seen(conn, cookies)?.map(Box::new));
        let (completed, onward) = match attempt::recover(conn, cookies, &typed, (&scales, &policy), at)? {
            Recovered::SignedIn(completed, onward) => (completed, onward),
            Recovered::Wrong => return Ok(Taken::Wrong(seen(conn)?)),
            Recovered::Spent { retry_after } => return Ok(Taken::Spent(retry_after, seen(conn)?)),
            Recovered::Never => return Ok(Taken::Never),
        };
        let user = &completed.user;
        let by = By::request(Actor::User(user.id), at);
        post::recovery_code_used(conn, user, language, &by)?;
        Ok(Taken::Arrived(Box::new(arrival.complete(conn, *completed, &onward, Tell::Always)?)))
    });
    match written.await?.into_inner() {
        Taken::Arrived(arrived) => Ok(arrived.answer(&context)),
        Taken::Wrong(Some(seen)) => {
            render(&context, &seen, StatusCode::BAD_REQUEST, Said::of_code(say::recovery_code_wrong()))
        }
        Taken::Spent(retry_after, Some(seen)) => {
            let said = Said::of_code(wait(retry_after));
            let response = render(&context, &seen, StatusCode::TOO_MANY_REQUESTS, said)?;
            Ok(spent(&context, Spent::Factors, retry_after, response))
        }
        Taken::Wrong(None) | Taken::Spent(_, None) | Taken::Never => over(&context, None, StatusCode::CONFLICT),
    }
}
