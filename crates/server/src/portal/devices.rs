//! Devices: requests under way, devices with access, and keys.

use super::{Inside, REVOKED, by, just_done, keys};
use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use model::application::{Application, ApplicationState};
use model::fault::Fault;
use model::grant::Grant;
use model::id::{FamilyId, UserId};
use model::refresh::{RefreshFamily, RevocationReason};
use model::user::User;
use routes::url;
use std::collections::HashMap;
use store::tables::{authorization_codes, consents, families, grants, opaque_tokens, users};
use store::{Class, Conn};
use views::pages::{ApprovedDevice, Devices, LiveRequest};
use views::text::When;
use views::{Message, say};

/// *Revoke*; its object is the family.
const REVOKE: &str = "device-revoke";

/// The most rows of each kind on the page.
const MOST: usize = 200;
/// One more is read, to know whether there are more.
const READ: i64 = 201;

/// Shows them.
///
/// # Errors
/// As the gate says.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let done = just_done(&context)?;
    let (visitor, now) = (Visitor::of(&context), context.now());
    let read = context.state.db.snapshot("devices page", move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let live = grants::live(conn, &org, now, READ)?;
        let claimants = claimants(conn, &live)?;
        let approved = families::active_of_organization(conn, &org, now, READ)?;
        let held = opaque_tokens::active_of_organization(conn, &org, now, READ)?;
        Ok(Ok((inside, live, claimants, approved, held)))
    });
    let (inside, live, claimants, approved, held) = read.await??;
    let shown = Devices {
        side: frame::portal_side(&inside.organization, &url::portal_devices(inside.org_id())),
        notices: notices(done, [live.len(), approved.len(), held.len()]),
        live: live
            .iter()
            .take(MOST)
            .filter(still_there)
            .map(|row| request(&context, &inside, row, &claimants))
            .collect(),
        approved: approved
            .iter()
            .take(MOST)
            .filter(|(_, application, _)| application.state != ApplicationState::Deleted)
            .map(|row| device(&context, &inside, row))
            .collect(),
        keys: held
            .iter()
            .take(MOST)
            .filter(|(_, application, _)| application.state != ApplicationState::Deleted)
            .map(|row| keys::row(&context, &inside, row))
            .collect(),
        device_url: url::device(inside.org_id()),
    };
    page(&context, StatusCode::OK, &shown, &inside.frame(&context))
}

/// What is requested by a deleted application, or was given to one, leads to nothing any more.
fn still_there((_, application): &&(Grant, Application)) -> bool {
    application.state != ApplicationState::Deleted
}

fn notices(done: Option<Message>, [live, approved, held]: [usize; 3]) -> Vec<Message> {
    let most = u64::try_from(MOST).unwrap_or(u64::MAX);
    let requests = (live > MOST).then(|| say::newest_requests(most));
    let devices = (approved > MOST).then(|| say::newest_devices(most));
    let keys = (held > MOST).then(|| say::newest_org_keys(most));
    [done, requests, devices, keys].into_iter().flatten().collect()
}

/// The addresses of those who review a request.
fn claimants(conn: &mut Conn, live: &[(Grant, Application)]) -> Result<HashMap<UserId, String>, Fault> {
    let mut emails = HashMap::new();
    for id in live.iter().filter_map(|(grant, _)| grant.claimant()) {
        if !emails.contains_key(&id)
            && let Some(user) = users::by_id(conn, id)?
        {
            emails.insert(id, user.email);
        }
    }
    Ok(emails)
}

fn request(
    context: &Context,
    inside: &Inside,
    (grant, application): &(Grant, Application),
    claimants: &HashMap<UserId, String>,
) -> LiveRequest {
    let now = context.now();
    LiveRequest {
        app_name: application.settings.name.clone(),
        made: When::past(grant.opened_at, now),
        ip: grant.origin.address.to_string(),
        place: context.state.places.of(grant.origin.address, context.spoken_to(inside.signed_in.user())),
        program: (!grant.origin.program.is_empty()).then(|| grant.origin.program.clone()),
        expires: When::coming(grant.expires_at, now),
        claimed_by: grant.claimant().and_then(|id| claimants.get(&id).cloned()),
    }
}

fn device(
    context: &Context,
    inside: &Inside,
    (family, application, user): &(RefreshFamily, Application, User),
) -> ApprovedDevice {
    let now = context.now();
    let object = family.id.to_string();
    ApprovedDevice {
        email: user.email.clone(),
        app_name: application.settings.name.clone(),
        scopes: family.scopes.names().map(str::to_owned).collect(),
        since: When::past(family.created_at, now),
        last_used: (family.last_used_at > family.created_at).then(|| When::past(family.last_used_at, now)),
        revoke: inside.form(
            context,
            url::portal_device_revoke(inside.org_id(), family.id),
            FormPurpose { action: REVOKE, object: &object },
        ),
    }
}

/// Ends a device's access.
///
/// # Errors
/// As the gate says; 404 for a device of another organization.
pub async fn revoke(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let family: FamilyId = id(context.path("family"))?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let object = family.to_string();
    visitor.check((), FormPurpose { action: REVOKE, object: &object }, form.get("csrf_token"))?;
    let target = url::after(&url::portal_devices(&org), REVOKED);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("revoke device", Class::Durable, move |conn| {
        let (_, admin) = match visitor.admin(conn, &org)? {
            Ok(admin) => admin,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let Some(found) = families::by_id(conn, &org, family)? else { return Ok(Err(Stopped::NotFound)) };
        let by = by(&admin, (&moment, &origin));
        families::end(conn, &org, family, RevocationReason::Admin, &by)?;
        // Else an application that was agreed to before would be back without a question.
        let whose = (found.user_id, found.application_id);
        consents::withdraw(conn, &org, whose, &by)?;
        authorization_codes::withdraw(conn, &org, whose, RevocationReason::Admin, &by)?;
        Ok(Ok(()))
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&target))
}
