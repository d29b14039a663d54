//! The browsers that an account knows, in which a sign-in waits for no letter.

use crate::answer;
use crate::context::Context;
use crate::extract::request::id;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form};
use crate::web::sessions::face;
use crate::web::{frame, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::known_device;
use model::audit::{Actor, By};
use model::id::KnownDeviceId;
use routes::url;
use store::Class;
use store::tables::known_devices::ListedDevice;
use store::tables::{known_devices, organizations, sessions};
use views::pages::{Form, KnownDeviceRow, KnownDevices};
use views::say;
use views::text::When;

const FORGET: &str = "browser-forget";
const FORGET_ALL: FormPurpose<'static> = FormPurpose { action: "browser-forget-all", object: "" };

/// Shows them.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let forgotten = query.get("done").and_then(|number| number.parse::<u64>().ok());
    let (visitor, now) = (Visitor::of(&context), context.now());
    let seen = context.state.db.snapshot("known devices", move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let listed = sessions::of_user(conn, user, now)?;
        let own = listed.into_iter().find(|listed| listed.session.id == signed_in.session().id);
        let here = own.and_then(|own| own.known_device);
        Ok(Ok((known_devices::of_user(conn, user, now)?, here, organizations::of_user(conn, user)?, signed_in)))
    });
    let (listed, here, mine, signed_in) = seen.await??;
    let (visitor, session) = (Visitor::of(&context), &signed_in.session().digest);
    let row = |listed: &ListedDevice| {
        let device = listed.device.id;
        KnownDeviceRow {
            browser: face(&context, &listed.origin, Some(device) == here),
            since: When::past(listed.created_at, now),
            last_used: When::past(listed.last_used_at, now),
            until: When::coming(listed.device.expires_at, now),
            forget: Form {
                action: url::forget_device(device),
                csrf_token: visitor.form_token(session, FORGET, &device.to_string()),
                hidden: Vec::new(),
            },
        }
    };
    let shown = KnownDevices {
        side: frame::account_side(url::KNOWN_DEVICES),
        notice: forgotten.map(say::browsers_forgotten),
        devices: listed.iter().map(row).collect(),
        forget_all: (!listed.is_empty()).then(|| Form {
            action: url::FORGET_DEVICES.to_owned(),
            csrf_token: visitor.form_token(session, FORGET_ALL.action, FORGET_ALL.object),
            hidden: Vec::new(),
        }),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &mine))
}

/// Forgets one.
///
/// # Errors
/// 403 for a form of another session.
pub async fn forget_one(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let device: KnownDeviceId = id(context.path("device"))?;
    let purpose = FormPurpose { action: FORGET, object: &device.to_string() };
    Visitor::of(&context).check((), purpose, form.get("csrf_token"))?;
    forget(&context, Some(device)).await
}

/// Forgets all.
///
/// # Errors
/// 403 for a form of another session.
pub async fn forget_all(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    Visitor::of(&context).check((), FORGET_ALL, form.get("csrf_token"))?;
    forget(&context, None).await
}

async fn forget(context: &Context, one: Option<KnownDeviceId>) -> Result<HttpResponse, Refused> {
    let (visitor, moment, origin) = (Visitor::of(context), context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("forget devices", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        known_device::forget(conn, &signed_in, &by, |device| one.is_none_or(|one| device == one)).map(Ok)
    });
    let forgotten = written.await?.into_inner()?;
    Ok(answer::see_other(&url::after(url::KNOWN_DEVICES, &forgotten.to_string())))
}
