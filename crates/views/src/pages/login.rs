use super::FormError;
use crate::Page;
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
    /// Why one is asked: "Sign in to continue with your device."
    pub reason: Option<String>,
    /// What has just happened: "You are signed out."
    pub notice: Option<String>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for Login {
    fn template(&self) -> &'static str {
        "pages/login.html"
    }

    fn title(&self) -> String {
        titled_by_errors("Sign in", &self.errors)
    }
}

/// A page that shows errors says so first, in the title, where screen readers begin.
pub(super) fn titled_by_errors(title: &str, errors: &[FormError]) -> String {
    if errors.is_empty() { title.to_owned() } else { format!("Error: {title}") }
}
