//! Who is at the browser, and how far they get. Proven inside a transaction, from the cookie's digest.

use crate::context::Context;
use crate::extract::cookies;
use crate::extract::same_origin::require_same_origin;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use login::csrf::{self, Bearer, CsrfChecked, FormPurpose};
use login::session;
use model::context::Origin;
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::org::Organization;
use model::secret::{Digest, Key, Purpose, Secret};
use model::session::SessionPolicy;
use model::time::Timestamp;
use model::user::{Membership, OrgAdmin, OrgMember, Present, SignedIn};
use protocol::params::Params;
use routes::url;
use store::Conn;
use store::tables::{organizations, sessions};
use views::say;

/// Why somebody does not get further.
#[derive(Debug)]
pub enum Stopped {
    /// Nobody is signed in.
    SignedOut,
    /// They are signed in, and are to prove once more who they are.
    Stale,
    /// There is no such organization, or none for them.
    NotFound,
    /// They are signed in and do not belong to the organization.
    Stranger,
    /// They belong to it, and it needs a second factor that their session has not shown.
    FactorMissing,
    /// They belong to it and do not administer it.
    NotAdmin,
    /// The form is not one of this session.
    Forged,
}

impl Stopped {
    /// The same, for a form of the page at `page`, to which a fresh proof leads back.
    pub fn leading_back_to(self, page: impl Into<String>) -> Refused {
        match self {
            Self::Stale => Refused::StepUp(page.into()),
            stopped => stopped.into(),
        }
    }
}

impl From<Stopped> for Refused {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::SignedOut => Self::SignIn,
            Stopped::Stale => Self::StepUp(url::SECURITY.to_owned()),
            Stopped::NotFound => Self::NotFound,
            Stopped::Stranger => Self::Forbidden(say::stranger()),
            Stopped::FactorMissing => Self::SecondFactor,
            Stopped::NotAdmin => Self::Forbidden(say::for_admins()),
            Stopped::Forged => Self::Forged,
        }
    }
}

/// Who is at a page of an organization that exists.
#[derive(Debug)]
pub enum At {
    /// Nobody is signed in.
    Guest(Organization),
    /// Somebody who does not belong to it.
    Stranger(Organization, Box<Present>),
    /// Somebody who does, and needs a second factor there that their session has not shown.
    FactorMissing(Organization, Box<Present>),
    /// Somebody who does.
    Member(Organization, Box<OrgMember>),
}

impl At {
    /// The organization.
    pub const fn organization(&self) -> &Organization {
        match self {
            Self::Guest(organization)
            | Self::Stranger(organization, _)
            | Self::FactorMissing(organization, _)
            | Self::Member(organization, _) => organization,
        }
    }
}

/// What the edge knows of a browser: digests of its cookies, and the key of forms.
#[derive(Clone)]
pub struct Visitor {
    /// Of the session's cookie.
    pub session: Option<Digest>,
    csrf: Key,
    policy: SessionPolicy,
    now: Timestamp,
}

impl Visitor {
    /// Reads the cookies.
    pub fn of(context: &Context) -> Self {
        Self {
            session: cookies::session(context),
            csrf: context.state.keyring.key(Purpose::Csrf),
            policy: context.state.config.sessions,
            now: context.now(),
        }
    }

    /// Who is signed in, if anybody.
    ///
    /// # Errors
    /// The database's.
    pub fn signed_in(&self, conn: &mut Conn) -> Result<Option<SignedIn>, Fault> {
        match &self.session {
            Some(cookie) => session::signed_in(conn, cookie, self.now),
            None => Ok(None),
        }
    }

    /// Ends the session that the browser has, however far it goes: a browser has one.
    ///
    /// # Errors
    /// The database's.
    pub fn end_session(&self, conn: &mut Conn, at: (&Moment, &Origin)) -> Result<(), Fault> {
        match &self.session {
            Some(cookie) => session::end_of_browser(conn, cookie, at).map(drop),
            None => Ok(()),
        }
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// The database's.
    pub fn require_signed_in(&self, conn: &mut Conn) -> Result<Result<SignedIn, Stopped>, Fault> {
        Ok(self.signed_in(conn)?.ok_or(Stopped::SignedOut))
    }

    /// Who is signed in and has proven lately who they are: for what is dangerous.
    ///
    /// # Errors
    /// The database's.
    pub fn require_fresh(&self, conn: &mut Conn) -> Result<Result<SignedIn, Stopped>, Fault> {
        Ok(match self.signed_in(conn)? {
            None => Err(Stopped::SignedOut),
            Some(signed_in) if signed_in.session().is_fresh(self.now, &self.policy) => Ok(signed_in),
            Some(_) => Err(Stopped::Stale),
        })
    }

    /// The member of `org` who is signed in. An organization that does not exist is not found by anybody.
    ///
    /// # Errors
    /// The database's.
    pub fn member(&self, conn: &mut Conn, org: &OrgId) -> Result<Result<(Organization, OrgMember), Stopped>, Fault> {
        Ok(match self.at(conn, org)? {
            None => Err(Stopped::NotFound),
            Some(At::Guest(_)) => Err(Stopped::SignedOut),
            Some(At::Stranger(..)) => Err(Stopped::Stranger),
            Some(At::FactorMissing(..)) => Err(Stopped::FactorMissing),
            Some(At::Member(organization, member)) => Ok((organization, *member)),
        })
    }

    /// Who is at a page of `org`, in one read where somebody is signed in; nothing where there is no such organization.
    ///
    /// # Errors
    /// The database's.
    pub fn at(&self, conn: &mut Conn, org: &OrgId) -> Result<Option<At>, Fault> {
        let seen = match &self.session {
            Some(cookie) => sessions::at_organization(conn, org, cookie)?,
            None => None,
        };
        let proven = seen.and_then(|seen| {
            let present = Present::prove(seen.session, seen.user, org, self.now)?;
            Some((present, seen.organization, seen.membership))
        });
        let Some((present, organization, membership)) = proven else {
            return Ok(organizations::by_id(conn, org)?.map(At::Guest));
        };
        let Some(organization) = organization else { return Ok(None) };
        let user_id = present.user().id;
        let Some((role, joined_at)) = membership else {
            return Ok(Some(At::Stranger(organization, Box::new(present))));
        };
        let factor_due = organization.second_factor.due(joined_at);
        let membership = Membership { org_id: org.clone(), user_id, role, factor_due };
        Ok(Some(match OrgMember::prove(present.clone(), membership, self.now) {
            Some(member) => At::Member(organization, Box::new(member)),
            None => At::FactorMissing(organization, Box::new(present)),
        }))
    }

    /// The admin of `org` who is signed in; to a stranger the portal does not exist.
    ///
    /// # Errors
    /// The database's.
    pub fn admin(&self, conn: &mut Conn, org: &OrgId) -> Result<Result<(Organization, OrgAdmin), Stopped>, Fault> {
        Ok(match self.member(conn, org)? {
            Ok((organization, member)) => match OrgAdmin::prove(member) {
                Ok(admin) => Ok((organization, admin)),
                Err(_) => Err(Stopped::NotAdmin),
            },
            Err(Stopped::Stranger) => Err(Stopped::NotFound),
            Err(stopped) => Err(stopped),
        })
    }

    /// The token for a form of this session.
    pub fn form_token(&self, session: &Digest, action: &str, object: &str) -> String {
        csrf::token(&self.csrf, Bearer(session), FormPurpose { action, object })
    }

    /// Checks a form of the session that it came with.
    ///
    /// # Errors
    /// `Forged` where its token is not this session's, for this action and object.
    pub fn check<T>(
        &self,
        content: T,
        purpose: FormPurpose<'_>,
        presented: Option<&str>,
    ) -> Result<CsrfChecked<T>, Stopped> {
        let session = self.session.as_ref().ok_or(Stopped::SignedOut)?;
        CsrfChecked::check(content, &self.csrf, Bearer(session), purpose, presented).ok_or(Stopped::Forged)
    }
}

/// A form that came from a page of ours; its token is still to be checked.
///
/// # Errors
/// `Forged` where it came from elsewhere, `NotAForm` where it is none.
pub fn own_form(context: &Context) -> Result<Params, Refused> {
    require_same_origin(context)?;
    context.form()
}

/// As [`own_form`], for a page on which the fields named by `repeatable` may repeat: boxes of one name.
///
/// # Errors
/// The same.
pub fn own_page_form(context: &Context, repeatable: &[&str]) -> Result<Params, Refused> {
    require_same_origin(context)?;
    context.page_form(repeatable)
}

/// As [`own_page_form`], for a page that may send a file in the field `file`; empty where none was chosen.
///
/// # Errors
/// The same.
pub async fn own_page_form_with_file(
    context: &Context,
    repeatable: &[&str],
    file: &str,
) -> Result<(Params, Bytes), Refused> {
    require_same_origin(context)?;
    context.page_form_with_file(repeatable, file).await
}

/// The browser of somebody not signed in, recognized by a cookie of its own.
pub struct Guest {
    /// Of that cookie.
    pub digest: Digest,
    new: Option<Secret>,
}

impl Guest {
    /// The browser's cookie, or a new one that [`Guest::keep`] sets.
    pub fn of(context: &Context) -> Self {
        match cookies::pre_session(context) {
            Some(digest) => Self { digest, new: None },
            None => Self::fresh(context),
        }
    }

    /// A new cookie, whatever the browser had.
    pub fn fresh(context: &Context) -> Self {
        let secret = Secret::draw(&context.moment);
        Self { digest: Digest::of(Purpose::PreSession, secret.expose()), new: Some(secret) }
    }

    /// Sets the cookie where it is new.
    pub fn keep(&self, context: &Context, response: &mut HttpResponse) {
        if let Some(secret) = &self.new {
            cookies::set_pre_session(response, &context.state.config.public_url, secret);
        }
    }

    /// The token for a form of this browser.
    pub fn form_token(&self, context: &Context, action: &str, object: &str) -> String {
        csrf::token(&context.state.keyring.key(Purpose::Csrf), Bearer(&self.digest), FormPurpose { action, object })
    }
}

/// Checks a form that somebody not signed in sent, and gives the digest of the cookie that it is bound to.
///
/// # Errors
/// `Forged` where it is not that browser's.
pub fn check_guest(context: &Context, purpose: FormPurpose<'_>, presented: Option<&str>) -> Result<Digest, Refused> {
    let digest = cookies::pre_session(context).ok_or(Refused::Forged)?;
    let key = context.state.keyring.key(Purpose::Csrf);
    CsrfChecked::check(digest, &key, Bearer(&digest), purpose, presented)
        .map(CsrfChecked::into_inner)
        .ok_or(Refused::Forged)
}
