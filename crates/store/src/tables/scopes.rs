//! Each organization's catalogue of scopes: a name for programs, a sentence for people, and what goes with it.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::{fault, unless_taken};
use crate::schema::{consents, families, opaque_tokens, scopes};
use diesel::prelude::*;
use diesel::sql_types::Text;
use model::catalogue::{Implications, Scope, ScopeAccess};
use model::fault::Fault;
use model::id::OrgId;
use protocol::scope::Scopes;

#[derive(Queryable, Selectable)]
#[diesel(table_name = scopes)]
struct ScopeRow {
    name: String,
    sentence: String,
    access: String,
    implies: String,
    revision: i32,
}

impl ScopeRow {
    fn into_model(self) -> Result<Scope, Fault> {
        Ok(Scope {
            name: self.name,
            sentence: self.sentence,
            access: column::word("scopes.access", ScopeAccess::parse(&self.access))?,
            implies: column::scopes("scopes.implies", &self.implies)?,
            revision: self.revision,
        })
    }
}

/// The catalogue, by name.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, org: &OrgId) -> Result<Vec<Scope>, Fault> {
    scopes::table
        .filter(scopes::org_id.eq(org.as_str()))
        .order(scopes::name)
        .select(ScopeRow::as_select())
        .load(conn.engine())
        .map_err(fault("scopes"))?
        .into_iter()
        .map(ScopeRow::into_model)
        .collect()
}

/// The names of the catalogue.
///
/// # Errors
/// The database's.
pub fn names(conn: &mut Conn, org: &OrgId) -> Result<Scopes, Fault> {
    let names: QueryResult<Vec<String>> =
        scopes::table.filter(scopes::org_id.eq(org.as_str())).select(scopes::name).load(conn.engine());
    names.map_err(fault("names of scopes")).map(|names| names.into_iter().collect())
}

/// What goes with what: few rows of few catalogues.
///
/// # Errors
/// The database's.
pub fn implications(conn: &mut Conn, org: &OrgId) -> Result<Implications, Fault> {
    scopes::table
        .filter(scopes::org_id.eq(org.as_str()))
        .filter(scopes::implies.ne(""))
        .select((scopes::name, scopes::implies))
        .load::<(String, String)>(conn.engine())
        .map_err(fault("implications of scopes"))?
        .into_iter()
        .map(|(name, implies)| Ok((name, column::scopes("scopes.implies", &implies)?)))
        .collect()
}

/// Adds a scope; false where the organization has it.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, scope: &Scope) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(scopes::table)
            .values((
                scopes::org_id.eq(org.as_str()),
                scopes::name.eq(&scope.name),
                scopes::sentence.eq(&scope.sentence),
                scopes::access.eq(scope.access.as_str()),
                scopes::implies.eq(scope.implies.to_string()),
                scopes::revision.eq(scope.revision),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert scope"))?.is_some())
    })
}

/// Stores a scope where the revision is still the one that was read; false where it is not.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, org: &OrgId, scope: &Scope) -> Result<bool, Fault> {
    diesel::update(
        scopes::table
            .filter(scopes::org_id.eq(org.as_str()))
            .filter(scopes::name.eq(&scope.name))
            .filter(scopes::revision.eq(scope.revision)),
    )
    .set((
        scopes::revision.eq(scope.revision.saturating_add(1)),
        scopes::sentence.eq(&scope.sentence),
        scopes::access.eq(scope.access.as_str()),
        scopes::implies.eq(scope.implies.to_string()),
    ))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("advance scope"))
}

diesel::define_sql_function! {
    /// The text with each occurrence replaced.
    fn replace(text: Text, from: Text, to: Text) -> Text;
}
diesel::define_sql_function! {
    /// The text without spaces around it.
    fn trim(text: Text) -> Text;
}

/// Takes a scope out of the column of those rows that hold it. Names stand there with spaces between.
macro_rules! strip {
    ($conn:expr, $rows:expr, $column:expr, $name:expr) => {{
        let padded = || " ".into_sql::<Text>().concat($column).concat(" ");
        let left = || replace(padded(), format!(" {} ", $name), " ");
        each_engine!($conn, |c| diesel::update($rows.filter(left().ne(padded())))
            .set($column.eq(trim(left())))
            .execute(c))
        .map(drop)
        .map_err(fault("take a scope back"))
    }};
}

/// Takes a scope from whatever was granted with it to applications of an organization, or of the server itself: what is called
/// so later is another one, and nobody has agreed to it. What waits to be collected lives for minutes, and is left.
///
/// # Errors
/// The database's.
pub fn take_back(conn: &mut Conn, home: &OrgId, name: &str) -> Result<(), Fault> {
    let org = home.as_str();
    if home.is_instance() {
        return strip!(
            conn,
            opaque_tokens::table.filter(opaque_tokens::home_org_id.eq(org)),
            opaque_tokens::scopes,
            name
        );
    }
    strip!(conn, consents::table.filter(consents::org_id.eq(org)), consents::scopes, name)?;
    strip!(conn, families::table.filter(families::org_id.eq(org)), families::scopes, name)?;
    // Those of the server's clients that are good here keep theirs: the catalogue is another.
    let own = || opaque_tokens::table.filter(opaque_tokens::org_id.eq(org)).filter(opaque_tokens::home_org_id.eq(org));
    strip!(conn, own(), opaque_tokens::scopes, name)
}

/// Removes a scope where the revision is still the one that was read; false where it is not.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, scope: &Scope) -> Result<bool, Fault> {
    diesel::delete(
        scopes::table
            .filter(scopes::org_id.eq(org.as_str()))
            .filter(scopes::name.eq(&scope.name))
            .filter(scopes::revision.eq(scope.revision)),
    )
    .execute(conn.engine())
    .map(|removed| removed == 1)
    .map_err(fault("remove scope"))
}
