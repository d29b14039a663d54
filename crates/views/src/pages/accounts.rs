//! Pages on which accounts begin and are recovered: for people who are not signed in, or just about to be.

use super::login::titled_by_errors;
use super::{Form, FormError, ProviderButton};
use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// Where an address is typed, so that a letter goes there. Fields: `email`, and to sign in `remember=yes`.
#[derive(Clone, Debug, Serialize)]
pub struct AskByMail {
    /// What for: `register`, `reset` or `sign_in`.
    pub what: String,
    /// Where the form posts to, with what it carries unseen.
    pub form: Form,
    /// The address as typed.
    pub email: String,
    /// Whether *Stay signed in* is ticked, which is asked of who signs in.
    pub remember: bool,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The sign-in page.
    pub login_url: String,
}

impl Page for AskByMail {
    fn template(&self) -> &'static str {
        "pages/ask_by_mail.html"
    }

    fn title(&self) -> Words {
        let title = match self.what.as_str() {
            "register" => say::create_account(),
            "reset" => say::password_forgotten(),
            _ => say::by_email(),
        };
        titled_by_errors(title, &self.errors)
    }
}

/// That a letter is on its way, in the same words whatever is in it.
#[derive(Clone, Debug, Serialize)]
pub struct LetterSent {
    /// What for: `register` or `reset`.
    pub what: String,
    /// Where another one is asked for.
    pub again_url: String,
    /// Where somebody signs in who has followed the letter in another window, and is waited for in this one.
    pub login_url: Option<String>,
}

impl Page for LetterSent {
    fn template(&self) -> &'static str {
        "pages/letter_sent.html"
    }

    fn title(&self) -> Words {
        say::mailbox_heading().into()
    }
}

/// Where somebody whose address is proven makes an account. Fields: `name`, `password`.
#[derive(Clone, Debug, Serialize)]
pub struct CreateAccount {
    /// Where the form posts to.
    pub form: Form,
    /// The account's address, which is proven.
    pub email: String,
    /// The name as typed.
    pub name: String,
    /// The organization that one is invited into; absent where one registers by oneself.
    pub invited_to: Option<String>,
    /// *Decline*, for who is invited.
    pub decline: Option<Form>,
    /// Other providers, which can prove the address just as well.
    pub providers: Vec<ProviderButton>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for CreateAccount {
    fn template(&self) -> &'static str {
        "pages/create_account.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::create_account(), &self.errors)
    }
}

/// Where somebody chooses a new password by the link of a letter. Field: `password`.
#[derive(Clone, Debug, Serialize)]
pub struct NewPassword {
    /// Where the form posts to.
    pub form: Form,
    /// Whose.
    pub email: String,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for NewPassword {
    fn template(&self) -> &'static str {
        "pages/new_password.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::new_password_heading(), &self.errors)
    }
}

/// Where somebody with an account becomes a member: by an invitation, or because the organization lets them in.
#[derive(Clone, Debug, Serialize)]
pub struct Join {
    /// The organization.
    pub organization: String,
    /// Whether there is an invitation.
    pub invited: bool,
    /// As what, in a word: "member", "admin", "owner".
    pub role: String,
    /// Whom the invitation is for, or who is signed in.
    pub email: String,
    /// *Join*, for who is signed in and may.
    pub join: Option<Form>,
    /// *Decline*, for who is invited.
    pub decline: Option<Form>,
    /// Where to sign in, for who is not.
    pub login_url: Option<String>,
    /// Signs out, for who is signed in with another account.
    pub sign_out: Option<Form>,
    /// Who is signed in with another account.
    pub signed_in_as: String,
}

/// That nothing has come of an invitation.
#[derive(Clone, Debug, Serialize)]
pub struct Declined {
    /// Where it was to.
    pub organization: String,
}

impl Page for Declined {
    fn template(&self) -> &'static str {
        "pages/declined.html"
    }

    fn title(&self) -> Words {
        say::invitation_declined().into()
    }
}

impl Page for Join {
    fn template(&self) -> &'static str {
        "pages/join.html"
    }

    fn title(&self) -> Words {
        say::join().into()
    }
}

/// Where the code of a letter is typed, in the browser that asked for it. Field: `code`.
#[derive(Clone, Debug, Serialize)]
pub struct EmailCode {
    /// Where the form posts to.
    pub form: Form,
    /// Where another letter is asked for.
    pub again_url: String,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for EmailCode {
    fn template(&self) -> &'static str {
        "pages/email_code.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::email_code_heading(), &self.errors)
    }
}

/// Where the link of a letter leads that signs in: a button, as programs that look through mail open every link.
#[derive(Clone, Debug, Serialize)]
pub struct EmailConfirm {
    /// *Sign in*, in the browser that asked; nothing in any other.
    pub form: Option<Form>,
}

impl Page for EmailConfirm {
    fn template(&self) -> &'static str {
        "pages/email_confirm.html"
    }

    fn title(&self) -> Words {
        say::by_email().into()
    }
}
