//! What letters tell, as the outbox keeps it: words and ids for a template, never a secret. A link that carries one is
//! derived when the letter is sent.

use crate::account_letters::{AskedFor, InvitationLetter, LinkLetter, RegistrationLetter};
use model::id::{LoginAttemptId, OrgId};
use model::language::Language;
use model::login_attempt;
use model::time::Timestamp;
use model::user::User;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Whom a letter goes to, and what they read.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    /// Their address.
    pub address: &'a str,
    /// Their language.
    pub language: Language,
}

impl<'a> To<'a> {
    /// A user at the account's address: in the language that they have chosen, else in that of the request which causes
    /// the letter.
    pub fn user(user: &'a User, asked_in: Language) -> Self {
        Self { address: &user.email, language: user.language.unwrap_or(asked_in) }
    }
}

/// A letter as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Posted {
    #[serde(flatten)]
    pub(crate) letter: Letter,
    /// Absent in letters of versions that spoke one language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<Language>,
}

/// A letter before it is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// To a user who has just approved a device.
    DeviceAuthorized(DeviceAuthorized),
    /// To a user, about something that keeps the account safe.
    AccountChanged(AccountChanged),
    /// To somebody who wants to register.
    Registration(RegistrationLetter),
    /// The same to an address that has an account.
    AlreadyRegistered(AskedFor),
    /// To somebody who wants a new password.
    PasswordReset(LinkLetter),
    /// To somebody who wants to sign in without a password.
    SignInCode(LinkLetter),
    /// Either of the two to an address without an account that may be used.
    NoAccount(AskedFor),
    /// To an address that somebody wants for their account.
    EmailChange(LinkLetter),
    /// The same to an address that has an account of its own.
    EmailTaken(AskedFor),
    /// To somebody who is invited into an organization.
    Invitation(InvitationLetter),
    /// To a user whose password was right in a browser that the account does not know: asks whether it was them.
    LoginApproval(LoginApproval),
    /// To a user whose account has a new browser.
    NewSignIn(NewSignIn),
}

impl Letter {
    /// When what it carries ends; nothing where it carries nothing that ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Registration(told) => Some(told.expires_at),
            Self::PasswordReset(told) | Self::SignInCode(told) | Self::EmailChange(told) => Some(told.expires_at),
            Self::Invitation(told) => Some(told.expires_at),
            Self::LoginApproval(told) => Some(told.at.after(login_attempt::LIFE)),
            Self::AccountChanged(_)
            | Self::NewSignIn(_)
            | Self::DeviceAuthorized(_)
            | Self::AlreadyRegistered(_)
            | Self::EmailTaken(_)
            | Self::NoAccount(_) => None,
        }
    }

    /// Which letter it is: the name of its template.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DeviceAuthorized(_) => "device_authorized",
            Self::AccountChanged(_) => "account_changed",
            Self::Registration(_) => "registration",
            Self::AlreadyRegistered(_) => "already_registered",
            Self::PasswordReset(_) => "password_reset",
            Self::SignInCode(_) => "sign_in_code",
            Self::NoAccount(_) => "no_account",
            Self::EmailChange(_) => "email_change",
            Self::EmailTaken(_) => "email_taken",
            Self::Invitation(_) => "invitation",
            Self::LoginApproval(_) => "login_approval",
            Self::NewSignIn(_) => "new_sign_in",
        }
    }
}

/// That a device was approved, in words as they were then: names may change before the letter is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAuthorized {
    /// Who approved; may be empty.
    pub user_name: String,
    /// What the app calls itself.
    pub app_name: String,
    /// Whether an organization's admin has registered the app.
    pub app_verified: bool,
    /// The name of the organization whose data the device may use.
    pub organization: String,
    /// Its colour, as it was then; absent where it had none, and in letters of versions that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Its id.
    pub org_id: OrgId,
    /// What the device may do, a sentence each.
    pub scopes: Vec<String>,
    /// When.
    pub approved_at: Timestamp,
    /// The address that the device's request came from.
    pub address: IpAddr,
    /// The program that made that request, by what it says of itself; may be empty.
    pub program: String,
}

/// That something was changed which keeps the account safe, or was used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChanged {
    /// Whose account; may be empty.
    pub user_name: String,
    /// What.
    pub change: AccountChange,
    /// When.
    pub changed_at: Timestamp,
    /// From which address; nothing for the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// With which program, by what it says of itself; may be empty.
    #[serde(default)]
    pub program: String,
}

/// What has happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountChange {
    /// Its password is another one.
    PasswordChanged,
    /// Its address is this one now; told to both.
    EmailChanged(String),
    /// It was deleted.
    AccountDeleted,
    /// An authenticator app is a second factor.
    TotpAdded,
    /// It is none any more.
    TotpRemoved,
    /// A passkey of this name was registered.
    PasskeyAdded(String),
    /// A passkey of this name was removed.
    PasskeyRemoved(String),
    /// A passkey of this name was refused, as there may be a copy of it.
    PasskeyRefused(String),
    /// An account at this provider lets its owner in.
    IdentityLinked(String),
    /// It does not any more.
    IdentityUnlinked(String),
    /// An API key was made by hand.
    ApiKeyMade(MadeKey),
    /// An MCP token was made by hand.
    McpTokenMade(MadeKey),
    /// There are new recovery codes.
    RecoveryCodesMade,
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed(usize),
    /// Strangers have used up the attempts at its password.
    AttemptsSpent,
    /// Whoever runs the server has switched it off.
    Disabled,
}

/// A key as the letter about it names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    /// What its owner calls it.
    pub name: String,
    /// The display name of the organization that it is good in.
    pub organization: String,
}

impl AccountChange {
    /// The name of the passkey that it is about.
    pub fn passkey(&self) -> Option<&str> {
        match self {
            Self::PasskeyAdded(name) | Self::PasskeyRemoved(name) | Self::PasskeyRefused(name) => Some(name),
            _ => None,
        }
    }
}

/// A sign-in that waits. The links are derived from the attempt's id when the letter is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginApproval {
    /// Which attempt.
    pub attempt: LoginAttemptId,
    /// Whose account; may be empty.
    pub user_name: String,
    /// When the password was right.
    pub at: Timestamp,
    /// From which address.
    pub address: IpAddr,
    /// With which program; may be empty.
    pub program: String,
}

/// A sign-in from a browser that the account did not know, and knows from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSignIn {
    /// Whose account; may be empty.
    pub user_name: String,
    /// When.
    pub at: Timestamp,
    /// From which address.
    pub address: IpAddr,
    /// With which program; may be empty.
    pub program: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_reads_as_it_was_written() {
        // Letters written by one version are sent by the next: this text must be understood for good.
        let payloads = [
            r#"{"letter":"device_authorized","user_name":"Ada","app_name":"Acme CLI","app_verified":true,"organization":"Acme","org_id":"acme","scopes":["Know who you are"],"approved_at":1793631600000,"address":"2001:db8::7","program":"curl/8.5"}"#,
            r#"{"letter":"password_reset","link":"019a0000-0000-7000-8000-000000000001","expires_at":1793633400000,"user_name":"Ada","at":1793631600000,"address":"192.0.2.7","program":""}"#,
            r#"{"letter":"registration","link":"019a0000-0000-7000-8000-000000000001","expires_at":1793633400000,"organization":"Acme","user_name":"","at":1793631600000,"address":"192.0.2.7","program":""}"#,
            r#"{"letter":"no_account","user_name":"","at":1793631600000,"address":"192.0.2.7","program":""}"#,
            r#"{"letter":"invitation","org_id":"acme","organization":"Acme","invitation":"019a0000-0000-7000-8000-000000000001","expires_at":1793633400000,"inviter":"Ada","inviter_email":"ada@acme.example","role":"admin"}"#,
        ];
        for payload in payloads {
            let posted: Posted = serde_json::from_str(payload).unwrap();
            assert_eq!(posted.language, None, "from before there were several");
            assert_eq!(serde_json::to_string(&posted).unwrap(), payload);
            let tag = format!(r#""letter":"{}""#, posted.letter.name());
            assert!(payload.contains(&tag), "the name and the tag are one word");
            let spoken = payload.replace('}', r#","language":"de"}"#);
            let posted: Posted = serde_json::from_str(&spoken).unwrap();
            assert_eq!(posted.language, Some(Language::German));
            assert_eq!(serde_json::to_string(&posted).unwrap(), spoken);
        }
    }

    #[test]
    fn a_letter_without_a_link_reads_although_an_earlier_version_noted_more() {
        // Until every letter had a shape of its own, those without a link noted when the link would have ended, and where.
        for (letter, more) in [
            ("already_registered", r#""expires_at":1793633400000,"organization":"Acme","#),
            ("no_account", r#""expires_at":1793633400000,"#),
            ("email_taken", ""),
        ] {
            let rest = r#""user_name":"Ada","at":1793631600000,"address":"192.0.2.7","program":"","language":"en"}"#;
            let payload = format!(r#"{{"letter":"{letter}",{more}{rest}"#);
            let posted: Posted = serde_json::from_str(&payload).unwrap();
            assert_eq!((posted.letter.name(), posted.letter.expires_at()), (letter, None));
            assert_eq!(serde_json::to_string(&posted).unwrap(), format!(r#"{{"letter":"{letter}",{rest}"#));
        }
    }

    #[test]
    fn a_letter_that_needs_a_link_is_none_without() {
        let rest = r#""user_name":"","at":1793631600000,"address":"192.0.2.7","program":""}"#;
        let link = r#""link":"019a0000-0000-7000-8000-000000000001","#;
        let end = r#""expires_at":1793633400000,"#;
        for letter in ["registration", "password_reset", "sign_in_code", "email_change"] {
            let read = |parts: &[&str]| {
                let payload = format!(r#"{{"letter":"{letter}",{}{rest}"#, parts.concat());
                serde_json::from_str::<Posted>(&payload).map(|posted| posted.letter.expires_at())
            };
            assert_eq!(read(&[link, end]).unwrap(), Some(Timestamp::from_millis(1_793_633_400_000)), "{letter}");
            assert!(read(&[link]).is_err() && read(&[end]).is_err(), "{letter}");
        }
    }

    #[test]
    fn the_payload_of_an_account_reads_as_it_was_written() {
        for payload in [
            r#"{"letter":"account_changed","user_name":"Ada","change":"totp_added","changed_at":1793631600000,"address":"2001:db8::7","program":"Firefox (Linux)"}"#,
            r#"{"letter":"account_changed","user_name":"","change":{"passkey_added":"Phone"},"changed_at":1,"program":""}"#,
            r#"{"letter":"account_changed","user_name":"","change":{"identity_linked":"Google"},"changed_at":1,"program":""}"#,
            r#"{"letter":"account_changed","user_name":"","change":{"api_key_made":{"name":"ci","organization":"Acme"}},"changed_at":1,"program":""}"#,
            r#"{"letter":"account_changed","user_name":"","change":{"recovery_code_used":9},"changed_at":1,"program":""}"#,
            r#"{"letter":"account_changed","user_name":"","change":"attempts_spent","changed_at":1,"program":""}"#,
            r#"{"letter":"account_changed","user_name":"","change":"disabled","changed_at":1,"program":""}"#,
        ] {
            let letter: Letter = serde_json::from_str(payload).unwrap();
            assert_eq!(serde_json::to_string(&letter).unwrap(), payload);
            assert!(payload.contains(&format!(r#""letter":"{}""#, letter.name())), "the name and the tag are one word");
        }
    }
}
