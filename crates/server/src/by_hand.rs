//! API keys and MCP tokens that people make by hand: the one place in which memberships and the making of tokens meet.
//!
//! 1. Whoever makes one has just proved who they are, and is held until it is stored: whatever ends their account, their
//!    credentials, their sessions or their membership at the same moment either finds the key and ends it, or was faster, and
//!    the key is not made.
//! 2. It carries what is ticked, as far as its kind and its organization allow.
//! 3. It belongs to no client. The application that stands for programs nobody has registered is its application.

use directory::catalogue::Catalogue;
use directory::members;
use issuer::opaque::{self, Minting};
use login::session;
use model::audit::{Action, By};
use model::catalogue::ScopeAccess;
use model::device_login::DeviceLogin;
use model::fault::Fault;
use model::id::{ClientId, OpaqueTokenId, OrgId};
use model::name::DisplayName;
use model::opaque::{OpaqueKind, OpaqueToken, TokenPrefixes};
use model::org::Organization;
use model::secret::Secret;
use model::user::SignedIn;
use protocol::scope::Scopes;
use registry::applications::with_implied;
use std::time::Duration;
use store::Conn;
use store::tables::{applications, audit, memberships, opaque_tokens, organizations, users};

/// The most good ones that somebody has in an organization.
pub const MOST: i64 = 100;

/// The most that somebody has in an organization if those count that were revoked within a day. What was revoked is stored
/// for weeks, and who makes one and revokes it, again and again, has never more than one good one. It is more than [`MOST`]
/// so that whoever has all that they may can revoke each of them and make it anew.
pub const MOST_OF_A_DAY: i64 = 2 * MOST;

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A key that somebody wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is to be known by. A form draws it for its key, so that one form makes one.
    pub id: OpaqueTokenId,
    /// What for.
    pub kind: OpaqueKind,
    /// What their list is to call it.
    pub name: DisplayName,
    /// The organization that it is to be good in.
    pub org_id: OrgId,
    /// What it is to be allowed.
    pub scopes: Scopes,
    /// How long it is to live.
    pub lifetime: Duration,
}

/// What becomes of it.
#[derive(Debug)]
pub enum Made {
    /// It is made, and this is its text.
    Key(Box<NewKey>),
    /// It was made before.
    Already,
    /// Their session, or their account, has ended meanwhile.
    SignedOut,
    /// They don't belong to the organization, or it needs a second factor that they have not shown.
    NotAMember,
    /// The organization lets nobody make keys.
    Off,
    /// The operator lets nobody.
    SwitchedOff,
    /// Nothing is ticked that this kind may carry there.
    NoScope,
    /// The organization lets keys live for less.
    TooLong {
        /// How much.
        most: Duration,
    },
    /// They have as many as they may.
    TooMany,
    /// They have revoked so many lately that they make no more for now.
    TooManyRevoked,
}

/// A key just made.
#[derive(Debug)]
pub struct NewKey {
    /// As it is stored.
    pub token: OpaqueToken,
    /// Its text, to be told after the commit alone.
    pub text: Secret,
    /// Where it is good.
    pub organization: Organization,
    /// What its scopes mean.
    pub catalogue: Catalogue,
}

/// Makes a key for somebody who has proved lately who they are, with its audit row, in the caller's transaction.
///
/// # Errors
/// The database's.
pub fn make(
    conn: &mut Conn,
    signed_in: &SignedIn,
    wanted: Wanted,
    prefixes: &TokenPrefixes,
    by: &By,
) -> Result<Made, Fault> {
    let (user, org) = (signed_in.user().id, wanted.org_id.clone());
    // Nobody else holds them meanwhile, so that of two who make their last key at once the second finds that of the first.
    users::held_to_change(conn, user)?;
    let Some(signed_in) = session::signed_in(conn, &signed_in.session().digest, by.now())? else {
        return Ok(Made::SignedOut);
    };
    if opaque_tokens::organization_of(conn, (user, wanted.id), &OpaqueKind::BY_HAND)?.is_some() {
        return Ok(Made::Already);
    }
    let held = memberships::held(conn, &org, user)?.is_some();
    let member = members::member(conn, &org, signed_in.at(&org), by.now())?;
    let organization = organizations::by_id(conn, &org)?;
    let Some(organization) = organization.filter(|_| held && member.is_some()) else { return Ok(Made::NotAMember) };
    // Where no device logs in, its admins want nobody's program to act alone: a key that is carried over by hand does what one
    // that a device collects does. A list names applications, of which a key made by hand is none, so it says nothing here.
    if organization.device_login.login == DeviceLogin::Off {
        return Ok(Made::Off);
    }
    if wanted.lifetime > organization.longest_token {
        return Ok(Made::TooLong { most: organization.longest_token });
    }
    let home = OrgId::instance();
    let catalogue = Catalogue::read(conn, &home)?;
    let scopes = {
        let known = catalogue.names();
        let asked = with_implied(conn, &home, &wanted.scopes.narrowed_to(&known), &known)?;
        let access = |name: &str| catalogue.named(name).map_or(ScopeAccess::Write, |scope| scope.access);
        wanted.kind.carries(&organization.device_login.capped(&asked), access)
    };
    if scopes.is_empty() {
        return Ok(Made::NoScope);
    }
    let theirs = opaque_tokens::count_by_hand(conn, &org, user, (by.now(), by.now().before(A_DAY)))?;
    if theirs.good >= MOST {
        return Ok(Made::TooMany);
    }
    if theirs.good + theirs.revoked >= MOST_OF_A_DAY {
        return Ok(Made::TooManyRevoked);
    }
    let unregistered = ClientId::from_wire(ClientId::UNREGISTERED);
    let application = applications::by_client_id(conn, &home, &unregistered)?
        .ok_or_else(|| Fault::broken("no application stands for what nobody has registered"))?
        .application;
    // Where the operator has switched off what nobody has registered, a key would be shown that opens nothing.
    if !application.is_active() {
        return Ok(Made::SwitchedOff);
    }
    let minting = Minting {
        id: wanted.id,
        kind: wanted.kind,
        name: wanted.name.into(),
        org_id: org.clone(),
        grant_id: None,
        home_org_id: home,
        application_id: application.id,
        user_id: user,
        scopes,
        resources: Vec::new(),
        lifetime: wanted.lifetime,
    };
    let (token, text) = opaque::mint(conn, minting, prefixes, by)?;
    let entry = by
        .entry(Some(&org), Action::KeyMade, token.id)
        .with("kind", token.kind.as_str())
        .with("scope", token.scopes.to_string())
        .with("expires", token.expires_at.seconds());
    audit::insert(conn, &entry)?;
    Ok(Made::Key(Box::new(NewKey { token, text, organization, catalogue })))
}
