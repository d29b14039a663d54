//! Accounts.

use super::args::{Account, NewAccount, SetEmail, UserCommand};
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use crate::letters::post;
use delivery::AccountChange;
use directory::access::Keys;
use directory::users::{NewUser, NotCreated};
use login::factor;
use login::mail_link::{self, Asked};
use login::password::{self, Weak};
use login::upstream::link;
use model::audit::{Action, By};
use model::fault::Fault;
use model::language::Language;
use model::mail_link::LinkKind;
use model::secret::Secret;
use model::user::{User, UserState, email_key};
use routes::url;
use serde_json::json;
use std::io::Read;
use store::Conn;
use store::tables::{audit, organizations, passkeys, totp, users};
use zeroize::Zeroizing;

pub(super) fn run(
    command: UserCommand,
    config: &Config,
    (stdin, output): (&mut dyn Read, &mut Output<'_>),
) -> Result<(), Failure> {
    match command {
        UserCommand::Create(new) => create(new, config, stdin, output),
        UserCommand::List => list(config, output),
        UserCommand::SetPassword { account, .. } => set_password(&account, config, stdin, output),
        UserCommand::Disable(account) => set_state(&account, UserState::Disabled, config, output),
        UserCommand::Enable(account) => set_state(&account, UserState::Active, config, output),
        UserCommand::ResetLink(account) => reset_link(&account, config, output),
        UserCommand::SetEmail(args) => set_email(&args, config, output),
        UserCommand::RemoveSecondFactors(account) => remove_second_factors(&account, config, output),
    }
}

/// The account of an address.
///
/// # Errors
/// The database's.
pub(super) fn find(conn: &mut Conn, email: &str) -> Result<Option<User>, Fault> {
    let Some(key) = email_key(email) else { return Ok(None) };
    Ok(users::by_email(conn, &key)?.map(|(user, _)| user))
}

enum Created {
    Made(User),
    NotMade(NotCreated),
    NoOrganization,
}

fn create(args: NewAccount, config: &Config, stdin: &mut dyn Read, output: &mut Output<'_>) -> Result<(), Failure> {
    let NewAccount { account: Account { email }, name, org, role, password_stdin, allow_weak_password, verified } =
        args;
    let name = words::name(&name)?;
    let password_hash = if password_stdin {
        let password = read_password(stdin)?;
        if !allow_weak_password {
            strong_enough(&password, &[&email, name.as_str()], config)?;
        }
        Some(hash(&password)?)
    } else {
        None
    };
    let new = NewUser { email: email.clone(), name, password_hash, verified, language: None };
    let (by, wanted) = (By::operator(&clock::moment()), org.clone());
    let created = Database::open(config)?.write("create user", move |conn| {
        if let Some(org) = &wanted
            && organizations::by_id(conn, org)?.is_none()
        {
            return Ok(Created::NoOrganization);
        }
        let user = match directory::users::create(conn, &new, &by)? {
            Ok(user) => user,
            Err(why) => return Ok(Created::NotMade(why)),
        };
        if let Some(org) = &wanted {
            directory::members::put(conn, org, (user.id, role), &by)?;
        }
        Ok(Created::Made(user))
    })?;
    match (created, org) {
        (Created::Made(user), org) => {
            let place = org.map(|org| format!(", {} of {org}", role.as_str())).unwrap_or_default();
            output.done(
                &json!({"user_id": user.id, "email": user.email}),
                &format!("Made the account of {}{place}.", user.email),
            )
        }
        (Created::NotMade(NotCreated::NotAnAddress), _) => {
            Err(Failure::usage(format!("{email:?} is not an e-mail address. Check --email.")))
        }
        (Created::NotMade(NotCreated::Taken), _) => Err(Failure::refused(format!(
            "{email} has an account already. To make its owner a member of an organization: doorward-server member add."
        ))),
        (Created::NoOrganization, Some(org)) => Err(Failure::no_org(&org)),
        (Created::NoOrganization, None) => Err(Failure::refused("There is no such organization.")),
    }
}

fn list(config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let all = Database::open(config)?.read("list users", users::all)?;
    let rows = all.into_iter().map(|user| {
        let verified = user.email_verified_at.is_some();
        let value = json!({"user_id": user.id, "email": user.email, "name": user.name, "verified": verified, "state": user.state.as_str()});
        let address = if verified { "verified" } else { "not verified" };
        (value, [user.email, user.name, user.state.as_str().to_owned(), address.to_owned(), user.id.to_string()])
    });
    output.list(["E-MAIL", "NAME", "STATE", "ADDRESS", "ID"], rows.collect())
}

fn set_password(
    account: &Account,
    config: &Config,
    stdin: &mut dyn Read,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let password = read_password(stdin)?;
    let database = Database::open(config)?;
    let email = account.email.clone();
    let user = database.read("user by address", move |conn| find(conn, &email))?;
    let user = user.ok_or_else(|| Failure::no_account(&account.email))?;
    strong_enough(&password, &[&user.email, &user.name], config)?;
    let (hash, by, id) = (hash(&password)?, By::operator(&clock::moment()), user.id);
    database.write("set password", move |conn| directory::users::set_password(conn, id, &hash, Keys::All, &by))?;
    let sentence =
        format!("Set the password of {}, and ended every sign-in and every app's access of that account.", user.email);
    output.done(&json!({"user_id": user.id, "email": user.email}), &sentence)
}

fn reset_link(account: &Account, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (email, moment) = (account.email.clone(), clock::moment());
    let database = Database::open(config)?;
    let made = database.write("make reset link", move |conn| {
        let Some(user) = find(conn, &email)? else { return Ok(None) };
        if user.state != UserState::Active {
            return Ok(Some(Err(user)));
        }
        let asked = Asked {
            kind: LinkKind::Reset,
            email: user.email.clone(),
            email_key: String::new(),
            org_id: None,
            browser: None,
            next: url::ORGANIZATIONS.to_owned(),
            remember: false,
        };
        let link = mail_link::open(conn, &asked, Some(&user), &moment)?;
        let by = By::operator(&moment);
        audit::insert(conn, &by.entry(None, Action::ResetLinkMade, user.id))?;
        Ok(Some(Ok((user, link))))
    })?;
    match made.ok_or_else(|| Failure::no_account(&account.email))? {
        Err(user) => Err(Failure::refused(format!(
            "The account of {} is disabled. Enable it first: doorward-server user enable.",
            user.email
        ))),
        Ok((user, link)) => {
            let address = config.public_url.join(&url::reset_link(&link.token(database.keyring())));
            let until = words::time(link.expires_at);
            let value = json!({"user_id": user.id, "email": user.email, "url": address, "expires_at": until});
            // The link alone on a line of its own, so that it can be copied and passed on.
            let sentence = format!(
                "Whoever opens this link sets the password of {}. It works once, until {until}:\n{address}",
                user.email
            );
            output.done(&value, &sentence)
        }
    }
}

fn set_state(account: &Account, state: UserState, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (email, by) = (account.email.clone(), By::operator(&clock::moment()));
    let found = Database::open(config)?.write("set user's state", move |conn| {
        let Some(user) = find(conn, &email)? else { return Ok(None) };
        let changed = directory::users::set_state(conn, user.id, state, &by)?;
        if changed && state == UserState::Disabled {
            post::account_changed(conn, (&user, Language::default()), AccountChange::Disabled, &by)?;
        }
        Ok(Some((user, changed)))
    })?;
    let (user, changed) = found.ok_or_else(|| Failure::no_account(&account.email))?;
    let now = if changed { "now" } else { "already" };
    let sentence = format!("The account of {} is {now} {}.", user.email, state.as_str());
    output.done(&json!({"user_id": user.id, "email": user.email, "state": state.as_str()}), &sentence)
}

fn remove_second_factors(account: &Account, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (email, by) = (account.email.clone(), By::operator(&clock::moment()));
    let found = Database::open(config)?.write("remove second factors", move |conn| {
        let Some(user) = find(conn, &email)? else { return Ok(None) };
        let Some(user) = users::held_to_change(conn, user.id)? else { return Ok(None) };
        let removed = factor::remove_all(conn, user.id, &by)?;
        let totp = removed.totp.then_some(AccountChange::TotpRemoved);
        let passkeys = removed.passkeys.iter().cloned().map(AccountChange::PasskeyRemoved);
        for change in totp.into_iter().chain(passkeys) {
            post::account_changed(conn, (&user, Language::default()), change, &by)?;
        }
        Ok(Some((user, removed)))
    })?;
    let (user, removed) = found.ok_or_else(|| Failure::no_account(&account.email))?;
    let value = json!({
        "user_id": user.id, "email": user.email, "authenticator_app": removed.totp, "passkeys": removed.passkeys.len(),
    });
    let sentence = if removed.totp || !removed.passkeys.is_empty() {
        format!("The account of {} has no second factor any more.", user.email)
    } else {
        format!("The account of {} has no second factor.", user.email)
    };
    output.done(&value, &sentence)
}

/// What comes of another address.
enum Moved {
    Done(Box<GivenBack>),
    /// It is no address, or another account's.
    NotTaken,
    NoAccount,
}

/// An account that was given back, and what somebody else may have put into it.
struct GivenBack {
    user: User,
    unlinked: usize,
    passkeys: usize,
    authenticator_app: bool,
}

fn set_email(args: &SetEmail, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (email, to, by) = (args.account.email.clone(), args.to.clone(), By::operator(&clock::moment()));
    let moved = Database::open(config)?.write("set address", move |conn| {
        let Some(found) = find(conn, &email)? else { return Ok(Moved::NoAccount) };
        let Some(user) = users::held_to_change(conn, found.id)? else { return Ok(Moved::NoAccount) };
        if !directory::account::change_email(conn, &user, &to, &by)? {
            return Ok(Moved::NotTaken);
        }
        // Whoever had the account by the other address has nothing of it any more.
        directory::users::credentials_changed(conn, user.id, Keys::All, &by)?;
        let moved = User { email: to.trim().to_owned(), ..user.clone() };
        for told in [&user, &moved] {
            let change = AccountChange::EmailChanged(moved.email.clone());
            post::account_changed(conn, (told, Language::default()), change, &by)?;
        }
        Ok(Moved::Done(Box::new(GivenBack {
            unlinked: link::remove_all(conn, user.id, &by)?,
            passkeys: passkeys::of_user(conn, user.id)?.len(),
            authenticator_app: totp::of_user(conn, user.id)?.is_some(),
            user: moved,
        })))
    })?;
    match moved {
        Moved::NoAccount => Err(Failure::no_account(&args.account.email)),
        Moved::NotTaken => Err(Failure::refused(format!(
            "{} is no address, or another account has it. Check it, or free it first.",
            args.to
        ))),
        Moved::Done(given) => {
            let GivenBack { user, unlinked, passkeys, authenticator_app } = *given;
            let mut sentence = format!("The account has the address {} now. Nobody is signed in to it.", user.email);
            if unlinked > 0 {
                sentence.push_str(" The accounts at other providers that signed in to it are unlinked.");
            }
            if passkeys > 0 || authenticator_app {
                let what = match (passkeys > 0, authenticator_app) {
                    (true, true) => "passkeys and an authenticator app",
                    (true, false) => "passkeys",
                    _ => "an authenticator app",
                };
                sentence.push_str(&format!(
                    "\nIt still has {what}. Unless the owner knows them all: doorward-server user remove-second-factors --email {}",
                    user.email
                ));
            }
            sentence.push_str(&format!("\nA new password: doorward-server user reset-link --email {}", user.email));
            let value = json!({
                "user_id": user.id, "email": user.email, "unlinked": unlinked, "passkeys": passkeys,
                "authenticator_app": authenticator_app,
            });
            output.done(&value, &sentence)
        }
    }
}

/// A password from standard input, less one newline at its end.
fn read_password(stdin: &mut dyn Read) -> Result<Zeroizing<String>, Failure> {
    let mut password = Zeroizing::new(String::new());
    // One byte more than what is taken shows that there was too much; two are the newline's.
    let longest = u64::try_from(password::LONGEST + 3).unwrap_or(u64::MAX);
    stdin.take(longest).read_to_string(&mut password).map_err(|error| {
        Failure::refused(format!(
            "The password can't be read from standard input: {error}. Give it as one line of UTF-8."
        ))
    })?;
    let length =
        password.strip_suffix('\n').map_or(password.len(), |line| line.strip_suffix('\r').unwrap_or(line).len());
    password.truncate(length);
    if password.is_empty() {
        return Err(Failure::refused("There is no password on standard input. Give it as one line."));
    }
    if password.len() > password::LONGEST {
        return Err(weak(Weak::TooLong));
    }
    Ok(password)
}

fn strong_enough(password: &str, about: &[&str], config: &Config) -> Result<(), Failure> {
    password::strong_enough(password, about).map_err(weak)?;
    let Some(list) = crate::state::breached(config)? else { return Ok(()) };
    let stolen =
        list.holds(password).map_err(|fault| Failure::refused(format!("{fault}. Check that it can be read.")))?;
    if stolen { Err(weak(Weak::Breached)) } else { Ok(()) }
}

fn weak(why: Weak) -> Failure {
    Failure::refused(match why {
        Weak::TooShort => {
            format!("The password is too short. Choose one of at least {} characters.", password::SHORTEST)
        }
        Weak::TooLong => format!("The password is too long. Choose one of at most {} bytes.", password::LONGEST),
        Weak::Guessable => {
            "The password is too easily guessed. Choose a longer one, such as several words that don't belong together."
                .to_owned()
        }
        Weak::Breached => "The password is in a list of stolen ones. Choose another.".to_owned(),
    })
}

fn hash(password: &str) -> Result<Secret, Failure> {
    password::hash_now(password).map_err(|fault| Failure::refused(format!("The password can't be hashed: {fault}.")))
}
