//! What a claimed code asks for, with everything that is known of the request; the page's form goes to the decision.

use crate::config::OrgCreation;
use crate::context::Context;
use crate::extract::request::id;
use crate::refused::Refused;
use crate::web::desk::{Desk, Person};
use crate::web::gate::Visitor;
use crate::web::{frame, page, unreadable};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use model::fault::Fault;
use model::id::GrantId;
use model::org::Organization;
use model::resource::Resource;
use model::time::Timestamp;
use model::user::{OrgMember, SignedIn};
use registry::grants::claim::{self, Review, Standing};
use registry::grants::decide;
use routes::url;
use store::Conn;
use store::tables::{memberships, organizations, resources};
use views::pages::{
    AppFace, DeviceReview, Form, FormError, HiddenField, RequestOrigin, ReviewedOrganization, ReviewedOrganizations,
    ReviewedResource,
};
use views::say;
use views::text::{When, minutes_left};

/// The action of the decision's form; its object is the grant.
pub const DECISION: &str = "device-decision";
/// The action of *Not you?*; its object is the grant.
pub const RELEASE: &str = "device-release";

/// A grant as its claimant sees it.
pub struct Reviewed {
    /// The claimant.
    pub person: Person,
    /// The grant.
    pub standing: Standing,
    /// What its scopes mean.
    catalogue: Catalogue,
    /// The resources that it asks for, as far as the organization still has them: nothing else gets a token.
    resources: Vec<Resource>,
    /// The organizations that it can be approved for, where the person picks one.
    choices: Choices,
    /// The organization that it was approved for, as long as that lives.
    pub granted: Option<Organization>,
}

/// The organizations that somebody picks from.
#[derive(Default)]
struct Choices {
    /// Those that let the client log devices in.
    open: Vec<Organization>,
    /// Whether there are others, which don't.
    others: bool,
}

impl Choices {
    fn read(conn: &mut Conn, signed_in: &SignedIn, review: &Review, now: Timestamp) -> Result<Self, Fault> {
        let mut choices = Self::default();
        let mut memberships = memberships::of_user(conn, signed_in.user().id)?;
        for (organization, _) in organizations::of_user(conn, signed_in.user().id)? {
            let present = signed_in.clone().at(&organization.id);
            let theirs = memberships.remove(&organization.id);
            let is_open = theirs.and_then(|membership| OrgMember::prove(present, membership, now)).is_some();
            if is_open && decide::scopes_let_in(&organization, &review.grant, &review.application).is_some() {
                choices.open.push(organization);
            } else {
                choices.others = true;
            }
        }
        Ok(choices)
    }
}

/// Looks at a grant for whoever is signed in.
///
/// # Errors
/// As the gate says.
pub async fn look(context: &Context, grant: GrantId) -> Result<Reviewed, Refused> {
    let desk = Desk::of(context)?;
    let (visitor, keyring, moment) = (Visitor::of(context), context.state.keyring.clone(), context.moment.clone());
    let seen = context.state.db.snapshot("review", move |conn| {
        let person = match desk.person(conn, &visitor)? {
            Ok(person) => person,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let home = desk.home();
        let standing = claim::review(conn, (&home, person.reader().user().id), grant, &keyring, &moment)?;
        let catalogue = Catalogue::read(conn, &home)?;
        let (mut resources, mut choices, mut granted) = (Vec::new(), Choices::default(), None);
        match &standing {
            Standing::Open(review) => {
                resources = resources::known(conn, &home, &review.grant.terms.resources)?;
                if let Person::Anywhere(signed_in) = &person {
                    choices = Choices::read(conn, signed_in, review, moment.now())?;
                }
            }
            Standing::Over(grant, _) => {
                if let Some(org) = grant.state.granted_org() {
                    granted = organizations::by_id(conn, org)?;
                }
            }
            Standing::NotYours => {}
        }
        Ok(Ok(Reviewed { person, standing, catalogue, resources, choices, granted }))
    });
    Ok(seen.await??)
}

/// Shows the review page.
///
/// # Errors
/// 404 for a grant that is not theirs, 409 for one that is over.
pub async fn review(context: Context) -> Result<HttpResponse, Refused> {
    let grant: GrantId = id(context.query().map_err(unreadable)?.get("grant").unwrap_or_default())?;
    let reviewed = look(&context, grant).await?;
    render_review(&context, &reviewed, StatusCode::OK, Sent::default())
}

/// What a form that was refused is given back with.
#[derive(Default)]
pub struct Sent<'a> {
    /// The organization that was picked.
    pub organization: Option<&'a str>,
    /// What is wrong.
    pub errors: Vec<FormError>,
}

/// Renders the review of an open grant.
///
/// # Errors
/// 404 for a grant that is not theirs, 409 for one that is over.
pub fn render_review(
    context: &Context,
    reviewed: &Reviewed,
    status: StatusCode,
    sent: Sent<'_>,
) -> Result<HttpResponse, Refused> {
    let review = match &reviewed.standing {
        Standing::Open(review) => review,
        Standing::Over(..) => return Err(Refused::Conflict(say::decision_over())),
        Standing::NotYours => return Err(Refused::NotFound),
    };
    let shown = review_page(context, reviewed, review, sent);
    page(context, status, &shown, &reviewed.person.frame(context))
}

fn review_page(context: &Context, reviewed: &Reviewed, review: &Review, sent: Sent<'_>) -> DeviceReview {
    let (grant, reader) = (&review.grant, reviewed.person.reader());
    let home = &grant.org_id;
    let token = |action| Visitor::of(context).form_token(&reader.session().digest, action, &grant.id.to_string());
    let now = context.now();
    let registered = review.application.client_id.is_registered();
    DeviceReview {
        action: url::device_decision(home),
        csrf_token: token(DECISION),
        grant: grant.id.to_string(),
        user_code: review.user_code.to_string(),
        email: reader.user().email.clone(),
        not_you: Form {
            action: url::device_release(home),
            csrf_token: token(RELEASE),
            hidden: vec![HiddenField { name: "grant".to_owned(), value: grant.id.to_string() }],
        },
        app: AppFace::new(grant.app_name(&review.application), registered)
            .with_logo(frame::logo_url(&review.application)),
        scopes: words::scopes(reviewed.catalogue.in_words(&grant.terms.scopes)),
        resources: reviewed.resources.iter().map(resource).collect(),
        minutes_left: minutes_left(grant.expires_at, now),
        expires: When::coming(grant.expires_at, now),
        origin: RequestOrigin {
            ip: grant.origin.address.to_string(),
            place: context.state.places.of(grant.origin.address, context.spoken_to(reader.user())),
            program: (!grant.origin.program.is_empty()).then(|| grant.origin.program.clone()),
            made: When::past(grant.opened_at, now),
            same_network: grant.origin.network() == context.origin.network(),
        },
        organizations: organizations_of(context, reviewed, sent.organization),
        errors: sent.errors,
    }
}

fn organizations_of(context: &Context, reviewed: &Reviewed, picked: Option<&str>) -> ReviewedOrganizations {
    let shown = |organization: &Organization| ReviewedOrganization {
        org_id: organization.id.to_string(),
        name: organization.name.clone(),
        picked: picked == Some(organization.id.as_str()),
    };
    if let Some(organization) = reviewed.person.organization() {
        return ReviewedOrganizations::One { which: shown(organization) };
    }
    match reviewed.choices.open.as_slice() {
        [] if reviewed.choices.others => ReviewedOrganizations::None { which: say::no_organization_lets_it_in() },
        [] => ReviewedOrganizations::None {
            which: match context.state.config.org_creation {
                OrgCreation::Operator => say::no_organization_yet(),
                OrgCreation::Anyone => say::no_organization_yet_create(),
            },
        },
        [only] => ReviewedOrganizations::One { which: shown(only) },
        several => ReviewedOrganizations::Several { which: several.iter().map(shown).collect() },
    }
}

/// A resource as pages show it.
pub(super) fn resource(resource: &Resource) -> ReviewedResource {
    ReviewedResource { name: resource.name.clone(), uri: resource.uri.as_str().to_owned() }
}
