//! One application: its settings, its secrets, its end.

use super::application_form::{Draft, REPEATED, in_order, plain_name};
use super::application_page::{Said, Seen, render};
use super::logo::{self, LogoDraft};
use super::{DELETED, DISABLED, ENABLED, Inside, SAVED, by, just_done};
use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form, own_page_form_with_file};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use model::algorithm::Algorithm;
use model::application::ApplicationState;
use model::id::{ApplicationId, OrgId};
use model::secret::Secret;
use protocol::params::Params;
use registry::applications::{self, Changed, Target};
use routes::url;
use store::Class;
use store::tables::{logos, organizations};
use views::pages::FormError;
use views::say;

/// The settings' form; its object is the application, as of the four below.
pub(super) const EDIT: &str = "application-edit";
/// *Disable*.
pub(super) const DISABLE: &str = "application-disable";
/// *Enable*.
pub(super) const ENABLE: &str = "application-enable";
/// *Delete application*.
pub(super) const DELETE: &str = "application-delete";
/// *Rotate secret*.
pub(super) const ROTATE: &str = "application-secret";

/// The organization and the application in the path.
fn which(context: &Context) -> Result<(OrgId, ApplicationId), Refused> {
    Ok((organization(context)?, id(context.path("application"))?))
}

/// Checks that `form` is the one of this session, for this action on this application.
fn check(visitor: &Visitor, action: &str, id: ApplicationId, form: &Params) -> Result<(), Refused> {
    let object = id.to_string();
    visitor.check((), FormPurpose { action, object: &object }, form.get("csrf_token"))?;
    Ok(())
}

/// The revision that the page showed: a form sent twice, or from a tab that is behind, meets a newer one.
fn seen_revision(form: &Params) -> Result<i32, Refused> {
    form.get("revision").and_then(|text| text.parse().ok()).ok_or_else(|| Refused::Conflict(say::application_stale()))
}

/// Shows it.
///
/// # Errors
/// As the gate says; 404 for an application of another organization.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id) = which(&context)?;
    let notice = just_done(&context)?;
    let visitor = Visitor::of(&context);
    let read = context.state.db.snapshot("application page", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Err(stopped) => Err(stopped),
            Ok(inside) => Seen::read(conn, inside, id)?.ok_or(Stopped::NotFound),
        })
    });
    let seen = read.await??;
    render(&context, StatusCode::OK, &seen, Said { notice, ..Said::default() })
}

/// What becomes of the settings' form.
enum Edited {
    /// With the algorithm that its id_tokens are to have from now on, where it is the application's own.
    Saved(Option<Algorithm>),
    Stale,
    Refused(Box<Seen>, Vec<FormError>),
}

/// Takes the settings' form.
///
/// # Errors
/// As the gate says; 404 for an application of another organization, 409 where it was changed since the form was shown.
pub async fn edit(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id) = which(&context)?;
    let (form, file) = own_page_form_with_file(&context, &REPEATED, logo::FILE).await?;
    let visitor = Visitor::of(&context);
    check(&visitor, EDIT, id, &form)?;
    let revision = seen_revision(&form)?;
    let (draft, picture) = (Draft::read(&form), LogoDraft::read(&form, &file));
    let target_url = url::after(&url::portal_application(&org, id), SAVED);
    let (typed, moment, origin, home) = (draft.clone(), context.moment.clone(), context.origin.clone(), org.clone());
    let written = context.state.db.write("edit application", Class::Durable, move |conn| {
        // Before the application: who deletes one, or lets go of a picture, does so in this order.
        if !organizations::hold(conn, &org)? {
            return Ok(Err(Stopped::NotFound));
        }
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let Some(seen) = Seen::read(conn, inside, id)? else { return Ok(Err(Stopped::NotFound)) };
        // First of all: a refused form comes back with the newest revision, and would pass the next time.
        if seen.application.revision != revision {
            return Ok(Ok(Edited::Stale));
        }
        let settings = typed.settings(&seen.application, &seen.catalogue.names());
        let (mut settings, picture) = match (settings, picture.clone()) {
            (Ok(settings), Ok(picture)) => (settings, picture),
            (settings, picture) => {
                let errors = settings.err().unwrap_or_default().into_iter().chain(picture.err());
                return Ok(Ok(Edited::Refused(Box::new(seen), in_order(errors.collect()))));
            }
        };
        let logo = picture.keep(conn, &org)?;
        let is_other = logo.is_some();
        if let Some(logo) = logo {
            settings.logo = logo;
        }
        let target = Target { org_id: &org, id, revision: Some(revision) };
        let edited = applications::edit(conn, target, &settings, &seen.inside.by((&moment, &origin)))?;
        if is_other {
            logos::forget_unused(conn, &org)?;
        }
        Ok(Ok(match edited {
            Changed::Made(_) => Edited::Saved(settings.tokens.id_token_alg),
            Changed::NotFound => return Ok(Err(Stopped::NotFound)),
            Changed::Stale | Changed::AlwaysThere => Edited::Stale,
            Changed::Problems(problems) => {
                let errors = problems.into_iter().map(super::application_form::of_problem).collect();
                Edited::Refused(Box::new(seen), errors)
            }
        }))
    });
    match written.await?.into_inner()? {
        Edited::Saved(algorithm) => {
            context.state.key_ahead(&home, algorithm, &context.moment).await;
            Ok(answer::see_other(&target_url))
        }
        Edited::Stale => Err(Refused::Conflict(say::application_stale())),
        Edited::Refused(seen, errors) => {
            let said = Said { draft: Some(draft), errors, ..Said::default() };
            render(&context, StatusCode::BAD_REQUEST, &seen, said)
        }
    }
}

/// Switches it off.
///
/// # Errors
/// As the gate says; 404 for an application of another organization.
pub async fn disable(context: Context) -> Result<HttpResponse, Refused> {
    switch(&context, DISABLE, (ApplicationState::Disabled, DISABLED)).await
}

/// Switches it on again.
///
/// # Errors
/// As the gate says; 404 for an application of another organization.
pub async fn enable(context: Context) -> Result<HttpResponse, Refused> {
    switch(&context, ENABLE, (ApplicationState::Active, ENABLED)).await
}

async fn switch(
    context: &Context,
    action: &str,
    (state, done): (ApplicationState, &str),
) -> Result<HttpResponse, Refused> {
    let (org, id) = which(context)?;
    let form = own_form(context)?;
    let visitor = Visitor::of(context);
    check(&visitor, action, id, &form)?;
    let revision = seen_revision(&form)?;
    let target_url = url::after(&url::portal_application(&org, id), done);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("switch application", Class::Durable, move |conn| {
        let (_, admin) = match visitor.admin(conn, &org)? {
            Ok(admin) => admin,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let target = Target { org_id: &org, id, revision: Some(revision) };
        applications::set_state(conn, target, state, &by(&admin, (&moment, &origin))).map(Ok)
    });
    made(&written.await?.into_inner()?)?;
    Ok(answer::see_other(&target_url))
}

/// What a change that takes no settings comes to.
fn made(changed: &Changed) -> Result<(), Refused> {
    match changed {
        Changed::Made(_) => Ok(()),
        Changed::NotFound => Err(Refused::NotFound),
        Changed::AlwaysThere => Err(Refused::Forbidden(say::reference_client())),
        Changed::Stale | Changed::Problems(_) => Err(Refused::Conflict(say::application_stale())),
    }
}

/// What becomes of the deletion's form.
enum Deleted {
    Changed(Changed),
    WrongName(Box<Seen>),
}

/// Deletes it, where its name was typed.
///
/// # Errors
/// As the gate says, and 403 for the reference client; 404 for an application of another organization.
pub async fn delete(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id) = which(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    check(&visitor, DELETE, id, &form)?;
    let revision = seen_revision(&form)?;
    let typed = plain_name(form.get("name").unwrap_or_default());
    let target_url = url::after(&url::portal_applications(&org), DELETED);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("delete application", Class::Durable, move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let Some(seen) = Seen::read(conn, inside, id)? else { return Ok(Err(Stopped::NotFound)) };
        // Both as a browser shows them: nobody can type what can't be seen.
        if typed != plain_name(&seen.application.settings.name) && !seen.is_reference_client() {
            return Ok(Ok(Deleted::WrongName(Box::new(seen))));
        }
        let target = Target { org_id: &org, id, revision: Some(revision) };
        let by = seen.inside.by((&moment, &origin));
        let changed = applications::set_state(conn, target, ApplicationState::Deleted, &by)?;
        Ok(Ok(Deleted::Changed(changed)))
    });
    match written.await?.into_inner()? {
        Deleted::Changed(changed) => made(&changed).map(|()| answer::see_other(&target_url)),
        Deleted::WrongName(seen) => {
            let said = Said { deletion_error: Some(say::delete_name_wrong()), ..Said::default() };
            render(&context, StatusCode::BAD_REQUEST, &seen, said)
        }
    }
}

/// What becomes of a rotation: a change without a secret was refused.
enum Rotated {
    Made(Box<Seen>, Secret),
    Refused(Changed),
}

/// Gives a confidential application a new secret, and shows it this once: a redirect could not carry it. A repeat of
/// the same form is refused: it would end the secret that is in use.
///
/// # Errors
/// As the gate says; 409 where it was changed since the form was shown; 404 for an application of another organization, and for a public one.
pub async fn rotate_secret(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id) = which(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    check(&visitor, ROTATE, id, &form)?;
    let revision = seen_revision(&form)?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("rotate secret", Class::Durable, move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let target = Target { org_id: &org, id, revision: Some(revision) };
        let (changed, secret) = applications::rotate_secret(conn, target, &inside.by((&moment, &origin)))?;
        let Some(secret) = secret else { return Ok(Ok(Rotated::Refused(changed))) };
        let seen = Seen::read(conn, inside, id)?;
        Ok(seen.map(|seen| Rotated::Made(Box::new(seen), secret)).ok_or(Stopped::NotFound))
    });
    match written.await?.into_inner()? {
        Rotated::Refused(Changed::Stale) => Err(Refused::Conflict(say::rotation_stale())),
        Rotated::Refused(changed) => made(&changed).and(Err(Refused::NotFound)),
        Rotated::Made(seen, secret) => {
            let said = Said { notice: Some(say::secret_rotated()), new_secret: Some(secret), ..Said::default() };
            render(&context, StatusCode::OK, &seen, said)
        }
    }
}
