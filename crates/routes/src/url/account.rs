//! Paths of the account's pages.

use super::percent_encoded;
use model::id::{ApplicationId, IdentityId, KnownDeviceId, OpaqueTokenId, OrgId, PasskeyId, SessionId};
use model::upstream::ProviderKey;

/// Where somebody signed in sets out to link an account at a provider.
pub fn link_upstream(provider: &ProviderKey) -> String {
    match provider {
        ProviderKey::Operators(name) => format!("/account/security/upstream/{}", name.as_str()),
        ProviderKey::Organizations(org, id) => format!("/account/security/upstream/{org}/{id}"),
    }
}

/// Where an account at a provider is taken away.
pub fn unlink_upstream(identity: IdentityId) -> String {
    format!("/account/security/identities/{identity}/remove")
}

/// Applications with access to the account.
pub const CONNECTIONS: &str = "/account/connections";

/// Where *Disconnect* goes, by the organization that an application was let in to.
pub fn disconnect(org: &OrgId, application: ApplicationId) -> String {
    format!("/account/connections/{org}/{application}/disconnect")
}

/// API keys and MCP tokens of an account.
pub const KEYS: &str = "/account/tokens";

/// The same, as letters name them.
pub const KEYS_FROM_LETTER: &str = "/account/tokens?from=letter";

/// Where *Revoke* of one of them goes.
pub fn revoke_key(key: OpaqueTokenId) -> String {
    format!("{KEYS}/{key}/revoke")
}

/// Name, language, address of an account.
pub const PROFILE: &str = "/account/profile";

/// Where another address is asked for.
pub const PROFILE_EMAIL: &str = "/account/profile/email";

/// What a letter to another address leads to.
pub fn email_change(token: &str) -> String {
    format!("{PROFILE_EMAIL}/{token}")
}

/// Where what is stored about somebody is taken along.
pub const EXPORT_ACCOUNT: &str = "/account/profile/export";

/// Where an account is deleted.
pub const DELETE_ACCOUNT: &str = "/account/profile/delete";

/// Where somebody is signed in.
pub const SESSIONS: &str = "/account/sessions";

/// Where *Sign out* of one session goes.
pub fn end_session(session: SessionId) -> String {
    format!("{SESSIONS}/{session}/end")
}

/// Where *Sign out everywhere else* goes.
pub const END_OTHER_SESSIONS: &str = "/account/sessions/others/end";

/// The browsers that an account knows.
pub const KNOWN_DEVICES: &str = "/account/devices";

/// Where *Forget* of one browser goes.
pub fn forget_device(device: KnownDeviceId) -> String {
    format!("{KNOWN_DEVICES}/{device}/forget")
}

/// Where *Forget all* goes.
pub const FORGET_DEVICES: &str = "/account/devices/all/forget";

/// What keeps the account safe: password, second factors, recovery codes.
pub const SECURITY: &str = "/account/security";

/// Where a letter leads to it, by way of an address of its own.
pub const SECURITY_FROM_LETTER: &str = "/account/security?from=letter";

/// Where the password is changed.
pub const SECURITY_PASSWORD: &str = "/account/security/password";

/// Where an authenticator app is set up.
pub const SECURITY_TOTP: &str = "/account/security/authenticator";

/// Where it is confirmed.
pub const SECURITY_TOTP_CONFIRM: &str = "/account/security/authenticator/confirm";

/// Where it is removed.
pub const SECURITY_TOTP_REMOVE: &str = "/account/security/authenticator/remove";

/// Where recovery codes are made.
pub const SECURITY_RECOVERY_CODES: &str = "/account/security/recovery-codes";

/// Where a passkey is registered.
pub const SECURITY_PASSKEYS: &str = "/account/security/passkeys";

/// What its authenticator is handed.
pub const SECURITY_PASSKEYS_OPTIONS: &str = "/account/security/passkeys/options";

/// Where a passkey gets another name.
pub fn security_passkey_name(passkey: PasskeyId) -> String {
    format!("{SECURITY_PASSKEYS}/{passkey}/name")
}

/// Where a passkey is removed.
pub fn security_passkey_remove(passkey: PasskeyId) -> String {
    format!("{SECURITY_PASSKEYS}/{passkey}/remove")
}

/// The same for whoever is on the way to `next`, which needs a second factor.
pub fn security_for(next: &str) -> String {
    format!("{SECURITY}?next={}", percent_encoded(next))
}

/// The apps with access to the account, as letters name them.
pub const CONNECTIONS_FROM_LETTER: &str = "/account/connections?from=letter";
