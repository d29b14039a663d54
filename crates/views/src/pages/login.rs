use super::{FormError, PasskeyForm, ProviderButton};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// The sign-in page, and where one lands after signing out. Fields: `email`, `password`, `remember=yes`, `next`.
#[derive(Clone, Debug, Serialize)]
pub struct Login {
    /// Where the form posts to.
    pub action: String,
    /// Against forgery, bound to the pre-session.
    pub csrf_token: String,
    /// The path to go to afterwards; checked by the server.
    pub next: String,
    /// The address as typed. The password is never given back.
    pub email: String,
    /// Whether *Stay signed in* is ticked.
    pub remember: bool,
    /// Signs in by a passkey, with no address typed; nothing where passkeys are off.
    pub passkey: Option<PasskeyForm>,
    /// Why one is asked: "Sign in to continue with your device."
    pub reason: Option<Message>,
    /// What has just happened: "You are signed out."
    pub notice: Option<Message>,
    /// Where who forgot the password chooses another one.
    pub reset_url: String,
    /// Where who has no password at hand gets a letter to sign in with.
    pub by_email_url: String,
    /// Where an account is made, where the organization lets people in.
    pub register_url: Option<String>,
    /// Other providers to sign in by.
    pub providers: Vec<ProviderButton>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for Login {
    fn template(&self) -> &'static str {
        "pages/login.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::sign_in(), &self.errors)
    }
}

/// A page that shows errors says so first, in the title, where screen readers begin.
pub(super) fn titled_by_errors(title: impl Into<Words>, errors: &[FormError]) -> Words {
    let title = title.into();
    if errors.is_empty() { title } else { say::title_with_errors(title).into() }
}
