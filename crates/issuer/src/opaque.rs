//! Opaque tokens as they come to be and as they are looked up.
//!
//! 1. A token is minted in the transaction that spends its grant, or by hand in that of its owner's form, and leaves with the
//!    answer, after the commit, for the only time: what is stored gives it back to nobody.
//! 2. Whoever brings it is answered by one read: token, user, membership, organization and application as they are at that moment.

use crate::families::still_known;
use crate::issue::MintedToken;
use model::application::Application;
use model::audit::By;
use model::fault::Fault;
use model::id::{ApplicationId, GrantId, OpaqueTokenId, OrgId, UserId};
use model::opaque::{self, OpaqueKind, OpaqueState, OpaqueToken, TokenPrefixes};
use model::org::Organization;
use model::refresh::RevocationReason;
use model::secret::Secret;
use model::time::Timestamp;
use model::user::User;
use protocol::introspection::{Audience, Introspection};
use protocol::scope::Scopes;
use std::time::Duration;
use store::Conn;
use store::tables::opaque_tokens::{self, OpaqueRecord};
use store::tables::redemptions::StoredRedemption;
use store::tables::{opaque_ends, organizations, scopes};

/// A token to be made.
#[derive(Clone, Debug)]
pub struct Minting {
    /// Its id, drawn for it.
    pub id: OpaqueTokenId,
    /// What for.
    pub kind: OpaqueKind,
    /// What its owner's list calls it.
    pub name: String,
    /// The organization that it is good in.
    pub org_id: OrgId,
    /// The grant that it comes from; nothing where its owner makes it by hand.
    pub grant_id: Option<GrantId>,
    /// Where its client is registered.
    pub home_org_id: OrgId,
    /// Its client.
    pub application_id: ApplicationId,
    /// Its user.
    pub user_id: UserId,
    /// What it allows.
    pub scopes: Scopes,
    /// What it is meant for, where anything was asked for (RFC 8707).
    pub resources: Vec<String>,
    /// How long it lives.
    pub lifetime: Duration,
}

/// Makes a token, in the caller's transaction; with its text, which is to be told after the commit alone. Where its application
/// holds as many as it may, the oldest of them ends for it.
///
/// # Errors
/// The database's.
pub fn mint(
    conn: &mut Conn,
    minting: Minting,
    prefixes: &TokenPrefixes,
    by: &By,
) -> Result<(OpaqueToken, Secret), Fault> {
    let moment = &by.moment;
    let secret = opaque::draw(prefixes.of(minting.kind), moment);
    let digest =
        opaque::digest_of(secret.expose()).ok_or_else(|| Fault::broken("a token was drawn in a wrong form"))?;
    let now = moment.now();
    let token = OpaqueToken {
        org_id: minting.org_id,
        id: minting.id,
        kind: minting.kind,
        name: minting.name,
        beginning: opaque::beginning(secret.expose()),
        grant_id: minting.grant_id,
        home_org_id: minting.home_org_id,
        application_id: minting.application_id,
        user_id: minting.user_id,
        scopes: minting.scopes,
        resources: minting.resources,
        created_at: now,
        last_used_at: None,
        expires_at: now.after(minting.lifetime),
        state: OpaqueState::Active,
    };
    // What people make by hand is theirs to end, and is refused to them where it is too much.
    if token.grant_id.is_some() {
        for old in opaque_ends::beyond(conn, &token.org_id, &token, token.kind.most())? {
            opaque_tokens::end(conn, &token.org_id, old, RevocationReason::Replaced, by)?;
        }
    }
    opaque_tokens::insert(conn, &token.org_id, &token, &digest)?;
    Ok((token, secret))
}

/// Mints the token of a grant whose redemption has just been stored, in the same transaction.
///
/// # Errors
/// The database's.
pub fn collect(
    conn: &mut Conn,
    redemption: &StoredRedemption,
    kind: OpaqueKind,
    (application, user): (&Application, &User),
    (prefixes, by): (&TokenPrefixes, &By),
) -> Result<MintedToken, Fault> {
    let (redeemed, approval) = (redemption.redeemed(), redemption.approval());
    let granted = organizations::by_id(conn, &approval.org_id)?;
    let granted = granted.ok_or_else(|| Fault::unavailable("the organization ended meanwhile"))?;
    let name = redeemed.client_name.as_ref().map_or(application.settings.name.as_str(), |name| name.as_str());
    let minting = Minting {
        id: OpaqueTokenId::draw(&by.moment),
        kind,
        name: name.to_owned(),
        org_id: approval.org_id.clone(),
        grant_id: Some(redeemed.grant_id),
        home_org_id: redeemed.home_org_id.clone(),
        application_id: application.id,
        user_id: user.id,
        scopes: approval.scopes.clone(),
        resources: still_known(conn, &redeemed.home_org_id, &redeemed.resources)?,
        lifetime: usual_lifetime(&granted),
    };
    mint(conn, minting, prefixes, by).map(|(token, secret)| MintedToken { token, secret, at: by.now() })
}

/// How long a token of an organization lives where nobody has chosen.
pub fn usual_lifetime(organization: &Organization) -> Duration {
    opaque::USUAL_LIFETIME.min(organization.longest_token)
}

/// An opaque token that is good at this moment.
#[derive(Clone, Debug)]
pub struct GoodOpaque {
    /// The token.
    pub token: OpaqueToken,
    /// What it allows at this moment.
    pub scopes: Scopes,
    /// Whom it speaks for.
    pub user: User,
    /// Its client's application.
    pub application: Application,
}

impl GoodOpaque {
    /// Its client, where somebody has registered it and it was the client that asked for the token.
    pub fn client_id(&self) -> Option<String> {
        let asked = self.token.grant_id.is_some() && self.application.client_id.is_registered();
        asked.then(|| self.application.client_id.to_string())
    }

    /// What introspection tells of it (RFC 7662 §2.2), `issuer` being that of the organization that it is good in.
    pub fn introspection(self, issuer: &str) -> Introspection {
        let audience =
            if self.token.resources.is_empty() { vec![issuer.to_owned()] } else { self.token.resources.clone() };
        Introspection {
            active: true,
            scope: Some(self.scopes.to_string()),
            client_id: self.client_id(),
            username: Some(self.user.email),
            token_type: Some("Bearer".to_owned()),
            exp: Some(self.token.expires_at.seconds()),
            iat: Some(self.token.created_at.seconds()),
            sub: Some(self.user.id.to_string()),
            aud: Some(Audience::of(audience)),
            iss: Some(issuer.to_owned()),
            jti: None,
            org_id: Some(self.token.org_id.to_string()),
        }
    }
}

/// Looks a text up that may be an opaque token, whichever organization it is good in. Nothing where it is none, or not good.
///
/// # Errors
/// The database's.
pub fn look_up(conn: &mut Conn, text: &str, now: Timestamp) -> Result<Option<GoodOpaque>, Fault> {
    let Some(digest) = opaque::digest_of(text) else { return Ok(None) };
    let Some(record) = opaque_tokens::by_digest(conn, &digest)? else { return Ok(None) };
    let OpaqueRecord { token, user, is_member, application } = record;
    // The catalogue of the server's own clients grows by itself, and is no list of what was granted.
    let allowed = if application.takes_whole_catalogue() {
        scopes::names(conn, &application.org_id)?
    } else {
        application.settings.scopes.clone()
    };
    let entitled = token.entitles((&user, is_member), &application, &allowed, now);
    Ok(entitled.map(|scopes| GoodOpaque { token, scopes, user, application }))
}
