//! Paths of sign-ins inside an app's own web view.

use super::{percent_encoded, register_at, register_sent};
use model::id::OrgId;

/// Where an app with a web view begins.
pub const EMBEDDED_START: &str = "/oauth2/authorizations/new";

/// Where it finds its answer, in the fragment.
pub const EMBEDDED_TARGET: &str = "/oauth2/authorizations/fake_target";

/// The request of such an app inside its organization; `request` is a query.
pub fn embedded(org: &OrgId, request: &str) -> String {
    format!("/orgs/{org}/embedded?{request}")
}

/// The request inside `org` that `path` is the page of.
pub fn embedded_request_of<'a>(org: &OrgId, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(&embedded(org, ""))
}

/// The way back to it from an app's own step.
pub fn embedded_return(org: &OrgId, request: &str, ticket: &str) -> String {
    format!("/orgs/{org}/embedded/return?{request}&{WAY_BACK}={ticket}")
}

/// In the address of that way: what proves that it is ours.
pub const WAY_BACK: &str = "way_back";

/// Where the decision about it goes.
pub fn embedded_decision(org: &OrgId) -> String {
    format!("/orgs/{org}/embedded/decision")
}

/// `page`, an address of somebody else's, with one more parameter.
pub fn with_parameter(page: &str, name: &str, value: &str) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}{name}={}", percent_encoded(value))
}

/// Where somebody who is on the way to `next` gets an account: they go on there afterwards, where that is an app's request.
pub fn register_towards(org: &OrgId, next: &str) -> String {
    match embedded_request_of(org, next) {
        Some(_) => register_on_the_way(org, next),
        None => register_at(org),
    }
}

/// Where somebody gets an account who goes on to `next` afterwards.
pub fn register_on_the_way(org: &OrgId, next: &str) -> String {
    format!("{}&next={}", register_at(org), percent_encoded(next))
}

/// The same, after the letter was asked for.
pub fn register_sent_on_the_way(org: &OrgId, next: &str) -> String {
    format!("{}&next={}", register_sent(org), percent_encoded(next))
}

#[cfg(test)]
mod tests {
    use super::super::device;
    use super::*;

    #[test]
    fn a_request_is_found_again_in_its_page() {
        let (acme, beta) = (OrgId::parse("acme").unwrap(), OrgId::parse("beta").unwrap());
        let page = embedded(&acme, "client_id=a&state=b");
        assert_eq!(embedded_request_of(&acme, &page), Some("client_id=a&state=b"));
        assert_eq!(embedded_request_of(&beta, &page), None);
        assert_eq!(embedded_request_of(&acme, &device(&acme)), None);
        assert_eq!(register_towards(&acme, &page), register_on_the_way(&acme, &page));
        for elsewhere in [&device(&acme), &embedded(&beta, "client_id=a"), "https://evil.example"] {
            assert_eq!(register_towards(&acme, elsewhere), register_at(&acme));
        }
        assert_eq!(with_parameter("https://app.example/a", "x", "a b&c"), "https://app.example/a?x=a%20b%26c");
        assert_eq!(with_parameter("https://app.example/a?b=c", "x", "d"), "https://app.example/a?b=c&x=d");
    }
}
