//! Tokens are signed for what has been committed, or, where nothing is spent and nothing stored, for what has been decided.

use crate::claims::{AccessClaims, IdClaims, TokenId};
use crate::keys::OrgKeys;
use jose::{Algorithm, at_hash};
use model::client_grant::ClientGrant;
use model::fault::Fault;
use model::issue::{Issue, Subject};
use model::moment::Moment;
use model::opaque::OpaqueToken;
use model::secret::Secret;
use model::time::Timestamp;
use protocol::introspection::Audience;
use protocol::token::TokenAnswer;
use store::db::Committed;

/// A grant that has been redeemed. [`crate::families::open`] alone makes one, from a redemption that the database took:
///
/// ```
/// fn look(redeemed: &issuer::issue::RedeemedGrant) -> &model::issue::Issue {
///     redeemed.issue()
/// }
/// ```
///
/// ```compile_fail
/// fn forge(issue: model::issue::Issue) -> issuer::issue::RedeemedGrant {
///     issuer::issue::RedeemedGrant { issue, refresh_token: None }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RedeemedGrant {
    pub(crate) issue: Issue,
    pub(crate) refresh_token: Option<Secret>,
}

/// A family whose token has been used, for the first time or again within its grace window.
/// [`crate::refresh::refresh`] alone makes one.
#[derive(Clone, Debug)]
pub struct RotatedFamily {
    pub(crate) issue: Issue,
    pub(crate) refresh_token: Secret,
}

impl RedeemedGrant {
    /// The same with an access token that is meant for no more than `wanted` of its resources; for all where none is named.
    #[must_use]
    pub fn meant_for(mut self, wanted: &[String]) -> Self {
        if !wanted.is_empty() {
            self.issue.resources.retain(|granted| wanted.contains(granted));
        }
        self
    }

    /// What is to be issued.
    pub fn issue(&self) -> &Issue {
        &self.issue
    }
}

impl RotatedFamily {
    /// The successor of the token that was presented.
    pub fn refresh_token(&self) -> &Secret {
        &self.refresh_token
    }
}

/// An opaque token that has been minted for a redeemed grant. [`crate::opaque::collect`] alone makes one.
#[derive(Clone, Debug)]
pub struct MintedToken {
    pub(crate) token: OpaqueToken,
    pub(crate) secret: Secret,
    pub(crate) at: Timestamp,
}

/// What a device's redeemed grant has become, by the terms that it was opened under.
#[derive(Clone, Debug)]
pub enum Collected {
    /// A family, whose tokens are to be signed.
    Family(RedeemedGrant),
    /// A token that needs no signature.
    Opaque(MintedToken),
}

/// What tokens are given for. Implemented here for the things that lead to tokens.
pub trait Issuable: sealed::Issuable {}

impl<T: sealed::Issuable> Issuable for T {}

mod sealed {
    use super::{Collected, Issue, MintedToken, RedeemedGrant, RotatedFamily, Secret};

    /// What is left to be done for an answer.
    pub enum Taken {
        /// To sign for this.
        Sign(Box<Issue>, Option<Secret>),
        /// Nothing.
        Tell(Box<MintedToken>),
    }

    pub trait Issuable {
        fn take(self) -> Taken;
    }

    impl Issuable for Collected {
        fn take(self) -> Taken {
            match self {
                Self::Family(redeemed) => redeemed.take(),
                Self::Opaque(minted) => Taken::Tell(Box::new(minted)),
            }
        }
    }

    impl Issuable for RedeemedGrant {
        fn take(self) -> Taken {
            Taken::Sign(Box::new(self.issue), self.refresh_token)
        }
    }

    impl Issuable for RotatedFamily {
        fn take(self) -> Taken {
            Taken::Sign(Box::new(self.issue), Some(self.refresh_token))
        }
    }
}

/// Signs the tokens of one answer, where they need it.
///
/// # Errors
/// `Broken` where a key is missing or the library fails.
pub fn sign<T: Issuable>(
    committed: Committed<T>,
    keys: &OrgKeys,
    issuer: &str,
    moment: &Moment,
) -> Result<TokenAnswer, Fault> {
    match committed.into_inner().take() {
        sealed::Taken::Sign(issue, refresh_token) => signed(&issue, refresh_token, keys, issuer, moment),
        sealed::Taken::Tell(minted) => Ok(minted.answer()),
    }
}

/// Signs the token that a client gets for itself. It spends nothing and stores nothing, so there is no commit to wait for:
/// that the client may have it is all that it takes, and [`ClientGrant::decide`] alone says so.
///
/// # Errors
/// `Broken` where a key is missing or the library fails.
pub fn sign_for_client(
    granted: ClientGrant,
    keys: &OrgKeys,
    issuer: &str,
    moment: &Moment,
) -> Result<TokenAnswer, Fault> {
    signed(&granted.into_issue(), None, keys, issuer, moment)
}

fn signed(
    issue: &Issue,
    refresh_token: Option<Secret>,
    keys: &OrgKeys,
    issuer: &str,
    moment: &Moment,
) -> Result<TokenAnswer, Fault> {
    let signing = |algorithm| {
        keys.signing(algorithm, moment.now())
            .ok_or_else(|| Fault::broken(format!("{} has no {algorithm} key", issue.org_id)))
    };
    let algorithms = issue.algorithms;
    let claims = access_claims(issue, issuer, moment);
    let failed = |error: jose::KeyError| Fault::broken("a token could not be signed").because(error);
    let access_token = signing(algorithms.access)?.sign("at+jwt", &claims).map_err(failed)?;
    let id_token = match id_claims(issue, issuer, algorithms.id_token, &access_token) {
        Some(claims) => Some(signing(algorithms.id_token)?.sign("JWT", &claims).map_err(failed)?),
        None => None,
    };
    Ok(TokenAnswer {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: Some(issue.access_lifetime.as_secs()),
        refresh_token: refresh_token.map(|token| token.expose().clone()),
        id_token,
        scope: Some(claims.scope),
        org_id: None,
    })
}

impl MintedToken {
    fn answer(self) -> TokenAnswer {
        TokenAnswer {
            access_token: self.secret.expose().clone(),
            token_type: "Bearer".to_owned(),
            expires_in: Some(self.token.expires_at.since(self.at).as_secs()),
            refresh_token: None,
            id_token: None,
            scope: Some(self.token.scopes.to_string()),
            org_id: Some(self.token.org_id.to_string()),
        }
    }
}

fn access_claims(issue: &Issue, issuer: &str, moment: &Moment) -> AccessClaims {
    let (sub, auth_time, family) = match &issue.subject {
        Subject::User { user, auth_time, family } => (user.id.to_string(), Some(auth_time.seconds()), Some(*family)),
        Subject::Client => (issue.client_id.as_str().to_owned(), None, None),
    };
    let mut audience = issue.resources.clone();
    if audience.is_empty() || issue.scopes.has("openid") {
        audience.insert(0, issuer.to_owned());
    }
    AccessClaims {
        iss: issuer.to_owned(),
        sub,
        aud: Audience::of(audience),
        exp: issue.at.after(issue.access_lifetime).seconds(),
        iat: issue.at.seconds(),
        jti: TokenId { family, random: moment.bytes::<16>() }.text(),
        client_id: issue.client_id.as_str().to_owned(),
        scope: issue.scopes.to_string(),
        org_id: issue.org_id.as_str().to_owned(),
        auth_time,
    }
}

fn id_claims(issue: &Issue, issuer: &str, algorithm: Algorithm, access_token: &str) -> Option<IdClaims> {
    let Subject::User { user, auth_time, .. } = &issue.subject else { return None };
    let with = |scope: &str| issue.scopes.has(scope);
    with("openid").then(|| IdClaims {
        iss: issuer.to_owned(),
        sub: user.id.to_string(),
        aud: issue.client_id.as_str().to_owned(),
        exp: issue.at.after(issue.access_lifetime).seconds(),
        iat: issue.at.seconds(),
        auth_time: auth_time.seconds(),
        at_hash: at_hash(algorithm, access_token),
        nonce: issue.sign_in.as_ref().and_then(|sign_in| sign_in.nonce.clone()),
        sid: issue.sign_in.as_ref().map(|sign_in| sign_in.session.to_string()),
        org_id: issue.org_id.as_str().to_owned(),
        name: with("profile").then(|| user.name.clone()),
        email: with("email").then(|| user.email.clone()),
        email_verified: with("email").then_some(user.email_verified_at.is_some()),
    })
}
