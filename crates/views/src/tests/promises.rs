//! Names of fields and buttons that programs and people rely on, and errors at their fields.

use super::gallery::gallery;
use super::markup::tags;

/// What programs and people rely on finding by name.
#[test]
fn the_names_that_are_promised() {
    let gallery = gallery();
    let named = |page: &str, element: &str| -> Vec<String> {
        let page = gallery.pages.iter().find(|sample| sample.name == page).unwrap();
        tags(&page.html)
            .iter()
            .filter(|tag| tag.name == element && !tag.closing)
            .map(|tag| tag.text(&page.html))
            .collect()
    };
    for (page, element, name) in [
        ("login", "button", "Sign in"),
        ("device", "label", "Device code"),
        ("device", "button", "Continue"),
        ("review", "button", "Approve"),
        ("review", "button", "Deny"),
        ("review", "label", "I started this on a device in front of me"),
        ("review", "button", "Not you?"),
        ("connections", "button", "Disconnect"),
        ("portal-applications", "button", "Create application"),
        ("portal-applications-empty", "button", "Create application"),
        ("portal-create", "button", "Create application"),
        ("portal-application-secret", "button", "Rotate secret"),
        ("portal-devices", "button", "Revoke"),
    ] {
        assert!(named(page, element).contains(&name.to_owned()), "{page}: {:?}", named(page, element));
    }
    let field = |page: &str, name: &str| {
        let page = gallery.pages.iter().find(|sample| sample.name == page).unwrap();
        tags(&page.html).into_iter().find(|tag| tag.attribute("name") == Some(name)).unwrap_or_else(|| panic!("{name}"))
    };
    for (page, names) in [
        ("login", &["email", "password", "remember", "next"][..]),
        ("sign-in-by-email", &["email", "remember"]),
        ("device", &["user_code"]),
        ("review", &["grant", "organization", "confirm", "decision"]),
        ("review-elsewhere", &["grant", "organization", "confirm", "decision"]),
        ("portal-create", &["name", "kind", "grant"]),
        ("portal-application", &["revision", "name", "grant", "code_lifetime", "poll_interval", "code_format"]),
        ("portal-application", &["code_length", "code_charset", "prefilled", "access_lifetime", "id_token_alg"]),
        ("portal-application", &["scope", "default_scope"]),
    ] {
        names.iter().for_each(|name| drop(field(page, name)));
    }
    assert_eq!(field("review", "confirm").attribute("value"), Some("yes"));
    assert!(field("review", "confirm").attribute("required").is_some());
    assert_eq!(field("review", "organization").attribute("value"), Some("acme-corp"));
    assert_eq!(field("device", "user_code").attribute("autocomplete"), Some("one-time-code"));
    let deny = gallery.pages.iter().find(|page| page.name == "review").map(|page| tags(&page.html)).unwrap();
    let deny = deny.iter().find(|tag| tag.attribute("value") == Some("deny")).unwrap();
    assert!(deny.attribute("formnovalidate").is_some());
    assert_eq!(field("device-wrong", "user_code").attribute("value"), Some("WDJB-MJHX"));
    assert_eq!(field("login-refused", "password").attribute("value"), Some(""));
}

#[test]
fn what_is_wrong_is_said_above_and_at_the_field() {
    let gallery = gallery();
    let page = gallery.pages.iter().find(|page| page.name == "review-unticked").unwrap();
    let tags = tags(&page.html);
    let tick = tags.iter().find(|tag| tag.attribute("name") == Some("confirm")).unwrap();
    assert_eq!(tick.attribute("aria-invalid"), Some("true"));
    assert_eq!(tick.attribute("aria-describedby"), Some("confirm-error"));
    assert!(tags.iter().any(|tag| tag.attribute("href") == Some("#confirm")));
    assert!(page.html.contains("<title>Error: "));
}
