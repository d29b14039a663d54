//! Sweeping out what is over, a few rows a job, so that no request waits behind it.

use crate::conn::Conn;
use crate::faults::fault;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use model::fault::Fault;
use model::time::Timestamp;

/// The most rows that one job removes.
pub const BATCH: i64 = 500;

/// What is swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// User codes whose time is over.
    Codes,
    /// Grants that were over long enough ago. A family that came from one goes on without it.
    Grants,
    /// Authorization codes that were over long enough ago for nobody to bring them again.
    AuthorizationCodes,
    /// Posted requests that nobody came back for.
    AuthorizationRequests,
    /// Decisions about requests on pages of ours, once no page can be left that was shown before.
    PageDecisions,
    /// Generations of families that were over long enough ago.
    RefreshTokens,
    /// Families that were over long enough ago.
    Families,
    /// Opaque tokens that were over long enough ago for their owners' lists to forget them.
    OpaqueTokens,
    /// Opaque tokens that were ended long enough ago, whatever time they had left.
    EndedOpaqueTokens,
    /// Notes about access tokens that have expired by themselves.
    RevokedTokens,
    /// Sessions that are over.
    Sessions,
    /// Sign-ins that waited too long for a letter's answer.
    LoginAttempts,
    /// Codes that waited too long for a sign-in.
    WaitingCodes,
    /// Ceremonies that nobody finished.
    Ceremonies,
    /// Sign-ins whose second factor never came.
    FactorAttempts,
    /// Budgets whose window is over, but for those of [`Sweep::Alarms`].
    Budgets,
    /// Budgets whose window is a day: kept apart, so that the others need not be kept for as long.
    Alarms,
    /// Known devices that have not been used for too long.
    KnownDevices,
    /// Letters that were sent long enough ago.
    Letters,
    /// Letters that were given up so long ago that nobody mends them any more.
    DeadLetters,
    /// Links of letters whose time is over.
    MailLinks,
    /// Changes of address that nobody proved.
    EmailChanges,
    /// Browsers that never came back from an identity provider.
    UpstreamAttempts,
    /// Accounts at providers that nobody linked.
    PendingLinks,
    /// Invitations that ended long enough ago, accepted or not.
    Invitations,
}

impl Sweep {
    /// Everything, in an order in which nothing is removed that something else still points to.
    pub const ALL: [Self; 25] = [
        Self::Codes,
        Self::Grants,
        Self::AuthorizationCodes,
        Self::AuthorizationRequests,
        Self::PageDecisions,
        Self::RefreshTokens,
        Self::Families,
        Self::OpaqueTokens,
        Self::EndedOpaqueTokens,
        Self::RevokedTokens,
        Self::Sessions,
        Self::LoginAttempts,
        Self::WaitingCodes,
        Self::Ceremonies,
        Self::FactorAttempts,
        Self::Budgets,
        Self::Alarms,
        Self::KnownDevices,
        Self::Letters,
        Self::DeadLetters,
        Self::MailLinks,
        Self::EmailChanges,
        Self::UpstreamAttempts,
        Self::PendingLinks,
        Self::Invitations,
    ];

    /// For the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Codes => "sweep user codes",
            Self::Grants => "sweep grants",
            Self::AuthorizationCodes => "sweep codes",
            Self::AuthorizationRequests => "sweep posted requests",
            Self::PageDecisions => "sweep page decisions",
            Self::RefreshTokens => "sweep refresh tokens",
            Self::Families => "sweep families",
            Self::OpaqueTokens => "sweep opaque tokens",
            Self::EndedOpaqueTokens => "sweep ended opaque tokens",
            Self::RevokedTokens => "sweep revoked tokens",
            Self::Sessions => "sweep sessions",
            Self::LoginAttempts => "sweep login attempts",
            Self::WaitingCodes => "sweep waiting codes",
            Self::Ceremonies => "sweep ceremonies",
            Self::FactorAttempts => "sweep factor attempts",
            Self::Budgets => "sweep budgets",
            Self::Alarms => "sweep alarms",
            Self::KnownDevices => "sweep known devices",
            Self::Letters => "sweep letters",
            Self::DeadLetters => "sweep dead letters",
            Self::MailLinks => "sweep mail links",
            Self::EmailChanges => "sweep changes of address",
            Self::UpstreamAttempts => "sweep upstream attempts",
            Self::PendingLinks => "sweep pending links",
            Self::Invitations => "sweep invitations",
        }
    }

    /// One statement for both engines; `$1` is the time before which a row is over, `$2` the most rows.
    const fn statement(self) -> &'static str {
        match self {
            Self::Codes => {
                "DELETE FROM code_directory WHERE (kind, digest) IN (SELECT kind, digest FROM code_directory WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::Grants => {
                "DELETE FROM grants WHERE (org_id, id) IN (SELECT org_id, id FROM grants WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::AuthorizationCodes => {
                "DELETE FROM authorization_codes WHERE (org_id, digest) IN (SELECT org_id, digest FROM authorization_codes WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::AuthorizationRequests => {
                "DELETE FROM authorization_requests WHERE digest IN (SELECT digest FROM authorization_requests WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::PageDecisions => {
                "DELETE FROM page_decisions WHERE (org_id, user_id, application_id, request) IN (SELECT org_id, user_id, application_id, request FROM page_decisions WHERE decided_at <= $1 LIMIT $2)"
            }
            Self::RefreshTokens => {
                "DELETE FROM refresh_tokens WHERE (org_id, family_id, generation) IN (SELECT t.org_id, t.family_id, t.generation FROM families f JOIN refresh_tokens t ON t.org_id = f.org_id AND t.family_id = f.id WHERE f.expires_at <= $1 LIMIT $2)"
            }
            Self::Families => {
                "DELETE FROM families WHERE (org_id, id) IN (SELECT org_id, id FROM families f WHERE expires_at <= $1 AND NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.org_id = f.org_id AND t.family_id = f.id) LIMIT $2)"
            }
            Self::OpaqueTokens => {
                "DELETE FROM opaque_tokens WHERE (org_id, id) IN (SELECT org_id, id FROM opaque_tokens WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::EndedOpaqueTokens => {
                "DELETE FROM opaque_tokens WHERE (org_id, id) IN (SELECT org_id, id FROM opaque_tokens WHERE revoked_at <= $1 LIMIT $2)"
            }
            Self::RevokedTokens => {
                "DELETE FROM revoked_tokens WHERE (org_id, jti) IN (SELECT org_id, jti FROM revoked_tokens WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::Sessions => {
                "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::LoginAttempts => {
                "DELETE FROM login_attempts WHERE id IN (SELECT id FROM login_attempts WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::WaitingCodes => {
                "DELETE FROM waiting_codes WHERE digest IN (SELECT digest FROM waiting_codes WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::FactorAttempts => {
                "DELETE FROM factor_attempts WHERE digest IN (SELECT digest FROM factor_attempts WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::Ceremonies => {
                "DELETE FROM ceremonies WHERE (digest, kind) IN (SELECT digest, kind FROM ceremonies WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::Budgets => {
                "DELETE FROM budgets WHERE (kind, subject, slot) IN (SELECT kind, subject, slot FROM budgets WHERE window_start <= $1 AND kind <> 'alarms_by_address' LIMIT $2)"
            }
            Self::Alarms => {
                "DELETE FROM budgets WHERE (kind, subject, slot) IN (SELECT kind, subject, slot FROM budgets WHERE window_start <= $1 AND kind = 'alarms_by_address' LIMIT $2)"
            }
            Self::KnownDevices => {
                "DELETE FROM known_devices WHERE id IN (SELECT id FROM known_devices WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::Letters => {
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'sent' AND finished_at <= $1 LIMIT $2)"
            }
            Self::MailLinks => {
                "DELETE FROM mail_links WHERE id IN (SELECT id FROM mail_links WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::EmailChanges => {
                "DELETE FROM email_changes WHERE id IN (SELECT id FROM email_changes WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::UpstreamAttempts => {
                "DELETE FROM upstream_attempts WHERE digest IN (SELECT digest FROM upstream_attempts WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::PendingLinks => {
                "DELETE FROM pending_links WHERE digest IN (SELECT digest FROM pending_links WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::Invitations => {
                "DELETE FROM invitations WHERE (org_id, id) IN (SELECT org_id, id FROM invitations WHERE expires_at <= $1 LIMIT $2)"
            }
            Self::DeadLetters => {
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'dead' AND finished_at <= $1 LIMIT $2)"
            }
        }
    }
}

/// Removes up to [`BATCH`] rows that were over before `over_before`; gives how many.
///
/// # Errors
/// The database's.
pub fn sweep(conn: &mut Conn, what: Sweep, over_before: Timestamp) -> Result<usize, Fault> {
    diesel::sql_query(what.statement())
        .bind::<BigInt, _>(over_before.millis())
        .bind::<BigInt, _>(BATCH)
        .execute(conn.engine())
        .map_err(fault(what.name()))
}
