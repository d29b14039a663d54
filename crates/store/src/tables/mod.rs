//! One file per table; functions are named by the way in which they find rows.
//!
//! Every function on a table that belongs to organizations takes the organization right after the connection. Nothing
//! here decides: policy lives in `model`, and a row that contradicts itself is a fault.

pub mod application_secrets;
pub mod applications;
pub mod approvals;
pub mod audit;
pub mod authorization_codes;
pub mod authorization_requests;
pub mod budgets;
pub mod ceremonies;
pub mod code_directory;
mod column;
pub mod completion_steps;
pub mod consents;
pub mod email_changes;
pub mod factor_attempts;
pub mod families;
pub mod grants;
pub mod invitations;
pub mod known_devices;
pub mod leases;
pub mod login_attempts;
pub mod logos;
pub mod mail_links;
pub mod memberships;
pub mod opaque_ends;
pub mod opaque_tokens;
pub mod opaque_uses;
pub mod organizations;
pub mod outbox;
pub mod page_decisions;
pub mod passkeys;
pub mod pending_links;
pub mod polls;
pub mod recovery_codes;
pub mod redemptions;
pub mod refresh_tokens;
pub mod resources;
pub mod revoked_tokens;
pub mod room;
pub mod scopes;
pub mod sessions;
pub mod signing_keys;
pub mod sweep;
pub mod totp;
pub mod upstream_attempts;
pub mod upstream_identities;
pub mod upstream_providers;
pub mod users;
pub mod waiting_codes;
