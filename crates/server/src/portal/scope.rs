//! The portal's page of one scope.
//!
//! Its sentence is what people go by when they approve, and what it implies goes along with it: an intruder would change
//! that first. So each change takes a fresh proof of who it is.

use super::resources::{access_word, write};
use super::{Inside, SAVED, SCOPE_ADDED, SCOPE_REMOVED};
use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form, own_page_form};
use crate::web::{frame, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use directory::scopes::{self, Changed, Target};
use login::csrf::FormPurpose;
use model::catalogue::{Scope, ScopeAccess, ScopeChanges, ScopeProblem, Sentence, is_standard};
use model::id::OrgId;
use model::name::NotAName;
use protocol::params::Params;
use protocol::scope::Scopes;
use routes::url;
use views::pages::{Choice, Form, FormError, HiddenField, ScopeForm};
use views::{Message, Words, say};

const CREATE: &str = "scope-create";
const EDIT: &str = "scope-edit";
const REMOVE: &str = "scope-remove";

/// The form as typed.
#[derive(Clone)]
struct Typed {
    name: String,
    sentence: String,
    access: Option<ScopeAccess>,
    implies: Scopes,
    // Of the scope that was shown; nothing of a new one.
    revision: Option<i32>,
}

impl Typed {
    fn read(form: &Params) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self {
            name: field("scope"),
            sentence: field("sentence"),
            access: form.get("access").and_then(ScopeAccess::parse),
            implies: form.all("implies").map(str::to_owned).collect(),
            revision: form.get("revision").and_then(|revision| revision.parse().ok()),
        }
    }

    fn of(scope: &Scope) -> Self {
        Self {
            name: scope.name.clone(),
            sentence: scope.sentence.clone(),
            access: Some(scope.access),
            implies: scope.implies.clone(),
            revision: Some(scope.revision),
        }
    }

    /// The change that it asks for, or everything that is wrong with it. Of a standard scope the form has the words alone.
    fn changes(&self) -> Result<ScopeChanges, Vec<FormError>> {
        let sentence = Sentence::parse(&self.sentence).map_err(|problem| {
            let sentence = match problem {
                NotAName::Empty | NotAName::TooLong => say::scope_sentence_wrong(),
                NotAName::Invisible => say::scope_sentence_invisible(),
            };
            FormError::new("sentence", sentence)
        });
        if is_standard(&self.name) {
            let sentence = Some(sentence.map_err(|error| vec![error])?);
            return Ok(ScopeChanges { sentence, ..ScopeChanges::default() });
        }
        let access = self.access.ok_or_else(|| FormError::new("access", say::scope_access_missing()));
        match (sentence, access) {
            (Ok(sentence), Ok(access)) => {
                Ok(ScopeChanges { sentence: Some(sentence), access: Some(access), implies: Some(self.implies.clone()) })
            }
            (sentence, access) => Err([sentence.err(), access.err()].into_iter().flatten().collect()),
        }
    }
}

/// An organization's catalogue, with who looks at it.
struct Seen {
    inside: Inside,
    catalogue: Catalogue,
}

async fn look(context: &Context, org: OrgId) -> Result<Seen, Refused> {
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("scope", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => Ok(Seen { inside, catalogue: Catalogue::read(conn, &org)? }),
            Err(stopped) => Err(stopped),
        })
    });
    Ok(read.await??)
}

/// Shows the form for a new one.
///
/// # Errors
/// As the gate says.
pub async fn new(context: Context) -> Result<HttpResponse, Refused> {
    let seen = look(&context, organization(&context)?).await?;
    let typed = Typed { access: Some(ScopeAccess::Read), ..Typed::of(&Scope::named("")) };
    render(&context, &seen, StatusCode::OK, (&Typed { revision: None, ..typed }, Vec::new()))
}

/// Shows one.
///
/// # Errors
/// As the gate says; 404 where there is none.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let name = context.query().map_err(unreadable)?.get("scope").unwrap_or_default().to_owned();
    let seen = look(&context, organization(&context)?).await?;
    let scope = seen.catalogue.named(&name).ok_or(Refused::NotFound)?;
    render(&context, &seen, StatusCode::OK, (&Typed::of(scope), Vec::new()))
}

/// What a form about one scope is bound to.
fn object(org: &OrgId, name: &str) -> String {
    format!("{org} {name}")
}

fn render(
    context: &Context,
    seen: &Seen,
    status: StatusCode,
    (typed, errors): (&Typed, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let org = seen.inside.org_id();
    let (list, new) = (url::portal_resources(org), typed.revision.is_none());
    let of_scope = |action: String, purpose: &str| {
        let object = object(org, &typed.name);
        let mut form = seen.inside.form(context, action, FormPurpose { action: purpose, object: &object });
        let revision = typed.revision.unwrap_or_default().to_string();
        form.hidden = vec![hidden("scope", &typed.name), hidden("revision", &revision)];
        form
    };
    let form: Form = if new {
        seen.inside.form(context, url::portal_scopes(org), FormPurpose { action: CREATE, object: org.as_str() })
    } else {
        of_scope(url::portal_scope_change(org), EDIT)
    };
    let standard = !new && is_standard(&typed.name);
    let access = |access: ScopeAccess, hint: Message| Choice {
        value: access.as_str().to_owned(),
        label: access_word(access).into(),
        hint: Some(hint),
        chosen: typed.access == Some(access),
    };
    let implied = |scope: &Scope| Choice {
        value: scope.name.clone(),
        label: Words::verbatim(scope.name.as_str()),
        hint: None,
        chosen: typed.implies.has(&scope.name),
    };
    let others = seen.catalogue.entries().iter().filter(|scope| new || scope.name != typed.name);
    let shown = ScopeForm {
        side: frame::portal_side(&seen.inside.organization, &list),
        errors,
        form,
        new,
        standard,
        name: typed.name.clone(),
        sentence: typed.sentence.clone(),
        access: vec![
            access(ScopeAccess::Read, say::scope_reads_hint()),
            access(ScopeAccess::Write, say::scope_writes_hint()),
        ],
        implies: others.map(implied).collect(),
        remove: (!new && !standard).then(|| of_scope(url::portal_scope_remove(org), REMOVE)),
        cancel_url: list,
    };
    page(context, status, &shown, &seen.inside.frame(context))
}

fn hidden(name: &str, value: &str) -> HiddenField {
    HiddenField { name: name.to_owned(), value: value.to_owned() }
}

/// Adds one.
///
/// # Errors
/// As the gate says; to the step-up where the last proof is too old.
pub async fn create(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_page_form(&context, &["implies"])?;
    Visitor::of(&context).check((), FormPurpose { action: CREATE, object: org.as_str() }, form.get("csrf_token"))?;
    let typed = Typed { revision: None, ..Typed::read(&form) };
    let here = url::portal_new_scope(&org);
    save(&context, org, typed, (SCOPE_ADDED, here)).await
}

/// Changes one.
///
/// # Errors
/// As the gate says; 404 where there is none; 409 for a page that is behind; to the step-up where the last proof is too old.
pub async fn edit(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_page_form(&context, &["implies"])?;
    let typed = Typed::read(&form);
    let object = object(&org, &typed.name);
    Visitor::of(&context).check((), FormPurpose { action: EDIT, object: &object }, form.get("csrf_token"))?;
    // A form without the revision that was shown is none of ours.
    let typed = Typed { revision: Some(typed.revision.unwrap_or(-1)), ..typed };
    let here = url::portal_scope(&org, &typed.name);
    save(&context, org, typed, (SAVED, here)).await
}

async fn save(
    context: &Context,
    org: OrgId,
    typed: Typed,
    (done, here): (&str, String),
) -> Result<HttpResponse, Refused> {
    let changes = match typed.changes() {
        Ok(changes) => changes,
        Err(errors) => {
            let seen = look(context, org).await?;
            return render(context, &seen, StatusCode::BAD_REQUEST, (&typed, errors));
        }
    };
    let (wanted, sent) = (org.clone(), typed.clone());
    let changed = write(context, org.clone(), move |conn, by| match sent.revision {
        None => scopes::create(conn, &wanted, &sent.name, &changes, by),
        Some(_) => {
            let target = Target { org_id: &wanted, name: &sent.name, revision: sent.revision };
            scopes::change(conn, target, &changes, by)
        }
    });
    let changed = changed.await?.map_err(|stopped| stopped.leading_back_to(here))?;
    match changed {
        Changed::Made(_) => Ok(answer::see_other(&url::after(&url::portal_resources(&org), done))),
        Changed::NotFound => Err(Refused::NotFound),
        Changed::Stale => Err(Refused::Conflict(say::scope_stale())),
        refused => {
            let seen = look(context, org).await?;
            render(context, &seen, StatusCode::BAD_REQUEST, (&typed, vec![error(&refused)]))
        }
    }
}

/// Removes one.
///
/// # Errors
/// As the gate says; 404 where there is none; 409 while an application may ask for it, or for a page that is behind; to the
/// step-up where the last proof is too old.
pub async fn remove(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let typed = Typed::read(&form);
    let purpose = FormPurpose { action: REMOVE, object: &object(&org, &typed.name) };
    Visitor::of(&context).check((), purpose, form.get("csrf_token"))?;
    let (wanted, sent) = (org.clone(), typed.clone());
    let changed = write(&context, org.clone(), move |conn, by| {
        let target = Target { org_id: &wanted, name: &sent.name, revision: Some(sent.revision.unwrap_or(-1)) };
        scopes::remove(conn, target, by)
    });
    let here = url::portal_scope(&org, &typed.name);
    match changed.await?.map_err(|stopped| stopped.leading_back_to(here))? {
        Changed::Made(_) => Ok(answer::see_other(&url::after(&url::portal_resources(&org), SCOPE_REMOVED))),
        Changed::NotFound => Err(Refused::NotFound),
        Changed::Stale => Err(Refused::Conflict(say::scope_stale())),
        refused => {
            let seen = look(&context, org).await?;
            let scope = seen.catalogue.named(&typed.name).ok_or(Refused::NotFound)?;
            render(&context, &seen, StatusCode::CONFLICT, (&Typed::of(scope), vec![error(&refused)]))
        }
    }
}

/// The first of these names.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let first = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST { format!("{first}, …") } else { first }
}

/// Why a change is refused, at its field.
fn error(refused: &Changed) -> FormError {
    let (field, sentence) = match refused {
        Changed::Already => ("scope", say::scope_taken()),
        Changed::Full => ("", say::scopes_full()),
        Changed::Standard | Changed::Problem(ScopeProblem::Standard) => ("", say::scope_is_standard()),
        Changed::InUse(applications) => ("", say::scope_in_use(listed(applications))),
        Changed::Problem(ScopeProblem::Name) => ("scope", say::scope_name_wrong()),
        Changed::Problem(ScopeProblem::ImpliesTooMany) => ("implies", say::scope_too_many()),
        Changed::Problem(ScopeProblem::ImpliesItself | ScopeProblem::ImpliesUnknown) => {
            ("implies", say::scope_implies_wrong())
        }
        Changed::Made(_) | Changed::NotFound | Changed::Stale => ("", say::scope_stale()),
    };
    FormError::new(field, sentence)
}
