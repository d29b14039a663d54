//! Portal pages.

use super::{
    LONG, RIGHT_TO_LEFT, Visitor, error, form, in_minutes, minutes_ago, of_acme, of_branded, owned, section, signed_in,
};
use views::pages::{
    Application, ApplicationRow, Applications, ApprovedDevice, Choice, CodeChoices, CreateApplication, Credentials,
    DeletionForm, DeviceCodeSettings, DeviceLoginForm, Devices, EmbeddedChoices, HeldKey, LiveRequest, OrgSettings,
    ScopeChoice, SecretSnippets, Side, SignInSettings, SigningKeyRow, SigningKeys, Snippets, TokenChoices,
};
use views::{AssetUrls, Message, Words, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    lists(style, visitor);
    creation(style, visitor);
    details(style, visitor);
    devices(style, visitor);
    sign_in(style, visitor);
    settings(style, visitor);
}

fn side(current: &str) -> Side {
    let sections = [("applications", say::applications()), ("devices", say::devices())]
        .map(|(name, label)| section(label, &format!("/orgs/acme-corp/portal/{name}"), name == current));
    Side { label: say::portal(), sections: sections.into() }
}

fn choice(value: &str, label: impl Into<Words>, hint: impl Into<Option<Message>>, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.into(), hint: hint.into(), chosen }
}

fn grants() -> Vec<Choice> {
    vec![
        choice("device_code", say::grant_device_code(), say::grant_device_code_hint(), true),
        choice("refresh_token", say::grant_refresh_token(), say::grant_refresh_token_hint(), true),
        choice("client_credentials", say::grant_client_credentials(), say::grant_client_credentials_hint(), false),
    ]
}

fn lists(style: &AssetUrls, visitor: &mut impl Visitor) {
    let row = |name: &str, kind: Message, enabled: bool| ApplicationRow {
        name: name.to_owned(),
        url: "/orgs/acme-corp/portal/applications/0199".to_owned(),
        client_id: "Zk3vJ1xPq0aT8mWc5RtYbg".to_owned(),
        kind,
        grants: vec![say::grant_device_code(), say::grant_refresh_token()],
        enabled,
    };
    let page = Applications {
        side: side("applications"),
        notice: Some(say::application_deleted()),
        create_url: "/orgs/acme-corp/portal/applications/new".to_owned(),
        applications: vec![
            row("Acme CLI", say::kind_public(), true),
            row(RIGHT_TO_LEFT, say::kind_confidential(), false),
            row(LONG, say::kind_public(), true),
        ],
    };
    visitor.page("portal-applications", &page, &of_acme(signed_in(style)));
    let none = Applications { notice: None, applications: Vec::new(), ..page };
    visitor.page("portal-applications-empty", &none, &of_branded(signed_in(style)));
}

fn creation(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = CreateApplication {
        side: side("applications"),
        action: "/orgs/acme-corp/portal/applications".to_owned(),
        csrf_token: "csrf".to_owned(),
        application: "019a0000-0000-7000-8000-000000000001".to_owned(),
        cancel_url: "/orgs/acme-corp/portal/applications".to_owned(),
        name: String::new(),
        kinds: vec![
            choice("public", say::kind_public(), say::kind_public_hint(), true),
            choice("confidential", say::kind_confidential(), say::kind_confidential_hint(), false),
        ],
        grants: grants(),
        redirect_uris: vec![String::new(), String::new()],
        errors: Vec::new(),
    };
    visitor.page("portal-create", &page, &of_acme(signed_in(style)));
    let refused = CreateApplication {
        errors: vec![error("name", say::name_empty()), error("grant", say::grant_missing())],
        ..page
    };
    visitor.page("portal-create-refused", &refused, &of_acme(signed_in(style)));
}

fn details(style: &AssetUrls, visitor: &mut impl Visitor) {
    let scope = |name: &str, sentence: Words, by_default: bool| ScopeChoice {
        name: name.to_owned(),
        sentence,
        allowed: true,
        by_default,
    };
    let formats = vec![
        choice("XXXX-XXXX", Words::verbatim("XXXX-XXXX"), say::code_format_letters_8(), true),
        choice("XXX-XXX-XXX", Words::verbatim("XXX-XXX-XXX"), say::code_format_letters_9(), false),
        choice("999-999-999", Words::verbatim("999-999-999"), say::code_format_digits_9(), false),
        choice("custom", say::code_format_custom(), say::code_format_custom_hint(), false),
    ];
    let client_id = "Zk3vJ1xPq0aT8mWc5RtYbg";
    let url = "https://auth.acme.example/orgs/acme-corp/api/v1/oauth/device_authorization";
    let page = Application {
        side: side("applications"),
        notice: None,
        errors: Vec::new(),
        list_url: "/orgs/acme-corp/portal/applications".to_owned(),
        action: "/orgs/acme-corp/portal/applications/0199".to_owned(),
        csrf_token: "csrf".to_owned(),
        revision: 3,
        name: "Acme CLI".to_owned(),
        logo_url: None,
        stored_name: "Acme CLI".to_owned(),
        enabled: true,
        credentials: Credentials {
            client_id: client_id.to_owned(),
            kind: say::kind_public(),
            new_secret: None,
            secrets: Vec::new(),
            rotate: None,
        },
        grants: grants(),
        device_code: Some(DeviceCodeSettings {
            lifetime: String::new(),
            lifetime_hint: say::code_lifetime_hint(1800),
            interval: "3".to_owned(),
            interval_hint: say::poll_interval_hint(5),
            formats,
            custom_length: String::new(),
            custom_charset: String::new(),
            prefilled: true,
        }),
        code: CodeChoices {
            redirect_uris: vec!["https://app.acme.example/callback".to_owned(), String::new(), String::new()],
            post_logout_redirect_uris: vec![String::new(), String::new()],
            challenge_offered: true,
            challenge_required: true,
        },
        embedded: Some(EmbeddedChoices {
            enabled: true,
            post_registration_url: "https://app.acme.example/welcome".to_owned(),
        }),
        tokens: TokenChoices {
            kinds: vec![
                choice("jwt", say::token_kind_jwt(), say::token_kind_jwt_hint(), true),
                choice("api_key", say::token_kind_api_key(), say::token_kind_api_key_hint(), false),
                choice("mcp", say::token_kind_mcp(), say::token_kind_mcp_hint(), false),
            ],
            access_lifetime: "3600".to_owned(),
            id_token_algs: vec![
                choice("organization", say::as_organization(), say::at_present("ES256"), true),
                choice("ES256", Words::verbatim("ES256"), None, false),
                choice("RS256", Words::verbatim("RS256"), say::alg_rs256_hint(), false),
                choice("EdDSA", Words::verbatim("EdDSA"), None, false),
            ],
        },
        scopes: vec![
            scope("openid", say::scope_openid().into(), true),
            scope("email", say::scope_email().into(), true),
            scope(
                "read:financial",
                Words::verbatim("Read invoices, payments and balances of your organization"),
                false,
            ),
        ],
        snippets: Some(Snippets::new(url, "https://auth.acme.example", "acme-corp", client_id, "openid email")),
        switch: form("/orgs/acme-corp/portal/applications/0199/disable"),
        deletion: Some(DeletionForm { form: form("/orgs/acme-corp/portal/applications/0199/delete"), error: None }),
    };
    visitor.page("portal-application", &page, &of_acme(signed_in(style)));
    let confidential = Application {
        notice: Some(say::secret_rotated()),
        credentials: Credentials {
            kind: say::kind_confidential(),
            new_secret: Some("q8T5x0vJ3kZ1mWc5RtYbgLhN2sPdFuAe7iKoX4rVyB9".to_owned()),
            secrets: vec![minutes_ago(0), minutes_ago(60 * 24 * 40)],
            rotate: Some(form("/orgs/acme-corp/portal/applications/0199/secret")),
            ..page.credentials.clone()
        },
        device_code: None,
        scopes: Vec::new(),
        snippets: Some(Snippets::with_secret(SecretSnippets {
            device_authorization_url: None,
            token_url: Some("https://auth.acme.example/orgs/acme-corp/api/v1/oauth/token"),
            client_id,
            scope: "",
        })),
        stored_name: LONG.to_owned(),
        name: LONG.to_owned(),
        ..page.clone()
    };
    visitor.page("portal-application-secret", &confidential, &of_acme(signed_in(style)));
    let refused = Application {
        enabled: false,
        name: String::new(),
        stored_name: RIGHT_TO_LEFT.to_owned(),
        errors: vec![
            error("name", say::name_empty()),
            error("code_lifetime", say::code_lifetime_wrong()),
            error("code_format", say::code_format_wrong()),
            error("access_lifetime", say::access_lifetime_wrong()),
            error("scope", say::scope_default_not_allowed()),
        ],
        deletion: Some(DeletionForm {
            form: form("/orgs/acme-corp/portal/applications/0199/delete"),
            error: Some(say::delete_name_wrong()),
        }),
        ..page.clone()
    };
    visitor.page("portal-application-refused", &refused, &of_branded(signed_in(style)));
    visitor.page(
        "portal-application-kept",
        &Application { deletion: None, snippets: None, ..page },
        &of_acme(signed_in(style)),
    );
}

fn devices(style: &AssetUrls, visitor: &mut impl Visitor) {
    let request = |app: &str, claimed_by: Option<&str>| LiveRequest {
        app_name: app.to_owned(),
        made: minutes_ago(1),
        ip: "198.51.100.23".to_owned(),
        place: claimed_by.map(|_| say::place_in_country("France")),
        program: claimed_by.map(|_| "Doorward 0.1 on Linux".to_owned()),
        expires: in_minutes(29),
        claimed_by: claimed_by.map(str::to_owned),
    };
    let device = |app: &str, used: bool| ApprovedDevice {
        email: "ada@acme.example".to_owned(),
        app_name: app.to_owned(),
        scopes: owned(&["openid", "email", "offline_access"]),
        since: minutes_ago(60 * 26),
        last_used: used.then(|| minutes_ago(12)),
        revoke: form("/orgs/acme-corp/portal/devices/revoke"),
    };
    let held = |name: &str, kind: Message, by_device: bool| HeldKey {
        email: "ada@acme.example".to_owned(),
        name: name.to_owned(),
        by_device,
        kind,
        scopes: owned(&["read", "read:financial"]),
        since: minutes_ago(60 * 24 * 2),
        last_used: by_device.then(|| minutes_ago(1)),
        revoke: form("/orgs/acme-corp/portal/devices/keys/1/revoke"),
    };
    let page = Devices {
        side: side("devices"),
        notices: Vec::new(),
        live: vec![request("Acme CLI", None), request(RIGHT_TO_LEFT, Some("grace@acme.example")), request(LONG, None)],
        approved: vec![device("Acme CLI", true), device(LONG, false)],
        keys: vec![held("Nightly build", say::api_key(), false), held(LONG, say::mcp_token(), true)],
        device_url: "/orgs/acme-corp/device".to_owned(),
    };
    visitor.page("portal-devices", &page, &of_acme(signed_in(style)));
    let none = Devices {
        notices: vec![say::device_revoked(), say::newest_devices(200), say::newest_org_keys(200)],
        live: Vec::new(),
        approved: Vec::new(),
        keys: Vec::new(),
        ..page
    };
    visitor.page("portal-devices-empty", &none, &of_acme(signed_in(style)));
}

fn sign_in(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = SignInSettings {
        side: side("sign-in"),
        notice: Some(say::saved()),
        errors: Vec::new(),
        form: form("/orgs/acme-corp/portal/sign-in"),
        revision: 3,
        registration: vec![
            choice("invitation", say::sign_in_by_invitation(), say::sign_in_by_invitation_hint(), false),
            choice("domain", say::sign_in_by_domain(), say::sign_in_by_domain_hint(), true),
        ],
        domains: "acme.example".to_owned(),
        new_device: vec![choice("unknown", say::sign_in_unknown(), say::sign_in_unknown_hint(), true)],
        second_factor: vec![choice("optional", say::sign_in_optional(), say::sign_in_optional_hint(), true)],
        grace_days: "7".to_owned(),
        devices: DeviceLoginForm {
            form: form("/orgs/acme-corp/portal/sign-in/devices"),
            login: vec![
                choice("on", say::device_login_on(), say::device_login_on_hint(), false),
                choice("listed", say::device_login_listed(), say::device_login_listed_hint(), true),
                choice("off", say::device_login_off(), say::device_login_off_hint(), false),
            ],
            applications: vec![choice("Zk3vJ1xPq0aT8mWc5RtYbg", Words::verbatim(RIGHT_TO_LEFT), None, true)],
            ceiling: vec![choice("read:invoices", Words::verbatim("read:invoices"), None, false)],
            longest_token_days: "365".to_owned(),
        },
    };
    visitor.page("portal-sign-in", &page, &signed_in(style));
    let wrong = SignInSettings {
        notice: None,
        errors: vec![
            error("domains", say::sign_in_domains_wrong()),
            error("grace_days", say::sign_in_grace_wrong()),
            error("registration", say::sign_in_choose()),
            error("device_login", say::device_login_for_none()),
            error("device_scope", say::scope_unknown()),
        ],
        domains: RIGHT_TO_LEFT.to_owned(),
        grace_days: "many".to_owned(),
        devices: DeviceLoginForm { applications: Vec::new(), ..page.devices },
        ..page
    };
    visitor.page("portal-sign-in-wrong", &wrong, &signed_in(style));
}

fn settings(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = OrgSettings {
        side: side("settings"),
        notice: Some(say::saved()),
        errors: Vec::new(),
        form: form("/orgs/acme-corp/portal/settings"),
        revision: 3,
        org_id: "acme-corp".to_owned(),
        issuer: "https://auth.acme.example/orgs/acme-corp".to_owned(),
        name: RIGHT_TO_LEFT.to_owned(),
        colour: "#1f6feb".to_owned(),
        logo_url: Some(style.icon.clone()),
        deletion: Some(form("/orgs/acme-corp/portal/settings/delete")),
    };
    visitor.page("portal-settings", &page, &of_branded(signed_in(style)));
    let errors = vec![error("colour", say::colour_wrong()), error("delete-id", say::org_delete_wrong())];
    let wrong = OrgSettings { notice: None, errors, ..page.clone() };
    visitor.page("portal-settings-wrong", &wrong, &of_acme(signed_in(style)));
    let of_admin = OrgSettings { notice: None, deletion: None, ..page };
    visitor.page("portal-settings-admin", &of_admin, &of_acme(signed_in(style)));
    signing_keys(visitor, style);
}

fn signing_keys(visitor: &mut impl Visitor, style: &AssetUrls) {
    let key = |kid: &str, alg: &str, state: Message| SigningKeyRow {
        kid: kid.to_owned(),
        alg: alg.to_owned(),
        made: minutes_ago(60 * 24 * 40),
        state,
        signs_from: None,
        until: None,
    };
    let page = SigningKeys {
        side: side("keys"),
        notice: Some(say::signing_key_made()),
        errors: Vec::new(),
        keys: vec![
            SigningKeyRow {
                until: Some(in_minutes(70)),
                ..key("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "ES256", say::signing_key_signs())
            },
            SigningKeyRow {
                signs_from: Some(in_minutes(6)),
                ..key("ZP0eRZHGkhL4U1pvKKpR4tGJzYGsjcmTrp-ImJfXMqs", "ES256", say::signing_key_waits())
            },
            key(LONG, "RS256", say::signing_key_verifies()),
        ],
        jwks_url: "https://auth.acme.example/orgs/acme-corp/.well-known/jwks.json".to_owned(),
        form: form("/orgs/acme-corp/portal/keys"),
        algorithms: vec![
            choice("ES256", Words::verbatim("ES256"), say::signing_key_of_tokens(), true),
            choice("RS256", Words::verbatim("RS256"), None, false),
        ],
        when: vec![
            choice("once-known", say::signing_key_once_known(), say::signing_key_once_known_hint(), true),
            choice("at-once", say::signing_key_at_once(), say::signing_key_at_once_hint(), false),
        ],
    };
    visitor.page("portal-signing-keys", &page, &of_acme(signed_in(style)));
    let errors = vec![error("alg", say::id_token_alg_wrong()), error("when", say::signing_key_when_wrong())];
    let wrong = SigningKeys { notice: None, errors, ..page };
    visitor.page("portal-signing-keys-wrong", &wrong, &of_branded(signed_in(style)));
}
