use super::device_review::RequestOrigin;
use super::login::titled_by_errors;
use super::{Form, FormError};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// Where a browser waits whose sign-in a letter asks about. *Continue* goes on once it is approved.
#[derive(Clone, Debug, Serialize)]
pub struct NewDevice {
    /// The number that whoever approves has to type; in the page's only `<output>`.
    pub number: u8,
    /// The address that was written to.
    pub email: String,
    /// Whether the account knows the browser, and an organization wants each sign-in approved.
    pub known: bool,
    /// When the waiting ends.
    pub expires: When,
    /// *Continue*.
    pub onward: Form,
    /// Another letter; absent where there are no more.
    pub letter: Option<Form>,
    /// Goes on for a recovery code (field `code`).
    pub recovery: Form,
    /// Where the page's script asks how far it is.
    pub state_url: String,
    /// What has just happened: "We have sent another letter."
    pub notice: Option<Message>,
    /// Why it does not go on yet.
    pub errors: Vec<FormError>,
}

impl Page for NewDevice {
    fn template(&self) -> &'static str {
        "pages/new_device.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::new_device(), &self.errors)
    }
}

/// A browser that waited, and gets nothing.
#[derive(Clone, Debug, Serialize)]
pub struct NewDeviceOver {
    /// Whether somebody denied the sign-in; else its time is over, or it was used.
    pub denied: bool,
    /// Whether wrong numbers ended it.
    pub wrong_numbers: bool,
    /// The sign-in page.
    pub login_url: String,
}

impl Page for NewDeviceOver {
    fn template(&self) -> &'static str {
        "pages/new_device_over.html"
    }

    fn title(&self) -> Words {
        if self.denied { say::new_device_denied() } else { say::new_device_over() }.into()
    }
}

/// What a letter's link leads to. Fields: `number`, `decision=approve|deny`.
#[derive(Clone, Debug, Serialize)]
pub struct LoginDecision {
    /// Where the answer posts to.
    pub action: String,
    /// Against forgery, bound to this browser and the link.
    pub csrf_token: String,
    /// Whether the link permits to approve; one of the two permits to deny alone.
    pub may_approve: bool,
    /// Whose sign-in.
    pub email: String,
    /// Whether the account knows the browser, and an organization wants each sign-in approved.
    pub known: bool,
    /// Where the browser is that waits.
    pub origin: RequestOrigin,
    /// When it stops waiting.
    pub expires: When,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for LoginDecision {
    fn template(&self) -> &'static str {
        "pages/login_decision.html"
    }

    fn title(&self) -> Words {
        let question = if self.may_approve { say::login_is_this_you() } else { say::login_deny_this() };
        titled_by_errors(question, &self.errors)
    }
}

/// What became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum LoginDecided {
    /// The browser that waits goes on.
    Approved,
    /// It never will.
    Denied {
        /// Signs out everywhere.
        sign_out: Form,
        /// Where a new password is asked for.
        password_url: String,
    },
    /// Every session of the account has ended.
    SignedOut {
        /// Where a new password is asked for.
        password_url: String,
    },
    /// There is nothing to decide any more.
    Over {
        /// Whether wrong numbers ended it.
        wrong_numbers: bool,
        /// Where a new password is asked for, for whoever it was not.
        password_url: String,
    },
}

impl Page for LoginDecided {
    fn template(&self) -> &'static str {
        "pages/login_decided.html"
    }

    fn title(&self) -> Words {
        match self {
            Self::Approved => say::login_approved(),
            Self::Denied { .. } => say::login_denied(),
            Self::SignedOut { .. } => say::signed_out_everywhere(),
            Self::Over { wrong_numbers: true, .. } => say::login_ended(),
            Self::Over { wrong_numbers: false, .. } => say::login_nothing_to_decide(),
        }
        .into()
    }
}
