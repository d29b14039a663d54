//! Name, language and address of an account, and the ways to take its data along and to delete it.

use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::new_account::named;
use crate::web::{frame, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::account;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::email_change::EmailChange;
use model::fault::Fault;
use model::language::Language;
use model::org::{Organization, Role};
use model::time::Timestamp;
use model::user::SignedIn;
use routes::url;
use store::tables::{email_changes, organizations};
use store::{Class, Conn};
use views::pages::{Choice, Form, FormError, Profile};
use views::{Message, Words, say};

const CHANGE: FormPurpose<'static> = FormPurpose { action: "profile-change", object: "" };
pub(super) const EMAIL: FormPurpose<'static> = FormPurpose { action: "email-change", object: "" };
pub(super) const EXPORT: FormPurpose<'static> = FormPurpose { action: "account-export", object: "" };

/// In the address, after a change.
const SAVED: &str = "saved";
pub(super) const LETTER_SENT: &str = "letter";
pub(super) const EMAIL_CHANGED: &str = "email";

/// What the page is made of.
pub(super) struct Seen {
    pub(super) signed_in: SignedIn,
    pub(super) organizations: Vec<(Organization, Role)>,
    waiting: Option<EmailChange>,
}

impl Seen {
    pub(super) fn read(conn: &mut Conn, visitor: &Visitor, now: Timestamp) -> Result<Result<Self, Stopped>, Fault> {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user();
        let waiting = email_changes::of_user(conn, user.id)?.filter(|change| change.is_open_to(user, now));
        Ok(Ok(Self { organizations: organizations::of_user(conn, user.id)?, waiting, signed_in }))
    }
}

/// What somebody typed, and what is to be said about it.
#[derive(Default)]
pub(super) struct Typed {
    name: Option<String>,
    email: String,
    notice: Option<Message>,
    errors: Vec<FormError>,
}

impl Typed {
    /// An address that is not taken.
    pub(super) fn address(email: &str, sentence: Message) -> Self {
        Self { email: email.to_owned(), errors: vec![FormError::new("email", sentence)], ..Self::default() }
    }
}

/// Shows it.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let seen = look(&context).await?;
    let notice = match (query.get("done"), &seen.waiting) {
        (Some(SAVED), _) => Some(say::profile_saved()),
        (Some(EMAIL_CHANGED), _) => Some(say::email_changed()),
        (Some(LETTER_SENT), Some(waiting)) => Some(say::email_letter_sent(waiting.email.as_str())),
        _ => None,
    };
    render(&context, StatusCode::OK, &seen, Typed { notice, ..Typed::default() })
}

/// Reads what the page is made of.
pub(super) async fn look(context: &Context) -> Result<Seen, Refused> {
    let (visitor, now) = (Visitor::of(context), context.now());
    Ok(context.state.db.snapshot("profile", move |conn| Seen::read(conn, &visitor, now)).await??)
}

pub(super) fn render(
    context: &Context,
    status: StatusCode,
    seen: &Seen,
    typed: Typed,
) -> Result<HttpResponse, Refused> {
    let user = seen.signed_in.user();
    let form = |action: &str, purpose: FormPurpose<'_>| Form {
        action: action.to_owned(),
        csrf_token: Visitor::of(context).form_token(&seen.signed_in.session().digest, purpose.action, purpose.object),
        hidden: Vec::new(),
    };
    let of_browser = Choice {
        value: String::new(),
        label: say::profile_language_of_browser().into(),
        hint: None,
        chosen: user.language.is_none(),
    };
    let language = |language: Language| Choice {
        value: language.tag().to_owned(),
        label: Words::verbatim(language.own_name()),
        hint: None,
        chosen: user.language == Some(language),
    };
    let shown = Profile {
        side: frame::account_side(url::PROFILE),
        notice: typed.notice,
        errors: typed.errors,
        form: form(url::PROFILE, CHANGE),
        name: typed.name.unwrap_or_else(|| user.name.clone()),
        languages: std::iter::once(of_browser).chain(Language::ALL.map(language)).collect(),
        email: user.email.clone(),
        waiting_for: seen.waiting.as_ref().map(|change| change.email.clone()),
        change_email: form(url::PROFILE_EMAIL, EMAIL),
        typed_email: typed.email,
        export: form(url::EXPORT_ACCOUNT, EXPORT),
        delete_url: url::DELETE_ACCOUNT.to_owned(),
    };
    page(context, status, &shown, &frame::of_account(context, None, &seen.signed_in, &seen.organizations))
}

/// Sets name and language.
///
/// # Errors
/// 403 for a form of another session.
pub async fn change(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), CHANGE, form.get("csrf_token"))?;
    let typed = form.get("name").unwrap_or_default();
    let name = match named(typed) {
        Ok(name) => name,
        Err(error) => {
            let typed = Typed { name: Some(typed.to_owned()), errors: vec![error], ..Typed::default() };
            return render(&context, StatusCode::BAD_REQUEST, &look(&context).await?, typed);
        }
    };
    // What is not one of ours is that of the browser.
    let language = form.get("language").and_then(Language::parse);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("change profile", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        account::change(conn, signed_in.user(), (&name, language), &by).map(Ok)
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&url::after(url::PROFILE, SAVED)))
}
