use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::Words;
use serde::Serialize;

/// The letters that were written, on the machine of who tries Doorward out.
#[derive(Clone, Debug, Serialize)]
pub struct Letters {
    /// The newest first.
    pub letters: Vec<LetterRow>,
}

/// A letter in the list.
#[derive(Clone, Debug, Serialize)]
pub struct LetterRow {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When.
    pub written: When,
    /// Where it is read.
    pub url: String,
}

impl Page for Letters {
    fn template(&self) -> &'static str {
        "pages/letters.html"
    }

    fn title(&self) -> Words {
        say::letters().into()
    }
}

/// One of them. Its HTML part is shown as text: nothing in a letter runs on our pages.
#[derive(Clone, Debug, Serialize)]
pub struct LetterPage {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When.
    pub written: When,
    /// The links of its text part.
    pub links: Vec<LetterLink>,
    /// The text part.
    pub text: String,
    /// The HTML part, as its source.
    pub html: String,
    /// The list.
    pub list_url: String,
}

/// A link of a letter's text part.
#[derive(Clone, Debug, Serialize)]
pub struct LetterLink {
    /// What the letter calls it, where it says so before it.
    pub label: Option<String>,
    /// Where it leads.
    pub url: String,
}

impl Page for LetterPage {
    fn template(&self) -> &'static str {
        "pages/letter.html"
    }

    fn title(&self) -> Words {
        Words::verbatim(self.subject.clone())
    }
}
