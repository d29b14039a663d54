//! What completing a sign-in does besides the session, whichever way it was completed: the session before ends, the code
//! that waited is claimed, and the browser goes on.

use crate::answer;
use crate::claim::{Claiming, Continued, claim};
use crate::context::Context;
use crate::extract::cookies;
use crate::metrics::Spent;
use crate::web::device;
use crate::web::gate::Visitor;
use actix_web::HttpResponse;
use directory::members::member;
use login::sign_in::Completed;
use login::{known_device, session, waiting_code};
use model::fault::Fault;
use model::id::{GrantId, OrgId};
use model::login_attempt;
use model::secret::{Digest, Purpose};
use model::user::{SignedIn, email_key};
use model::user_code::TypedCode;
use routes::url;
use store::Conn;

/// Where somebody goes who has just signed in.
pub(super) enum Onward {
    /// To the page that they came from.
    Next,
    /// To the review of the code that they had typed.
    Review(OrgId, GrantId),
    /// Back to the code, which does not work.
    Problem(OrgId, &'static str),
    /// To the page of an organization that they do not belong to, which says so and takes the code along.
    NotTheirs(OrgId, TypedCode),
}

/// A browser in which a sign-in completes.
#[derive(Clone)]
pub(super) struct Arrival {
    visitor: Visitor,
    guest: Digest,
    with: Claiming,
}

impl Arrival {
    /// The browser of this request, known as a guest by `guest`.
    pub(super) fn of(context: &Context, guest: Digest) -> Self {
        Self { visitor: Visitor::of(context), guest, with: Claiming::of(context) }
    }

    /// Ends the session that the browser had, and claims the code that waits in it. The code is used up here, whatever
    /// becomes of it: none is left for somebody else who signs in later. Who was on the way to another page has not come
    /// for it.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn take(&self, conn: &mut Conn, completed: &Completed, next: &str) -> Result<Onward, Fault> {
        let Claiming { moment, origin, keyring, .. } = &self.with;
        // A browser has one session: whoever was signed in before is not any more.
        if let Some(before) = self.visitor.signed_in(conn)? {
            session::end(conn, &before, moment, origin)?;
        }
        let signed_in = SignedIn::prove(completed.new.session.clone(), completed.user.clone(), moment.now());
        let Some(signed_in) = signed_in else { return Ok(Onward::Next) };
        let waiting = waiting_code::take(conn, &self.guest, keyring, moment)?;
        let Some((org, code)) = waiting.filter(|(org, _)| next == url::ORGANIZATIONS || is_device_page(next, org))
        else {
            return Ok(Onward::Next);
        };
        let Some(member) = member(conn, &org, signed_in, moment.now())? else {
            return Ok(Onward::NotTheirs(org, code));
        };
        Ok(match claim(conn, &member, &code, &self.with)? {
            Continued::Claimed(grant) => Onward::Review(org, grant),
            Continued::WrongCode => Onward::Problem(org, device::PROBLEM_CODE),
            Continued::Spent { .. } => Onward::Problem(org, device::PROBLEM_SPENT),
        })
    }
}

fn is_device_page(next: &str, org: &OrgId) -> bool {
    next.split('?').next() == Some(url::device(org).as_str())
}

/// Sends the browser on, with the cookies of its session.
pub(super) fn arrived(
    context: &Context,
    completed: &Completed,
    onward: &Onward,
    wish: &login_attempt::Onward,
) -> HttpResponse {
    let target = match onward {
        Onward::Next => wish.next.clone(),
        Onward::Review(org, grant) => url::device_review(org, *grant),
        Onward::NotTheirs(org, code) => url::device_with_code(org, code.as_str()),
        Onward::Problem(org, problem) => url::device_with_problem(org, problem),
    };
    if matches!(onward, Onward::Problem(_, device::PROBLEM_SPENT)) {
        context.state.metrics.spent(Spent::Codes);
    }
    let mut response = answer::see_other(&target);
    let (public_url, policy) = (&context.state.config.public_url, &context.state.config.sessions);
    cookies::set_session(&mut response, public_url, &completed.new.cookie, wish.remember.then_some(policy.remembered));
    cookies::clear_pre_session(&mut response, public_url);
    if cookies::login_attempt(context).is_some() {
        cookies::clear_login_attempt(&mut response, public_url);
    }
    if let Some(secret) = &completed.device_cookie {
        let suffix = device_suffix(context, &email_key(&completed.user.email).unwrap_or_default());
        cookies::set_known_device(&mut response, public_url, &suffix, secret, policy.known_device);
    }
    response
}

/// What the cookie is called that makes this browser known to the account with this address.
pub(super) fn device_suffix(context: &Context, email_key: &str) -> String {
    known_device::cookie_suffix(&context.state.keyring.key(Purpose::KnownDevice), email_key)
}
