use super::Link;
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// A request that was not done: what happened, then what to do. The request's id is in the small print.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: Message,
    /// What happened and what to do, in at most two sentences.
    pub sentence: Message,
    /// Where to go on.
    pub next: Option<Link>,
}

impl ErrorPage {
    /// The page for a status, in words that hold whatever was asked for. A caller that knows more sets `sentence`.
    pub fn of_status(status: u16) -> Self {
        let (heading, sentence) = match status {
            400 => (say::error_400(), say::error_400_sentence()),
            403 => (say::error_403(), say::error_403_sentence()),
            404 => (say::error_404(), say::error_404_sentence()),
            405 => (say::error_405(), say::error_405_sentence()),
            408 => (say::error_408(), say::error_408_sentence()),
            409 => (say::error_409(), say::error_409_sentence()),
            410 => (say::error_410(), say::error_410_sentence()),
            413 => (say::error_413(), say::error_413_sentence()),
            429 => (say::error_429(), say::error_429_sentence()),
            503 => (say::error_503(), say::error_503_sentence()),
            _ => (say::error_500(), say::error_500_sentence()),
        };
        Self { status, heading, sentence, next: None }
    }
}

impl Page for ErrorPage {
    fn template(&self) -> &'static str {
        "pages/error.html"
    }

    fn title(&self) -> Words {
        self.heading.clone().into()
    }
}
