//! Posting: the one place that puts letters into the outbox, each in the transaction of what it tells.

use delivery::{
    AccountChange, AccountChanged, AskedFor, DeviceAuthorized, InvitationLetter, Letter, LinkLetter, LoginApproval,
    NewSignIn, RegistrationLetter, To, outbox,
};
use model::application::Application;
use model::audit::By;
use model::context::Origin;
use model::email_change::EmailChange;
use model::fault::Fault;
use model::grant::Grant;
use model::invitation::Invitation;
use model::language::Language;
use model::login_attempt::LoginAttempt;
use model::mail_link::{LinkKind, MailLink};
use model::moment::Moment;
use model::org::Organization;
use model::user::{User, UserState};
use store::Conn;

/// Who is written to.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// At the address of their account.
    pub user: &'a User,
    /// The language of the request that causes the letter.
    pub asked_in: Language,
}

impl<'a> Reader<'a> {
    fn to(self) -> To<'a> {
        To::user(self.user, self.asked_in)
    }
}

fn post(conn: &mut Conn, letter: &Letter, to: To<'_>, moment: &Moment) -> Result<(), Fault> {
    outbox::post(conn, letter, to, moment).map(drop)
}

/// Tells the owner of an account what has happened to it, in their language or that of the request. Call it in the
/// transaction in which it does.
///
/// # Errors
/// The database's.
pub fn account_changed(
    conn: &mut Conn,
    (user, asked_in): (&User, Language),
    change: AccountChange,
    by: &By,
) -> Result<(), Fault> {
    let letter = Letter::AccountChanged(AccountChanged {
        user_name: user.name.clone(),
        change,
        changed_at: by.now(),
        address: by.origin.as_ref().map(|origin| origin.address),
        program: by.origin.as_ref().map(|origin| origin.program.clone()).unwrap_or_default(),
    });
    post(conn, &letter, To::user(user, asked_in), &by.moment)
}

/// Tells a user that one of their recovery codes was used, and how many are left. Call it in the transaction that spends
/// the code.
///
/// # Errors
/// The database's.
pub fn recovery_code_used(conn: &mut Conn, user: &User, asked_in: Language, by: &By) -> Result<(), Fault> {
    let left = login::recovery::left(conn, user.id)?.map_or(0, |(left, _)| left);
    account_changed(conn, (user, asked_in), AccountChange::RecoveryCodeUsed(left), by)
}

/// Asks whether a sign-in is its owner's. Call it in the transaction that lets the sign-in wait.
///
/// # Errors
/// The database's.
pub fn login_approval(conn: &mut Conn, attempt: &LoginAttempt, to: Reader<'_>, moment: &Moment) -> Result<(), Fault> {
    let letter = Letter::LoginApproval(LoginApproval {
        attempt: attempt.id,
        user_name: to.user.name.clone(),
        at: attempt.created_at,
        address: attempt.origin.address,
        program: attempt.origin.program.clone(),
    });
    post(conn, &letter, to.to(), moment)
}

/// Tells of a new browser. Call it in the transaction of its sign-in.
///
/// # Errors
/// The database's.
pub fn new_sign_in(conn: &mut Conn, to: Reader<'_>, (moment, origin): (&Moment, &Origin)) -> Result<(), Fault> {
    let letter = Letter::NewSignIn(NewSignIn {
        user_name: to.user.name.clone(),
        at: moment.now(),
        address: origin.address,
        program: origin.program.clone(),
    });
    post(conn, &letter, to.to(), moment)
}

/// Tells who approved a device what it may do from now on, a sentence each. Call it in the transaction of the approval.
///
/// # Errors
/// The database's.
pub(crate) fn device_authorized(
    conn: &mut Conn,
    to: Reader<'_>,
    (organization, application, grant): (&Organization, &Application, &Grant),
    scopes: Vec<String>,
    moment: &Moment,
) -> Result<(), Fault> {
    let letter = Letter::DeviceAuthorized(DeviceAuthorized {
        user_name: to.user.name.clone(),
        app_name: grant.app_name(application).to_owned(),
        app_verified: application.client_id.is_registered(),
        organization: organization.name.clone(),
        colour: organization.colour.clone(),
        org_id: organization.id.clone(),
        scopes,
        approved_at: moment.now(),
        address: grant.origin.address,
        program: grant.origin.program.clone(),
    });
    post(conn, &letter, to.to(), moment)
}

/// Writes what somebody asked for who is not signed in, as it fits the account, if there is one. It goes to the address as
/// the account has it: what was typed may be another mailbox that only looks the same without regard to case.
///
/// # Errors
/// The database's.
pub(crate) fn asked_for(
    conn: &mut Conn,
    (link, organization): (&MailLink, Option<String>),
    account: Option<&User>,
    asked_in: Language,
    (moment, origin): (&Moment, &Origin),
) -> Result<(), Fault> {
    let usable = account.is_some_and(|user| user.state == UserState::Active);
    let asked = asked_by(account, (moment, origin));
    let with_link = |asked| LinkLetter { link: link.id, expires_at: link.expires_at, asked };
    let letter = match (link.kind, account.is_some(), usable) {
        (LinkKind::Registration, true, _) => Letter::AlreadyRegistered(asked),
        (LinkKind::Registration, false, _) => {
            Letter::Registration(RegistrationLetter { link: link.id, expires_at: link.expires_at, organization, asked })
        }
        (LinkKind::Reset, _, true) => Letter::PasswordReset(with_link(asked)),
        (LinkKind::SignIn, _, true) => Letter::SignInCode(with_link(asked)),
        (LinkKind::Reset | LinkKind::SignIn, _, false) => Letter::NoAccount(asked),
    };
    let to = account.map_or(To { address: &link.email, language: asked_in }, |user| To::user(user, asked_in));
    post(conn, &letter, to, moment)
}

fn asked_by(account: Option<&User>, (moment, origin): (&Moment, &Origin)) -> AskedFor {
    AskedFor {
        user_name: account.map(|user| user.name.clone()).unwrap_or_default(),
        at: moment.now(),
        address: origin.address,
        program: origin.program.clone(),
    }
}

/// Asks at an address that somebody wants for their account: by the link of `change`, or, where the address has an account
/// already, by none.
///
/// # Errors
/// The database's.
pub(crate) fn email_change(
    conn: &mut Conn,
    change: Option<&EmailChange>,
    to: To<'_>,
    (moment, origin): (&Moment, &Origin),
) -> Result<(), Fault> {
    // Whoever reads it need not be the account's owner, so that it says no name.
    let asked = asked_by(None, (moment, origin));
    let letter = match change {
        Some(change) => Letter::EmailChange(LinkLetter { link: change.id, expires_at: change.expires_at, asked }),
        None => Letter::EmailTaken(asked),
    };
    post(conn, &letter, to, moment)
}

/// Invites somebody, in the name of `inviter`. Call it in the transaction of the invitation.
///
/// # Errors
/// The database's.
pub(crate) fn invitation(
    conn: &mut Conn,
    (invitation, organization): (&Invitation, &Organization),
    inviter: &User,
    language: Language,
    moment: &Moment,
) -> Result<(), Fault> {
    let letter = Letter::Invitation(InvitationLetter {
        org_id: invitation.org_id.clone(),
        organization: organization.name.clone(),
        colour: organization.colour.clone(),
        invitation: invitation.id,
        expires_at: invitation.expires_at,
        inviter: inviter.name.clone(),
        inviter_email: inviter.email.clone(),
        role: invitation.role.into(),
    });
    post(conn, &letter, To { address: &invitation.email, language }, moment)
}
