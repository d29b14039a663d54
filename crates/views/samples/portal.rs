//! Portal pages.

use super::{
    LONG, RIGHT_TO_LEFT, Visitor, error, form, in_minutes, minutes_ago, of_acme, of_branded, owned, section, signed_in,
};
use views::AssetUrls;
use views::pages::{
    Application, ApplicationRow, Applications, ApprovedDevice, Choice, CreateApplication, Credentials, DeletionForm,
    DeviceCodeSettings, Devices, LiveRequest, ScopeChoice, SecretSnippets, Side, Snippets, TokenChoices,
};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    lists(style, visitor);
    creation(style, visitor);
    details(style, visitor);
    devices(style, visitor);
}

fn side(current: &str) -> Side {
    let sections = ["Applications", "Devices"]
        .map(|label| section(label, &format!("/orgs/acme-corp/portal/{}", label.to_lowercase()), label == current));
    Side { label: "Portal".to_owned(), sections: sections.into() }
}

fn choice(value: &str, label: &str, hint: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), hint: hint.to_owned(), chosen }
}

fn grants() -> Vec<Choice> {
    vec![
        choice("device_code", "Device code", "Members sign in on it by typing a code elsewhere.", true),
        choice("refresh_token", "Refresh token", "It stays connected until it is disconnected.", true),
        choice("client_credentials", "Client credentials", "It acts for itself, without a member.", false),
    ]
}

fn lists(style: &AssetUrls, visitor: &mut impl Visitor) {
    let row = |name: &str, kind: &str, enabled: bool| ApplicationRow {
        name: name.to_owned(),
        url: "/orgs/acme-corp/portal/applications/0199".to_owned(),
        client_id: "Zk3vJ1xPq0aT8mWc5RtYbg".to_owned(),
        kind: kind.to_owned(),
        grants: owned(&["device code", "refresh token"]),
        enabled,
    };
    let page = Applications {
        side: side("Applications"),
        notice: Some("Acme Screen is deleted.".to_owned()),
        create_url: "/orgs/acme-corp/portal/applications/new".to_owned(),
        applications: vec![
            row("Acme CLI", "Public", true),
            row(RIGHT_TO_LEFT, "Confidential", false),
            row(LONG, "Public", true),
        ],
    };
    visitor.page("portal-applications", &page, &of_acme(signed_in(style)));
    let none = Applications { notice: None, applications: Vec::new(), ..page };
    visitor.page("portal-applications-empty", &none, &of_branded(signed_in(style)));
}

fn creation(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = CreateApplication {
        side: side("Applications"),
        action: "/orgs/acme-corp/portal/applications".to_owned(),
        csrf_token: "csrf".to_owned(),
        application: "019a0000-0000-7000-8000-000000000001".to_owned(),
        cancel_url: "/orgs/acme-corp/portal/applications".to_owned(),
        name: String::new(),
        kinds: vec![
            choice(
                "public",
                "Public",
                "Runs where its users could read a secret: command-line tools, screens, mobile apps.",
                true,
            ),
            choice("confidential", "Confidential", "Runs on a server of yours and keeps a secret.", false),
        ],
        grants: grants(),
        errors: Vec::new(),
    };
    visitor.page("portal-create", &page, &of_acme(signed_in(style)));
    let refused = CreateApplication {
        errors: vec![
            error("name", "Give it a name of 1 to 80 characters."),
            error("grant", "Choose at least one grant."),
        ],
        ..page
    };
    visitor.page("portal-create-refused", &refused, &of_acme(signed_in(style)));
}

fn details(style: &AssetUrls, visitor: &mut impl Visitor) {
    let scope = |name: &str, sentence: &str, by_default: bool| ScopeChoice {
        name: name.to_owned(),
        sentence: sentence.to_owned(),
        allowed: true,
        by_default,
    };
    let formats = vec![
        choice("XXXX-XXXX", "XXXX-XXXX", "Eight letters and digits", true),
        choice("XXX-XXX-XXX", "XXX-XXX-XXX", "Nine letters and digits", false),
        choice("999-999-999", "999-999-999", "Nine digits, for remote controls. At most ten minutes.", false),
        choice("custom", "Custom", "Length and characters of your own", false),
    ];
    let client_id = "Zk3vJ1xPq0aT8mWc5RtYbg";
    let url = "https://auth.acme.example/orgs/acme-corp/api/v1/oauth/device_authorization";
    let page = Application {
        side: side("Applications"),
        notice: None,
        errors: Vec::new(),
        list_url: "/orgs/acme-corp/portal/applications".to_owned(),
        action: "/orgs/acme-corp/portal/applications/0199".to_owned(),
        csrf_token: "csrf".to_owned(),
        revision: 3,
        name: "Acme CLI".to_owned(),
        stored_name: "Acme CLI".to_owned(),
        enabled: true,
        credentials: Credentials {
            client_id: client_id.to_owned(),
            kind: "Public".to_owned(),
            new_secret: None,
            secrets: Vec::new(),
            rotate: None,
        },
        grants: grants(),
        device_code: Some(DeviceCodeSettings {
            lifetime: String::new(),
            lifetime_hint: "60 to 86400; empty: as the organization, 1800".to_owned(),
            interval: "3".to_owned(),
            interval_hint: "1 to 60; empty: as the organization, 5".to_owned(),
            formats,
            custom_length: String::new(),
            custom_charset: String::new(),
            prefilled: true,
        }),
        tokens: TokenChoices {
            access_lifetime: "3600".to_owned(),
            id_token_algs: vec![
                choice("organization", "As the organization", "At present ES256.", true),
                choice("ES256", "ES256", "", false),
                choice("RS256", "RS256", "For libraries that know no other.", false),
                choice("EdDSA", "EdDSA", "", false),
            ],
        },
        scopes: vec![
            scope("openid", "Know who you are", true),
            scope("email", "See your e-mail address", true),
            scope("read:financial", "Read invoices, payments and balances of your organization", false),
        ],
        snippets: Some(Snippets::new(url, "https://auth.acme.example", "acme-corp", client_id, "openid email")),
        switch: form("/orgs/acme-corp/portal/applications/0199/disable"),
        deletion: Some(DeletionForm { form: form("/orgs/acme-corp/portal/applications/0199/delete"), error: None }),
    };
    visitor.page("portal-application", &page, &of_acme(signed_in(style)));
    let confidential = Application {
        notice: Some("The secret is rotated.".to_owned()),
        credentials: Credentials {
            kind: "Confidential".to_owned(),
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
            error("name", "Give it a name of 1 to 80 characters."),
            error("code_lifetime", "Choose between 60 and 86400 seconds."),
            error("code_format", "Choose a format."),
            error("access_lifetime", "Choose between 60 and 86400 seconds."),
            error("scope", "A scope that is given by default must be allowed, too."),
        ],
        deletion: Some(DeletionForm {
            form: form("/orgs/acme-corp/portal/applications/0199/delete"),
            error: Some("This is not its name. Type it exactly as it is written above.".to_owned()),
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
        place: claimed_by.map(|_| "near Lyon, by its network address".to_owned()),
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
    let page = Devices {
        side: side("Devices"),
        notice: None,
        live: vec![request("Acme CLI", None), request(RIGHT_TO_LEFT, Some("grace@acme.example")), request(LONG, None)],
        approved: vec![device("Acme CLI", true), device(LONG, false)],
        device_url: "/orgs/acme-corp/device".to_owned(),
    };
    visitor.page("portal-devices", &page, &of_acme(signed_in(style)));
    let none =
        Devices { notice: Some("The device is revoked.".to_owned()), live: Vec::new(), approved: Vec::new(), ..page };
    visitor.page("portal-devices-empty", &none, &of_acme(signed_in(style)));
}
