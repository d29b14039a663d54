//! Somebody proves who they are by a passkey: to sign in, or once more.

use super::{Options, RelyingParty, keep};
use crate::session::NewSession;
use crate::step_up;
use model::audit::{Action, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::UserId;
use model::moment::Moment;
use model::secret::Digest;
use model::time::Timestamp;
use model::user::{SignedIn, User, UserState};
use store::Conn;
use store::tables::ceremonies::{self, CeremonyKind};
use store::tables::passkeys::{self, PasskeyRow};
use store::tables::{audit, users};
use webauthn_rs::prelude::PublicKeyCredential;

/// Begins a sign-in for the browser with this pre-session cookie; nothing where too many ceremonies run.
///
/// # Errors
/// The database's.
pub fn begin_sign_in(
    conn: &mut Conn,
    relying_party: &RelyingParty,
    browser: &Digest,
    at: (&Moment, &Origin),
) -> Result<Option<Options>, Fault> {
    let begun = relying_party.begin_proof(&[])?;
    keep(conn, (browser, CeremonyKind::SignIn), begun, at)
}

/// Begins a proof by one of the passkeys of who is signed in; nothing where they have none, or too many ceremonies run.
///
/// # Errors
/// The database's.
pub fn begin_step_up(
    conn: &mut Conn,
    relying_party: &RelyingParty,
    signed_in: &SignedIn,
    at: (&Moment, &Origin),
) -> Result<Option<Options>, Fault> {
    let allowed = passkeys::of_user(conn, signed_in.user().id)?;
    if allowed.is_empty() {
        return Ok(None);
    }
    let begun = relying_party.begin_proof(&allowed)?;
    keep(conn, (&signed_in.session().digest, CeremonyKind::StepUp), begun, at)
}

/// Whose ceremony it is.
#[derive(Clone, Copy, Debug)]
pub enum Prover<'a> {
    /// The browser with this pre-session cookie, which is to be signed in.
    Guest(&'a Digest),
    /// Who is signed in, once more.
    SignedIn(&'a SignedIn),
}

impl<'a> Prover<'a> {
    fn ceremony(self) -> (&'a Digest, CeremonyKind) {
        match self {
            Self::Guest(browser) => (browser, CeremonyKind::SignIn),
            Self::SignedIn(signed_in) => (&signed_in.session().digest, CeremonyKind::StepUp),
        }
    }

    /// Whether a passkey of `owner` proves anything here, by what its authenticator says of whose it is. To sign in it has
    /// to say so (WebAuthn §7.2 step 6); where somebody is signed in already it may leave that out.
    fn takes(self, owner: UserId, said: Option<&[u8]>) -> bool {
        let same = said.map(|said| said == owner.uuid().as_bytes());
        match self {
            Self::Guest(_) => same == Some(true),
            Self::SignedIn(signed_in) => signed_in.user().id == owner && same != Some(false),
        }
    }
}

/// What a browser has brought, what it was asked, and the passkey that it is said to be by.
#[derive(Clone, Debug)]
pub struct Assertion {
    pub(super) state: String,
    pub(super) credential: PublicKeyCredential,
    pub(super) passkey: PasskeyRow,
    pub(super) user: User,
}

/// What became of what a browser has brought.
#[derive(Clone, Debug)]
pub enum Brought {
    /// It is to be verified by the [`RelyingParty`].
    Verify(Box<Assertion>),
    /// It is by no passkey that works here.
    Unknown,
    /// Nothing of the kind was begun in this browser, or not lately, or it was used.
    Over,
}

/// Reads what a browser brings.
///
/// # Errors
/// The database's.
pub fn read(conn: &mut Conn, prover: Prover<'_>, credential: &str, now: Timestamp) -> Result<Brought, Fault> {
    let Some(state) = ceremonies::live(conn, prover.ceremony(), now)? else { return Ok(Brought::Over) };
    let Ok(credential) = serde_json::from_str::<PublicKeyCredential>(credential) else { return Ok(Brought::Unknown) };
    let Some(passkey) = passkeys::by_credential(conn, credential.get_credential_id())? else {
        return Ok(Brought::Unknown);
    };
    if !prover.takes(passkey.user_id, credential.get_user_unique_id()) {
        return Ok(Brought::Unknown);
    }
    let user = users::by_id(conn, passkey.user_id)?.filter(|user| user.state == UserState::Active);
    let Some(user) = user else { return Ok(Brought::Unknown) };
    Ok(Brought::Verify(Box::new(Assertion { state, credential, passkey, user })))
}

/// What an assertion turned out to be.
#[derive(Clone, Debug)]
pub enum Verified {
    /// What we asked for.
    Right(Box<Proof>),
    /// Signed by the passkey, whose counter has not grown since its last use: there may be a copy of it.
    Copied(Box<Proof>),
    /// Neither.
    Wrong,
}

/// A signature of a passkey that has been verified, and not used yet.
#[derive(Clone, Debug)]
pub struct Proof {
    pub(super) ceremony: String,
    pub(super) passkey: PasskeyRow,
    pub(super) user: User,
    /// The passkey as it is after this use.
    pub(super) credential: String,
    pub(super) counter: i64,
}

impl Proof {
    /// What its owner calls the passkey.
    pub fn passkey_name(&self) -> &str {
        &self.passkey.name
    }

    /// Whose it is.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Uses the ceremony and notes the passkey's use, for its owner, who is held to be changed; false where either was used,
    /// or the passkey removed, meanwhile.
    fn spend(&self, conn: &mut Conn, prover: Prover<'_>, now: Timestamp) -> Result<bool, Fault> {
        Ok(ceremonies::spend(conn, prover.ceremony(), &self.ceremony, now)?
            && passkeys::used(conn, &self.passkey, (&self.credential, self.counter), now)?)
    }
}

/// Takes a verified passkey as the proof of a sign-in in the browser with this pre-session cookie: gives the user, who is
/// held to be changed, for the session to begin. Nothing where the ceremony, the passkey or the account is not what it was.
/// Neither a further factor nor an answer to a letter is to be asked for.
///
/// # Errors
/// The database's.
pub fn sign_in(conn: &mut Conn, proof: &Proof, browser: &Digest, now: Timestamp) -> Result<Option<User>, Fault> {
    let user = users::held_to_change(conn, proof.user.id)?.filter(|user| user.state == UserState::Active);
    let Some(user) = user else { return Ok(None) };
    Ok(proof.spend(conn, Prover::Guest(browser), now)?.then_some(user))
}

/// Notes a verified passkey as a fresh proof in the session of its owner. Nothing where the ceremony, the passkey or the
/// session is not what it was.
///
/// # Errors
/// The database's.
pub fn step_up(conn: &mut Conn, proof: &Proof, signed_in: &SignedIn, by: &By) -> Result<Option<NewSession>, Fault> {
    users::held_to_change(conn, signed_in.user().id)?;
    if !proof.spend(conn, Prover::SignedIn(signed_in), by.now())? {
        return Ok(None);
    }
    step_up::complete(conn, signed_in, step_up::Proof::Factor, by)
}

/// Uses the ceremony of a passkey that may have been copied up, with the audit row; false where it was used already.
/// Whoever calls this tells the owner in the same transaction.
///
/// # Errors
/// The database's.
pub fn refuse_copy(conn: &mut Conn, proof: &Proof, prover: Prover<'_>, by: &By) -> Result<bool, Fault> {
    let spent = ceremonies::spend(conn, prover.ceremony(), &proof.ceremony, by.now())?;
    if spent {
        audit::insert(conn, &by.entry(None, Action::PasskeyRefused, proof.passkey.id))?;
    }
    Ok(spent)
}
