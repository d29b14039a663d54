//! Sign-in, device and error pages.

use super::{
    LONG, NOW, RIGHT_TO_LEFT, Visitor, error, form, in_minutes, link, minutes_ago, of_acme, of_branded, passkey_form,
    scopes, signed_in, stranger,
};
use model::time::Timestamp;
use views::pages::{
    AccountChoice, AppFace, AuthorizationForm, AuthorizationLink, CompletionStep, Consent, DeviceEntry, DeviceResult,
    DeviceReview, EmbeddedEnd, ErrorPage, HiddenField, Login, LoginDecided, LoginDecision, NewDevice, NewDeviceOver,
    ProviderButton, RequestOrigin, ReviewedOrganization, ReviewedOrganizations, ReviewedResource, SignOut, Stranger,
};
use views::text::{When, minutes_left};
use views::{AssetUrls, Words, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    logins(style, visitor);
    new_devices(style, visitor);
    entries(style, visitor);
    strangers(style, visitor);
    consents(style, visitor);
    inside_apps(style, visitor);
    reviews(style, visitor);
    results(style, visitor);
    for status in [400, 403, 404, 405, 408, 409, 410, 413, 429, 500, 503] {
        let next = (status == 404).then(|| link(say::start_page(), "/"));
        visitor.page(&format!("error-{status}"), &ErrorPage { next, ..ErrorPage::of_status(status) }, &stranger(style));
    }
}

fn logins(style: &AssetUrls, visitor: &mut impl Visitor) {
    let login = Login {
        action: "/login".to_owned(),
        csrf_token: "csrf".to_owned(),
        next: "/orgs/acme-corp/device".to_owned(),
        email: String::new(),
        remember: false,
        passkey: Some(passkey_form("/login/passkey")),
        reason: Some(say::sign_in_for_device()),
        notice: None,
        reset_url: "/reset".to_owned(),
        by_email_url: "/login/email".to_owned(),
        register_url: Some("/register?org=acme-corp".to_owned()),
        providers: Vec::new(),
        errors: Vec::new(),
    };
    visitor.page("login", &login, &of_acme(stranger(style)));
    visitor.page("login-branded", &login, &of_branded(stranger(style)));
    let refused = Login {
        email: "ada@acme.example".to_owned(),
        remember: true,
        reason: None,
        register_url: None,
        passkey: None,
        providers: vec![
            ProviderButton { name: "Google".to_owned(), organization: None, form: form("/login/upstream/google") },
            ProviderButton {
                name: RIGHT_TO_LEFT.to_owned(),
                organization: Some("Acme Corp".to_owned()),
                form: form("/login/upstream/own"),
            },
        ],
        errors: vec![error("", say::login_wrong()), error("password", say::login_password_missing())],
        ..login.clone()
    };
    visitor.page("login-refused", &refused, &stranger(style));
    let another = Login { reason: None, notice: Some(say::sign_in_as_another()), ..login };
    visitor.page("login-as-another", &another, &stranger(style));
    let out = Login { notice: Some(say::signed_out()), ..another };
    visitor.page("login-signed-out", &out, &stranger(style));
}

fn reset() -> String {
    "/reset".to_owned()
}

fn new_devices(style: &AssetUrls, visitor: &mut impl Visitor) {
    let waiting = NewDevice {
        number: 42,
        known: false,
        email: "ada@acme.example".to_owned(),
        expires: in_minutes(15),
        onward: form("/login/new-device"),
        letter: Some(form("/login/new-device/letter")),
        recovery: form("/login/new-device/recovery"),
        state_url: "/login/new-device/state".to_owned(),
        notice: None,
        errors: Vec::new(),
    };
    visitor.page("new-device", &waiting, &stranger(style));
    let not_yet = error("", say::new_device_not_yet());
    let refused = NewDevice { letter: None, errors: vec![not_yet], ..waiting.clone() };
    visitor.page("new-device-not-yet", &refused, &stranger(style));
    visitor.page("new-device-known", &NewDevice { known: true, ..waiting.clone() }, &stranger(style));
    let again = NewDevice { notice: Some(say::new_device_another()), ..waiting };
    visitor.page("new-device-again", &again, &stranger(style));
    for (name, denied, wrong_numbers) in [
        ("new-device-denied", true, false),
        ("new-device-over", false, false),
        ("new-device-wrong-numbers", false, true),
    ] {
        let over = NewDeviceOver { denied, wrong_numbers, login_url: "/login".to_owned() };
        visitor.page(name, &over, &stranger(style));
    }
    let ask = LoginDecision {
        action: "/login/decision/AZ9cAAA".to_owned(),
        csrf_token: "csrf".to_owned(),
        may_approve: true,
        known: false,
        email: "ada@acme.example".to_owned(),
        origin: RequestOrigin {
            ip: "198.51.100.23".to_owned(),
            place: Some(say::place_near_city("Lyon")),
            program: Some("Firefox (Linux)".to_owned()),
            made: minutes_ago(2),
            same_network: false,
        },
        expires: in_minutes(13),
        errors: Vec::new(),
    };
    visitor.page("login-decision", &ask, &stranger(style));
    let wrong = error("number", say::login_number_wrong());
    let near = RequestOrigin { place: None, program: None, same_network: true, ..ask.origin.clone() };
    let refused = LoginDecision { origin: near, errors: vec![wrong], ..ask.clone() };
    visitor.page("login-decision-wrong", &refused, &stranger(style));
    visitor.page("login-decision-known", &LoginDecision { known: true, ..ask.clone() }, &stranger(style));
    visitor.page("login-decision-deny", &LoginDecision { may_approve: false, ..ask }, &stranger(style));
    let decided = [
        ("login-approved", LoginDecided::Approved),
        ("login-denied", LoginDecided::Denied { sign_out: form("/login/decision/AZ9cBBB"), password_url: reset() }),
        ("login-signed-out", LoginDecided::SignedOut { password_url: reset() }),
        ("login-nothing-to-decide", LoginDecided::Over { wrong_numbers: false, password_url: reset() }),
        ("login-ended", LoginDecided::Over { wrong_numbers: true, password_url: reset() }),
    ];
    for (name, page) in decided {
        visitor.page(name, &page, &stranger(style));
    }
}

fn entries(style: &AssetUrls, visitor: &mut impl Visitor) {
    let entry = DeviceEntry {
        notice: None,
        action: "/orgs/acme-corp/device".to_owned(),
        csrf_token: "csrf".to_owned(),
        user_code: String::new(),
        errors: Vec::new(),
    };
    visitor.page("device", &entry, &of_acme(stranger(style)));
    let prefilled = DeviceEntry { user_code: "WDJB-MJHT".to_owned(), ..entry.clone() };
    visitor.page("device-prefilled", &prefilled, &of_acme(signed_in(style)));
    visitor.page("device-branded", &entry, &of_branded(signed_in(style)));
    let errors = vec![error("user_code", say::code_wrong())];
    let joined = DeviceEntry { notice: Some(say::you_belong_now("Acme Corp")), ..entry.clone() };
    visitor.page("device-joined", &joined, &of_acme(signed_in(style)));
    let wrong = DeviceEntry { user_code: "WDJB-MJHX".to_owned(), errors, ..entry };
    visitor.page("device-wrong", &wrong, &signed_in(style));
}

fn consents(style: &AssetUrls, visitor: &mut impl Visitor) {
    let consent = Consent {
        form: form("/orgs/acme-corp/consent"),
        app: AppFace::new("Acme Reports", true),
        organization: "Acme Corp".to_owned(),
        scopes: scopes(),
        resources: Vec::new(),
        email: "ada@acme.example".to_owned(),
        not_you: form("/orgs/acme-corp/consent/another"),
        leads_to: Some("https://reports.acme.example/callback".to_owned()),
        on_own_machine: false,
        remembers: true,
    };
    visitor.page("consent", &consent, &of_acme(signed_in(style)));
    let program = Consent {
        app: AppFace::new(LONG, false),
        organization: RIGHT_TO_LEFT.to_owned(),
        scopes: Vec::new(),
        resources: vec![ReviewedResource {
            name: LONG.to_owned(),
            uri: "https://api.acme.example/a-long-path-of-a-resource/that-does-not-end-soon".to_owned(),
        }],
        leads_to: Some("http://127.0.0.1:53682/callback".to_owned()),
        on_own_machine: true,
        remembers: false,
        ..consent.clone()
    };
    visitor.page("consent-program", &program, &of_branded(signed_in(style)));
    let inside = Consent { leads_to: None, remembers: false, ..consent };
    visitor.page("consent-inside", &inside, &of_acme(signed_in(style)));
    let field = |name: &str, value: &str| HiddenField { name: name.to_owned(), value: value.to_owned() };
    let returning = AuthorizationForm {
        action: "https://reports.acme.example/callback".to_owned(),
        fields: vec![field("code", "abc"), field("state", "xyz"), field("iss", "https://id.example/orgs/acme-corp")],
    };
    visitor.page("consent-returning", &returning, &signed_in(style));
    let link = AuthorizationLink { url: "https://reports.acme.example/callback?code=abc&state=xyz".to_owned() };
    visitor.page("consent-going-on", &link, &signed_in(style));
    let sign_out = SignOut { form: form("/logout"), email: "ada@acme.example".to_owned() };
    visitor.page("sign-out", &sign_out, &stranger(style));
}

fn inside_apps(style: &AssetUrls, visitor: &mut impl Visitor) {
    let choice = AccountChoice {
        app: AppFace::new("Acme Reports", true),
        email: "ada@acme.example".to_owned(),
        go_on_url: "/orgs/acme-corp/embedded?client_id=x&chosen=y".to_owned(),
        another: form("/logout"),
    };
    visitor.page("account-choice", &choice, &of_acme(signed_in(style)));
    let long = AccountChoice { app: AppFace::new(LONG, true), email: LONG.to_owned(), ..choice };
    visitor.page("account-choice-long", &long, &of_branded(signed_in(style)));
    let step = CompletionStep {
        app: AppFace::new("Acme Reports", true),
        url: "https://reports.acme.example/welcome?return_to=x".to_owned(),
    };
    visitor.page("completion-step", &step, &signed_in(style));
    visitor.page("embedded-end", &EmbeddedEnd {}, &stranger(style));
}

fn reviews(style: &AssetUrls, visitor: &mut impl Visitor) {
    let end = Timestamp::from_seconds(NOW.seconds() + 29 * 60 + 12);
    let organization = |org_id: &str, name: &str| ReviewedOrganization {
        org_id: org_id.to_owned(),
        name: name.to_owned(),
        picked: false,
    };
    let review = DeviceReview {
        action: "/orgs/acme-corp/device/decision".to_owned(),
        csrf_token: "csrf".to_owned(),
        grant: "01932f6e-7c1a-7f00-8000-000000000001".to_owned(),
        user_code: "WDJB-MJHT".to_owned(),
        email: "ada@acme.example".to_owned(),
        not_you: form("/orgs/acme-corp/device/release"),
        app: AppFace::new("Acme CLI", true),
        scopes: scopes(),
        resources: vec![ReviewedResource {
            name: RIGHT_TO_LEFT.to_owned(),
            uri: "https://api.acme.example/v1".to_owned(),
        }],
        minutes_left: minutes_left(end, NOW),
        expires: When::coming(end, NOW),
        origin: RequestOrigin {
            ip: "198.51.100.23".to_owned(),
            place: None,
            program: Some("Doorward 0.1 on Linux".to_owned()),
            made: minutes_ago(1),
            same_network: true,
        },
        organizations: ReviewedOrganizations::One { which: organization("acme-corp", "Acme Corp") },
        errors: Vec::new(),
    };
    visitor.page("review", &review, &of_acme(signed_in(style)));
    let elsewhere = DeviceReview {
        app: AppFace::new("kiosk <b>17</b>", false),
        scopes: Vec::new(),
        resources: Vec::new(),
        minutes_left: 1,
        expires: in_minutes(1),
        origin: RequestOrigin {
            ip: "2001:db8:85a3:8d3:1319:8a2e:370:7348".to_owned(),
            place: Some(say::place_near_city("Lyon")),
            same_network: false,
            ..review.origin.clone()
        },
        organizations: ReviewedOrganizations::One { which: organization("beta", "Beta Laboratories") },
        ..review.clone()
    };
    visitor.page("review-elsewhere", &elsewhere, &signed_in(style));
    let errors = vec![error("confirm", say::tick_needed())];
    let unticked = DeviceReview {
        app: AppFace::new(LONG, true),
        organizations: ReviewedOrganizations::One { which: organization("beta", RIGHT_TO_LEFT) },
        errors,
        ..review.clone()
    };
    visitor.page("review-unticked", &unticked, &of_branded(signed_in(style)));
    let unverified = DeviceReview { app: AppFace::new(RIGHT_TO_LEFT, false), ..review };
    visitor.page("review-unverified", &unverified, &signed_in(style));
    let mut several =
        vec![organization("acme-corp", "Acme Corp"), organization("beta", LONG), organization("gamma", RIGHT_TO_LEFT)];
    let pick = DeviceReview {
        organizations: ReviewedOrganizations::Several { which: several.clone() },
        errors: vec![error("organization", say::pick_an_organization())],
        ..unverified.clone()
    };
    visitor.page("review-pick-missing", &pick, &signed_in(style));
    several[1].picked = true;
    let picked = DeviceReview {
        organizations: ReviewedOrganizations::Several { which: several },
        errors: vec![error("confirm", say::tick_needed())],
        ..unverified.clone()
    };
    visitor.page("review-picked", &picked, &signed_in(style));
    let none = DeviceReview {
        organizations: ReviewedOrganizations::None { which: say::no_organization_yet() },
        ..unverified.clone()
    };
    visitor.page("review-no-organization", &none, &signed_in(style));
    let refused = DeviceReview {
        organizations: ReviewedOrganizations::None { which: say::no_organization_lets_it_in() },
        errors: vec![error("organization", say::organization_not_open())],
        ..unverified
    };
    visitor.page("review-not-let-in", &refused, &signed_in(style));
}

fn strangers(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = Stranger {
        action: "/logout".to_owned(),
        csrf_token: "csrf".to_owned(),
        organization: "acme-corp".to_owned(),
        next: None,
        user_code: "WDJBMJHT".to_owned(),
        sentence: say::stranger(),
        join_url: None,
        email: "eve@beta.example".to_owned(),
    };
    visitor.page("stranger", &page, &of_acme(stranger(style)));
    let open = Stranger { join_url: Some("/register?org=acme-corp".to_owned()), ..page };
    visitor.page("stranger-may-join", &open, &of_acme(stranger(style)));
}

fn results(style: &AssetUrls, visitor: &mut impl Visitor) {
    let approved = DeviceResult::Approved {
        app_name: Words::verbatim("Acme CLI"),
        organization: "Acme Corp".to_owned(),
        connections_url: "/account/connections".to_owned(),
    };
    visitor.page("result-approved", &approved, &of_acme(signed_in(style)));
    let denied = DeviceResult::Denied { app_name: Words::verbatim(RIGHT_TO_LEFT) };
    visitor.page("result-denied", &denied, &of_acme(signed_in(style)));
    let gone = DeviceResult::Denied { app_name: say::the_app().into() };
    visitor.page("result-denied-gone", &gone, &of_acme(signed_in(style)));
}
