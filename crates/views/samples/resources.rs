//! What applications may ask for.

use super::{RIGHT_TO_LEFT, Visitor, error, form, of_acme, of_branded, owned, section, signed_in, stranger};
use views::pages::{Choice, Permission, Permissions, ResourceRow, Resources, ScopeForm, ScopeRow, Side};
use views::{AssetUrls, Message, Words, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    catalogue(style, visitor);
    scopes(style, visitor);
    permissions(style, visitor);
}

fn side() -> Side {
    let sections = vec![section(say::resources(), "/orgs/acme-corp/portal/resources", true)];
    Side { label: say::portal(), sections }
}

fn catalogue(style: &AssetUrls, visitor: &mut impl Visitor) {
    let row = |name: &str, sentence: Words, access: Message, implies: &[&str]| ScopeRow {
        name: name.to_owned(),
        sentence,
        access,
        implies: owned(implies),
        applications: implies.len(),
        url: format!("/orgs/acme-corp/portal/scopes/change?scope={name}"),
    };
    let page = Resources {
        side: side(),
        notice: Some(say::scope_added()),
        errors: Vec::new(),
        scopes: vec![
            row("openid", say::scope_openid().into(), say::scope_reads(), &[]),
            row("read:invoices", Words::verbatim(RIGHT_TO_LEFT), say::scope_reads(), &[]),
            row(
                "write:invoices",
                Words::verbatim("Write and send invoices of your organization"),
                say::scope_writes(),
                &["read:invoices", "openid"],
            ),
        ],
        new_scope_url: "/orgs/acme-corp/portal/scopes/new".to_owned(),
        permissions_url: "/orgs/acme-corp/permissions".to_owned(),
        resources: vec![ResourceRow {
            name: RIGHT_TO_LEFT.to_owned(),
            uri: "https://api.acme.example/v1".to_owned(),
            remove: form("/orgs/acme-corp/portal/resources/remove"),
        }],
        add: form("/orgs/acme-corp/portal/resources"),
        uri: String::new(),
        name: String::new(),
    };
    visitor.page("portal-resources", &page, &of_acme(signed_in(style)));
    let wrong = Resources {
        notice: None,
        errors: vec![error("uri", say::resource_uri_wrong()), error("name", say::name_empty())],
        resources: Vec::new(),
        uri: "api.acme.example".to_owned(),
        ..page
    };
    visitor.page("portal-resources-wrong", &wrong, &of_branded(signed_in(style)));
}

fn scopes(style: &AssetUrls, visitor: &mut impl Visitor) {
    let choice = |value: &str, label: Words, hint: Option<Message>, chosen: bool| Choice {
        value: value.to_owned(),
        label,
        hint,
        chosen,
    };
    let page = ScopeForm {
        side: side(),
        errors: Vec::new(),
        form: form("/orgs/acme-corp/portal/scopes/change"),
        new: false,
        standard: false,
        name: "write:invoices".to_owned(),
        sentence: RIGHT_TO_LEFT.to_owned(),
        access: vec![
            choice("read", say::scope_reads().into(), Some(say::scope_reads_hint()), false),
            choice("write", say::scope_writes().into(), Some(say::scope_writes_hint()), true),
        ],
        implies: vec![
            choice("openid", Words::verbatim("openid"), None, false),
            choice("read:invoices", Words::verbatim("read:invoices"), None, true),
        ],
        remove: Some(form("/orgs/acme-corp/portal/scopes/remove")),
        cancel_url: "/orgs/acme-corp/portal/resources".to_owned(),
    };
    visitor.page("portal-scope", &page, &of_acme(signed_in(style)));
    let standard = ScopeForm { standard: true, name: "openid".to_owned(), remove: None, ..page.clone() };
    visitor.page("portal-scope-standard", &standard, &of_acme(signed_in(style)));
    let used = ScopeForm { errors: vec![error("", say::scope_in_use("Acme CLI"))], ..page.clone() };
    visitor.page("portal-scope-used", &used, &of_acme(signed_in(style)));
    let wrong = ScopeForm {
        new: true,
        remove: None,
        errors: vec![
            error("scope", say::scope_name_wrong()),
            error("sentence", say::scope_sentence_wrong()),
            error("access", say::scope_access_missing()),
            error("implies", say::scope_implies_wrong()),
        ],
        ..page
    };
    visitor.page("portal-scope-wrong", &wrong, &of_branded(signed_in(style)));
    visitor.page(
        "portal-scope-first",
        &ScopeForm { implies: Vec::new(), errors: Vec::new(), ..wrong },
        &of_acme(signed_in(style)),
    );
}

fn permissions(style: &AssetUrls, visitor: &mut impl Visitor) {
    let permission =
        |name: &str, sentence: Words, implies: Vec<Words>| Permission { name: name.to_owned(), sentence, implies };
    let page = Permissions {
        organization: RIGHT_TO_LEFT.to_owned(),
        reads: vec![
            permission("openid", say::scope_openid().into(), Vec::new()),
            permission(
                "read:invoices",
                Words::verbatim("Read invoices"),
                vec![say::scope_openid().into(), say::scope_email().into()],
            ),
        ],
        writes: vec![permission(
            "write:invoices",
            Words::verbatim("Write invoices"),
            vec![Words::verbatim("Read invoices")],
        )],
    };
    visitor.page("permissions", &page, &of_acme(stranger(style)));
    let none = Permissions { writes: Vec::new(), ..page };
    visitor.page("permissions-read", &none, &of_branded(stranger(style)));
    visitor.page("permissions-none", &Permissions { reads: Vec::new(), ..none }, &of_acme(stranger(style)));
}
