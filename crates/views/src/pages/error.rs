use super::Link;
use crate::Page;
use serde::Serialize;

/// A request that was not done: what happened, then what to do. The request's id is in the small print.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: String,
    /// What happened and what to do, in at most two sentences.
    pub sentence: String,
    /// Where to go on.
    pub next: Option<Link>,
}

impl ErrorPage {
    /// The page for a status, in words that hold whatever was asked for. A caller that knows more sets `sentence`.
    pub fn of_status(status: u16) -> Self {
        let (heading, sentence) = match status {
            400 => (
                "This request can't be read",
                "Something in the address or the form is not as it should be. Go back and try again.",
            ),
            403 => (
                "You can't do this here",
                "Your account is not allowed to, or the page was open for too long. Go back, reload the page and try again.",
            ),
            404 => (
                "There is no such page",
                "The address may be mistyped, or the page is not one that you may see. Check the address.",
            ),
            405 => (
                "This page can't be used that way",
                "The address exists, but not for what your browser sent. Go back and use the page's own buttons.",
            ),
            408 => (
                "That took too long",
                "What you sent did not arrive in time, and nothing was changed. Go back and send it again.",
            ),
            409 => (
                "This has already been decided",
                "It was decided elsewhere, or it expired while you were looking. Start again on your device if you still need it.",
            ),
            413 => ("That is too much", "What you sent is larger than this page takes. Shorten it and send it again."),
            429 => ("Too many attempts", "For safety, this is paused for a while. Wait a few minutes, then try again."),
            503 => ("Doorward is busy", "It can't answer right now, and nothing was changed. Try again in a moment."),
            _ => (
                "Something went wrong on our side",
                "It was recorded and you did nothing wrong. Try again; if it happens again, tell your admin the number below.",
            ),
        };
        Self { status, heading: heading.to_owned(), sentence: sentence.to_owned(), next: None }
    }
}

impl Page for ErrorPage {
    fn template(&self) -> &'static str {
        "pages/error.html"
    }

    fn title(&self) -> String {
        self.heading.clone()
    }
}
