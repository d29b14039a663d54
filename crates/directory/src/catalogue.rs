//! Scopes in words.

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

/// An organization's scopes with their sentences.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(Vec<(String, String)>);

impl Catalogue {
    /// Reads the catalogue.
    ///
    /// # Errors
    /// The database's.
    pub fn read(conn: &mut Conn, org: &OrgId) -> Result<Self, Fault> {
        scopes::all(conn, org).map(Self)
    }

    /// Names and sentences, by name.
    pub fn entries(&self) -> &[(String, String)] {
        &self.0
    }

    /// All names.
    pub fn names(&self) -> Scopes {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What `scopes` allow, in words; the name itself where the catalogue has lost it.
    pub fn in_words(&self, scopes: &Scopes) -> Vec<String> {
        let sentence = |name: &str| {
            self.0.iter().find(|(known, _)| known == name).map_or(name, |(_, sentence)| sentence).to_owned()
        };
        scopes.names().map(sentence).collect()
    }
}

/// Adds the scopes that the organization lacks, each with its name as its sentence.
///
/// # Errors
/// The database's.
pub fn add_missing(conn: &mut Conn, org: &OrgId, wanted: &Scopes) -> Result<(), Fault> {
    let known = Catalogue::read(conn, org)?.names();
    for name in wanted.names().filter(|name| !known.has(name)) {
        scopes::insert(conn, org, name, name)?;
    }
    Ok(())
}
