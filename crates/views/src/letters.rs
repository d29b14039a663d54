//! Letters: what goes out by mail.

use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// A letter: its fields are what its three templates show.
pub trait LetterTemplate: Serialize {
    /// The name of its folder below `templates/letters/`.
    fn name(&self) -> &'static str;
}

/// A letter ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedLetter {
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// To whom the operator names, to see whether letters arrive.
#[derive(Clone, Debug, Serialize)]
pub struct TestLetter {
    /// The server's host.
    pub public_host: String,
    /// When it was sent.
    pub sent: When,
}

impl LetterTemplate for TestLetter {
    fn name(&self) -> &'static str {
        "test_letter"
    }
}

/// About an account that begins or is recovered. Which of these fields a letter shows, its template says.
#[derive(Clone, Debug, Serialize)]
pub struct AccountLetter {
    /// Which letter.
    #[serde(skip)]
    pub letter: &'static str,
    /// The person's name; may be empty.
    pub user_name: String,
    /// The organization that one registers at; may be empty.
    pub organization: String,
    /// Where the letter's first link leads.
    pub url: String,
    /// Where its second one leads.
    pub other_url: String,
    /// The code to be typed, in two groups.
    pub code: String,
    /// When it was asked for, or done.
    pub at: When,
    /// The network address that this came from.
    pub ip: String,
    /// Where that is, as far as known.
    pub place: Option<Message>,
    /// The program, by what it says of itself.
    pub program: Option<String>,
    /// The server's host.
    pub public_host: String,
}

impl LetterTemplate for AccountLetter {
    fn name(&self) -> &'static str {
        self.letter
    }
}

/// To somebody who is invited into an organization.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    /// The organization.
    pub organization: String,
    /// Its colour, as a stylesheet says it; `transparent` where it has none.
    pub accent: String,
    /// The name of who invites; may be empty.
    pub inviter: String,
    /// The address of who invites.
    pub inviter_email: String,
    /// As what: `member`, `admin` or `owner`.
    pub role: String,
    /// Where the invitation is accepted.
    pub url: String,
    /// When it ends.
    pub until: When,
    /// The server's host.
    pub public_host: String,
}

impl LetterTemplate for Invitation {
    fn name(&self) -> &'static str {
        "invitation"
    }
}

/// To a user who has just approved a device: so that an approval that somebody else obtained does not go unnoticed.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceAuthorized {
    /// The person's name; may be empty.
    pub user_name: String,
    /// What the app calls itself.
    pub app_name: String,
    /// Whether an organization's admin has registered the app.
    pub app_verified: bool,
    /// The organization whose data the device may use.
    pub organization: String,
    /// Its colour, as a stylesheet says it; `transparent` where it has none.
    pub accent: String,
    /// What it can do, a sentence each.
    pub scopes: Vec<Words>,
    /// When it was approved.
    pub approved: When,
    /// The network address that the request came from.
    pub ip: String,
    /// Where that is, as far as known: "near Lyon, by its network address".
    pub place: Option<Message>,
    /// The program that made the request, by what it says of itself.
    pub program: Option<String>,
    /// The page where the access is ended.
    pub connections_url: String,
    /// The server's host.
    pub public_host: String,
}

impl LetterTemplate for DeviceAuthorized {
    fn name(&self) -> &'static str {
        "device_authorized"
    }
}

/// To a user, after something was changed that keeps the account safe: so that what somebody else does does not go
/// unnoticed.
#[derive(Clone, Debug, Serialize)]
pub struct AccountChanged {
    /// The person's name; may be empty.
    pub user_name: String,
    /// What was changed: the subject, and the heading.
    pub change: Message,
    /// The same in a sentence.
    pub lead: Message,
    /// What to do about it, for whoever it was not.
    pub advice: Advice,
    /// The passkey's name, where it is about one.
    pub passkey: Option<String>,
    /// When.
    pub changed: When,
    /// The network address that it came from.
    pub ip: Option<String>,
    /// Where that is, as far as known.
    pub place: Option<Message>,
    /// The program, by what it says of itself.
    pub program: Option<String>,
    /// The server's host.
    pub public_host: String,
}

/// What somebody is to do who has not changed their account themselves.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Advice {
    /// Look at the account's security, and choose another password.
    Look {
        /// Where.
        url: String,
    },
    /// Remove there what was added, first of all: a new password does not.
    Remove {
        /// Where.
        url: String,
    },
    /// Revoke there what was made, first of all: a new password does not.
    Revoke {
        /// Where.
        url: String,
    },
    /// Choose a new password by a letter, as the one that they know is none any more.
    NewPassword {
        /// Where.
        url: String,
    },
    /// Nothing, as no harm was done.
    Guard {
        /// Where to look all the same.
        url: String,
    },
    /// Tell whoever runs the server: the account's own pages can't undo it.
    TellOperator,
    /// Ask them, who did it.
    AskOperator,
}

impl LetterTemplate for AccountChanged {
    fn name(&self) -> &'static str {
        "account_changed"
    }
}

/// To a user whose password was right in a browser that the account does not know.
#[derive(Clone, Debug, Serialize)]
pub struct LoginApproval {
    /// The person's name; may be empty.
    pub user_name: String,
    /// When the password was right.
    pub at: When,
    /// The network address of the browser.
    pub ip: String,
    /// Where that is, as far as known: "near Lyon, by its network address".
    pub place: Option<Message>,
    /// The browser, by what it says of itself.
    pub program: Option<String>,
    /// The link that approves.
    pub approve_url: String,
    /// The link that denies.
    pub deny_url: String,
    /// The server's host.
    pub public_host: String,
}

impl LetterTemplate for LoginApproval {
    fn name(&self) -> &'static str {
        "login_approval"
    }
}

/// To a user whose account knows a new browser.
#[derive(Clone, Debug, Serialize)]
pub struct NewSignIn {
    /// The person's name; may be empty.
    pub user_name: String,
    /// When.
    pub at: When,
    /// The network address of the browser.
    pub ip: String,
    /// Where that is, as far as known.
    pub place: Option<Message>,
    /// The browser, by what it says of itself.
    pub program: Option<String>,
    /// The page where the password is changed.
    pub security_url: String,
    /// The server's host.
    pub public_host: String,
}

impl LetterTemplate for NewSignIn {
    fn name(&self) -> &'static str {
        "new_sign_in"
    }
}
