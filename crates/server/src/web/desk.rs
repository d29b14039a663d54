//! Where codes are typed: at the page of an organization, or at that of the whole server, where those of clients work that belong
//! to no organization.

use crate::context::Context;
use crate::extract::request::home;
use crate::refused::Refused;
use crate::web::frame;
use crate::web::gate::{At, Stopped, Visitor};
use model::fault::Fault;
use model::id::OrgId;
use model::org::Organization;
use model::user::{OrgMember, Present, Reader, SignedIn};
use registry::grants::claim::Claimant;
use store::Conn;
use views::Frame;

/// Which page it is.
#[derive(Clone, Debug)]
pub enum Desk {
    /// That of one organization.
    Organization(OrgId),
    /// That of the whole server.
    Anywhere,
}

impl Desk {
    /// The one that a request's path names.
    ///
    /// # Errors
    /// `NotFound` where it names something that is no organization's id.
    pub fn of(context: &Context) -> Result<Self, Refused> {
        let home = home(context)?;
        Ok(if home.is_instance() { Self::Anywhere } else { Self::Organization(home) })
    }

    /// Where the clients are registered whose grants are decided here.
    pub fn home(&self) -> OrgId {
        match self {
            Self::Organization(org) => org.clone(),
            Self::Anywhere => OrgId::instance(),
        }
    }

    /// Who is here; nothing where there is no such organization.
    ///
    /// # Errors
    /// The database's.
    pub fn look(&self, conn: &mut Conn, visitor: &Visitor) -> Result<Option<AtDesk>, Fault> {
        Ok(match self {
            Self::Organization(org) => visitor.at(conn, org)?.map(|at| match at {
                At::Guest(organization) => AtDesk::Guest(Some(organization)),
                At::Stranger(organization, present) => AtDesk::Stranger(organization, present),
                At::FactorMissing(organization, present) => AtDesk::FactorMissing(organization, present),
                At::Member(organization, member) => AtDesk::Here(Person::Member(Box::new(organization), member)),
            }),
            Self::Anywhere => Some(match visitor.signed_in(conn)? {
                Some(signed_in) => AtDesk::Here(Person::Anywhere(Box::new(signed_in))),
                None => AtDesk::Guest(None),
            }),
        })
    }

    /// Who may decide here.
    ///
    /// # Errors
    /// The database's.
    pub fn person(&self, conn: &mut Conn, visitor: &Visitor) -> Result<Result<Person, Stopped>, Fault> {
        Ok(match self.look(conn, visitor)? {
            None => Err(Stopped::NotFound),
            Some(AtDesk::Guest(_)) => Err(Stopped::SignedOut),
            Some(AtDesk::Stranger(..)) => Err(Stopped::Stranger),
            Some(AtDesk::FactorMissing(..)) => Err(Stopped::FactorMissing),
            Some(AtDesk::Here(person)) => Ok(person),
        })
    }
}

/// Who is at a page on which codes are typed.
#[derive(Debug)]
pub enum AtDesk {
    /// Nobody is signed in.
    Guest(Option<Organization>),
    /// Somebody who does not belong to its organization.
    Stranger(Organization, Box<Present>),
    /// Somebody who does, and needs a second factor there that their session has not shown.
    FactorMissing(Organization, Box<Present>),
    /// Somebody whose codes work here.
    Here(Person),
}

/// Somebody who may decide about devices here.
#[derive(Debug)]
pub enum Person {
    /// A member of the page's organization.
    Member(Box<Organization>, Box<OrgMember>),
    /// Somebody at the page of the whole server, who picks an organization.
    Anywhere(Box<SignedIn>),
}

impl Person {
    /// Who they are to the codes that they type.
    pub fn claimant(&self) -> Claimant<'_> {
        match self {
            Self::Member(_, member) => Claimant::Member(member),
            Self::Anywhere(signed_in) => Claimant::Anywhere(signed_in),
        }
    }

    /// Who, and by which session.
    pub fn reader(&self) -> &dyn Reader {
        match self {
            Self::Member(_, member) => member.present(),
            Self::Anywhere(signed_in) => &**signed_in,
        }
    }

    /// The organization of the page.
    pub fn organization(&self) -> Option<&Organization> {
        match self {
            Self::Member(organization, _) => Some(organization.as_ref()),
            Self::Anywhere(_) => None,
        }
    }

    /// What surrounds a page that they read.
    pub fn frame(&self, context: &Context) -> Frame {
        Frame {
            language: context.spoken_to(self.reader().user()),
            ..frame::of_organization(context, self.organization())
        }
    }
}
