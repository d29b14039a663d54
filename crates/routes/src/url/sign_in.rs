//! Paths of the sign-in page.

use super::percent_encoded;

/// The sign-in page.
pub const LOGIN: &str = "/login";

/// The sign-in page, for who has signed out.
pub const LOGIN_SIGNED_OUT: &str = "/login?signed_out=1";

/// The sign-in page, for who has a new password.
pub const LOGIN_AFTER_RESET: &str = "/login?reset=1";

/// The sign-in page, to go on to `next` afterwards.
pub fn login_to(next: &str) -> String {
    format!("/login?next={}", percent_encoded(next))
}

/// The same for somebody who is signed in, and is to sign in as somebody else.
pub fn login_as_another(next: &str) -> String {
    format!("/login?{ANOTHER}=1&next={}", percent_encoded(next))
}

/// In the address of the sign-in page: who is signed in is not meant.
pub const ANOTHER: &str = "another";
