//! What completing a sign-in does besides the session, whichever way it was completed: the session before ends, the code
//! that waited is claimed, the owner is told, and the browser goes on.

use crate::answer;
use crate::claim::{Claiming, Continued, claim};
use crate::context::Context;
use crate::extract::cookies::{self, KnownHere};
use crate::letters::{Reader, post};
use crate::metrics::Spent;
use crate::web::gate::Visitor;
use crate::web::new_device::wait_here;
use crate::web::{device, login_factor};
use actix_web::HttpResponse;
use directory::members::member;
use login::attempt::{Waiter, Waiting};
use login::session::{self, Arriving, Completed};
use login::{known_device, sign_in, waiting_code};
use model::fault::Fault;
use model::id::{GrantId, KnownDeviceId, OrgId};
use model::language::Language;
use model::login_attempt::Onward;
use model::secret::{Digest, Key, Purpose, Secret};
use model::session::{Entrance, SessionPolicy};
use model::time::Timestamp;
use model::user::{Present, SignedIn, User, email_key};
use model::user_code::TypedCode;
use registry::grants::claim::Claimant;
use routes::url;
use store::Conn;
use store::tables::known_devices;

/// Where somebody goes who has just signed in.
enum Target {
    /// To the page that they wanted.
    Next(String),
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
    /// What the browser is to accounts that know it.
    pub(super) known: Known,
    policy: SessionPolicy,
    with: Claiming,
    language: Language,
}

/// Which sign-ins the account's owner is told of by a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tell {
    /// Those that make another browser known.
    OfNewBrowser,
    /// Each: it came by a way around what would have asked them.
    Always,
    /// None: they have just answered a letter.
    Never,
}

/// What a sign-in that nothing is wrong with comes to.
pub(super) enum Settled {
    /// A session.
    Arrived(Box<Arrived>),
    /// The code of the authenticator app is to come, from the browser with this cookie.
    FactorMissing(Secret),
    /// A letter is to be answered.
    Waits(Box<Waiting>),
}

/// Why a sign-in comes to nothing after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsettled {
    /// What was proved is not right any more.
    Refused,
    /// It would have to wait for the answer to a letter, and too many others do.
    TooManyWait,
}

impl Settled {
    /// Sends the browser on.
    pub(super) fn answer(&self, context: &Context) -> HttpResponse {
        match self {
            Self::Arrived(arrived) => arrived.answer(context),
            Self::FactorMissing(cookie) => login_factor::ask(context, cookie),
            Self::Waits(waiting) => wait_here(context, waiting),
        }
    }
}

/// What a browser is to the accounts that know it.
#[derive(Clone)]
pub(super) struct Known {
    cookies: KnownHere,
    key: Key,
    now: Timestamp,
}

impl Known {
    /// The browser of this request.
    pub(super) fn of(context: &Context) -> Self {
        let key = context.state.keyring.key(Purpose::KnownDevice);
        Self { cookies: KnownHere::of(context), key, now: context.now() }
    }

    /// What it is to this account, where it is known to it.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn to(&self, conn: &mut Conn, user: &User) -> Result<Option<KnownDeviceId>, Fault> {
        let suffix = known_device::cookie_suffix(&self.key, &email_key(&user.email).unwrap_or_default());
        let Some(cookie) = self.cookies.by_suffix(&suffix) else { return Ok(None) };
        Ok(known_devices::by_cookie(conn, user.id, cookie, self.now)?.map(|device| device.id))
    }
}

/// A browser in which one has completed.
pub(super) struct Arrived {
    completed: Completed,
    remember: bool,
    target: Target,
}

impl Arrival {
    /// The browser of this request, known as a guest by `guest`.
    pub(super) fn of(context: &Context, guest: Digest) -> Self {
        Self {
            visitor: Visitor::of(context),
            guest,
            known: Known::of(context),
            policy: context.state.config.sessions,
            with: Claiming::of(context),
            language: context.language,
        }
    }

    /// The language of the browser's page.
    pub(super) const fn language(&self) -> Language {
        self.language
    }

    /// The same browser as one that may have to wait for the answer to a letter.
    pub(super) fn waiter(&self, onward: Onward) -> Waiter {
        Waiter { browser: self.guest, onward, keys: self.with.keyring.clone() }
    }

    /// Does what belongs to an outcome of signing in, letters included.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn settle(
        &self,
        conn: &mut Conn,
        outcome: sign_in::Outcome,
        onward: &Onward,
        tell: Tell,
    ) -> Result<Result<Settled, Unsettled>, Fault> {
        Ok(Ok(match outcome {
            sign_in::Outcome::Refused => return Ok(Err(Unsettled::Refused)),
            sign_in::Outcome::TooManyWait => return Ok(Err(Unsettled::TooManyWait)),
            sign_in::Outcome::FactorMissing(cookie) => Settled::FactorMissing(cookie),
            sign_in::Outcome::Waits(waiting, user) => {
                if waiting.letter_due {
                    let to = Reader { user: &user, asked_in: self.language };
                    post::login_approval(conn, &waiting.attempt, to, &self.with.moment)?;
                }
                Settled::Waits(waiting)
            }
            sign_in::Outcome::SignedIn(completed) => {
                Settled::Arrived(Box::new(self.complete(conn, *completed, onward, tell)?))
            }
        }))
    }

    /// Begins the session of an account that was made just now by a proof of its address, be it a letter or a provider.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn begin(
        &self,
        conn: &mut Conn,
        (user, entrance): (User, Entrance),
        onward: &Onward,
    ) -> Result<Arrived, Fault> {
        self.begin_session(conn, (user, entrance, false), onward, Tell::Never)
    }

    /// Begins the session of a user who has proved who they are by a passkey, which counts for two factors, and is held to
    /// be changed.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn begin_by_passkey(&self, conn: &mut Conn, user: User, onward: &Onward) -> Result<Arrived, Fault> {
        self.begin_session(conn, (user, Entrance::Account, true), onward, Tell::OfNewBrowser)
    }

    fn begin_session(
        &self,
        conn: &mut Conn,
        (user, entrance, by_factor): (User, Entrance, bool),
        onward: &Onward,
        tell: Tell,
    ) -> Result<Arrived, Fault> {
        let Claiming { moment, origin, .. } = &self.with;
        let lifetime = self.policy.lifetime(onward.remember);
        let arriving = Arriving { known: self.known.to(conn, &user)?, by_factor, lifetime, entrance };
        let completed = session::begin(conn, user, arriving, &self.policy, (moment, origin))?;
        self.complete(conn, completed, onward, tell)
    }

    /// Tells the owner, ends the session that the browser had, and claims the code that waits in it. The code is used up
    /// here, whatever becomes of it: none is left for somebody else who signs in later. Who was on the way to another page
    /// has not come for it.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn complete(
        &self,
        conn: &mut Conn,
        completed: Completed,
        onward: &Onward,
        tell: Tell,
    ) -> Result<Arrived, Fault> {
        let Claiming { moment, origin, .. } = &self.with;
        if tell == Tell::Always || tell == Tell::OfNewBrowser && completed.device_cookie.is_some() {
            let to = Reader { user: &completed.user, asked_in: self.language };
            post::new_sign_in(conn, to, (moment, origin))?;
        }
        // A browser has one session: whoever was signed in before is not any more.
        self.visitor.end_session(conn, (moment, origin))?;
        let target = self.target(conn, &completed, &onward.next)?;
        Ok(Arrived { completed, remember: onward.remember, target })
    }

    fn target(&self, conn: &mut Conn, completed: &Completed, next: &str) -> Result<Target, Fault> {
        let Claiming { moment, keyring, .. } = &self.with;
        let elsewhere = || Target::Next(next.to_owned());
        let waiting = waiting_code::take(conn, &self.guest, keyring, moment)?;
        let Some((org, code)) = waiting.filter(|(org, _)| next == url::ORGANIZATIONS || is_device_page(next, org))
        else {
            return Ok(elsewhere());
        };
        // A session that goes to another organization only is none here.
        let (session, user, now) = (completed.new.session.clone(), completed.user.clone(), moment.now());
        let continued = if org.is_instance() {
            let Some(signed_in) = SignedIn::prove(session, user, now) else { return Ok(Target::NotTheirs(org, code)) };
            claim(conn, Claimant::Anywhere(&signed_in), &code, &self.with)?
        } else {
            let member = match Present::prove(session, user, &org, now) {
                Some(present) => member(conn, &org, present, now)?,
                None => None,
            };
            let Some(member) = member else { return Ok(Target::NotTheirs(org, code)) };
            claim(conn, Claimant::Member(&member), &code, &self.with)?
        };
        Ok(match continued {
            Continued::Claimed(found) => Target::Review(found.org_id, found.grant_id),
            Continued::FactorMissing(org) => Target::NotTheirs(org, code),
            Continued::WrongCode => Target::Problem(org, device::PROBLEM_CODE),
            Continued::Spent { .. } => Target::Problem(org, device::PROBLEM_SPENT),
        })
    }
}

fn is_device_page(next: &str, org: &OrgId) -> bool {
    next.split('?').next() == Some(url::device(org).as_str())
}

impl Arrived {
    /// Sends the browser on, with the cookies of its session.
    pub(super) fn answer(&self, context: &Context) -> HttpResponse {
        let target = match &self.target {
            Target::Next(next) => next.clone(),
            Target::Review(org, grant) => url::device_review(org, *grant),
            Target::NotTheirs(org, code) => url::device_with_code(org, code.as_str()),
            Target::Problem(org, problem) => url::device_with_problem(org, problem),
        };
        if matches!(self.target, Target::Problem(_, device::PROBLEM_SPENT)) {
            context.state.metrics.spent(Spent::Codes);
        }
        let mut response = answer::see_other(&target);
        let (public_url, policy) = (&context.state.config.public_url, &context.state.config.sessions);
        let cookie = &self.completed.new.cookie;
        cookies::set_session(&mut response, public_url, cookie, self.remember.then_some(policy.remembered));
        cookies::clear_pre_session(&mut response, public_url);
        if cookies::login_attempt(context).is_some() {
            cookies::clear_login_attempt(&mut response, public_url);
        }
        if cookies::factor_attempt(context).is_some() {
            cookies::clear_factor_attempt(&mut response, public_url);
        }
        keep_known(context, &mut response, &self.completed.user, self.completed.device_cookie.as_ref());
        response
    }
}

/// Sets the cookie that makes this browser known to the account, where there is a new one.
pub(super) fn keep_known(context: &Context, response: &mut HttpResponse, user: &User, secret: Option<&Secret>) {
    let Some(secret) = secret else { return };
    let suffix = device_suffix(context, &email_key(&user.email).unwrap_or_default());
    let (public_url, lives) = (&context.state.config.public_url, context.state.config.sessions.known_device);
    cookies::set_known_device(response, public_url, &suffix, secret, lives);
}

/// What the cookie is called that makes this browser known to the account with this address.
pub(super) fn device_suffix(context: &Context, email_key: &str) -> String {
    known_device::cookie_suffix(&context.state.keyring.key(Purpose::KnownDevice), email_key)
}
