//! Pages of sign-ins in a web view of an app's own, which is as small as a phone.

use super::parts::{AppFace, Form};
use crate::page::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// Who goes on, where the app means somebody else than who is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct AccountChoice {
    /// The app that asks.
    pub app: AppFace,
    /// Who is signed in.
    pub email: String,
    /// Where they go on.
    pub go_on_url: String,
    /// Signs out, and comes back here.
    pub another: Form,
}

impl Page for AccountChoice {
    fn template(&self) -> &'static str {
        "pages/account_choice.html"
    }

    fn title(&self) -> Words {
        say::account_choice().into()
    }
}

/// On the way to the app's own step after registering: the page's script goes on, or somebody does.
#[derive(Clone, Debug, Serialize)]
pub struct CompletionStep {
    /// The app.
    pub app: AppFace,
    /// The step's address.
    pub url: String,
}

impl Page for CompletionStep {
    fn template(&self) -> &'static str {
        "pages/completion_step.html"
    }

    fn title(&self) -> Words {
        say::completion_step().into()
    }
}

/// Where an app finds its answer: a page that does nothing, and has no script to do it with.
#[derive(Clone, Debug, Serialize)]
pub struct EmbeddedEnd {}

impl Page for EmbeddedEnd {
    fn template(&self) -> &'static str {
        "pages/embedded_end.html"
    }

    fn title(&self) -> Words {
        say::embedded_end().into()
    }
}
