//! What surrounds a page.

use crate::context::Context;
use crate::state::State;
use crate::web::gate::Visitor;
use model::org::{Organization, Role};
use model::user::SignedIn;
use routes::url;
use views::pages::{Link, Section, Side};
use views::{AccountMenu, Frame, OrgBrand, OrgLink};

/// The frame of a page that knows neither organization nor account.
pub fn bare(state: &State, request_id: &str) -> Frame {
    Frame {
        request_id: request_id.to_owned(),
        public_host: state.config.public_url.host().to_owned(),
        style: state.asset_urls.clone(),
        org: None,
        account: None,
    }
}

/// The frame of a page with an organization's mark.
pub fn of_organization(context: &Context, organization: Option<&Organization>) -> Frame {
    Frame { org: organization.map(brand), ..bare(&context.state, &context.request_id()) }
}

/// The frame of a page of somebody signed in, with the switcher between `organizations`.
pub fn of_account(
    context: &Context,
    organization: Option<&Organization>,
    signed_in: &SignedIn,
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
    let link = |label: &str, url: String| Link { label: label.to_owned(), url };
    let mut links =
        vec![link("Organizations", url::ORGANIZATIONS.to_owned()), link("Connected apps", url::CONNECTIONS.to_owned())];
    if let Some(organization) = organization.or_else(|| organizations.first().map(|(organization, _)| organization)) {
        links.insert(0, link("Connect a device", url::device(&organization.id)));
    }
    Frame {
        account: Some(AccountMenu {
            email: signed_in.user().email.clone(),
            name: signed_in.user().name.clone(),
            orgs: organizations.iter().map(switch).collect(),
            links,
            sign_out_action: url::LOGOUT.to_owned(),
            sign_out_csrf: Visitor::of(context).form_token(session, "logout", ""),
        }),
        ..of_organization(context, organization)
    }
}

fn brand(organization: &Organization) -> OrgBrand {
    OrgBrand {
        org_id: organization.id.to_string(),
        name: organization.name.clone(),
        brand_css_url: organization.colour.is_some().then(|| url::brand_css(&organization.id)),
    }
}

/// The account's sections, with the one at `here` marked.
pub fn account_side(here: &str) -> Side {
    side(
        "Account",
        &[("Connected apps", url::CONNECTIONS.to_owned()), ("Organizations", url::ORGANIZATIONS.to_owned())],
        here,
    )
}

/// The portal's sections, with the one at `here` marked.
pub fn portal_side(organization: &Organization, here: &str) -> Side {
    let org = &organization.id;
    side("Portal", &[("Applications", url::portal_applications(org)), ("Devices", url::portal_devices(org))], here)
}

fn side(label: &str, sections: &[(&str, String)], here: &str) -> Side {
    let section =
        |(label, url): &(&str, String)| Section { label: (*label).to_owned(), url: url.clone(), current: url == here };
    Side { label: label.to_owned(), sections: sections.iter().map(section).collect() }
}
