//! Links and codes that letters carry: what they are for, and whether they were used. Never what they say.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::mail_links;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{MailLinkId, UserId};
use model::mail_link::{LinkAccount, LinkKind, MailLink};
use model::secret::Digest;
use model::time::Timestamp;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = mail_links)]
struct MailLinkRow {
    id: Vec<u8>,
    kind: String,
    email: String,
    user_id: Option<Vec<u8>>,
    credentials_changed_at: Option<i64>,
    org_id: Option<String>,
    browser: Option<Vec<u8>>,
    next: String,
    remember: bool,
    wrong_codes: i32,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl MailLinkRow {
    fn of(link: &MailLink) -> Self {
        Self {
            id: link.id.uuid().as_bytes().to_vec(),
            kind: link.kind.as_str().to_owned(),
            email: link.email.clone(),
            user_id: link.account.map(|account| account.user_id.uuid().as_bytes().to_vec()),
            credentials_changed_at: link.account.map(|account| account.credentials_changed_at.millis()),
            org_id: link.org_id.as_ref().map(|org| org.as_str().to_owned()),
            browser: link.browser.map(|digest| digest.bytes().to_vec()),
            next: link.next.clone(),
            remember: link.remember,
            wrong_codes: i32::try_from(link.wrong_codes).unwrap_or(i32::MAX),
            created_at: link.created_at.millis(),
            expires_at: link.expires_at.millis(),
            used_at: link.used_at.map(Timestamp::millis),
        }
    }

    fn into_model(self) -> Result<MailLink, Fault> {
        let account = match (self.user_id, self.credentials_changed_at) {
            (Some(id), Some(changed_at)) => Some(LinkAccount {
                user_id: UserId::from_uuid(column::uuid("mail_links.user_id", &id)?),
                credentials_changed_at: column::time(changed_at),
            }),
            _ => None,
        };
        Ok(MailLink {
            id: MailLinkId::from_uuid(column::uuid("mail_links.id", &self.id)?),
            kind: column::word("mail_links.kind", LinkKind::parse(&self.kind))?,
            email: self.email,
            account,
            org_id: self.org_id.map(|org| column::org("mail_links.org_id", &org)).transpose()?,
            browser: self.browser.map(|digest| column::digest("mail_links.browser", &digest)).transpose()?,
            next: self.next,
            remember: self.remember,
            wrong_codes: u32::try_from(self.wrong_codes).map_err(|_| column::broken("mail_links.wrong_codes"))?,
            created_at: column::time(self.created_at),
            expires_at: column::time(self.expires_at),
            used_at: self.used_at.map(column::time),
        })
    }
}

/// Adds a link.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, link: &MailLink) -> Result<(), Fault> {
    diesel::insert_into(mail_links::table)
        .values(MailLinkRow::of(link))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert mail link"))
}

/// A link.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, link: MailLinkId) -> Result<Option<MailLink>, Fault> {
    mail_links::table
        .filter(mail_links::id.eq(link.uuid().as_bytes().as_slice()))
        .select(MailLinkRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("mail link by id"))?
        .map(MailLinkRow::into_model)
        .transpose()
}

/// The link of this kind that the browser with this pre-session asked for last.
///
/// # Errors
/// The database's.
pub fn newest_of_browser(conn: &mut Conn, kind: LinkKind, browser: &Digest) -> Result<Option<MailLink>, Fault> {
    mail_links::table
        .filter(mail_links::browser.eq(browser.bytes().as_slice()))
        .filter(mail_links::kind.eq(kind.as_str()))
        .order((mail_links::created_at.desc(), mail_links::id.desc()))
        .limit(1)
        .select(MailLinkRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("mail link of browser"))?
        .map(MailLinkRow::into_model)
        .transpose()
}

/// Uses a link up; false where it was used, is over, or was guessed at too often. Of two who come at once one gets it.
///
/// # Errors
/// The database's.
pub fn spend(conn: &mut Conn, link: MailLinkId, now: Timestamp) -> Result<bool, Fault> {
    let most_wrong = i32::try_from(MailLink::MOST_WRONG_CODES).unwrap_or(i32::MAX);
    diesel::update(
        mail_links::table
            .filter(mail_links::id.eq(link.uuid().as_bytes().as_slice()))
            .filter(mail_links::used_at.is_null())
            .filter(mail_links::expires_at.gt(now.millis()))
            .filter(mail_links::wrong_codes.lt(most_wrong)),
    )
    .set(mail_links::used_at.eq(now.millis()))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("spend mail link"))
}

/// Counts a wrong code. Whoever tries several at once is held by what each is charged before; the count here ends a link
/// that is guessed at slowly.
///
/// # Errors
/// The database's.
pub fn count_wrong_code(conn: &mut Conn, link: MailLinkId) -> Result<(), Fault> {
    diesel::update(mail_links::table.filter(mail_links::id.eq(link.uuid().as_bytes().as_slice())))
        .set(mail_links::wrong_codes.eq(mail_links::wrong_codes + 1))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("count wrong code of mail link"))
}

/// Removes every link of an account.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<(), Fault> {
    diesel::delete(mail_links::table.filter(mail_links::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove mail links of user"))
}
