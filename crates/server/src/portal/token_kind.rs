//! What device logins of an application get, as its form asks for it.

use super::application_page::choice;
use model::opaque::OpaqueKind;
use model::terms::TokenProfile;
use views::pages::{Choice, FormError};
use views::say;

/// What there is to choose.
pub(super) fn choices(chosen: Option<&str>) -> Vec<Choice> {
    [
        (TokenProfile::Jwt, say::token_kind_jwt(), say::token_kind_jwt_hint()),
        (TokenProfile::Opaque(OpaqueKind::ApiKey), say::token_kind_api_key(), say::token_kind_api_key_hint()),
        (TokenProfile::Opaque(OpaqueKind::Mcp), say::token_kind_mcp(), say::token_kind_mcp_hint()),
    ]
    .into_iter()
    .map(|(kind, label, hint)| choice(kind.as_str(), label, hint, chosen == Some(kind.as_str())))
    .collect()
}

/// What is chosen; what is `stored` where the form does not say.
pub(super) fn read(word: Option<&str>, stored: TokenProfile, errors: &mut Vec<FormError>) -> TokenProfile {
    let Some(word) = word else { return stored };
    // What embedded pages get comes with them, and is nothing to choose for devices.
    let offered = TokenProfile::parse(word).filter(|kind| *kind != TokenProfile::Opaque(OpaqueKind::Embedded));
    if offered.is_none() && word != stored.as_str() {
        errors.push(FormError::new("token_kind", say::token_kind_wrong()));
    }
    offered.unwrap_or(stored)
}
