//! The authorization endpoint's vocabulary (RFC 6749 §4.1, OIDC Core §3.1.2, RFC 9207, OAuth 2.0 Form Post Response Mode).

use crate::error::OAuthError;
use std::fmt::Write as _;

/// How an answer travels to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the address.
    #[default]
    Query,
    /// In its fragment.
    Fragment,
    /// In a form that the browser posts there.
    FormPost,
}

impl ResponseMode {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The value of `response_mode`.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Reads the value.
    pub fn from_wire(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.wire() == text)
    }
}

/// What the client wants to be asked, or not (OIDC Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing may be asked.
    pub none: bool,
    /// The user proves once more who they are.
    pub login: bool,
    /// The user agrees once more.
    pub consent: bool,
    /// The user is shown which account it is.
    pub select_account: bool,
}

impl Prompt {
    /// The values, in the order in which they are listed.
    pub const VALUES: [&str; 4] = ["none", "login", "consent", "select_account"];

    /// Reads the value of `prompt`.
    ///
    /// # Errors
    /// `invalid_request` where a word is unknown, or `none` stands beside another.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut prompt = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(OAuthError::invalid_request("prompt holds a word that is not known here.")),
            }
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
            return Err(OAuthError::invalid_request("prompt says none beside something else."));
        }
        Ok(prompt)
    }
}

/// What the authorization endpoint answers a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A code.
    Code(String),
    /// Why there is none.
    Error(OAuthError),
}

/// An answer to a client, with what always goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationAnswer {
    /// A code, or why there is none.
    pub outcome: Outcome,
    /// What the client sent along, unchanged.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub issuer: String,
}

impl AuthorizationAnswer {
    /// The parameters, in order.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let mut fields = match &self.outcome {
            Outcome::Code(code) => vec![("code", code.as_str())],
            Outcome::Error(error) => {
                vec![("error", error.code.as_str()), ("error_description", error.description)]
            }
        };
        fields.extend(self.state.as_deref().map(|state| ("state", state)));
        fields.push(("iss", &self.issuer));
        fields
    }

    /// The address of the client at `redirect_uri` with the answer in its query or fragment. What its query holds already stays
    /// (RFC 6749 §4.1.2).
    pub fn location(&self, redirect_uri: &str, in_fragment: bool) -> String {
        let mut location = redirect_uri.to_owned();
        let mut separator = match (in_fragment, redirect_uri.contains('?')) {
            (true, _) => '#',
            (false, false) => '?',
            (false, true) => '&',
        };
        for (name, value) in self.fields() {
            location.push(separator);
            location.push_str(name);
            location.push('=');
            push_encoded(&mut location, value);
            separator = '&';
        }
        location
    }
}

/// Appends `text`, each byte that is not unreserved (RFC 3986 §2.3) as `%XX`.
pub(crate) fn push_encoded(to: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(to, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn answer(outcome: Outcome) -> AuthorizationAnswer {
        AuthorizationAnswer {
            outcome,
            state: Some("a&b=c#ä".to_owned()),
            issuer: "https://id.example/orgs/a".to_owned(),
        }
    }

    #[test]
    fn nothing_of_an_answer_gets_out_of_its_parameter() {
        let code = answer(Outcome::Code("xyz".to_owned()));
        let tail = "code=xyz&state=a%26b%3Dc%23%C3%A4&iss=https%3A%2F%2Fid.example%2Forgs%2Fa";
        assert_eq!(code.location("https://app.example/cb", false), format!("https://app.example/cb?{tail}"));
        assert_eq!(code.location("https://app.example/cb?x=1", false), format!("https://app.example/cb?x=1&{tail}"));
        assert_eq!(code.location("https://app.example/cb?x=1", true), format!("https://app.example/cb?x=1#{tail}"));
        let error = answer(Outcome::Error(OAuthError::new(ErrorCode::LoginRequired, "Sign in.")));
        assert!(
            error.location("app:/cb", false).starts_with("app:/cb?error=login_required&error_description=Sign%20in.")
        );
    }

    #[test]
    fn prompt_none_stands_alone() {
        assert!(Prompt::parse("login consent").is_ok_and(|prompt| prompt.login && prompt.consent && !prompt.none));
        assert!(Prompt::parse("none").is_ok_and(|prompt| prompt.none));
        for bad in ["none login", "consent none", "other", "LOGIN"] {
            assert!(Prompt::parse(bad).is_err(), "{bad}");
        }
    }
}
