//! The `embedded` dialect: apps that show our pages in a web view of their own, and take a token out of the address that it ends
//! at (RFC 6749 §4.2, without a redirect address: the answer is always at the same page of ours).

use crate::extract::request::scopes;
use crate::refused::Refused;
use model::application::Application;
use model::catalogue::Implications;
use model::user::OrgMember;
use protocol::embedded::{EmbeddedAnswer, EmbeddedOutcome};
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use protocol::scope::Scopes;
use routes::{PublicUrl, url};

/// The longest `state`, in bytes.
const LONGEST: usize = 2048;

/// What would let a client refresh, which nothing here does.
const OFFLINE: &str = "offline_access";

/// A request that can be granted.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What for.
    pub scopes: Scopes,
    /// What the app sent along.
    pub state: String,
    /// Whom it means, where it says so: anybody's word.
    pub login_hint: Option<String>,
}

impl Asked {
    /// Whether the member is whom the app means, where it says so.
    pub fn means(&self, member: &OrgMember) -> bool {
        self.login_hint.as_deref().is_none_or(|hint| member.user().is_meant_by(hint))
    }
}

/// What the app is told instead.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// What it sent along, as far as that can be given back.
    pub state: Option<String>,
    /// What is wrong.
    pub error: OAuthError,
}

/// Whether a request at the common address is one of this dialect, rather than of the code flow.
pub fn is_meant(params: &Params) -> bool {
    params.get("embedded").is_some() || params.get("response_type") == Some("token")
}

/// Reads the request of an application that may be used.
///
/// # Errors
/// What the app is told.
pub fn read(application: &Application, implications: &Implications, params: &Params) -> Result<Asked, Wrong> {
    let state = params.get("state").filter(|state| state.len() <= LONGEST);
    let asked = asked(application, implications, params, state);
    asked.map_err(|error| Wrong { state: state.map(str::to_owned), error })
}

fn asked(
    application: &Application,
    implications: &Implications,
    params: &Params,
    state: Option<&str>,
) -> Result<Asked, OAuthError> {
    let invalid = OAuthError::invalid_request;
    if !application.settings.embedded.enabled {
        let told = "This application may not sign users in inside a web view.";
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, told));
    }
    if params.get("embedded") != Some("true") {
        return Err(invalid("embedded is not true: a token is given inside a web view alone."));
    }
    match params.get("response_type") {
        None => return Err(invalid("response_type is missing.")),
        Some("token") => {}
        Some(_) => {
            let told = "Inside a web view the server answers with response_type=token alone.";
            return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, told));
        }
    }
    if params.get("redirect_uri").is_some() {
        return Err(invalid("redirect_uri has no place here: the answer is always at the same address."));
    }
    let state =
        state.ok_or(invalid(if params.get("state").is_some() { "state is too long." } else { "state is missing." }))?;
    let wanted = scopes(params).map_err(of_refused)?.ok_or(invalid("scope is missing."))?;
    let allowed = &application.settings.scopes;
    if !wanted.within(allowed) {
        let told = "The scope is beyond what this application may ask for.";
        return Err(OAuthError::new(ErrorCode::InvalidScope, told));
    }
    let granted = implications.expanded(&wanted, allowed);
    let scopes: Scopes = granted.names().filter(|name| *name != OFFLINE).map(str::to_owned).collect();
    if scopes.is_empty() {
        let told = "The scope holds nothing that can be given here: nothing is refreshed.";
        return Err(OAuthError::new(ErrorCode::InvalidScope, told));
    }
    Ok(Asked { scopes, state: state.to_owned(), login_hint: params.get("login_hint").map(str::to_owned) })
}

/// The address at which the app finds its answer.
pub fn answer(public_url: &PublicUrl, state: Option<String>, outcome: EmbeddedOutcome) -> String {
    EmbeddedAnswer { outcome, state }.location(&public_url.join(url::EMBEDDED_TARGET))
}

/// What a parameter is refused with, which is told in another way here.
fn of_refused(refused: Refused) -> OAuthError {
    match refused {
        Refused::OAuth(error) => error,
        _ => OAuthError::invalid_request("A parameter is not well-formed."),
    }
}
