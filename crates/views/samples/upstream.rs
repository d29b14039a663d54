//! Pages of signing in by way of other providers.

use super::{LONG, RIGHT_TO_LEFT, Visitor, error, form, of_acme, section, signed_in, stranger};
use views::pages::{Choice, LinkAccount, ProviderForm, ProviderRow, Providers, Side, UpstreamLeaving};
use views::{AssetUrls, Words, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    let leaving = UpstreamLeaving {
        provider: "Google".to_owned(),
        host: "idp.example".to_owned(),
        url: "https://idp.example/authorize".to_owned(),
    };
    visitor.page("upstream-leaving", &leaving, &stranger(style));
    let link = LinkAccount {
        provider: "Google".to_owned(),
        email: "ada@acme.example".to_owned(),
        link: Some(form("/login/link")),
        signed_in_as: None,
        login_url: None,
        register_url: None,
        sign_out: None,
        cancel_url: "/orgs".to_owned(),
    };
    visitor.page("link-account", &link, &stranger(style));
    let other = LinkAccount {
        link: None,
        signed_in_as: Some("dana@acme.example".to_owned()),
        sign_out: Some(form("/logout")),
        ..link.clone()
    };
    visitor.page("link-account-other", &other, &stranger(style));
    let nobody = LinkAccount {
        provider: RIGHT_TO_LEFT.to_owned(),
        link: None,
        login_url: Some("/login?next=%2Flogin%2Flink".to_owned()),
        register_url: Some("/register?org=acme-corp".to_owned()),
        ..link
    };
    visitor.page("link-account-first", &nobody, &of_acme(stranger(style)));
    portal(style, visitor);
}

fn portal(style: &AssetUrls, visitor: &mut impl Visitor) {
    let side = || Side {
        label: say::portal(),
        sections: vec![section(say::providers(), "/orgs/acme-corp/portal/providers", true)],
    };
    let row = |name: &str, enabled| ProviderRow {
        name: name.to_owned(),
        url: "/orgs/acme-corp/portal/providers/0199".to_owned(),
        issuer: "https://login.acme.example/a-rather-long-path/that/goes/on".to_owned(),
        enabled,
    };
    let list = Providers {
        side: side(),
        notice: Some(say::provider_added()),
        providers: vec![row("Acme login", true), row(RIGHT_TO_LEFT, false), row(LONG, true)],
        new_url: "/orgs/acme-corp/portal/providers/new".to_owned(),
    };
    visitor.page("providers", &list, &of_acme(signed_in(style)));
    visitor.page(
        "providers-none",
        &Providers { notice: None, providers: Vec::new(), ..list },
        &of_acme(signed_in(style)),
    );
    let kind = |value: &str, label: Words, chosen| Choice {
        value: value.to_owned(),
        label,
        hint: Some(say::provider_kind_usual_hint()),
        chosen,
    };
    let new = ProviderForm {
        stored_name: String::new(),
        side: side(),
        errors: Vec::new(),
        form: form("/orgs/acme-corp/portal/providers"),
        new: true,
        redirect_uri: "https://auth.acme.example/orgs/acme-corp/login/upstream/0199/callback".to_owned(),
        kinds: vec![
            kind("oidc", say::provider_kind_oidc().into(), true),
            kind("google", Words::verbatim("Google"), false),
        ],
        name: String::new(),
        issuer: String::new(),
        client_id: String::new(),
        scopes: String::new(),
        enabled: true,
        remove: None,
        cancel_url: "/orgs/acme-corp/portal/providers".to_owned(),
    };
    visitor.page("provider-new", &new, &of_acme(signed_in(style)));
    let wrong = ProviderForm {
        new: false,
        kinds: Vec::new(),
        name: RIGHT_TO_LEFT.to_owned(),
        stored_name: RIGHT_TO_LEFT.to_owned(),
        errors: vec![error("issuer", say::provider_issuer_bad()), error("client_id", say::provider_client_id_bad())],
        remove: Some(form("/orgs/acme-corp/portal/providers/0199/remove")),
        ..new.clone()
    };
    visitor.page("provider-wrong", &wrong, &of_acme(signed_in(style)));
    let spent = ProviderForm { errors: vec![error("", say::provider_checks_spent(12))], ..new };
    visitor.page("provider-spent", &spent, &of_acme(signed_in(style)));
}
