//! The value that a form carries against forgery: an HMAC over the browser's cookie, the action and its object.
//!
//! It is bound to the cookie of the session, or of the browser that has none yet, so a page of another session or of
//! another object can't be replayed; and nothing has to be stored.

use model::secret::{Digest, Key};

/// Whose form it is: the digest of the session's cookie, or of the pre-session's.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a>(pub &'a Digest);

/// A form's purpose: the action's name and what it acts on.
#[derive(Clone, Copy, Debug)]
pub struct FormPurpose<'a> {
    /// What the form does.
    pub action: &'a str,
    /// To which thing; empty where there is only one.
    pub object: &'a str,
}

/// The token for a form.
pub fn token(key: &Key, bearer: Bearer<'_>, purpose: FormPurpose<'_>) -> String {
    model::secret::base64url(&mac(key, bearer, purpose).bytes()[..24])
}

fn mac(key: &Key, bearer: Bearer<'_>, purpose: FormPurpose<'_>) -> Digest {
    key.mac(&[bearer.0.bytes(), purpose.action.as_bytes(), purpose.object.as_bytes()])
}

/// A form's content whose token was right.
#[derive(Clone, Debug)]
pub struct CsrfChecked<T>(T);

impl<T> CsrfChecked<T> {
    /// Checks `presented` against the form's purpose; nothing where it is wrong.
    pub fn check(
        content: T,
        key: &Key,
        bearer: Bearer<'_>,
        purpose: FormPurpose<'_>,
        presented: Option<&str>,
    ) -> Option<Self> {
        use subtle::ConstantTimeEq as _;
        let expected = token(key, bearer, purpose);
        let same: bool = expected.as_bytes().ct_eq(presented?.as_bytes()).into();
        same.then_some(Self(content))
    }

    /// The content.
    pub fn into_inner(self) -> T {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::secret::Purpose;

    #[test]
    fn a_token_is_good_for_its_session_action_and_object_alone() {
        let key = Key::from_bytes([3; 32]);
        let (mine, other) = (Digest::of(Purpose::Session, "a"), Digest::of(Purpose::Session, "b"));
        let purpose = FormPurpose { action: "decide", object: "1" };
        let good = token(&key, Bearer(&mine), purpose);
        let check = |bearer: &Digest, purpose, presented: Option<&str>| {
            CsrfChecked::check((), &key, Bearer(bearer), purpose, presented).is_some()
        };
        assert!(check(&mine, purpose, Some(&good)));
        assert!(!check(&other, purpose, Some(&good)));
        assert!(!check(&mine, FormPurpose { action: "release", object: "1" }, Some(&good)));
        assert!(!check(&mine, FormPurpose { action: "decide", object: "2" }, Some(&good)));
        assert!(!check(&mine, purpose, None));
        assert!(!check(&mine, purpose, Some("")));
    }
}
