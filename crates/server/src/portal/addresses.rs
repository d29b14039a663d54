//! Addresses of an application, as they are typed in its forms.

use super::application_form::add;
use model::context::plain_text;
use model::redirect_uri::{NotARedirectUri, RedirectUri};
use views::pages::FormError;
use views::say;

/// The addresses of a group of lines; each of them once.
pub fn addresses(field: &'static str, typed: &[String], errors: &mut Vec<FormError>) -> Vec<RedirectUri> {
    use NotARedirectUri as N;
    let mut read: Vec<RedirectUri> = Vec::new();
    for line in typed {
        match RedirectUri::parse(line) {
            Ok(uri) if read.contains(&uri) => {}
            Ok(uri) => read.push(uri),
            Err(why) => {
                let shown: String = plain_text(line, 100);
                let sentence = match why {
                    N::Malformed | N::TooLong | N::UserInfo => say::redirect_uri_malformed(shown),
                    N::Fragment => say::redirect_uri_fragment(shown),
                    N::Plain => say::redirect_uri_plain(shown),
                    N::Scheme => say::redirect_uri_scheme(shown),
                };
                add(errors, FormError::new(field, sentence));
            }
        }
    }
    read
}
