//! Sending what is in the outbox: one node at a time, each letter rendered when it leaves.

use crate::fault;
use crate::state::State;
use crate::words;
use actix_web::web::Data;
use delivery::outbox::{self, Ready};
use delivery::{
    AccountChange, AccountChanged, AccountLetter, DeviceAuthorized, Envelope, Letter, LoginApproval, Mailbox,
    MessageId, NewSignIn, SendProblem, To,
};
use model::context::Origin;
use model::fault::Fault;
use model::id::MailLinkId;
use model::language::Language;
use model::login_attempt::{Capability, LoginAttempt};
use model::mail_link::{LinkKind, capability};
use model::moment::Moment;
use model::time::Timestamp;
use model::user::User;
use routes::url;
use std::time::Duration;
use store::tables::leases::Lease;
use store::{Class, Conn};
use views::letters::{
    AccountChanged as AccountChangedPage, AccountLetter as AccountPage, DeviceAuthorized as DeviceAuthorizedPage,
    Invitation as InvitationPage, LoginApproval as LoginApprovalPage, NewSignIn as NewSignInPage,
};
use views::text::When;
use views::{RenderedLetter, say};

/// How often the lease is renewed while one letter is being sent.
const RENEWAL: Duration = Duration::from_secs(10);

/// Letters that are taken at once.
const BATCH: usize = 20;

/// Sends what is due. Ends where another node sends, or nothing is left.
///
/// # Errors
/// The database's; a letter that does not go out is noted in its row.
pub async fn send_due(state: Data<State>, holder: String) -> Result<(), Fault> {
    let (now, by) = (state.time.moment().now(), holder.clone());
    // Looked at without the lease first: most of the time nothing is due, and a look costs no write.
    let due = state.db.read("letters due", move |conn| store::tables::outbox::due(conn, now, 1)).await?;
    if due.is_empty() {
        state.mail.rest().await;
        return Ok(());
    }
    let taken = state
        .db
        .write_in_background("take letters", Class::Durable, move |conn| outbox::lease_due(conn, &by, now, BATCH))
        .await?
        .into_inner();
    let Some((lease, ready)) = taken else { return Ok(()) };
    for letter in ready {
        if !still_ours(&state, &holder, lease).await? {
            return Ok(());
        }
        let outcome = send(&state, (&holder, lease), &letter).await?;
        let server_wide = outcome.as_ref().is_err_and(|problem| problem.server_wide);
        note(&state, lease, letter, outcome).await?;
        // The others would meet the same: they wait for the next turn instead of for the same time-out.
        if server_wide {
            break;
        }
    }
    // Given back, so that a restart or another node need not wait for it.
    state
        .db
        .write_in_background("give letters back", Class::Relaxed, move |conn| outbox::release(conn, lease))
        .await
        .map(drop)
}

async fn still_ours(state: &State, holder: &str, lease: Lease) -> Result<bool, Fault> {
    let (holder, now) = (holder.to_owned(), state.time.moment().now());
    let renewed = state
        .db
        .write_in_background("keep letters", Class::Durable, move |conn| outbox::renew(conn, &holder, lease, now));
    Ok(renewed.await?.into_inner())
}

/// Sends one letter, keeping the lease for as long as that takes. A mail server may think for two minutes.
async fn send(state: &State, (holder, lease): (&str, Lease), letter: &Ready) -> Result<Result<(), SendProblem>, Fault> {
    let envelope = match envelope(state, letter) {
        Ok(envelope) => envelope,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut sending = std::pin::pin!(state.mail.send(&envelope));
    loop {
        tokio::select! {
            outcome = &mut sending => return Ok(outcome),
            () = actix_web::rt::time::sleep(RENEWAL) => {
                // Where another node has it by now, that node sends it too; the letter's own name tells them for one.
                still_ours(state, holder, lease).await?;
            }
        }
    }
}

fn envelope(state: &State, letter: &Ready) -> Result<Envelope, SendProblem> {
    if letter.letter.expires_at().is_some_and(|end| end <= state.time.moment().now()) {
        return Err(SendProblem::unsendable("its link has expired, so that it would help nobody"));
    }
    let rendered = render(state, letter).map_err(|failed| {
        fault::log(&failed, "letter");
        SendProblem::unsendable("the letter can't be rendered")
    })?;
    Ok(Envelope {
        message_id: MessageId::new(letter.row.id, state.config.public_url.host_name()),
        // Of when it was written, so that a second try sends the same bytes.
        date: letter.row.created_at,
        from: state.mail_from.clone(),
        to: Mailbox::address(&letter.row.recipient).map_err(|error| SendProblem::unsendable(error.to_string()))?,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}

async fn note(state: &State, lease: Lease, letter: Ready, outcome: Result<(), SendProblem>) -> Result<(), Fault> {
    if let Err(problem) = &outcome {
        tracing::warn!(letter = %letter.row.id, attempt = letter.row.attempts + 1, problem = problem.what, "a letter did not go out");
    }
    let now = state.time.moment().now();
    state
        .db
        .write_in_background("note letter", Class::Durable, move |conn| {
            outbox::mark(conn, lease, &letter.row, &outcome, now)
        })
        .await
        .map(drop)
}

/// A letter as it stood when it was written, with what it carries derived anew.
///
/// # Errors
/// `Broken` where its template is.
pub(crate) fn render(state: &State, ready: &Ready) -> Result<RenderedLetter, Fault> {
    let (now, language, name) = (ready.row.created_at, ready.language, ready.letter.name());
    let ours = |path: &str| state.config.public_url.join(path);
    let about = |told: &AccountLetter, urls| account(state, name, told, ((now, language), urls));
    match &ready.letter {
        Letter::DeviceAuthorized(told) => {
            state.views.letter(&device_authorized(state, told, (now, language)), language)
        }
        Letter::AccountChanged(told) => state.views.letter(&account_changed(state, told, (now, language)), language),
        Letter::LoginApproval(told) => state.views.letter(&login_approval(state, told, (now, language)), language),
        Letter::NewSignIn(told) => state.views.letter(&new_sign_in(state, told, (now, language)), language),
        Letter::Registration(told) => {
            let url = link(state, told.link, LinkKind::Registration, url::register_link);
            state.views.letter(&about(told, [url, String::new()]), language)
        }
        Letter::PasswordReset(told) => {
            let url = link(state, told.link, LinkKind::Reset, url::reset_link);
            state.views.letter(&about(told, [url, String::new()]), language)
        }
        Letter::SignInCode(told) => {
            let url = link(state, told.link, LinkKind::SignIn, url::email_link);
            let code = told.link.map(|id| LinkKind::code(id, &state.keyring)).unwrap_or_default();
            let (one, two) = code.split_at(code.len() / 2);
            let shown = AccountPage { code: format!("{one} {two}"), ..about(told, [url, String::new()]) };
            state.views.letter(&shown, language)
        }
        Letter::EmailTaken(told) => state.views.letter(&about(told, [String::new(), String::new()]), language),
        Letter::AlreadyRegistered(told) | Letter::NoAccount(told) => {
            state.views.letter(&about(told, [ours(url::LOGIN), ours(url::RESET)]), language)
        }
        Letter::EmailChange(told) => {
            let token = told.link.map(|id| model::email_change::token(id, &state.keyring));
            let url = token.map(|token| ours(&url::in_letter(&url::email_change(&token)))).unwrap_or_default();
            state.views.letter(&about(told, [url, String::new()]), language)
        }
        Letter::Invitation(told) => {
            let token = model::invitation::token(&told.org_id, told.invitation, &state.keyring);
            let shown = InvitationPage {
                organization: told.organization.clone(),
                inviter: told.inviter.clone(),
                inviter_email: told.inviter_email.clone(),
                role: told.role.as_str().to_owned(),
                url: ours(&url::in_letter(&url::invitation(&token))),
                until: When::coming(told.expires_at, now),
                public_host: state.config.public_url.host().to_owned(),
            };
            state.views.letter(&shown, language)
        }
    }
}

/// Where the link of a letter leads: with the capability, which stands nowhere else.
fn link(state: &State, link: Option<MailLinkId>, kind: LinkKind, path: fn(&str) -> String) -> String {
    let token = link.map(|id| capability(&state.keyring.key(kind.purpose()), id.uuid())).unwrap_or_default();
    state.config.public_url.join(&url::in_letter(&path(&token)))
}

fn account(
    state: &State,
    letter: &'static str,
    told: &AccountLetter,
    ((now, language), [url, other_url]): ((Timestamp, Language), [String; 2]),
) -> AccountPage {
    AccountPage {
        letter,
        user_name: told.user_name.clone(),
        organization: told.organization.clone().unwrap_or_default(),
        url,
        other_url,
        code: String::new(),
        at: When::past(told.at, now),
        ip: told.address.to_string(),
        place: state.places.of(told.address, language),
        program: (!told.program.is_empty()).then(|| told.program.clone()),
        public_host: state.config.public_url.host().to_owned(),
    }
}

fn device_authorized(
    state: &State,
    told: &DeviceAuthorized,
    (now, language): (Timestamp, Language),
) -> DeviceAuthorizedPage {
    DeviceAuthorizedPage {
        user_name: told.user_name.clone(),
        app_name: told.app_name.clone(),
        app_verified: told.app_verified,
        organization: told.organization.clone(),
        scopes: words::scopes(told.scopes.clone()),
        approved: When::past(told.approved_at, now),
        ip: told.address.to_string(),
        place: state.places.of(told.address, language),
        program: (!told.program.is_empty()).then(|| told.program.clone()),
        connections_url: state.config.public_url.join(url::CONNECTIONS_FROM_LETTER),
        public_host: state.config.public_url.host().to_owned(),
    }
}

fn account_changed(state: &State, told: &AccountChanged, (now, language): (Timestamp, Language)) -> AccountChangedPage {
    let host = state.config.public_url.host();
    let (change, lead) = match &told.change {
        AccountChange::PasswordChanged => (say::letter_password_changed(), say::letter_password_changed_lead(host)),
        AccountChange::EmailChanged(email) => {
            (say::letter_email_changed(), say::letter_email_changed_lead(host, email.as_str()))
        }
        AccountChange::AccountDeleted => (say::letter_account_deleted(), say::letter_account_deleted_lead(host)),
        AccountChange::TotpAdded => (say::letter_totp_added(), say::letter_totp_added_lead(host)),
        AccountChange::TotpRemoved => (say::letter_totp_removed(), say::letter_totp_removed_lead(host)),
        AccountChange::PasskeyAdded(_) => (say::letter_passkey_added(), say::letter_passkey_added_lead(host)),
        AccountChange::PasskeyRemoved(_) => (say::letter_passkey_removed(), say::letter_passkey_removed_lead(host)),
        AccountChange::PasskeyRefused(_) => (say::letter_passkey_refused(), say::letter_passkey_refused_lead(host)),
        AccountChange::IdentityLinked(provider) => {
            (say::letter_identity_linked(), say::letter_identity_linked_lead(host, provider.as_str()))
        }
        AccountChange::IdentityUnlinked(provider) => {
            (say::letter_identity_unlinked(), say::letter_identity_unlinked_lead(host, provider.as_str()))
        }
        AccountChange::RecoveryCodesMade => (say::letter_codes_made(), say::letter_codes_made_lead(host)),
        AccountChange::RecoveryCodeUsed(left) => {
            (say::letter_code_used(), say::letter_code_used_lead(host, u64::try_from(*left).unwrap_or(0)))
        }
    };
    AccountChangedPage {
        user_name: told.user_name.clone(),
        change,
        lead,
        passkey: told.change.passkey().map(str::to_owned),
        changed: When::past(told.changed_at, now),
        ip: told.address.map(|address| address.to_string()),
        place: told.address.and_then(|address| state.places.of(address, language)),
        program: (!told.program.is_empty()).then(|| told.program.clone()),
        security_url: told.change.can_be_undone().then(|| state.config.public_url.join(url::SECURITY_FROM_LETTER)),
        public_host: host.to_owned(),
    }
}

/// Who is written to.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// At the address of their account.
    pub user: &'a User,
    /// The language of the request that causes the letter.
    pub asked_in: Language,
}

/// Posts the letter that asks whether a sign-in is its owner's, in the transaction that lets it wait.
///
/// # Errors
/// The database's.
pub fn post_login_approval(
    conn: &mut Conn,
    attempt: &LoginAttempt,
    to: Reader<'_>,
    moment: &Moment,
) -> Result<(), Fault> {
    let letter = Letter::LoginApproval(LoginApproval {
        attempt: attempt.id,
        user_name: to.user.name.clone(),
        at: attempt.created_at,
        address: attempt.origin.address,
        program: attempt.origin.program.clone(),
    });
    outbox::post(conn, &letter, To::user(to.user, to.asked_in), moment).map(drop)
}

/// Posts the letter that tells of a new browser, in the transaction of its sign-in.
///
/// # Errors
/// The database's.
pub fn post_new_sign_in(conn: &mut Conn, to: Reader<'_>, (moment, origin): (&Moment, &Origin)) -> Result<(), Fault> {
    let letter = Letter::NewSignIn(NewSignIn {
        user_name: to.user.name.clone(),
        at: moment.now(),
        address: origin.address,
        program: origin.program.clone(),
    });
    outbox::post(conn, &letter, To::user(to.user, to.asked_in), moment).map(drop)
}

/// The links are made here, as the letter leaves: what waits in the database holds no secret.
fn login_approval(state: &State, told: &LoginApproval, (now, language): (Timestamp, Language)) -> LoginApprovalPage {
    let link = |capability: Capability| {
        state.config.public_url.join(&url::login_decision(capability.token(&state.keyring, told.attempt).expose()))
    };
    LoginApprovalPage {
        user_name: told.user_name.clone(),
        at: When::past(told.at, now),
        ip: told.address.to_string(),
        place: state.places.of(told.address, language),
        program: (!told.program.is_empty()).then(|| told.program.clone()),
        approve_url: link(Capability::Approve),
        deny_url: link(Capability::Deny),
        public_host: state.config.public_url.host().to_owned(),
    }
}

fn new_sign_in(state: &State, told: &NewSignIn, (now, language): (Timestamp, Language)) -> NewSignInPage {
    NewSignInPage {
        user_name: told.user_name.clone(),
        at: When::past(told.at, now),
        ip: told.address.to_string(),
        place: state.places.of(told.address, language),
        program: (!told.program.is_empty()).then(|| told.program.clone()),
        security_url: state.config.public_url.join(url::SECURITY_FROM_LETTER),
        public_host: state.config.public_url.host().to_owned(),
    }
}
