//! The page on which an account is made whose address a letter has proven, be it a registration's or an invitation's.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::Guest;
use crate::web::onward::{Arrival, Arrived};
use crate::web::{frame, invitation, new_password, page, upstream};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::registration;
use directory::users::NewUser;
use login::csrf::FormPurpose;
use model::audit::By;
use model::context::Origin;
use model::fault::Fault;
use model::login_attempt::Onward;
use model::moment::Moment;
use model::name::{DisplayName, NotAName};
use model::org::Organization;
use model::secret::Secret;
use model::session::Entrance;
use model::user::User;
use protocol::params::Params;
use routes::url;
use store::Conn;
use views::pages::{CreateAccount, Form, FormError};
use views::say;

/// By what letter somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letter {
    /// One that they have asked for, where the organization lets them in.
    Registration,
    /// One by which a member invites them.
    Invitation,
}

impl Letter {
    /// What the form's token is bound to.
    pub(super) const fn purpose(self, token: &str) -> FormPurpose<'_> {
        let action = match self {
            Self::Registration => "register-create",
            Self::Invitation => "invitation-create",
        };
        FormPurpose { action, object: token }
    }

    /// Where the form goes.
    fn action(self, token: &str) -> String {
        match self {
            Self::Registration => url::register_link(token),
            Self::Invitation => url::invitation_register(token),
        }
    }
}

/// An account that may be made.
pub(super) struct Opening<'a> {
    /// By what letter.
    pub(super) letter: Letter,
    /// Its capability.
    pub(super) token: &'a str,
    /// The address that it was sent to.
    pub(super) email: &'a str,
    /// The organization that one comes to belong to.
    pub(super) organization: &'a Organization,
}

/// Shows the page that asks for name and password.
///
/// # Errors
/// `Broken` where the template is.
pub(super) fn show(
    context: &Context,
    opening: &Opening<'_>,
    name: &str,
    (status, errors): (StatusCode, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let (guest, organization) = (Guest::of(context), opening.organization);
    let purpose = opening.letter.purpose(opening.token);
    let (invited_to, providers, decline) = match opening.letter {
        // It is for one address, which a provider can prove as well as a letter; its account is then made there.
        Letter::Invitation => {
            let here = url::invitation(opening.token);
            let providers = upstream::buttons(context, &guest, (Vec::new(), None), &here);
            let decline = invitation::decline_form(context, &guest, opening.token);
            (Some(organization.name.clone()), providers, Some(decline))
        }
        Letter::Registration => (None, Vec::new(), None),
    };
    let shown = CreateAccount {
        providers,
        form: Form {
            action: opening.letter.action(opening.token),
            csrf_token: guest.form_token(context, purpose.action, purpose.object),
            hidden: Vec::new(),
        },
        email: opening.email.to_owned(),
        name: name.to_owned(),
        invited_to,
        decline,
        errors,
    };
    let mut response = page(context, status, &shown, &frame::of_organization(context, Some(organization)))?;
    guest.keep(context, &mut response);
    Ok(response)
}

/// A name as it was typed, or what is wrong with it.
pub(super) fn named(typed: &str) -> Result<DisplayName, FormError> {
    DisplayName::parse(typed).map_err(|problem| {
        let sentence = match problem {
            NotAName::Empty => say::own_name_empty(),
            NotAName::TooLong => say::own_name_too_long(),
            NotAName::Invisible => say::own_name_invisible(),
        };
        FormError::new("name", sentence)
    })
}

/// Name and password as they were typed, or what is wrong with them.
///
/// # Errors
/// `Broken` where the list of stolen passwords can't be read.
pub(super) async fn chosen(
    context: &Context,
    form: &Params,
    email: &str,
) -> Result<Result<(DisplayName, Secret), Vec<FormError>>, Fault> {
    let typed = form.get("name").unwrap_or_default();
    let name = named(typed);
    let password = new_password::chosen(context, form, &[email, typed]).await?;
    Ok(match (name, password) {
        (Ok(name), Ok(password)) => Ok((name, password)),
        (name, password) => Err(name.err().into_iter().chain(password.err()).collect()),
    })
}

/// Makes an account whose address is proven, and begins its session in the browser that arrives. What `belong` refuses
/// undoes it all. Nothing where the address has got an account meanwhile.
///
/// # Errors
/// The database's, and those of `belong`.
pub(super) fn make(
    conn: &mut Conn,
    new: &NewUser,
    (arrival, next): (&Arrival, String),
    at: (&Moment, &Origin),
    belong: impl FnOnce(&mut Conn, &User, &By) -> Result<(), Fault>,
) -> Result<Option<Arrived>, Fault> {
    let Ok((user, by)) = registration::create(conn, new, at)? else { return Ok(None) };
    belong(conn, &user, &by)?;
    arrival.begin(conn, (user, Entrance::Account), &Onward { next, remember: false }).map(Some)
}
