//! Whom a client means by an id_token of ours that it sends along (OIDC Core §3.1.2.1, §3.1.2.2).
//!
//! 1. The token says who it is, be its time over or not. Only that user may come back to the client by this request.
//! 2. Where somebody else is signed in, they see the sign-in page, and may sign in as whom the client means. What they are
//!    signed in as ends as soon as they do.
//! 3. Who has just signed in as somebody else again is not asked forever: the client is told.

use crate::context::Context;
use crate::refused::Refused;
use issuer::id_token;
use model::application::Application;
use model::id::OrgId;
use protocol::error::OAuthError;
use protocol::params::Params;

/// What comes along with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Nothing.
    Absent,
    /// An id_token of ours: for which client, about which user.
    Of {
        /// `aud`.
        client_id: String,
        /// `sub`.
        user: String,
    },
    /// Something else.
    Unreadable,
}

impl Hint {
    /// Reads it.
    ///
    /// # Errors
    /// The database's, which has the keys.
    pub async fn of(context: &Context, org: &OrgId, params: &Params) -> Result<Self, Refused> {
        let Some(token) = params.get("id_token_hint") else { return Ok(Self::Absent) };
        let keys = context.state.keys(org, &[], &context.moment).await?;
        let claims = id_token::read(token, &keys, &context.state.config.public_url.issuer(org), context.now());
        Ok(claims.map_or(Self::Unreadable, |claims| Self::Of { client_id: claims.aud, user: claims.sub }))
    }

    /// The user whom `application` means by it, if any.
    ///
    /// # Errors
    /// `invalid_request` for what it was not given. Without the hint the answer would be about whoever happens to be signed in,
    /// which is what the client wants to be safe from: Core demands an error wherever the user that it names is not the one who
    /// is there, and one that names nobody is never there. Another client's token is no less wrong: whoever got hold of one
    /// could ask who is signed in.
    pub fn user(&self, application: &Application) -> Result<Option<String>, OAuthError> {
        match self {
            Self::Absent => Ok(None),
            Self::Of { client_id, user } if client_id == application.client_id.as_str() => Ok(Some(user.clone())),
            Self::Of { .. } | Self::Unreadable => {
                Err(OAuthError::invalid_request("id_token_hint is no id_token that this application was given."))
            }
        }
    }
}
