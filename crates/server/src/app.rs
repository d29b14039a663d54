//! Binding the table of routes: each gets its use, its methods, its headers, and nothing is bound that is not in it.

use crate::context::{Context, answering};
use crate::edge;
use crate::refused::Refused;
use crate::web::static_files;
use crate::{api, dialects, discovery, health, portal, web};
use actix_web::http::{Method as HttpMethod, StatusCode, header};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, Resource, Route as Binding};
use routes::{Caller, Method, Route, RouteSpec, TABLE};
use std::collections::BTreeMap;

/// What the patterns of an organization begin with. The router tries one pattern after the other, those with a variable
/// part by a regular expression each: behind a common beginning nearly all of them are plain comparisons. What devices and
/// programs ask for most is there, so these come before the others.
const ORGANIZATION: &str = "/orgs/{org}";

/// What an organization's id would stand for otherwise comes first.
const ORGANIZATIONS: &str = "/orgs";

/// Binds every route of the table.
pub fn configure(config: &mut ServiceConfig) {
    let mut by_pattern: BTreeMap<&str, Vec<&RouteSpec>> = BTreeMap::new();
    for spec in TABLE {
        by_pattern.entry(spec.pattern).or_default().push(spec);
    }
    let (inside, outside): (Vec<_>, Vec<_>) =
        by_pattern.iter().partition(|(pattern, _)| pattern.strip_prefix(ORGANIZATION).is_some());
    let (first, last): (Vec<_>, Vec<_>) =
        outside.into_iter().partition(|(pattern, _)| pattern.starts_with(ORGANIZATIONS));
    for (pattern, specs) in first {
        add(config, pattern, specs);
    }
    let organization = actix_web::web::scope(ORGANIZATION).configure(|config| {
        for (pattern, specs) in inside {
            add(config, pattern.strip_prefix(ORGANIZATION).unwrap_or(pattern), specs);
        }
    });
    config.service(organization.default_service(answering(None, web::home::not_found)));
    for (pattern, specs) in last {
        add(config, pattern, specs);
    }
    config.default_service(answering(None, web::home::not_found));
}

fn add(config: &mut ServiceConfig, pattern: &str, specs: &[&RouteSpec]) {
    let cors = specs.iter().any(|spec| spec.cors);
    let mut resource = actix_web::web::resource(pattern);
    for spec in specs {
        resource = with_methods(resource, spec);
    }
    if cors {
        let preflight = answering(None, |_| async { Ok(HttpResponse::NoContent().finish()) });
        resource = resource.route(preflight.method(HttpMethod::OPTIONS));
    }
    let allowed = allowed_methods(specs, cors);
    resource = resource.default_service(answering(None, move |context| wrong_method(context, allowed)));
    match (cors, specs.iter().all(|spec| is_the_same_for_everyone(spec))) {
        (true, true) => config.service(resource.wrap(from_fn(edge::cors)).wrap(Compress::default())),
        (true, false) => config.service(resource.wrap(from_fn(edge::cors))),
        (false, true) => config.service(resource.wrap(Compress::default())),
        (false, false) => config.service(resource),
    };
}

/// Whether the answer holds neither a secret nor anything that the request brought: a file of the program, metadata,
/// public keys. These alone are compressed. The length of a compressed page tells whoever can make a browser load it,
/// and watch, what stands in it: our pages hold the tokens of forms beside text from the address (BREACH).
fn is_the_same_for_everyone(spec: &RouteSpec) -> bool {
    spec.caller == Caller::Public && spec.method == Method::Get && !spec.html
}

fn with_methods(resource: Resource, spec: &RouteSpec) -> Resource {
    match spec.method {
        Method::Post => resource.route(bind(spec.route).method(HttpMethod::POST)),
        Method::Delete => resource.route(bind(spec.route).method(HttpMethod::DELETE)),
        Method::Get => {
            resource.route(bind(spec.route).method(HttpMethod::GET)).route(bind(spec.route).method(HttpMethod::HEAD))
        }
    }
}

fn allowed_methods(specs: &[&RouteSpec], cors: bool) -> &'static str {
    let has = |method| specs.iter().any(|spec| spec.method == method);
    if has(Method::Delete) {
        return "GET, HEAD, DELETE";
    }
    match (has(Method::Get), has(Method::Post), cors) {
        (true, true, true) => "GET, HEAD, POST, OPTIONS",
        (true, true, false) => "GET, HEAD, POST",
        (true, false, true) => "GET, HEAD, OPTIONS",
        (true, false, false) => "GET, HEAD",
        (false, _, true) => "POST, OPTIONS",
        (false, _, false) => "POST",
    }
}

async fn wrong_method(context: Context, allowed: &'static str) -> Result<HttpResponse, Refused> {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = if crate::refused::speaks_json(context.request.path()) {
        crate::refused::told_in_json(
            &context,
            status,
            "This address does not take this method. The Allow header says which it takes.",
        )
    } else {
        let frame = web::frame::bare(&context.state, &context.request_id(), context.language);
        web::page(&context, status, &views::pages::ErrorPage::of_status(status.as_u16()), &frame)?
    };
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(allowed));
    Ok(response)
}

/// What each route does. A route of the table without an arm here does not compile.
fn bind(route: Route) -> Binding {
    match route {
        Route::Home => answering(Some(route), web::home::home),
        Route::Healthz => answering(Some(route), health::healthz),
        Route::Readyz => answering(Some(route), health::readyz),
        Route::Asset => answering(Some(route), static_files::asset),
        Route::OpenIdConfiguration
        | Route::ServerMetadata
        | Route::ServerMetadataInserted
        | Route::OpenIdConfigurationInserted => answering(Some(route), discovery::server_metadata),
        Route::Jwks => answering(Some(route), discovery::jwks),
        Route::DeviceAuthorization | Route::InstanceDeviceAuthorization => {
            answering(Some(route), dialects::rfc8628::device_authorization)
        }
        Route::Token | Route::InstanceToken => answering(Some(route), api::token::token),
        Route::Introspect | Route::InstanceIntrospect => answering(Some(route), api::introspect::introspect),
        Route::Revoke | Route::InstanceRevoke => answering(Some(route), api::revoke::revoke),
        Route::UserInfo | Route::UserInfoPost => answering(Some(route), api::user_info::user_info),
        Route::Me | Route::InstanceMe => answering(Some(route), api::me::me),
        Route::EndMe | Route::EndInstanceMe => answering(Some(route), api::me::end),
        Route::InstanceMetadata => answering(Some(route), discovery::instance_metadata),
        Route::JsonCode => answering(Some(route), dialects::api_key::code),
        Route::JsonLookup => answering(Some(route), dialects::api_key::lookup),
        Route::JsonAuthorize => answering(Some(route), dialects::api_key::authorize),
        Route::JsonDeny => answering(Some(route), dialects::api_key::deny),
        Route::JsonToken => answering(Some(route), dialects::api_key::token),
        Route::Authorize => answering(Some(route), web::authorize::show),
        Route::AuthorizePost => answering(Some(route), web::authorize::post),
        Route::ClientLogout => answering(Some(route), web::client_logout::show),
        Route::ClientLogoutPost => answering(Some(route), web::client_logout::post),
        Route::Consent => answering(Some(route), web::authorize::consent::decide),
        Route::ConsentAnother => answering(Some(route), web::authorize::consent::another),
        Route::EmbeddedStart => answering(Some(route), web::embedded::start),
        Route::EmbeddedTarget => answering(Some(route), web::embedded::target),
        Route::Embedded => answering(Some(route), web::embedded::show),
        Route::EmbeddedReturn => answering(Some(route), web::embedded::step::back),
        Route::EmbeddedDecide => answering(Some(route), web::embedded::consent::decide),
        Route::BrandCss => answering(Some(route), static_files::brand_css),
        Route::Logo => answering(Some(route), static_files::logo),
        Route::Login => answering(Some(route), web::login::show),
        Route::LoginSubmit => answering(Some(route), web::login::submit),
        Route::PasskeyOptions => answering(Some(route), web::login_passkey::options),
        Route::PasskeySubmit => answering(Some(route), web::login_passkey::submit),
        Route::NewDevice => answering(Some(route), web::new_device::show),
        Route::NewDeviceState => answering(Some(route), web::new_device::state),
        Route::NewDeviceContinue => answering(Some(route), web::new_device::submit),
        Route::NewDeviceLetter => answering(Some(route), web::new_device::letter),
        Route::NewDeviceRecovery => answering(Some(route), web::new_device_recovery::submit),
        Route::LoginDecision => answering(Some(route), web::login_decision::show),
        Route::LoginDecide => answering(Some(route), web::login_decision::decide),
        Route::Logout => answering(Some(route), web::login::logout),
        Route::Register => answering(Some(route), web::register::show),
        Route::RegisterSubmit => answering(Some(route), web::register::submit),
        Route::RegisterLink => answering(Some(route), web::register::link),
        Route::RegisterComplete => answering(Some(route), web::register::complete),
        Route::Join => answering(Some(route), web::register::join),
        Route::Reset => answering(Some(route), web::reset::show),
        Route::ResetSubmit => answering(Some(route), web::reset::submit),
        Route::ResetLink => answering(Some(route), web::reset::link),
        Route::ResetComplete => answering(Some(route), web::reset::complete),
        Route::EmailSignIn => answering(Some(route), web::email_sign_in::show),
        Route::EmailSignInSubmit => answering(Some(route), web::email_sign_in::submit),
        Route::EmailCode => answering(Some(route), web::email_sign_in::code_page),
        Route::EmailCodeSubmit => answering(Some(route), web::email_sign_in::code),
        Route::EmailLink => answering(Some(route), web::email_sign_in::link),
        Route::EmailLinkSubmit => answering(Some(route), web::email_sign_in::confirm),
        Route::UpstreamStart | Route::OrgUpstreamStart => answering(Some(route), web::upstream::start),
        Route::UpstreamCallback | Route::OrgUpstreamCallback => answering(Some(route), web::upstream::callback),
        Route::UpstreamLink => answering(Some(route), web::upstream_link::show),
        Route::UpstreamLinkSubmit => answering(Some(route), web::upstream_link::submit),
        Route::LinkUpstream | Route::LinkOrgUpstream => answering(Some(route), web::security_upstream::link),
        Route::UnlinkUpstream => answering(Some(route), web::security_upstream::unlink),
        Route::Letters => answering(Some(route), web::letters_page::list),
        Route::Letter => answering(Some(route), web::letters_page::show),
        Route::Invitation => answering(Some(route), web::invitation::show),
        Route::InvitationAccept => answering(Some(route), web::invitation::accept),
        Route::InvitationDecline => answering(Some(route), web::invitation::decline),
        Route::InvitationRegister => answering(Some(route), web::invitation::register),
        Route::Organizations => answering(Some(route), web::organizations::list),
        Route::NewOrganization => answering(Some(route), web::new_organization::show),
        Route::CreateOrganization => answering(Some(route), web::new_organization::create),
        Route::LeaveOrganization => answering(Some(route), web::leave::leave),
        Route::Permissions => answering(Some(route), web::permissions::show),
        Route::DeviceEntry | Route::DeviceAnywhere => answering(Some(route), web::device::entry),
        Route::DeviceContinue | Route::DeviceAnywhereContinue => answering(Some(route), web::device::submit),
        Route::DeviceReview | Route::DeviceAnywhereReview => answering(Some(route), web::device_review::review),
        Route::DeviceDecision | Route::DeviceAnywhereDecision => answering(Some(route), web::device_decision::decide),
        Route::DeviceRelease | Route::DeviceAnywhereRelease => answering(Some(route), web::device_decision::release),
        Route::DeviceResult | Route::DeviceAnywhereResult => answering(Some(route), web::device_decision::result),
        Route::Connections => answering(Some(route), web::connections::list),
        Route::Disconnect => answering(Some(route), web::connections::disconnect),
        Route::Profile => answering(Some(route), web::profile::show),
        Route::ChangeProfile => answering(Some(route), web::profile::change),
        Route::ChangeEmail => answering(Some(route), web::email_change::ask),
        Route::EmailChangeLink => answering(Some(route), web::email_change::link),
        Route::EmailChangeConfirm => answering(Some(route), web::email_change::confirm),
        Route::ExportAccount => answering(Some(route), web::export::take),
        Route::DeleteAccountPage => answering(Some(route), web::delete_account::show),
        Route::DeleteAccount => answering(Some(route), web::delete_account::delete),
        Route::Keys => answering(Some(route), web::tokens::list),
        Route::MakeKey => answering(Some(route), web::token_form::make),
        Route::RevokeKey => answering(Some(route), web::tokens::revoke),
        Route::Sessions => answering(Some(route), web::sessions::list),
        Route::EndOtherSessions => answering(Some(route), web::sessions::end_others),
        Route::EndSession => answering(Some(route), web::sessions::end_one),
        Route::KnownDevices => answering(Some(route), web::known_devices::list),
        Route::ForgetDevices => answering(Some(route), web::known_devices::forget_all),
        Route::ForgetDevice => answering(Some(route), web::known_devices::forget_one),
        Route::Security => answering(Some(route), web::security::show),
        Route::ChangePassword => answering(Some(route), web::security_password::change),
        Route::BeginTotp => answering(Some(route), web::security_totp::begin),
        Route::TotpSetup => answering(Some(route), web::security_totp::show),
        Route::ConfirmTotp => answering(Some(route), web::security_totp::confirm),
        Route::RemoveTotp => answering(Some(route), web::security_totp::remove),
        Route::AddPasskeyOptions => answering(Some(route), web::security_passkeys::options),
        Route::AddPasskey => answering(Some(route), web::security_passkeys::add),
        Route::RenamePasskey => answering(Some(route), web::security_passkeys::rename),
        Route::RemovePasskey => answering(Some(route), web::security_passkeys::remove),
        Route::MakeRecoveryCodes => answering(Some(route), web::security_codes::make),
        Route::LoginFactor => answering(Some(route), web::login_factor::show),
        Route::LoginFactorSubmit => answering(Some(route), web::login_factor::submit),
        Route::StepUp => answering(Some(route), web::step_up::show),
        Route::StepUpSubmit => answering(Some(route), web::step_up::submit),
        Route::StepUpOptions => answering(Some(route), web::step_up_passkey::options),
        Route::Portal => answering(Some(route), portal::start),
        Route::PortalApplications => answering(Some(route), portal::applications::list),
        Route::PortalNewApplication => answering(Some(route), portal::applications::new),
        Route::PortalCreateApplication => answering(Some(route), portal::applications::create),
        Route::PortalApplication => answering(Some(route), portal::application::show),
        Route::PortalEditApplication => answering(Some(route), portal::application::edit),
        Route::PortalDisableApplication => answering(Some(route), portal::application::disable),
        Route::PortalEnableApplication => answering(Some(route), portal::application::enable),
        Route::PortalDeleteApplication => answering(Some(route), portal::application::delete),
        Route::PortalRotateSecret => answering(Some(route), portal::application::rotate_secret),
        Route::PortalMembers => answering(Some(route), portal::members::list),
        Route::PortalInvite => answering(Some(route), portal::members::invite),
        Route::PortalMemberRole => answering(Some(route), portal::members::change_role),
        Route::PortalMemberRemove => answering(Some(route), portal::members::remove),
        Route::PortalInvitationResend => answering(Some(route), portal::members::resend),
        Route::PortalInvitationRevoke => answering(Some(route), portal::members::revoke),
        Route::PortalProviders => answering(Some(route), portal::providers::list),
        Route::PortalNewProvider => answering(Some(route), portal::provider::new),
        Route::PortalCreateProvider => answering(Some(route), portal::provider::create),
        Route::PortalProvider => answering(Some(route), portal::provider::show),
        Route::PortalEditProvider => answering(Some(route), portal::provider::edit),
        Route::PortalRemoveProvider => answering(Some(route), portal::provider::remove),
        Route::PortalSignIn => answering(Some(route), portal::sign_in::show),
        Route::PortalEditSignIn => answering(Some(route), portal::sign_in::change),
        Route::PortalEditDeviceLogin => answering(Some(route), portal::device_login::change),
        Route::PortalResources => answering(Some(route), portal::resources::show),
        Route::PortalAddResource => answering(Some(route), portal::resources::add),
        Route::PortalRemoveResource => answering(Some(route), portal::resources::remove),
        Route::PortalNewScope => answering(Some(route), portal::scope::new),
        Route::PortalCreateScope => answering(Some(route), portal::scope::create),
        Route::PortalScope => answering(Some(route), portal::scope::show),
        Route::PortalEditScope => answering(Some(route), portal::scope::edit),
        Route::PortalRemoveScope => answering(Some(route), portal::scope::remove),
        Route::PortalSigningKeys => answering(Some(route), portal::signing_keys::show),
        Route::PortalRotateSigningKey => answering(Some(route), portal::signing_keys::rotate),
        Route::PortalSettings => answering(Some(route), portal::settings::show),
        Route::PortalEditSettings => answering(Some(route), portal::settings::change),
        Route::PortalDeleteOrganization => answering(Some(route), portal::settings::delete),
        Route::PortalDevices => answering(Some(route), portal::devices::list),
        Route::PortalRevokeDevice => answering(Some(route), portal::devices::revoke),
        Route::PortalRevokeKey => answering(Some(route), portal::keys::revoke),
        Route::PortalAudit => answering(Some(route), portal::audit::list),
        Route::PortalExportAudit => answering(Some(route), portal::audit_export::take),
    }
}
