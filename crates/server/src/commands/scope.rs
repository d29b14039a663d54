//! The catalogue of scopes of an organization.

use super::args::Home;
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::scope_args::{NamedScope, NewScope, ScopeCommand};
use super::words;
use crate::clock;
use crate::config::Config;
use directory::catalogue::Catalogue;
use directory::scopes::{self, Changed, Target};
use model::audit::By;
use model::catalogue::{MOST_SCOPES, Scope, ScopeChanges, ScopeProblem, Sentence};
use model::name::NotAName;
use protocol::scope::Scopes;
use serde_json::{Value, json};
use store::tables::organizations;

pub(super) fn run(command: ScopeCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        ScopeCommand::List(home) => list(&home, config, output),
        ScopeCommand::Set(new) => set(&new, config, output),
        ScopeCommand::Remove(scope) => remove(&scope, config, output),
    }
}

fn value(scope: &Scope) -> Value {
    json!({
        "name": scope.name, "sentence": scope.sentence, "access": scope.access.as_str(),
        "implies": scope.implies.names().collect::<Vec<_>>(),
    })
}

fn list(home: &Home, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let org = home.id();
    let read = Database::open(config)?.read("list scopes", move |conn| {
        if organizations::by_id(conn, &org)?.is_none() {
            return Ok(None);
        }
        Ok(Some((Catalogue::read(conn, &org)?, scopes::listed_by(conn, &org)?)))
    })?;
    let (catalogue, listed) = read.ok_or_else(|| Failure::no_org(&home.id()))?;
    let rows = catalogue.entries().iter().map(|scope| {
        let applications = listed.iter().filter(|asked| asked.has(&scope.name)).count();
        let mut value = value(scope);
        value["applications"] = applications.into();
        let Scope { name, sentence, access, implies, .. } = scope.clone();
        (value, [name, access.as_str().to_owned(), implies.to_string(), applications.to_string(), sentence])
    });
    output.list(["NAME", "ACCESS", "IMPLIES", "APPLICATIONS", "SENTENCE"], rows.collect())
}

fn set(new: &NewScope, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let sentence = new.sentence.as_deref().map(Sentence::parse).transpose().map_err(|problem| {
        Failure::usage(match problem {
            NotAName::Empty | NotAName::TooLong => {
                format!("A sentence has 1 to {} characters. Check --sentence.", Sentence::LONGEST)
            }
            NotAName::Invisible => "The sentence holds characters that can't be seen. Type it anew.".to_owned(),
        })
    })?;
    let implies = new.implies.as_deref().map(Scopes::parse).transpose();
    let implies = implies.map_err(|error| Failure::usage(format!("{} Check --implies.", error.description)))?;
    let changes = ScopeChanges { sentence, access: new.access, implies };
    let (org, name, by) = (new.scope.home.id(), new.scope.name.clone(), By::operator(&clock::moment()));
    let changed = Database::open(config)?.write("set scope", move |conn| {
        if organizations::by_id(conn, &org)?.is_none() {
            return Ok(None);
        }
        let target = Target { org_id: &org, name: &name, revision: None };
        match scopes::change(conn, target, &changes, &by)? {
            Changed::NotFound => scopes::create(conn, &org, &name, &changes, &by).map(Some),
            changed => Ok(Some(changed)),
        }
    })?;
    match changed.ok_or_else(|| Failure::no_org(&new.scope.home.id()))? {
        Changed::Made(scope) => output.done(&value(&scope), &format!("The scope {} is stored.", scope.name)),
        refused => Err(refusal(&refused, &new.scope)),
    }
}

fn remove(scope: &NamedScope, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, name, by) = (scope.home.id(), scope.name.clone(), By::operator(&clock::moment()));
    let removed = Database::open(config)?.write("remove scope", move |conn| {
        if organizations::by_id(conn, &org)?.is_none() {
            return Ok(None);
        }
        scopes::remove(conn, Target { org_id: &org, name: &name, revision: None }, &by).map(Some)
    })?;
    match removed.ok_or_else(|| Failure::no_org(&scope.home.id()))? {
        Changed::Made(removed) => output.done(
            &json!({"org_id": words::home_json(&scope.home.id()), "name": removed.name}),
            &format!("The scope {} is removed.", removed.name),
        ),
        refused => Err(refusal(&refused, scope)),
    }
}

/// Why nothing was changed.
fn refusal(refused: &Changed, scope: &NamedScope) -> Failure {
    let (home, name) = (scope.home.id(), &scope.name);
    let (org, flag) = (words::home(&home), words::home_flag(&home));
    match refused {
        Changed::Problem(ScopeProblem::Name) => Failure::usage(
            "A scope's name has 1 to 128 letters, digits and signs, without spaces, quotation marks and backslashes. Check --name.",
        ),
        Changed::Problem(ScopeProblem::ImpliesItself | ScopeProblem::ImpliesUnknown) => Failure::usage(format!(
            "A scope can imply others of its organization, not itself. doorward-server scope list {flag} shows them. Check --implies."
        )),
        Changed::Problem(ScopeProblem::ImpliesTooMany) => {
            Failure::usage("These are more scopes than one request can ask for. Check --implies.")
        }
        Changed::Problem(ScopeProblem::Standard) | Changed::Standard => {
            Failure::refused(format!("The scope {name} is always there: only its sentence can be changed."))
        }
        Changed::InUse(applications) => Failure::refused(format!(
            "These applications may ask for {name}: {}. Take it away from them first.",
            applications.join(", ")
        )),
        Changed::Full => Failure::refused(format!(
            "{org} has {MOST_SCOPES} scopes, which is as many as it can have. Remove one that no application uses."
        )),
        Changed::NotFound => Failure::refused(format!(
            "{org} has no scope {name:?}. doorward-server scope list {flag} shows those that it has."
        )),
        Changed::Made(_) | Changed::Already | Changed::Stale => {
            Failure::refused(format!("The scope {name} was changed meanwhile. Try again."))
        }
    }
}
