//! Paths below the public address.

mod account;
mod embedded;
mod portal;
mod sign_in;

pub use account::*;
pub use embedded::*;
pub use portal::*;
pub use sign_in::*;

use model::id::{GrantId, LetterId, OrgId};
use model::logo::LogoName;
use model::upstream::ProviderKey;
use std::fmt::Write as _;

/// `/orgs/{org}`.
pub fn organization(org: &OrgId) -> String {
    format!("/orgs/{org}")
}

/// An endpoint below `/orgs/{home}/api/v1/oauth/`; below `/api/v1/oauth/` for clients that belong to no organization.
pub fn oauth(home: &OrgId, endpoint: &str) -> String {
    if home.is_instance() {
        return format!("/api/v1/oauth/{endpoint}");
    }
    format!("/orgs/{home}/api/v1/oauth/{endpoint}")
}

/// Where the decision about a client's request goes.
pub fn consent(org: &OrgId) -> String {
    format!("/orgs/{org}/consent")
}

/// Where *Not you?* of the consent page goes.
pub fn consent_another(org: &OrgId) -> String {
    format!("/orgs/{org}/consent/another")
}

/// The organization's public keys.
pub fn jwks(org: &OrgId) -> String {
    format!("/orgs/{org}/.well-known/jwks.json")
}

/// What the presented token is.
pub fn me(org: &OrgId) -> String {
    format!("/orgs/{org}/api/v1/me")
}

/// What apps can ask for in an organization, in words.
pub fn permissions(org: &OrgId) -> String {
    format!("/orgs/{org}/permissions")
}

/// The page where a person types a code of a client that is registered in `home`: that of the whole server for those that
/// belong to no organization.
pub fn device(home: &OrgId) -> String {
    if home.is_instance() { DEVICE.to_owned() } else { format!("/orgs/{home}/device") }
}

/// The page of the whole server where a person types a code.
pub const DEVICE: &str = "/device";

/// The same page with the code filled in, under the name that programs which speak JSON give it.
pub fn device_with_short_code(user_code: &str) -> String {
    format!("{DEVICE}?code={}", percent_encoded(user_code))
}

/// The same page with the code filled in.
pub fn device_with_code(home: &OrgId, user_code: &str) -> String {
    format!("{}?user_code={}", device(home), percent_encoded(user_code))
}

/// The same page for somebody who has just become a member.
pub fn device_joined(org: &OrgId) -> String {
    after(&device(org), JOINED)
}

/// In the address of the page where a code is typed: whoever opens it has just become a member.
pub const JOINED: &str = "joined";

/// The same page with a sentence about what went wrong.
pub fn device_with_problem(home: &OrgId, problem: &str) -> String {
    format!("{}?problem={}", device(home), percent_encoded(problem))
}

/// The page where a person reviews a claimed grant.
pub fn device_review(home: &OrgId, grant: GrantId) -> String {
    format!("{}/review?grant={grant}", device(home))
}

/// Where the decision goes.
pub fn device_decision(home: &OrgId) -> String {
    format!("{}/decision", device(home))
}

/// Where *Not you?* goes.
pub fn device_release(home: &OrgId) -> String {
    format!("{}/release", device(home))
}

/// What became of it.
pub fn device_result(home: &OrgId, grant: GrantId) -> String {
    format!("{}/result?grant={grant}", device(home))
}

/// The organization's colours as a stylesheet.
pub fn brand_css(org: &OrgId) -> String {
    format!("/orgs/{org}/brand.css")
}

/// A logo of an organization, or of one of its applications.
pub fn logo(org: &OrgId, logo: &LogoName) -> String {
    format!("/orgs/{org}/logos/{logo}")
}

/// The start page.
pub const HOME: &str = "/";

/// Where an address is typed to get a letter for a new password.
pub const RESET: &str = "/reset";

/// The same, after the letter was asked for.
pub const RESET_SENT: &str = "/reset?sent=1";

/// Where a new password is chosen.
pub fn reset_link(token: &str) -> String {
    format!("/reset/{token}")
}

/// Where an address is typed to get a letter for a new account.
pub const REGISTER: &str = "/register";

/// The same at an organization.
pub fn register_at(org: &OrgId) -> String {
    format!("/register?org={org}")
}

/// The same, for whoever has typed a code there before, which is to be there still once they belong.
pub fn register_with_code(org: &OrgId, user_code: &str) -> String {
    format!("{}&user_code={}", register_at(org), percent_encoded(user_code))
}

/// The same, after the letter was asked for.
pub fn register_sent(org: &OrgId) -> String {
    format!("/register?org={org}&sent=1")
}

/// Where a new account gets its name and password.
pub fn register_link(token: &str) -> String {
    format!("/register/{token}")
}

/// Where somebody founds an organization.
pub const NEW_ORGANIZATION: &str = "/orgs/new";

/// Where a member leaves an organization.
pub fn leave(org: &OrgId) -> String {
    format!("/orgs/{org}/leave")
}

/// Where somebody with an account joins an organization.
pub fn join(org: &OrgId) -> String {
    format!("/orgs/{org}/join")
}

/// Where an invitation is accepted.
pub fn invitation(token: &str) -> String {
    format!("/invitations/{token}")
}

/// Where an invitation is declined.
pub fn invitation_decline(token: &str) -> String {
    format!("/invitations/{token}/decline")
}

/// Where an invited person's new account gets its name and password.
pub fn invitation_register(token: &str) -> String {
    format!("/invitations/{token}/register")
}

/// How a letter names a page of ours: by an address that leads on to it and says nothing of itself to the page.
pub fn in_letter(page: &str) -> String {
    format!("{page}?from=letter")
}

/// Where an address is typed to get a letter to sign in with.
pub const LOGIN_BY_EMAIL: &str = "/login/email";

/// The same, to go on to `next` afterwards.
pub fn login_by_email(next: &str) -> String {
    format!("/login/email?next={}", percent_encoded(next))
}

/// Where that letter's code is typed.
pub const EMAIL_CODE: &str = "/login/email/code";

/// Where that letter's link leads.
pub fn email_link(token: &str) -> String {
    format!("/login/email/link/{token}")
}

/// Where a browser sets out to a provider.
pub fn upstream(provider: &ProviderKey) -> String {
    match provider {
        ProviderKey::Operators(name) => format!("/login/upstream/{}", name.as_str()),
        ProviderKey::Organizations(org, id) => format!("/orgs/{org}/login/upstream/{id}"),
    }
}

/// Where the provider sends it back to: an address for each, so that none can pass for another.
pub fn upstream_callback(provider: &ProviderKey) -> String {
    format!("{}/callback", upstream(provider))
}

/// What it takes to link an account at a provider that waits in the browser.
pub const UPSTREAM_LINK: &str = "/login/link";

/// The sign-in page with a sentence about what went wrong on the way to a provider or back.
pub fn login_after_upstream(problem: &str, next: &str) -> String {
    format!("/login?upstream={}&next={}", percent_encoded(problem), percent_encoded(next))
}

/// The letters that were written, on the machine of who tries Doorward out.
pub const LETTERS: &str = "/letters";

/// One of them.
pub fn letter(letter: LetterId) -> String {
    format!("/letters/{letter}")
}

/// Where a browser waits whose sign-in a letter asks about.
pub const NEW_DEVICE: &str = "/login/new-device";

/// How far its sign-in is.
pub const NEW_DEVICE_STATE: &str = "/login/new-device/state";

/// Where it asks for another letter.
pub const NEW_DEVICE_LETTER: &str = "/login/new-device/letter";

/// Where it goes on for a recovery code.
pub const NEW_DEVICE_RECOVERY: &str = "/login/new-device/recovery";

/// Whether a page's address holds a secret that came by a letter: it must not be told to any other page.
pub fn is_of_letter(path: &str) -> bool {
    path.starts_with("/login/decision/")
}

/// Whether a page's address is told to no other page: it holds a secret that came by a letter, or an answer.
pub fn keeps_to_itself(path: &str) -> bool {
    is_of_letter(path) || path == EMBEDDED_TARGET
}

/// What a letter's link leads to.
pub fn login_decision(token: &str) -> String {
    format!("/login/decision/{token}")
}

/// Where signing out goes.
pub const LOGOUT: &str = "/logout";

/// The organizations of who is signed in.
pub const ORGANIZATIONS: &str = "/orgs";

/// Where somebody signs in by a passkey.
pub const LOGIN_PASSKEY: &str = "/login/passkey";

/// What its authenticator is handed.
pub const LOGIN_PASSKEY_OPTIONS: &str = "/login/passkey/options";

/// `page` of the account's security, with where somebody was on the way to.
pub fn security_on_the_way(page: &str, next: &str) -> String {
    format!("{page}?next={}", percent_encoded(next))
}

/// Asks for the second factor of a sign-in.
pub const LOGIN_FACTOR: &str = "/login/factor";

/// The sign-in page, for who has deleted their account.
pub const LOGIN_AFTER_DELETION: &str = "/login?deleted=1";

/// The sign-in page, for whoever has not brought it in time.
pub const LOGIN_AFTER_FACTOR: &str = "/login?again=1";

/// Asks once more who somebody is.
pub const STEP_UP: &str = "/login/again";

/// What an authenticator is handed there.
pub const STEP_UP_OPTIONS: &str = "/login/again/options";

/// The same page, to go on to `next` afterwards.
pub fn step_up_to(next: &str) -> String {
    format!("{STEP_UP}?next={}", percent_encoded(next))
}

/// The same where the password is not enough.
pub fn step_up_by_factor_to(next: &str) -> String {
    format!("{STEP_UP}?factor=1&next={}", percent_encoded(next))
}

/// What authenticator apps take from a QR code, in the form that they all read.
pub fn otpauth(issuer: &str, account: &str, secret: &str) -> String {
    let issuer = percent_encoded(issuer);
    format!("otpauth://totp/{issuer}:{}?secret={secret}&issuer={issuer}", percent_encoded(account))
}

/// `page`, to be shown with a sentence about what has just been done.
pub fn after(page: &str, done: &str) -> String {
    format!("{page}?done={}", percent_encoded(done))
}

/// The same, for whoever is on the way to `next`.
pub fn after_on_the_way(page: &str, done: &str, next: &str) -> String {
    format!("{}&next={}", after(page, done), percent_encoded(next))
}

/// A file that is part of the program, named by its content so that browsers may keep it for good.
pub fn asset(hashed_name: &str) -> String {
    format!("/static/{hashed_name}")
}

/// Percent-encodes all but unreserved characters (RFC 3986 §2.3).
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// `next` where it is a path of our own, else nothing: never another origin, whatever a browser makes of it.
pub fn own_path(next: &str) -> Option<&str> {
    let mut bytes = next.bytes();
    let own = bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && next.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\');
    own.then_some(next)
}

/// The organization whose page `path` is.
pub fn organization_of(path: &str) -> Option<OrgId> {
    let segment = path.strip_prefix("/orgs/")?.split(['/', '?']).next()?;
    OrgId::parse(segment).ok()
}

/// Whether `path` is one below that of `org`.
pub fn is_inside(org: &OrgId, path: &str) -> bool {
    path.strip_prefix(&organization(org)).is_some_and(|rest| rest.starts_with('/'))
}

/// The token of the invitation whose page `path` is.
pub fn invitation_of(path: &str) -> Option<&str> {
    path.strip_prefix("/invitations/")?.split(['/', '?']).next().filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_page_a_path_is() {
        let acme = OrgId::parse("acme").unwrap();
        for path in [&organization(&acme), &device(&acme), &device_with_code(&acme, "A-B"), "/orgs/acme?x=/orgs/other"]
        {
            assert_eq!(organization_of(path).as_ref(), Some(&acme), "{path}");
        }
        for path in ["/orgs", "/orgs/", "/orgs?acme", "/orgs/~instance/device", "/login?next=/orgs/acme", "/xorgs/acme"]
        {
            assert_eq!(organization_of(path), None, "{path}");
        }
        assert!(is_inside(&acme, &device(&acme)));
        for path in ["/orgs/acme", "/orgs/acme-2/device", "/orgs/acme?x=/", "/orgs/other/device"] {
            assert!(!is_inside(&acme, path), "{path}");
        }
        assert_eq!(invitation_of(&invitation_register("t")), Some("t"));
        assert_eq!(invitation_of(&in_letter(&invitation("t"))), Some("t"));
        assert_eq!(invitation_of("/invitations/"), None);
        assert_eq!(invitation_of(LOGIN), None);
    }

    #[test]
    fn next_never_leaves_the_origin() {
        for good in ["/", "/orgs/acme/device", "/orgs/acme/device?user_code=A-B", "/a?next=https://x"] {
            assert_eq!(own_path(good), Some(good));
        }
        for bad in [
            "",
            "//evil",
            "/\\evil",
            "https:evil",
            "https://evil",
            "evil",
            "/a\\b",
            "/a\r\nb",
            "/\t/evil",
            " /a",
            "/ä",
            "\\/evil",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
