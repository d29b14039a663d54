//! What a claimed code asks for, with everything that is known of the request; the page's form goes to the decision.

use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::{frame, page, unreadable};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use model::id::GrantId;
use model::org::Organization;
use model::resource::Resource;
use model::user::OrgMember;
use registry::grants::claim::{self, Review, Standing};
use routes::url;
use store::tables::resources;
use views::pages::{
    AppFace, DeviceReview, Form, FormError, HiddenField, RequestOrigin, ReviewedOrganization, ReviewedResource,
};
use views::say;
use views::text::{When, minutes_left};

/// The action of the decision's form; its object is the grant.
pub const DECISION: &str = "device-decision";
/// The action of *Not you?*; its object is the grant.
pub const RELEASE: &str = "device-release";

/// A grant as its claimant sees it.
pub struct Reviewed {
    /// The organization.
    pub organization: Organization,
    /// The claimant.
    pub member: OrgMember,
    /// The grant.
    pub standing: Standing,
    /// What its scopes mean.
    pub catalogue: Catalogue,
    /// The resources that it asks for, as far as the organization still has them: nothing else gets a token.
    pub resources: Vec<Resource>,
}

/// Looks at a grant for whoever is signed in.
///
/// # Errors
/// As the gate says.
pub async fn look(context: &Context, grant: GrantId) -> Result<Reviewed, Refused> {
    let org = organization(context)?;
    let (visitor, keyring, moment) = (Visitor::of(context), context.state.keyring.clone(), context.moment.clone());
    let seen = context.state.db.snapshot("review", move |conn| {
        Ok(match visitor.member(conn, &org)? {
            Err(stopped) => Err(stopped),
            Ok((organization, member)) => {
                let standing = claim::review(conn, &member, grant, &keyring, &moment)?;
                let catalogue = Catalogue::read(conn, &org)?;
                let resources = match &standing {
                    Standing::Open(review) => resources::known(conn, &org, &review.grant.terms.resources)?,
                    Standing::Over(..) | Standing::NotYours => Vec::new(),
                };
                Ok(Reviewed { organization, member, standing, catalogue, resources })
            }
        })
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
    render_review(&context, &reviewed, StatusCode::OK, Vec::new())
}

/// Renders the review of an open grant.
///
/// # Errors
/// 404 for a grant that is not theirs, 409 for one that is over.
pub fn render_review(
    context: &Context,
    reviewed: &Reviewed,
    status: StatusCode,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let review = match &reviewed.standing {
        Standing::Open(review) => review,
        Standing::Over(..) => return Err(Refused::Conflict(say::decision_over())),
        Standing::NotYours => return Err(Refused::NotFound),
    };
    let shown = review_page(context, reviewed, review, errors);
    page(context, status, &shown, &frame::of_reader(context, &reviewed.organization, reviewed.member.present()))
}

fn review_page(context: &Context, reviewed: &Reviewed, review: &Review, errors: Vec<FormError>) -> DeviceReview {
    let (grant, organization, member) = (&review.grant, &reviewed.organization, &reviewed.member);
    let token = |action| Visitor::of(context).form_token(&member.session().digest, action, &grant.id.to_string());
    let now = context.now();
    DeviceReview {
        action: url::device_decision(&organization.id),
        csrf_token: token(DECISION),
        grant: grant.id.to_string(),
        user_code: review.user_code.to_string(),
        email: member.user().email.clone(),
        not_you: Form {
            action: url::device_release(&organization.id),
            csrf_token: token(RELEASE),
            hidden: vec![HiddenField { name: "grant".to_owned(), value: grant.id.to_string() }],
        },
        app: AppFace::new(review.application.settings.name.as_str(), true),
        scopes: words::scopes(reviewed.catalogue.in_words(&grant.terms.scopes)),
        resources: reviewed.resources.iter().map(resource).collect(),
        minutes_left: minutes_left(grant.expires_at, now),
        expires: When::coming(grant.expires_at, now),
        origin: RequestOrigin {
            ip: grant.origin.address.to_string(),
            place: context.state.places.of(grant.origin.address, context.spoken_to(member.user())),
            program: (!grant.origin.program.is_empty()).then(|| grant.origin.program.clone()),
            made: When::past(grant.opened_at, now),
            same_network: grant.origin.network() == context.origin.network(),
        },
        organization: ReviewedOrganization { org_id: organization.id.to_string(), name: organization.name.clone() },
        errors,
    }
}

/// A resource as pages show it.
pub(super) fn resource(resource: &Resource) -> ReviewedResource {
    ReviewedResource { name: resource.name.clone(), uri: resource.uri.as_str().to_owned() }
}
