//! The part of a form that changes a logo: a file, and a tick that takes away what there is.

use model::fault::Fault;
use model::id::OrgId;
use model::logo::{LARGEST, Logo, LogoName, MOST_PIXELS, NotALogo};
use protocol::params::Params;
use store::Conn;
use store::tables::logos;
use views::pages::FormError;
use views::say;

/// The field of the file.
pub(super) const FILE: &str = "logo";

/// The tick.
const REMOVE: &str = "remove_logo";

/// What is to become of the logo.
#[derive(Clone, Debug)]
pub(super) enum LogoDraft {
    /// It stays.
    AsStored,
    /// There is to be none.
    Removed,
    /// This one stands in its place.
    New(Logo),
}

impl LogoDraft {
    /// Reads the form; a file goes before the tick.
    ///
    /// # Errors
    /// Why the file is no logo.
    pub(super) fn read(form: &Params, file: &[u8]) -> Result<Self, FormError> {
        if file.is_empty() {
            return Ok(if form.get(REMOVE) == Some("yes") { Self::Removed } else { Self::AsStored });
        }
        Logo::parse(file).map(Self::New).map_err(|why| {
            let sentence = match why {
                NotALogo::TooLarge => say::logo_too_large((LARGEST / 1024).to_string()),
                NotALogo::Unknown => say::logo_unknown(),
                NotALogo::Pixels => say::logo_pixels(MOST_PIXELS.to_string()),
            };
            FormError::new(FILE, sentence)
        })
    }

    /// Keeps the picture, in the caller's transaction, which holds the organization, stores what this gives, and lets go of what
    /// was ([`logos::forget_unused`]). Nothing where the logo stays as it is.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn keep(&self, conn: &mut Conn, org: &OrgId) -> Result<Option<Option<LogoName>>, Fault> {
        match self {
            Self::AsStored => Ok(None),
            Self::Removed => Ok(Some(None)),
            Self::New(logo) => logos::put(conn, org, logo).map(Some).map(Some),
        }
    }
}
