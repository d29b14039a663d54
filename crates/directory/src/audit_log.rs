//! The audit log as people read it: piece by piece, newest first, with the names of those whom it tells of.
//!
//! The log holds ids. Names are looked up when it is read, as they are then: who has left an organization is named there
//! without an address, which may be another by now and is no business of that organization's; who has deleted their
//! account is not named.

use model::audit::{Actor, first_id_at};
use model::fault::Fault;
use model::id::{ApplicationId, ClientId, InvitationId, OrgId, UserId};
use model::time::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use store::Conn;
use store::tables::applications::{self, ApplicationName};
use store::tables::audit::{self, AuditRow, Wanted};
use store::tables::{invitations, memberships, users};
use uuid::Uuid;

/// What of a log is wanted; nothing set is all of it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What was done, by its word.
    pub action: Option<String>,
    /// Only what was done by the account with this address, as addresses are compared.
    pub email_key: Option<String>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// A piece of a log.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// Its rows, newest first.
    pub rows: Vec<AuditRow>,
    /// Whom and what they tell of.
    pub names: Names,
    /// Where what is older begins: below the row with this id. Nothing where there is nothing older.
    pub older: Option<Uuid>,
}

/// Somebody whom a log tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// A member; in the server's log, anybody with an account.
    Known {
        /// The name; may be empty.
        name: String,
        /// The address.
        email: String,
    },
    /// Somebody who is no member.
    Former {
        /// The name; may be empty.
        name: String,
    },
    /// Somebody who has deleted their account.
    Deleted,
}

/// Something that a row names by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An account.
    Person(UserId),
    /// An application.
    Application(ApplicationId),
    /// An invitation.
    Invitation(InvitationId),
}

impl Thing {
    /// What a row is about, where that has a name.
    pub fn object_of(row: &AuditRow) -> Option<Self> {
        let (kind, _) = row.action.split_once('.')?;
        match kind {
            "member" => row.object.parse().ok().map(Self::Person),
            "application" => row.object.parse().ok().map(Self::Application),
            "invitation" => row.object.parse().ok().map(Self::Invitation),
            _ => None,
        }
    }

    /// What a detail names, where that has a name.
    pub fn of_detail(name: &str, value: &str) -> Option<Self> {
        match name {
            "application" => value.parse().ok().map(Self::Application),
            "user" => match Actor::parse(value) {
                Some(Actor::User(user)) => Some(Self::Person(user)),
                _ => value.parse().ok().map(Self::Person),
            },
            _ => None,
        }
    }

    fn all_of(row: &AuditRow) -> Vec<Self> {
        let details = details_of(row);
        let in_details = details.iter().filter_map(|(name, value)| Self::of_detail(name, value));
        Self::object_of(row).into_iter().chain(in_details).collect()
    }
}

/// More about a row: each detail by its name, texts as they are and all else as JSON. Details that can't be read, since
/// somebody has altered them, are one detail as they stand: what is left of a log must be readable.
pub fn details_of(row: &AuditRow) -> Vec<(String, String)> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    match serde_json::from_str::<Map<String, Value>>(&row.details) {
        Ok(details) => details.into_iter().map(|(name, value)| (name, text(value))).collect(),
        Err(_) => vec![("details".to_owned(), row.details.clone())],
    }
}

/// The names of those whom rows tell of, and of their applications.
#[derive(Clone, Debug, Default)]
pub struct Names {
    people: HashMap<UserId, Person>,
    applications: Vec<ApplicationName>,
    invited: HashMap<InvitationId, String>,
}

impl Names {
    /// Somebody; nothing where there is no such account.
    pub fn person(&self, user: UserId) -> Option<&Person> {
        self.people.get(&user)
    }

    /// An application by its id.
    pub fn application(&self, id: ApplicationId) -> Option<&ApplicationName> {
        self.applications.iter().find(|application| application.id == id)
    }

    /// An application by what its client calls itself.
    pub fn client(&self, client_id: &str) -> Option<&ApplicationName> {
        self.applications.iter().find(|application| application.client_id.as_str() == client_id)
    }

    /// The address that somebody was invited by.
    pub fn invited(&self, invitation: InvitationId) -> Option<&str> {
        self.invited.get(&invitation).map(String::as_str)
    }

    fn of(conn: &mut Conn, org: Option<&OrgId>, rows: &[AuditRow]) -> Result<Self, Fault> {
        let (mut things, mut clients) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            match Actor::parse(&row.actor) {
                Some(Actor::User(user)) => drop(things.insert(Thing::Person(user))),
                Some(Actor::Client(client)) => drop(clients.insert(client)),
                Some(Actor::Operator | Actor::Stranger) | None => {}
            }
            things.extend(Thing::all_of(row));
        }
        let (mut people, mut named, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        for thing in things {
            match thing {
                Thing::Person(user) => people.push(user),
                Thing::Application(application) => named.push(application),
                Thing::Invitation(invitation) => asked.push(invitation),
            }
        }
        let clients: Vec<ClientId> = clients.into_iter().map(ClientId::from_wire).collect();
        let members = match org {
            Some(org) => Some(memberships::among(conn, org, &people)?),
            None => None,
        };
        let found = users::by_ids(conn, &people)?.into_iter().map(|user| {
            let person = if user.email.is_empty() {
                Person::Deleted
            } else if members.as_ref().is_none_or(|members| members.contains(&user.id)) {
                Person::Known { name: user.name, email: user.email }
            } else {
                Person::Former { name: user.name }
            };
            (user.id, person)
        });
        let people = found.collect();
        // The server's own log tells of no application and of no invitation.
        let Some(org) = org else { return Ok(Self { people, ..Self::default() }) };
        // The server's own applications act in every organization.
        let mut applications = applications::names(conn, org, &named, &clients)?;
        applications.extend(applications::names(conn, &OrgId::instance(), &named, &clients)?);
        Ok(Self { people, applications, invited: invitations::addresses(conn, org, &asked)?.into_iter().collect() })
    }
}

/// The newest `most` rows of a log that pass the filter, of those below the row `before` where one is named. Without an
/// organization it is the server's own log.
///
/// # Errors
/// The database's.
pub fn read(
    conn: &mut Conn,
    org: Option<&OrgId>,
    filter: &Filter,
    before: Option<Uuid>,
    most: usize,
) -> Result<Excerpt, Fault> {
    let actor = match &filter.email_key {
        None => None,
        Some(key) => match users::by_email(conn, key)? {
            Some((user, _)) => Some(Actor::User(user.id).text()),
            // An address that nobody has is told apart from one that did nothing here by nobody.
            None => return Ok(Excerpt { rows: Vec::new(), names: Names::default(), older: None }),
        },
    };
    let until = filter.until.map(first_id_at);
    let wanted = Wanted {
        action: filter.action.clone(),
        actor,
        from: filter.from.map(first_id_at),
        before: [before, until].into_iter().flatten().min(),
    };
    // One more is read, to know whether there are more.
    let read = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = audit::newest(conn, org, &wanted, read)?;
    let more = rows.len() > most;
    rows.truncate(most);
    let last = rows.last().filter(|_| more).map(|row| Uuid::from_slice(&row.id));
    let older = last.transpose().map_err(|error| Fault::broken("the id of an audit row").because(error))?;
    Ok(Excerpt { names: Names::of(conn, org, &rows)?, rows, older })
}
