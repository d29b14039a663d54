//! Scopes in words.

use model::catalogue::Scope;
use model::fault::Fault;
use model::id::OrgId;
use protocol::scope::Scopes;
use store::Conn;
use store::tables::scopes;

/// What every organization begins with.
pub const STANDARD: [(&str, &str); 4] = [
    ("openid", "Know who you are"),
    ("profile", "See your name"),
    ("email", "See your e-mail address"),
    ("offline_access", "Stay signed in until you disconnect it"),
];

/// What the server's own catalogue begins with, for clients that belong to no organization. Migrations write it.
pub const INSTANCE: [(&str, &str); 2] = [("read", "See what you can see"), ("write", "Change what you can change")];

/// An organization's scopes with their sentences.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(Vec<Scope>);

impl Catalogue {
    /// Reads the catalogue.
    ///
    /// # Errors
    /// The database's.
    pub fn read(conn: &mut Conn, org: &OrgId) -> Result<Self, Fault> {
        scopes::all(conn, org).map(Self)
    }

    /// The scopes, by name.
    pub fn entries(&self) -> &[Scope] {
        &self.0
    }

    /// The scope of this name.
    pub fn named(&self, name: &str) -> Option<&Scope> {
        self.0.iter().find(|scope| scope.name == name)
    }

    /// All names.
    pub fn names(&self) -> Scopes {
        self.0.iter().map(|scope| scope.name.clone()).collect()
    }

    /// What `scopes` allow, in words; the name itself where the catalogue has lost it.
    pub fn in_words(&self, scopes: &Scopes) -> Vec<String> {
        let sentence = |name: &str| self.named(name).map_or(name, |scope| &scope.sentence).to_owned();
        scopes.names().map(sentence).collect()
    }
}

/// Gives an organization the scopes that it begins with.
///
/// # Errors
/// The database's.
pub fn add_standard(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    for (name, sentence) in STANDARD {
        scopes::insert(conn, org, &Scope { sentence: sentence.to_owned(), ..Scope::named(name) })?;
    }
    Ok(())
}

/// Adds the scopes that the organization lacks, each with its name as its sentence; those that it lacked.
///
/// # Errors
/// The database's.
pub fn add_missing(conn: &mut Conn, org: &OrgId, wanted: &Scopes) -> Result<Scopes, Fault> {
    let known = Catalogue::read(conn, org)?.names();
    let lacked: Scopes = wanted.names().filter(|name| !known.has(name)).map(str::to_owned).collect();
    for name in lacked.names() {
        scopes::insert(conn, org, &Scope::named(name))?;
    }
    Ok(lacked)
}
