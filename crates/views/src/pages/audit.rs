use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// The portal's audit log. Its filter is sent by GET, with the fields `action`, `email`, `from` and `to`.
#[derive(Clone, Debug, Serialize)]
pub struct AuditLog {
    /// The portal's sections.
    pub side: Side,
    /// What is wrong with the filter as sent; then nothing is listed.
    pub errors: Vec<FormError>,
    /// The page itself, without a filter.
    pub url: String,
    /// What may have been done.
    pub actions: Vec<Choice>,
    /// The address as typed.
    pub email: String,
    /// The first day as typed.
    pub from: String,
    /// The last day as typed.
    pub to: String,
    /// Whether anything is filtered out.
    pub filtered: bool,
    /// What was done, newest first.
    pub rows: Vec<AuditEntry>,
    /// The newest rows, where these are older ones.
    pub newest: Option<String>,
    /// Older ones, where there are any.
    pub older: Option<String>,
    /// Takes along what passes the filter; field `format`.
    pub export: Form,
}

/// One thing that was done.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: When,
    /// Who did it.
    pub who: AuditName,
    /// What, in words; the log's own word where there are none for it.
    pub what: Words,
    /// To which thing.
    pub object: AuditName,
    /// From which network address; nothing for the command line.
    pub ip: Option<String>,
    /// Where that is, as far as known.
    pub place: Option<Message>,
    /// By which program, by what it says of itself.
    pub program: Option<String>,
    /// More about it.
    pub details: Vec<AuditDetail>,
}

/// Somebody or something that an entry tells of.
#[derive(Clone, Debug, Serialize)]
pub struct AuditName {
    /// The name, or in words who it is.
    pub name: Words,
    /// The address of a person, or the client id of an application.
    pub beside: Option<String>,
    /// Whether the name is an id.
    pub is_id: bool,
    /// Whether they are somebody who is no member.
    pub former: bool,
}

/// A detail of an entry.
#[derive(Clone, Debug, Serialize)]
pub struct AuditDetail {
    /// What it is, as the log calls it.
    pub label: String,
    /// What it says.
    pub value: Words,
}

impl Page for AuditLog {
    fn template(&self) -> &'static str {
        "portal/audit.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::audit(), &self.errors)
    }
}
