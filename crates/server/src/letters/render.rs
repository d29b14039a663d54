//! Rendering a letter as it leaves.

use crate::state::State;
use crate::words;
use delivery::outbox::Ready;
use delivery::{
    AccountChange, AccountChanged, AskedFor, DeviceAuthorized, Letter, LinkLetter, LoginApproval, NewSignIn,
};
use model::fault::Fault;
use model::id::MailLinkId;
use model::language::Language;
use model::login_attempt::Capability;
use model::mail_link::{LinkKind, capability};
use model::time::Timestamp;
use routes::url;
use views::letters::{
    AccountChanged as AccountChangedPage, AccountLetter as AccountPage, Advice,
    DeviceAuthorized as DeviceAuthorizedPage, Invitation as InvitationPage, LoginApproval as LoginApprovalPage,
    NewSignIn as NewSignInPage,
};
use views::text::When;
use views::{RenderedLetter, say};

/// A letter as it stood when it was written, with what it carries derived anew.
///
/// # Errors
/// `Broken` where its template is.
pub(crate) fn render(state: &State, ready: &Ready) -> Result<RenderedLetter, Fault> {
    let (now, language, name) = (ready.row.created_at, ready.language, ready.letter.name());
    let ours = |path: &str| state.config.public_url.join(path);
    let about = |asked: &AskedFor| account(state, name, asked, (now, language));
    let with_link = |told: &LinkLetter, url| AccountPage { url, ..about(&told.asked) };
    match &ready.letter {
        Letter::DeviceAuthorized(told) => {
            state.views.letter(&device_authorized(state, told, (now, language)), language)
        }
        Letter::AccountChanged(told) => state.views.letter(&account_changed(state, told, (now, language)), language),
        Letter::LoginApproval(told) => state.views.letter(&login_approval(state, told, (now, language)), language),
        Letter::NewSignIn(told) => state.views.letter(&new_sign_in(state, told, (now, language)), language),
        Letter::Registration(told) => {
            let shown = AccountPage {
                url: link(state, told.link, LinkKind::Registration, url::register_link),
                organization: told.organization.clone().unwrap_or_default(),
                ..about(&told.asked)
            };
            state.views.letter(&shown, language)
        }
        Letter::PasswordReset(told) => {
            let url = link(state, told.link, LinkKind::Reset, url::reset_link);
            state.views.letter(&with_link(told, url), language)
        }
        Letter::SignInCode(told) => {
            let url = link(state, told.link, LinkKind::SignIn, url::email_link);
            let code = LinkKind::code(told.link, &state.keyring);
            let (one, two) = code.split_at(code.len() / 2);
            let shown = AccountPage { code: format!("{one} {two}"), ..with_link(told, url) };
            state.views.letter(&shown, language)
        }
        Letter::EmailTaken(asked) => state.views.letter(&about(asked), language),
        Letter::AlreadyRegistered(asked) | Letter::NoAccount(asked) => {
            let shown = AccountPage { url: ours(url::LOGIN), other_url: ours(url::RESET), ..about(asked) };
            state.views.letter(&shown, language)
        }
        Letter::EmailChange(told) => {
            let token = model::email_change::token(told.link, &state.keyring);
            let url = ours(&url::in_letter(&url::email_change(&token)));
            state.views.letter(&with_link(told, url), language)
        }
        Letter::Invitation(told) => {
            let token = model::invitation::token(&told.org_id, told.invitation, &state.keyring);
            let shown = InvitationPage {
                organization: told.organization.clone(),
                accent: accent(told.colour.as_deref()),
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

/// The colour of an organization's letters.
fn accent(colour: Option<&str>) -> String {
    colour.unwrap_or("transparent").to_owned()
}

/// Where the link of a letter leads: with the capability, which stands nowhere else.
fn link(state: &State, link: MailLinkId, kind: LinkKind, path: fn(&str) -> String) -> String {
    let token = capability(&state.keyring.key(kind.purpose()), link.uuid());
    state.config.public_url.join(&url::in_letter(&path(&token)))
}

/// What letters that somebody asked for have in common; each adds what it carries.
fn account(
    state: &State,
    letter: &'static str,
    asked: &AskedFor,
    (now, language): (Timestamp, Language),
) -> AccountPage {
    AccountPage {
        letter,
        user_name: asked.user_name.clone(),
        organization: String::new(),
        url: String::new(),
        other_url: String::new(),
        code: String::new(),
        at: When::past(asked.at, now),
        ip: asked.address.to_string(),
        place: state.places.of(asked.address, language),
        program: (!asked.program.is_empty()).then(|| asked.program.clone()),
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
        accent: accent(told.colour.as_deref()),
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
        AccountChange::ApiKeyMade(key) => (
            say::letter_api_key_made(),
            say::letter_api_key_made_lead(host, key.name.as_str(), key.organization.as_str()),
        ),
        AccountChange::McpTokenMade(key) => (
            say::letter_mcp_token_made(),
            say::letter_mcp_token_made_lead(host, key.name.as_str(), key.organization.as_str()),
        ),
        AccountChange::RecoveryCodesMade => (say::letter_codes_made(), say::letter_codes_made_lead(host)),
        AccountChange::RecoveryCodeUsed(left) => {
            (say::letter_code_used(), say::letter_code_used_lead(host, u64::try_from(*left).unwrap_or(0)))
        }
        AccountChange::AttemptsSpent => (say::letter_attempts_spent(), say::letter_attempts_spent_lead(host)),
        AccountChange::Disabled => (say::letter_account_disabled(), say::letter_account_disabled_lead(host)),
    };
    AccountChangedPage {
        user_name: told.user_name.clone(),
        change,
        lead,
        advice: advice(state, &told.change),
        passkey: told.change.passkey().map(str::to_owned),
        changed: When::past(told.changed_at, now),
        ip: told.address.map(|address| address.to_string()),
        place: told.address.and_then(|address| state.places.of(address, language)),
        program: (!told.program.is_empty()).then(|| told.program.clone()),
        public_host: host.to_owned(),
    }
}

fn advice(state: &State, change: &AccountChange) -> Advice {
    let public_url = &state.config.public_url;
    let security = || public_url.join(url::SECURITY_FROM_LETTER);
    match change {
        AccountChange::PasswordChanged => Advice::NewPassword { url: public_url.join(url::RESET) },
        AccountChange::TotpAdded | AccountChange::PasskeyAdded(_) | AccountChange::IdentityLinked(_) => {
            Advice::Remove { url: security() }
        }
        AccountChange::ApiKeyMade(_) | AccountChange::McpTokenMade(_) => {
            Advice::Revoke { url: public_url.join(url::KEYS_FROM_LETTER) }
        }
        AccountChange::AttemptsSpent => Advice::Guard { url: security() },
        AccountChange::EmailChanged(_) | AccountChange::AccountDeleted => Advice::TellOperator,
        AccountChange::Disabled => Advice::AskOperator,
        AccountChange::TotpRemoved
        | AccountChange::PasskeyRemoved(_)
        | AccountChange::PasskeyRefused(_)
        | AccountChange::IdentityUnlinked(_)
        | AccountChange::RecoveryCodesMade
        | AccountChange::RecoveryCodeUsed(_) => Advice::Look { url: security() },
    }
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
