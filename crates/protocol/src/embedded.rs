//! The answer of a sign-in in a web view: what the implicit grant's is (RFC 6749 §4.2.2), at an address that is always the same.

use crate::authorize::push_encoded;
use crate::error::OAuthError;

/// What such a sign-in comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbeddedOutcome {
    /// A token.
    Token {
        /// The token.
        access_token: String,
        /// Seconds that it lives.
        expires_in: u64,
        /// What it is good for.
        scope: String,
    },
    /// Why there is none.
    Error(OAuthError),
}

/// An answer with what always goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedAnswer {
    /// A token, or why there is none.
    pub outcome: EmbeddedOutcome,
    /// What the application sent along, unchanged.
    pub state: Option<String>,
}

impl EmbeddedAnswer {
    /// `target` with the answer in its fragment, which browsers send nowhere. What the application looks for comes first.
    pub fn location(&self, target: &str) -> String {
        let (mut fields, rest) = match &self.outcome {
            EmbeddedOutcome::Token { access_token, expires_in, scope } => (
                vec![("access_token", access_token.clone())],
                vec![
                    ("token_type", "Bearer".to_owned()),
                    ("expires_in", expires_in.to_string()),
                    ("scope", scope.clone()),
                ],
            ),
            EmbeddedOutcome::Error(error) => (
                vec![("error", error.code.as_str().to_owned()), ("error_description", error.description.to_owned())],
                Vec::new(),
            ),
        };
        fields.extend(self.state.clone().map(|state| ("state", state)));
        fields.extend(rest);
        let mut location = target.to_owned();
        let mut separator = '#';
        for (name, value) in &fields {
            location.push(separator);
            location.push_str(name);
            location.push('=');
            push_encoded(&mut location, value);
            separator = '&';
        }
        location
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    const TARGET: &str = "https://id.example/oauth2/authorizations/fake_target";

    #[test]
    fn a_token_stands_in_the_fragment_alone() {
        let outcome = EmbeddedOutcome::Token {
            access_token: "dwe_x".to_owned(),
            expires_in: 60,
            scope: "email openid".to_owned(),
        };
        let answer = EmbeddedAnswer { outcome, state: Some("a&b=c#ä?".to_owned()) };
        assert_eq!(
            answer.location(TARGET),
            format!(
                "{TARGET}#access_token=dwe_x&state=a%26b%3Dc%23%C3%A4%3F&token_type=Bearer&expires_in=60&scope=email%20openid"
            )
        );
    }

    #[test]
    fn and_so_does_an_error() {
        let error = OAuthError::new(ErrorCode::AccessDenied, "The user said no.");
        let answer = |state| EmbeddedAnswer { outcome: EmbeddedOutcome::Error(error.clone()), state };
        let told = format!("{TARGET}#error=access_denied&error_description=The%20user%20said%20no.");
        assert_eq!(answer(None).location(TARGET), told);
        assert_eq!(answer(Some("s".to_owned())).location(TARGET), format!("{told}&state=s"));
    }
}
