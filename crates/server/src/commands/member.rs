//! Who belongs to an organization.

use super::args::{Account, MemberCommand, Place};
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::user;
use crate::clock;
use crate::config::Config;
use directory::members::{self, Put, Removed};
use model::audit::By;
use model::fault::Fault;
use model::id::OrgId;
use model::org::Role;
use model::user::User;
use serde_json::json;
use store::Conn;
use store::tables::{memberships, organizations};

pub(super) fn run(command: MemberCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        MemberCommand::Add { place, account, role } => add(&place, &account, role, (config, output)),
        MemberCommand::Remove { place, account } => remove(&place, &account, config, output),
        MemberCommand::List(place) => list(&place, config, output),
    }
}

/// Organization and account that a membership joins, or which of them is missing.
enum Pair {
    NoOrganization,
    NoAccount,
    Found(Box<User>),
}

fn pair(conn: &mut Conn, org: &OrgId, email: &str) -> Result<Pair, Fault> {
    if organizations::by_id(conn, org)?.is_none() {
        return Ok(Pair::NoOrganization);
    }
    Ok(user::find(conn, email)?.map_or(Pair::NoAccount, |user| Pair::Found(Box::new(user))))
}

impl Pair {
    fn found(self, place: &Place, account: &Account) -> Result<User, Failure> {
        match self {
            Self::NoOrganization => Err(Failure::no_org(&place.org)),
            Self::NoAccount => Err(Failure::no_account(&account.email)),
            Self::Found(user) => Ok(*user),
        }
    }
}

fn last_owner(org: &OrgId, email: &str) -> Failure {
    Failure::refused(format!("{email} is the last owner of {org}. Make somebody else an owner first."))
}

fn add(
    place: &Place,
    account: &Account,
    role: Role,
    (config, output): (&Config, &mut Output<'_>),
) -> Result<(), Failure> {
    let (org, email, by) = (place.org.clone(), account.email.clone(), By::operator(&clock::moment()));
    let (pair, put) = Database::open(config)?.write("add member", move |conn| {
        let pair = pair(conn, &org, &email)?;
        let put = match &pair {
            Pair::Found(user) => members::put(conn, &org, (user.id, role), &by)?,
            Pair::NoOrganization | Pair::NoAccount => Put::Already,
        };
        Ok((pair, put))
    })?;
    let user = pair.found(place, account)?;
    let (org, role) = (&place.org, role.as_str());
    let now = match put {
        Put::Changed => "now",
        Put::Already => "already",
        Put::LastOwner => return Err(last_owner(org, &user.email)),
    };
    let value = json!({"org_id": org, "user_id": user.id, "email": user.email, "role": role});
    output.done(&value, &format!("{} is {now} {role} of {org}.", user.email))
}

fn remove(place: &Place, account: &Account, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, email, by) = (place.org.clone(), account.email.clone(), By::operator(&clock::moment()));
    let (pair, removed) = Database::open(config)?.write("remove member", move |conn| {
        let pair = pair(conn, &org, &email)?;
        let removed = match &pair {
            Pair::Found(user) => members::remove(conn, &org, user.id, &by)?,
            Pair::NoOrganization | Pair::NoAccount => Removed::NoMember,
        };
        Ok((pair, removed))
    })?;
    let user = pair.found(place, account)?;
    let org = &place.org;
    match removed {
        Removed::Ended => {
            let value = json!({"org_id": org, "user_id": user.id, "email": user.email});
            output.done(&value, &format!("{} is no longer a member of {org}.", user.email))
        }
        Removed::NoMember => Err(Failure::refused(format!(
            "{} is not a member of {org}. doorward-server member list --org {org} shows who is.",
            user.email
        ))),
        Removed::LastOwner => Err(last_owner(org, &user.email)),
    }
}

fn list(place: &Place, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let org = place.org.clone();
    let all = Database::open(config)?.read("list members", move |conn| match organizations::by_id(conn, &org)? {
        None => Ok(None),
        Some(_) => memberships::all(conn, &org).map(Some),
    })?;
    let rows = all.ok_or_else(|| Failure::no_org(&place.org))?.into_iter().map(|(user, role)| {
        let (role, state) = (role.as_str(), user.state.as_str());
        let value = json!({"user_id": user.id, "email": user.email, "name": user.name, "role": role, "state": state});
        (value, [user.email, user.name, role.to_owned(), state.to_owned()])
    });
    output.list(["E-MAIL", "NAME", "ROLE", "STATE"], rows.collect())
}
