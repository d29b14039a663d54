//! What surrounds a page.

use crate::context::Context;
use crate::state::State;
use crate::web::gate::Visitor;
use crate::web::login::LOGOUT;
use model::application::Application;
use model::language::Language;
use model::org::{Organization, Role};
use model::session::Reach;
use model::user::Reader;
use routes::url;
use views::pages::{Link, Section, Side};
use views::{AccountMenu, Frame, Message, OrgBrand, OrgLink, say};

/// The frame of a page that knows neither organization nor account.
pub fn bare(state: &State, request_id: &str, language: Language) -> Frame {
    Frame {
        language,
        request_id: request_id.to_owned(),
        public_host: state.config.public_url.host().to_owned(),
        style: state.asset_urls.clone(),
        org: None,
        account: None,
    }
}

/// The frame of a page with an organization's mark.
pub fn of_organization(context: &Context, organization: Option<&Organization>) -> Frame {
    Frame { org: organization.map(brand), ..bare(&context.state, &context.request_id(), context.language) }
}

/// As [`of_organization`], for a page that somebody signed in reads.
pub fn of_reader(context: &Context, organization: &Organization, reader: &(impl Reader + ?Sized)) -> Frame {
    Frame { language: context.spoken_to(reader.user()), ..of_organization(context, Some(organization)) }
}

/// The frame of a page of somebody signed in, with the switcher between `organizations`.
pub fn of_account(
    context: &Context,
    organization: Option<&Organization>,
    signed_in: &(impl Reader + ?Sized),
    organizations: &[(Organization, Role)],
) -> Frame {
    let session = &signed_in.session().digest;
    let switch = |(organization, role): &(Organization, Role)| OrgLink {
        org_id: organization.id.to_string(),
        name: organization.name.clone(),
        url: if role.administers() {
            url::portal_applications(&organization.id)
        } else {
            url::device(&organization.id)
        },
    };
    let link = |label: Message, url: String| Link { label, url };
    let mut links = vec![
        link(say::organizations(), url::ORGANIZATIONS.to_owned()),
        link(say::connected_apps(), url::CONNECTIONS.to_owned()),
        link(say::keys(), url::KEYS.to_owned()),
        link(say::profile(), url::PROFILE.to_owned()),
        link(say::security(), url::SECURITY.to_owned()),
    ];
    // Nothing of the account opens for a session that goes to one organization only.
    if *signed_in.session().reach() != Reach::Everywhere {
        links.clear();
    }
    // Of a session that goes everywhere any code works at the page of the whole server.
    match (organization, signed_in.session().reach()) {
        (_, Reach::Everywhere) => links.insert(0, link(say::connect_device(), url::DEVICE.to_owned())),
        (Some(organization), Reach::Only(_)) => {
            links.insert(0, link(say::connect_device(), url::device(&organization.id)));
        }
        (None, Reach::Only(_)) => {}
    }
    Frame {
        language: context.spoken_to(signed_in.user()),
        account: Some(AccountMenu {
            email: signed_in.user().email.clone(),
            name: signed_in.user().name.clone(),
            orgs: organizations
                .iter()
                .filter(|(organization, _)| signed_in.session().reach().admits(&organization.id))
                .map(switch)
                .collect(),
            links,
            sign_out_action: url::LOGOUT.to_owned(),
            sign_out_csrf: Visitor::of(context).form_token(session, LOGOUT.action, LOGOUT.object),
        }),
        ..of_organization(context, organization)
    }
}

/// Where an application's logo is, if it has one.
pub(crate) fn logo_url(application: &Application) -> Option<String> {
    application.settings.logo.as_ref().map(|logo| url::logo(&application.org_id, logo))
}

fn brand(organization: &Organization) -> OrgBrand {
    OrgBrand {
        org_id: organization.id.to_string(),
        name: organization.name.clone(),
        brand_css_url: organization.colour.is_some().then(|| url::brand_css(&organization.id)),
        logo_url: organization.logo.as_ref().map(|logo| url::logo(&organization.id, logo)),
    }
}

/// The account's sections, with the one at `here` marked.
pub fn account_side(here: &str) -> Side {
    side(
        say::account(),
        [
            (say::connected_apps(), url::CONNECTIONS.to_owned()),
            (say::keys(), url::KEYS.to_owned()),
            (say::organizations(), url::ORGANIZATIONS.to_owned()),
            (say::profile(), url::PROFILE.to_owned()),
            (say::security(), url::SECURITY.to_owned()),
            (say::sessions(), url::SESSIONS.to_owned()),
            (say::known_browsers(), url::KNOWN_DEVICES.to_owned()),
        ],
        here,
    )
}

/// The portal's sections, with the one at `here` marked.
pub fn portal_side(organization: &Organization, here: &str) -> Side {
    let org = &organization.id;
    let sections = [
        (say::applications(), url::portal_applications(org)),
        (say::members(), url::portal_members(org)),
        (say::providers(), url::portal_providers(org)),
        (say::portal_sign_in(), url::portal_sign_in(org)),
        (say::resources(), url::portal_resources(org)),
        (say::devices(), url::portal_devices(org)),
        (say::signing_keys(), url::portal_signing_keys(org)),
        (say::audit(), url::portal_audit(org)),
        (say::settings(), url::portal_settings(org)),
    ];
    side(say::portal(), sections, here)
}

fn side(label: Message, sections: impl IntoIterator<Item = (Message, String)>, here: &str) -> Side {
    let section = |(label, url): (Message, String)| Section { label, current: url == here, url };
    Side { label, sections: sections.into_iter().map(section).collect() }
}
