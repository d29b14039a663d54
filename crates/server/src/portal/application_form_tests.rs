use super::*;
use model::application::{ApplicationState, EmbeddedSettings};
use model::id::{ApplicationId, ClientId, OrgId};
use model::terms::TokenProfile;
use model::time::Timestamp;

fn stored() -> Application {
    Application {
        org_id: OrgId::parse("acme").unwrap(),
        id: "01890a5d-ac96-774b-bcce-b302099a8057".parse::<ApplicationId>().unwrap(),
        client_id: ClientId::from_wire("c"),
        revision: 3,
        state: ApplicationState::Active,
        kind: ClientKind::Public,
        settings: ApplicationSettings {
            name: "Acme CLI".to_owned(),
            logo: None,
            grants: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
            scopes: Scopes::parse("email openid").unwrap(),
            default_scopes: Scopes::parse("openid").unwrap(),
            device: DeviceSettings::default(),
            code: CodeSettings::default(),
            embedded: EmbeddedSettings::default(),
            tokens: TokenSettings::default(),
        },
        created_at: Timestamp::from_millis(0),
    }
}

fn offered() -> Scopes {
    Scopes::parse("email openid profile read:all").unwrap()
}

const FORM: [(&str, &str); 14] = [
    ("name", "Acme CLI"),
    ("grant", "device_code"),
    ("grant", "refresh_token"),
    ("code_lifetime", "900"),
    ("poll_interval", "10"),
    ("code_format", "custom"),
    ("code_length", "8"),
    ("code_charset", "9876543210"),
    ("prefilled", "yes"),
    ("access_lifetime", "600"),
    ("id_token_alg", "RS256"),
    ("scope", "openid"),
    ("scope", "read:all"),
    ("default_scope", "openid"),
];

fn read(fields: &[(&str, &str)]) -> Draft {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", routes::url::percent_encoded(value))).collect();
    Draft::read(&Params::parse_page_form(pairs.join("&").as_bytes(), &REPEATED).unwrap())
}

/// The form with other values in one field; without any, the field is left out.
fn with(field: &str, values: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    let mut fields: Vec<_> = FORM.into_iter().filter(|(name, _)| *name != field).collect();
    let name = FORM.iter().find(|(name, _)| *name == field).unwrap().0;
    fields.extend(values.iter().map(|value| (name, *value)));
    fields
}

#[test]
fn every_field_reaches_the_settings() {
    let settings = read(&FORM).settings(&stored(), &offered()).unwrap();
    let expected = ApplicationSettings {
        name: "Acme CLI".to_owned(),
        logo: None,
        grants: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
        scopes: Scopes::parse("openid read:all").unwrap(),
        default_scopes: Scopes::parse("openid").unwrap(),
        device: DeviceSettings {
            expiration: Some(Duration::from_secs(900)),
            interval: Some(Duration::from_secs(10)),
            format: UserCodeFormat::custom(8, "0123456789").unwrap(),
            prefilled_uri: true,
        },
        code: CodeSettings::default(),
        embedded: EmbeddedSettings::default(),
        tokens: TokenSettings {
            access_lifetime: Duration::from_secs(600),
            id_token_alg: Some(Algorithm::Rs256),
            kind: TokenProfile::Jwt,
        },
    };
    assert_eq!(settings, expected);
    let unticked = read(&with("prefilled", &[])).settings(&stored(), &offered()).unwrap();
    assert!(!unticked.device.prefilled_uri);
    for field in ["code_lifetime", "poll_interval"] {
        let device = read(&with(field, &[""])).settings(&stored(), &offered()).unwrap().device;
        let of_organization = [device.expiration, device.interval].map(|span| span.is_none());
        assert_eq!(of_organization, [field == "code_lifetime", field == "poll_interval"]);
    }
}

#[test]
fn what_is_stored_is_shown_so_that_saving_it_changes_nothing() {
    let mut application = stored();
    for format in ["XXXX-XXXX", "XXX-XXX-XXX", "999-999-999", "custom:12:ABCDEFGHJK"] {
        for alg in [None, Some(Algorithm::EdDsa)] {
            application.settings.device.format = UserCodeFormat::parse(format).unwrap();
            application.settings.tokens.id_token_alg = alg;
            let draft = Draft::of(&application.settings);
            assert_eq!(draft.settings(&application, &offered()).unwrap(), application.settings, "{format}");
        }
    }
}

#[test]
fn a_form_without_the_section_about_device_codes_leaves_its_settings_alone() {
    let mut application = stored();
    application.settings.device.prefilled_uri = false;
    application.settings.device.interval = Some(Duration::from_secs(7));
    let fields: Vec<_> =
        FORM.into_iter().filter(|(name, _)| !name.starts_with("code_") && *name != "poll_interval").collect();
    let settings = read(&fields).settings(&application, &offered()).unwrap();
    assert_eq!(settings.device, application.settings.device);
}

#[test]
fn the_section_about_web_views_reaches_the_settings_and_needs_no_grant() {
    let with_section = |more: &[(&'static str, &'static str)]| {
        let mut fields = with("grant", &[]);
        fields.extend_from_slice(more);
        read(&fields).settings(&stored(), &offered())
    };
    let page = ("post_registration_url", " https://app.example/welcome ");
    let settings = with_section(&[("embedded", "yes"), page]).unwrap().embedded;
    assert!(settings.enabled);
    assert_eq!(settings.post_registration_url, RedirectUri::parse("https://app.example/welcome").ok());
    assert_eq!(
        with_section(&[("embedded", "yes"), ("post_registration_url", "")]).unwrap().embedded.post_registration_url,
        None
    );
    let beside = |result: Result<ApplicationSettings, Vec<FormError>>| -> Vec<String> {
        result.unwrap_err().into_iter().map(|error| error.field).collect()
    };
    assert_eq!(beside(with_section(&[("post_registration_url", "")])), ["grant"], "not ticked");
    for bad in ["http://app.example/", "com.example.app:/x", "https://app.example/#x", "app.example"] {
        let told = beside(with_section(&[("embedded", "yes"), ("post_registration_url", bad)]));
        assert_eq!(told, ["post_registration_url"], "{bad}");
    }
    // The reference client belongs to no organization in particular.
    let reference = Application { client_id: ClientId::from_wire(ClientId::REFERENCE), ..stored() };
    let mut fields = FORM.to_vec();
    fields.extend([("embedded", "yes"), page]);
    assert_eq!(read(&fields).settings(&reference, &offered()).unwrap().embedded, EmbeddedSettings::default());
}

#[test]
fn each_problem_is_said_beside_its_field_and_only_there() {
    let table: &[(&str, &[&'static str], &str)] = &[
        ("name", &[], "name"),
        ("name", &["\u{202e}\u{200b} "], "name"),
        ("name", &["äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää"], "name"),
        ("grant", &[], "grant"),
        ("grant", &["refresh_token"], "grant"),
        ("grant", &["client_credentials"], "grant"),
        ("grant", &["device_code", "password"], "grant"),
        ("code_lifetime", &["59"], "code_lifetime"),
        ("code_lifetime", &["86401"], "code_lifetime"),
        ("code_lifetime", &["half an hour"], "code_lifetime"),
        ("code_lifetime", &["99999999999999999999"], "code_lifetime"),
        ("poll_interval", &["0"], "poll_interval"),
        ("poll_interval", &["-5"], "poll_interval"),
        ("code_format", &[], "code_format"),
        ("code_format", &["XX-XX"], "code_format"),
        ("code_format", &["custom:8:ABCDEFGHJK"], "code_format"),
        ("code_length", &["5"], "code_length"),
        ("code_length", &["17"], "code_length"),
        ("code_length", &["many"], "code_length"),
        ("code_charset", &["ABCDEFGHI"], "code_charset"),
        ("code_charset", &["abcdefghijkl"], "code_charset"),
        ("access_lifetime", &["86401"], "access_lifetime"),
        ("access_lifetime", &["1h"], "access_lifetime"),
        ("id_token_alg", &["none"], "id_token_alg"),
        ("id_token_alg", &[], "id_token_alg"),
        ("scope", &["openid", "admin"], "scope"),
        ("scope", &["email"], "scope"),
        ("default_scope", &["admin"], "scope"),
    ];
    for (field, values, beside) in table {
        let draft = read(&with(field, values));
        let errors = draft.settings(&stored(), &offered()).expect_err(field);
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, [*beside], "{field} {values:?}");
    }
}

#[test]
fn several_problems_are_said_at_once_from_top_to_bottom() {
    let fields = [("code_lifetime", "x"), ("poll_interval", "x"), ("code_format", "x"), ("scope", "x")];
    let errors = read(&fields).settings(&stored(), &offered()).unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    let all =
        ["name", "code_lifetime", "poll_interval", "code_format", "grant", "access_lifetime", "id_token_alg", "scope"];
    assert_eq!(fields, all, "in the order of the page");
}

#[test]
fn more_scopes_than_one_request_can_name_are_refused() {
    let many: Scopes = (0..=scope::MOST).map(|n| format!("s{n}")).collect();
    let draft = Draft { scopes: many.clone(), default_scopes: Scopes::default(), ..Draft::of(&stored().settings) };
    let errors = draft.settings(&stored(), &many).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].field, "scope");
}

#[test]
fn a_name_holds_nothing_invisible_and_single_spaces() {
    assert_eq!(plain_name("  Acme \u{200b} \u{a0} CLI\u{202e} "), "Acme CLI");
    let settings = read(&with("name", &["\u{202e}Acme   CLI "])).settings(&stored(), &offered()).unwrap();
    assert_eq!(settings.name, "Acme CLI");
}
