//! What a client asks for, looked at in the order in which it can be answered: first whether there is anybody to answer to,
//! then everything else.

use crate::extract::request::{code_challenge, resources, scopes};
use crate::refused::Refused;
use crate::web::authorize::hint::Hint;
use crate::web::gate::{At, Visitor};
use directory::catalogue::Catalogue;
use model::application::{Application, ApplicationState, ClientKind};
use model::catalogue::Implications;
use model::code_grant::{CodeTerms, Consent};
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use model::org::Organization;
use model::redirect_uri;
use model::resource::Resource;
use model::user::{OrgMember, Present};
use protocol::authorize::{Prompt, ResponseMode};
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use protocol::token::GrantType;
use routes::PublicUrl;
use std::time::Duration;
use store::Conn;
use store::tables::{applications, consents};
use views::{Message, say};

/// The longest `state` or `nonce`, in bytes: more than any library sends.
const LONGEST: usize = 2048;

/// Everything that a request is decided by, beside itself.
pub struct Seen {
    /// The application that it names, if there is one that may be used.
    pub application: Option<Application>,
    /// Who is at the browser.
    pub at: At,
    /// What they have agreed to before.
    pub consent: Option<Consent>,
    /// What scopes mean.
    pub catalogue: Catalogue,
    /// What goes along with them.
    pub implications: Implications,
    /// The resources that are asked for, as far as the organization has them.
    pub resources: Vec<Resource>,
}

impl Seen {
    /// Reads it; nothing where there is no such organization.
    ///
    /// # Errors
    /// The database's.
    pub fn read(conn: &mut Conn, visitor: &Visitor, org: &OrgId, params: &Params) -> Result<Option<Self>, Fault> {
        let Some(at) = visitor.at(conn, org)? else { return Ok(None) };
        let application = match params.get("client_id") {
            Some(client_id) => applications::by_client_id(conn, org, &ClientId::from_wire(client_id))?
                .map(|record| record.application)
                .filter(|application| application.state == ApplicationState::Active),
            None => None,
        };
        let consent = match (&at, &application) {
            (At::Member(_, member), Some(application)) => consents::of(conn, org, member.user().id, application.id)?,
            _ => None,
        };
        // What is no resource at all is told later, with all else that is wrong.
        let wanted = resources(params).unwrap_or_default();
        Ok(Some(Self {
            application,
            at,
            consent,
            catalogue: Catalogue::read(conn, org)?,
            implications: store::tables::scopes::implications(conn, org)?,
            resources: store::tables::resources::known(conn, org, &wanted)?,
        }))
    }

    /// The organization.
    pub fn organization(&self) -> &Organization {
        self.at.organization()
    }

    /// Who is signed in, whether or not they belong here.
    pub fn present(&self) -> Option<&Present> {
        match &self.at {
            At::Guest(_) => None,
            At::Stranger(_, present) | At::FactorMissing(_, present) => Some(present),
            At::Member(_, member) => Some(member.present()),
        }
    }
}

/// Where an answer goes.
#[derive(Clone, Debug)]
pub struct To {
    /// The client's address, which has been found among the registered ones.
    pub redirect_uri: String,
    /// How it travels.
    pub mode: ResponseMode,
    /// What the client sent along.
    pub state: Option<String>,
    /// Who answers.
    pub issuer: String,
}

/// A request that can be granted.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose.
    pub application: Application,
    /// Where the answer goes.
    pub to: To,
    /// What for.
    pub terms: CodeTerms,
    /// What is to be asked.
    pub prompt: Prompt,
    /// How old a sign-in may be.
    pub max_age: Option<Duration>,
    /// Whom the client means.
    pub login_hint: Option<String>,
    /// Who alone may come back to it, where it has brought an id_token of theirs.
    pub user: Option<String>,
    /// Whether somebody who has agreed to the same before need not be asked: only where the answer goes to who owns the address,
    /// or can prove with a secret who they are. Any program on somebody's machine can call itself by a public client's name
    /// (RFC 8252 §8.6).
    pub remembers: bool,
}

impl Asked {
    /// Whether whoever is there has agreed to all of it before.
    pub fn is_settled_by(&self, seen: &Seen) -> bool {
        let before = seen.consent.as_ref();
        self.remembers && before.is_some_and(|before| before.covers(&self.terms.scopes, &self.terms.resources))
    }

    /// Whether the client may be answered about whoever is there.
    pub fn admits(&self, present: &Present) -> bool {
        self.user.as_ref().is_none_or(|user| *user == present.user().id.to_string())
    }

    /// Whether the member is whom the client means, where it says so.
    pub fn means(&self, member: &OrgMember) -> bool {
        self.login_hint.as_deref().is_none_or(|hint| member.user().is_meant_by(hint))
    }
}

/// What is wrong with a request, and who is told.
pub enum Wrong {
    /// Whoever is at the browser: there is no client that could be.
    ToPerson(Message),
    /// The client.
    ToClient(To, OAuthError),
}

/// Reads a request and what its id_token_hint has come to, as the issuer at `public_url`.
///
/// # Errors
/// What is wrong with it, and who is told.
pub fn read(public_url: &PublicUrl, seen: &Seen, (params, hint): (&Params, &Hint)) -> Result<Asked, Wrong> {
    let person = |sentence: Message| Wrong::ToPerson(sentence);
    let application = seen.application.as_ref().ok_or_else(|| person(say::authorize_no_client()))?;
    let registered = &application.settings.code.redirect_uris;
    let redirect_uri = match (params.get("redirect_uri"), registered.as_slice()) {
        (Some(asked), _) if registered.iter().any(|uri| uri.admits(asked)) => asked.to_owned(),
        // RFC 6749 §3.1.2.3: one that is registered need not be named.
        (None, [only]) => only.as_str().to_owned(),
        _ => return Err(person(say::authorize_no_redirect())),
    };
    let asked_mode = params.get("response_mode");
    let to = To {
        redirect_uri,
        mode: asked_mode.and_then(ResponseMode::from_wire).unwrap_or_default(),
        state: params.get("state").map(str::to_owned),
        issuer: public_url.issuer(&seen.organization().id),
    };
    let client = |error: OAuthError| Wrong::ToClient(to.clone(), error);
    let invalid = |description| client(OAuthError::invalid_request(description));
    let no = |code, description| client(OAuthError::new(code, description));
    if to.state.as_ref().is_some_and(|state| state.len() > LONGEST) {
        return Err(Wrong::ToClient(
            To { state: None, ..to.clone() },
            OAuthError::invalid_request("state is too long."),
        ));
    }
    if asked_mode.is_some_and(|mode| ResponseMode::from_wire(mode).is_none()) {
        return Err(invalid("response_mode is not known here."));
    }
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if params.has(name) {
            return Err(no(code, "The server does not take this parameter."));
        }
    }
    match params.get("response_type") {
        None => return Err(invalid("response_type is missing.")),
        Some("code") => {}
        Some(_) => {
            return Err(no(ErrorCode::UnsupportedResponseType, "The server answers with response_type=code alone."));
        }
    }
    if !application.settings.grants.contains(&GrantType::AuthorizationCode) {
        return Err(no(ErrorCode::UnauthorizedClient, "This application may not use the authorization code grant."));
    }
    let terms = terms(params, application, seen).map_err(client)?;
    let prompt = params.get("prompt").map_or(Ok(Prompt::default()), Prompt::parse).map_err(client)?;
    let max_age = match params.get("max_age").map(str::parse) {
        None => None,
        Some(Ok(seconds)) => Some(Duration::from_secs(u64::from(seconds))),
        Some(Err::<u32, _>(_)) => return Err(invalid("max_age is not a number of seconds.")),
    };
    let user = hint.user(application).map_err(client)?;
    let remembers = application.kind == ClientKind::Confidential || redirect_uri::is_claimed(&to.redirect_uri);
    Ok(Asked {
        application: application.clone(),
        to,
        terms,
        prompt,
        max_age,
        login_hint: params.get("login_hint").map(str::to_owned),
        user,
        remembers,
    })
}

fn terms(params: &Params, application: &Application, seen: &Seen) -> Result<CodeTerms, OAuthError> {
    let settings = &application.settings;
    let scopes = scopes(params).map_err(of_refused)?.unwrap_or_else(|| settings.default_scopes.clone());
    if !scopes.within(&settings.scopes) {
        return Err(OAuthError::new(ErrorCode::InvalidScope, "The scope is beyond what this application may ask for."));
    }
    let scopes = seen.implications.expanded(&scopes, &settings.scopes);
    let resources = resources(params).map_err(of_refused)?;
    if seen.resources.len() < resources.len() {
        return Err(OAuthError::new(ErrorCode::InvalidTarget, "The organization does not have this resource."));
    }
    let code_challenge = code_challenge(params).map_err(of_refused)?;
    let challenge_required = application.kind == ClientKind::Public || settings.code.challenge_required;
    if code_challenge.is_none() && challenge_required {
        return Err(OAuthError::invalid_request(
            "code_challenge is missing: send one with code_challenge_method=S256.",
        ));
    }
    let nonce = params.get("nonce");
    if nonce.is_some_and(|nonce| nonce.len() > LONGEST) {
        return Err(OAuthError::invalid_request("nonce is too long."));
    }
    Ok(CodeTerms {
        redirect_uri: params.get("redirect_uri").map(str::to_owned),
        scopes,
        resources,
        code_challenge,
        nonce: nonce.map(str::to_owned),
    })
}

/// What a parameter is refused with, which is told in another way here.
fn of_refused(refused: Refused) -> OAuthError {
    match refused {
        Refused::OAuth(error) => error,
        _ => OAuthError::invalid_request("A parameter is not well-formed."),
    }
}
