use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// The portal's members and invitations.
#[derive(Clone, Debug, Serialize)]
pub struct Members {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// Who belongs to the organization.
    pub members: Vec<MemberRow>,
    /// Who is invited.
    pub invitations: Vec<InvitationRow>,
    /// *Invite*; fields `email`, `role`.
    pub invite: Form,
    /// The address as typed.
    pub email: String,
    /// The roles that one may be invited as.
    pub roles: Vec<Choice>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

/// A member.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRow {
    /// The name; may be empty.
    pub name: String,
    /// The address.
    pub email: String,
    /// The role in a word.
    pub role: Message,
    /// Whether the operator switched the account off.
    pub disabled: bool,
    /// *Change role*, field `role`, where who looks may; the roles that there are.
    pub change: Option<Form>,
    /// The roles that may be chosen.
    pub roles: Vec<Choice>,
    /// *End membership*, where who looks may.
    pub remove: Option<Form>,
}

/// An invitation.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationRow {
    /// The address.
    pub email: String,
    /// The role in a word.
    pub role: Message,
    /// When its letter was written last.
    pub sent: When,
    /// When it ends; nothing where it has ended.
    pub expires: Option<When>,
    /// *Send again*, where who looks may.
    pub resend: Option<Form>,
    /// *Revoke*.
    pub revoke: Form,
}

impl Page for Members {
    fn template(&self) -> &'static str {
        "portal/members.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::members(), &self.errors)
    }
}
