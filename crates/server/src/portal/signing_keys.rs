//! What an organization's tokens are signed with, and a new key in the place of one.
//!
//! 1. The page tells which keys are published, which of them signs, and until when the others verify.
//! 2. A new key takes over once nobody can hold a list of keys without it; the one before stays published until its last token has
//!    expired. Or, where somebody else may hold a key, it takes over at once, and what the ones before it signed is refused.
//! 3. Both take a fresh proof of who it is. The form says which keys there were when it was shown, so that a second tap, a retry
//!    or a tab that is behind makes none.

use super::application_page::choice;
use super::{Inside, KEY_MADE, just_done};
use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::keys::{self, OrgKeys, TakesOver};
use login::csrf::FormPurpose;
use model::algorithm::Algorithm;
use model::fault::Fault;
use model::id::OrgId;
use model::time::Timestamp;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::tables::signing_keys::{self, KeyRecord};
use store::{Class, Conn};
use views::pages::{Choice, FormError, HiddenField, SigningKeyRow, SigningKeys};
use views::text::When;
use views::{Message, Words, say};

const ROTATE: &str = "signing-key";

/// The most keys that an organization publishes: whoever verifies its tokens reads all of them.
const MOST: usize = 12;

/// The most keys that it makes in a day, those that were withdrawn among them: their rows stay.
const MOST_OF_A_DAY: i64 = 24;

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How a new key takes over, in the form: [`TakesOver::OnceKnown`].
const ONCE_KNOWN: &str = "once-known";
/// [`TakesOver::AtOnceAlone`].
const AT_ONCE: &str = "at-once";

/// What the page tells.
struct Seen {
    inside: Inside,
    keys: Vec<KeyRecord>,
}

impl Seen {
    fn read(conn: &mut Conn, inside: Inside, now: Timestamp) -> Result<Self, Fault> {
        let keys = signing_keys::published(conn, inside.org_id(), now)?;
        Ok(Self { inside, keys })
    }

    /// The names of all of them.
    fn names(&self) -> String {
        self.keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// What is to be made.
#[derive(Clone, Copy)]
struct Wanted {
    algorithm: Algorithm,
    takes_over: TakesOver,
}

impl Wanted {
    fn read(form: &Params) -> Result<Self, Vec<FormError>> {
        let algorithm = form.get("alg").and_then(|name| Algorithm::parse(name).ok());
        let takes_over = match form.get("when") {
            Some(ONCE_KNOWN) => Some(TakesOver::OnceKnown),
            Some(AT_ONCE) => Some(TakesOver::AtOnceAlone),
            _ => None,
        };
        match (algorithm, takes_over) {
            (Some(algorithm), Some(takes_over)) => Ok(Self { algorithm, takes_over }),
            (algorithm, takes_over) => {
                let algorithm = algorithm.is_none().then(|| FormError::new("alg", say::id_token_alg_wrong()));
                let takes_over = takes_over.is_none().then(|| FormError::new("when", say::signing_key_when_wrong()));
                Err(algorithm.into_iter().chain(takes_over).collect())
            }
        }
    }
}

/// Shows the keys.
///
/// # Errors
/// As the gate says.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let (org, notice) = (organization(&context)?, just_done(&context)?);
    render(&context, org, StatusCode::OK, (notice, None, Vec::new())).await
}

async fn render(
    context: &Context,
    org: OrgId,
    status: StatusCode,
    (notice, chosen, errors): (Option<Message>, Option<Wanted>, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let (visitor, now) = (Visitor::of(context), context.now());
    let read = context.state.db.snapshot("signing keys page", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => Ok(Seen::read(conn, inside, now)?),
            Err(stopped) => Err(stopped),
        })
    });
    let seen = read.await??;
    let org = seen.inside.org_id();
    let signing = context.state.keep_keys(org, seen.keys.clone(), now)?;
    let here = url::portal_signing_keys(org);
    let mut form = seen.inside.form(context, here.clone(), FormPurpose { action: ROTATE, object: org.as_str() });
    form.hidden.push(HiddenField { name: "shown".to_owned(), value: seen.names() });
    let at_once = chosen.is_some_and(|chosen| chosen.takes_over == TakesOver::AtOnceAlone);
    let shown = SigningKeys {
        side: frame::portal_side(&seen.inside.organization, &here),
        notice,
        errors,
        keys: seen.keys.iter().map(|key| row(key, &signing, now)).collect(),
        jwks_url: context.state.config.public_url.join(&url::jwks(org)),
        form,
        algorithms: algorithms(seen.inside.organization.signing_alg, chosen.map(|chosen| chosen.algorithm)),
        when: vec![
            choice(ONCE_KNOWN, say::signing_key_once_known(), say::signing_key_once_known_hint(), !at_once),
            choice(AT_ONCE, say::signing_key_at_once(), say::signing_key_at_once_hint(), at_once),
        ],
    };
    page(context, status, &shown, &seen.inside.frame(context))
}

fn algorithms(of_organization: Algorithm, chosen: Option<Algorithm>) -> Vec<Choice> {
    let chosen = chosen.unwrap_or(of_organization);
    let algorithm = |algorithm: Algorithm| {
        let present = (algorithm == of_organization).then(say::signing_key_of_tokens);
        choice(algorithm.as_str(), Words::verbatim(algorithm.as_str()), present, algorithm == chosen)
    };
    Algorithm::ALL.into_iter().map(algorithm).collect()
}

fn row(key: &KeyRecord, all: &OrgKeys, now: Timestamp) -> SigningKeyRow {
    let signs = Algorithm::parse(&key.alg).ok().and_then(|algorithm| all.signing(algorithm, now));
    let state = if signs.is_some_and(|signing| signing.kid() == key.kid) {
        say::signing_key_signs()
    } else if key.signs_from > now {
        say::signing_key_waits()
    } else {
        say::signing_key_verifies()
    };
    SigningKeyRow {
        kid: key.kid.clone(),
        alg: key.alg.clone(),
        made: When::past(key.created_at, now),
        state,
        signs_from: (key.signs_from > now).then(|| When::coming(key.signs_from, now)),
        until: key.published_until.map(|until| When::coming(until, now)),
    }
}

/// Why no key is made.
enum NotMade {
    Stopped(Stopped),
    Stale,
    Full,
    TooMany,
}

/// Whether an admin who has lately proven who they are may make this key now.
fn may_make(
    conn: &mut Conn,
    visitor: &Visitor,
    org: &OrgId,
    (wanted, shown, now): (Wanted, &str, Timestamp),
) -> Result<Result<Inside, NotMade>, Fault> {
    let inside = match Inside::enter(conn, visitor, org)? {
        Ok(inside) => inside,
        Err(stopped) => return Ok(Err(NotMade::Stopped(stopped))),
    };
    if let Err(stopped) = visitor.require_fresh(conn)? {
        return Ok(Err(NotMade::Stopped(stopped)));
    }
    let seen = Seen::read(conn, inside, now)?;
    Ok(if seen.names() != shown {
        Err(NotMade::Stale)
    } else if wanted.takes_over == TakesOver::OnceKnown && seen.keys.len() >= MOST {
        Err(NotMade::Full)
    } else if signing_keys::made_since(conn, org, now.before(A_DAY))? >= MOST_OF_A_DAY {
        Err(NotMade::TooMany)
    } else {
        Ok(seen.inside)
    })
}

/// Makes a key.
///
/// # Errors
/// As the gate says; to the step-up where the last proof is too old; 409 where there are other keys than the page showed.
pub async fn rotate(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: ROTATE, object: org.as_str() }, form.get("csrf_token"))?;
    let wanted = match Wanted::read(&form) {
        Ok(wanted) => wanted,
        Err(errors) => return render(&context, org, StatusCode::BAD_REQUEST, (None, None, errors)).await,
    };
    let shown = form.get("shown").unwrap_or_default().to_owned();
    // One after the other on this node: of many at once one makes a key, and the others find it.
    let turn = context.state.first_keys.turn(&org, wanted.algorithm);
    let _turn = turn.lock().await;
    // Looked at before the key is made, which takes long for RSA, and once more where it is stored.
    let (asked, at, now) = ((wanted, shown.clone()), org.clone(), context.now());
    let read = context.state.db.snapshot("may make signing key", move |conn| {
        let visitor = visitor.clone();
        Ok(may_make(conn, &visitor, &at, (asked.0, &asked.1, now))?.map(drop))
    });
    if let Err(why) = read.await? {
        return not_made(&context, org, (why, wanted)).await;
    }
    let key = context.state.make_key(&org, wanted.algorithm, &context.moment).await?;
    let (visitor, at) = (Visitor::of(&context), org.clone());
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("make signing key", Class::Durable, move |conn| {
        // Of two admins at once, on whichever nodes, the second finds the key of the first.
        store::tables::organizations::hold(conn, &at)?;
        let inside = match may_make(conn, &visitor, &at, (wanted, &shown, now))? {
            Ok(inside) => inside,
            Err(why) => return Ok(Err(why)),
        };
        keys::rotate(conn, &at, &key, wanted.takes_over, &inside.by((&moment, &origin))).map(|_| Ok(()))
    });
    match written.await?.into_inner() {
        Ok(()) => {
            context.state.forget_keys(&org);
            Ok(answer::see_other(&url::after(&url::portal_signing_keys(&org), KEY_MADE)))
        }
        Err(why) => not_made(&context, org, (why, wanted)).await,
    }
}

async fn not_made(context: &Context, org: OrgId, (why, wanted): (NotMade, Wanted)) -> Result<HttpResponse, Refused> {
    let sentence = match why {
        NotMade::Stopped(stopped) => return Err(stopped.leading_back_to(url::portal_signing_keys(&org))),
        NotMade::Stale => return Err(Refused::Conflict(say::signing_keys_stale())),
        NotMade::Full => say::signing_keys_full(),
        NotMade::TooMany => say::signing_keys_too_many(),
    };
    let errors = vec![FormError::new("when", sentence)];
    render(context, org, StatusCode::BAD_REQUEST, (None, Some(wanted), errors)).await
}
