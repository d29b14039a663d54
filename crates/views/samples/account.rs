//! Account pages and letters.

use super::{
    LONG, RIGHT_TO_LEFT, Visitor, error, form, in_minutes, minutes_ago, owned, passkey_form, scopes, section, signed_in,
};
use views::letters::{AccountChanged, Advice, DeviceAuthorized, LoginApproval, NewSignIn, TestLetter};
use views::pages::{
    AppFace, BrowserFace, Choice, CodesLeft, Connection, Connections, DeleteAccount, EmailChangePage, FactorNeeded,
    IdentityRow, KnownDeviceRow, KnownDevices, NewOrganization, OrganizationRow, Organizations, PasskeyState, Passkeys,
    Profile, ProviderButton, RecoveryCodes, SecondFactor, Security, SessionRow, Sessions, Side, StepUp, TotpSetup,
    TotpState,
};
use views::qr::Qr;
use views::{AssetUrls, Message, Words, say};

pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    organizations(style, visitor);
    connections(style, visitor);
    security(style, visitor);
    step_up(style, visitor);
    browsers(style, visitor);
    profile(style, visitor);
    letters(visitor);
}

fn side(connections: bool) -> Side {
    let sections = vec![
        section(say::organizations(), "/orgs", !connections),
        section(say::connected_apps(), "/account/connections", connections),
    ];
    Side { label: say::account(), sections }
}

fn organizations(style: &AssetUrls, visitor: &mut impl Visitor) {
    let row = |org_id: &str, name: &str, role: Message, admin: bool| OrganizationRow {
        org_id: org_id.to_owned(),
        name: name.to_owned(),
        role,
        portal_url: admin.then(|| format!("/orgs/{org_id}/portal")),
        device_url: format!("/orgs/{org_id}/device"),
        leave: form(&format!("/orgs/{org_id}/leave")),
    };
    let page = Organizations {
        side: side(false),
        needed: vec![FactorNeeded { organization: LONG.to_owned(), due: Some(in_minutes(60 * 24 * 5)) }],
        security_url: "/account/security".to_owned(),
        notice: Some(say::organization_left()),
        new_url: Some("/orgs/new".to_owned()),
        organizations: vec![
            row("acme-corp", "Acme Corp", say::role_owner(), true),
            row("beta", RIGHT_TO_LEFT, say::role_member(), false),
            row("deep-space", LONG, say::role_admin(), true),
        ],
    };
    visitor.page("organizations", &page, &signed_in(style));
    let none = Organizations {
        side: Side { label: say::account(), sections: Vec::new() },
        needed: Vec::new(),
        notice: None,
        organizations: Vec::new(),
        ..page
    };
    visitor.page("organizations-empty", &none, &signed_in(style));
    let none = Organizations { new_url: None, notice: Some(say::organization_deleted()), ..none };
    visitor.page("organizations-none-to-make", &none, &signed_in(style));
    let new = NewOrganization {
        side: side(false),
        form: form("/orgs/new"),
        name: RIGHT_TO_LEFT.to_owned(),
        org_id: "Acme".to_owned(),
        issuer_before: "https://auth.acme.example/orgs/…".to_owned(),
        errors: vec![error("name", say::name_empty()), error("org_id", say::org_id_wrong())],
        back_url: "/orgs".to_owned(),
    };
    visitor.page("organization-new", &new, &signed_in(style));
    let errors = vec![error("", say::organizations_too_many(20)), error("org_id", say::org_id_taken())];
    visitor.page("organization-new-wrong", &NewOrganization { errors, ..new }, &signed_in(style));
}

fn connections(style: &AssetUrls, visitor: &mut impl Visitor) {
    let connection = |app: AppFace, organization: &str, used: bool| Connection {
        app,
        organization: organization.to_owned(),
        scopes: scopes(),
        since: minutes_ago(60 * 24 * 3),
        collected: true,
        last_used: used.then(|| minutes_ago(2)),
        disconnect: form("/account/connections/disconnect"),
    };
    let page = Connections {
        side: side(true),
        notice: Some(say::disconnected()),
        connections: vec![
            connection(AppFace::new("Acme CLI", true), "Acme Corp", true),
            connection(AppFace::new(RIGHT_TO_LEFT, false), "Beta Laboratories", false),
            Connection { scopes: Vec::new(), ..connection(AppFace::new(LONG, true), LONG, true) },
            Connection { collected: false, ..connection(AppFace::new("Acme TV", true), "Acme Corp", false) },
        ],
        device_url: "/device".to_owned(),
    };
    visitor.page("connections", &page, &signed_in(style));
    visitor.page(
        "connections-empty",
        &Connections { notice: None, connections: Vec::new(), ..page },
        &signed_in(style),
    );
}

fn face(program: Option<&str>, here: bool) -> BrowserFace {
    BrowserFace {
        program: program.map(str::to_owned),
        ip: "198.51.100.23".to_owned(),
        place: here.then(|| say::place_near_city("Lyon")),
        here,
    }
}

fn browsers(style: &AssetUrls, visitor: &mut impl Visitor) {
    let session = |browser: BrowserFace| SessionRow {
        browser,
        since: minutes_ago(60 * 3),
        until: in_minutes(60 * 21),
        end: form("/account/sessions/1/end"),
    };
    let page = Sessions {
        side: side(false),
        notice: Some(say::sessions_ended(2_u64)),
        sessions: vec![session(face(Some("Firefox (Linux)"), true)), session(face(None, false))],
        end_others: form("/account/sessions/others/end"),
    };
    visitor.page("sessions", &page, &signed_in(style));
    let alone = Sessions {
        notice: Some(say::sessions_ended(0_u64)),
        sessions: vec![session(face(Some(RIGHT_TO_LEFT), true))],
        ..page
    };
    visitor.page("sessions-alone", &alone, &signed_in(style));
    let device = |browser: BrowserFace| KnownDeviceRow {
        browser,
        since: minutes_ago(60 * 24 * 20),
        last_used: minutes_ago(5),
        until: in_minutes(60 * 24 * 89),
        forget: form("/account/devices/1/forget"),
    };
    let page = KnownDevices {
        side: side(false),
        notice: Some(say::browsers_forgotten(1_u64)),
        devices: vec![device(face(Some("Firefox (Linux)"), true)), device(face(Some(LONG), false))],
        forget_all: Some(form("/account/devices/all/forget")),
    };
    visitor.page("known-browsers", &page, &signed_in(style));
    let none = KnownDevices { notice: None, devices: Vec::new(), forget_all: None, ..page };
    visitor.page("known-browsers-none", &none, &signed_in(style));
}

fn profile(style: &AssetUrls, visitor: &mut impl Visitor) {
    let choice =
        |value: &str, label: Words, chosen: bool| Choice { value: value.to_owned(), label, hint: None, chosen };
    let page = Profile {
        side: side(false),
        notice: Some(say::profile_saved()),
        errors: Vec::new(),
        form: form("/account/profile"),
        name: "Ada".to_owned(),
        languages: vec![
            choice("", say::profile_language_of_browser().into(), true),
            choice("en", Words::verbatim("English"), false),
        ],
        email: "ada@acme.example".to_owned(),
        waiting_for: Some("ada@new.example".to_owned()),
        change_email: form("/account/profile/email"),
        typed_email: String::new(),
        export: form("/account/profile/export"),
        delete_url: "/account/profile/delete".to_owned(),
    };
    visitor.page("profile", &page, &signed_in(style));
    let wrong = Profile {
        notice: None,
        errors: vec![error("name", say::own_name_empty()), error("email", say::email_is_yours())],
        waiting_for: None,
        typed_email: "ada@acme.example".to_owned(),
        ..page
    };
    visitor.page("profile-wrong", &wrong, &signed_in(style));
    let change = EmailChangePage {
        side: side(false),
        email: "ada@acme.example".to_owned(),
        new_email: RIGHT_TO_LEFT.to_owned(),
        form: form("/account/profile/email/token"),
        back_url: "/account/profile".to_owned(),
    };
    visitor.page("email-change", &change, &signed_in(style));
    let delete = DeleteAccount {
        side: side(false),
        errors: vec![error("email", say::delete_account_other_address())],
        email: "ada@acme.example".to_owned(),
        owned_alone: Vec::new(),
        form: form("/account/profile/delete"),
        back_url: "/account/profile".to_owned(),
    };
    visitor.page("delete-account", &delete, &signed_in(style));
    let alone = DeleteAccount {
        errors: Vec::new(),
        owned_alone: vec!["Acme Corp".to_owned(), RIGHT_TO_LEFT.to_owned()],
        ..delete
    };
    visitor.page("delete-account-only-owner", &alone, &signed_in(style));
}

fn security(style: &AssetUrls, visitor: &mut impl Visitor) {
    let bare = Security {
        side: side(false),
        notice: None,
        errors: Vec::new(),
        needed: vec![
            FactorNeeded { organization: "Acme Corp".to_owned(), due: Some(in_minutes(60 * 24 * 5)) },
            FactorNeeded { organization: RIGHT_TO_LEFT.to_owned(), due: None },
        ],
        onward: None,
        password: form("/account/security/password"),
        ask_current: true,
        email: "ada@acme.example".to_owned(),
        totp: TotpState { since: None, change: form("/account/security/authenticator") },
        passkeys: None,
        identities: Vec::new(),
        linkable: Vec::new(),
        codes: None,
        make_codes: form("/account/security/recovery-codes"),
    };
    visitor.page("security", &bare, &signed_in(style));
    let full = Security {
        notice: Some(say::totp_added()),
        errors: vec![error("current", say::password_not_current()), error("password", say::password_too_short())],
        needed: Vec::new(),
        onward: Some("/orgs/acme-corp/device".to_owned()),
        ask_current: true,
        totp: TotpState {
            since: Some(minutes_ago(60 * 24 * 3)),
            change: form("/account/security/authenticator/remove"),
        },
        passkeys: Some(Passkeys {
            passkeys: vec![passkey("Work laptop", true), passkey(RIGHT_TO_LEFT, false), passkey(LONG, true)],
            add: passkey_form("/account/security/passkeys"),
            proposed_name: "Firefox (Linux)".to_owned(),
        }),
        identities: vec![
            IdentityRow {
                provider: "Google".to_owned(),
                email: "ada@acme.example".to_owned(),
                since: minutes_ago(60),
                only: None,
                remove: form("/account/security/identities/1/remove"),
            },
            IdentityRow {
                provider: RIGHT_TO_LEFT.to_owned(),
                email: "ada@acme.example".to_owned(),
                since: minutes_ago(60 * 24 * 40),
                only: Some(LONG.to_owned()),
                remove: form("/account/security/identities/2/remove"),
            },
        ],
        linkable: vec![ProviderButton {
            name: "GitHub".to_owned(),
            organization: None,
            form: form("/account/security/upstream/github"),
        }],
        codes: Some(CodesLeft { left: 9, made: minutes_ago(60) }),
        ..bare
    };
    visitor.page("security-full", &full, &signed_in(style));
    visitor.page("security-by-factor", &Security { ask_current: false, errors: Vec::new(), ..full }, &signed_in(style));
    let url = "otpauth://totp/auth.acme.example:ada%40acme.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=auth.acme.example";
    let setup = TotpSetup {
        side: side(false),
        errors: Vec::new(),
        qr: Qr::of(url),
        app_url: url.to_owned(),
        secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP".to_owned(),
        form: form("/account/security/authenticator/confirm"),
        back_url: "/account/security".to_owned(),
    };
    visitor.page("totp-setup", &setup, &signed_in(style));
    let wrong = TotpSetup { errors: vec![error("code", say::totp_wrong())], qr: None, ..setup };
    visitor.page("totp-setup-wrong", &wrong, &signed_in(style));
    let codes = RecoveryCodes {
        side: side(false),
        codes: owned(&["01ABC-DEFGH-JKMNP-QRSTV", "9Z8Y7-X6W5V-4T3S2-R1Q0P"]),
        back_url: "/account/security".to_owned(),
    };
    visitor.page("recovery-codes", &codes, &signed_in(style));
}

fn passkey(name: &str, used: bool) -> PasskeyState {
    PasskeyState {
        name: name.to_owned(),
        added: minutes_ago(60 * 24 * 3),
        used: used.then(|| minutes_ago(2)),
        rename: form("/account/security/passkeys/0199/name"),
        remove: form("/account/security/passkeys/0199/remove"),
    }
}

fn step_up(style: &AssetUrls, visitor: &mut impl Visitor) {
    let by_code = StepUp {
        email: "ada@acme.example".to_owned(),
        form: form("/login/again"),
        passkey: None,
        ask_code: true,
        has_app: true,
        ask_password: false,
        errors: Vec::new(),
        back_url: "/account/security".to_owned(),
    };
    visitor.page("step-up-code", &by_code, &signed_in(style));
    let wrong = StepUp { errors: vec![error("code", say::step_up_code_wrong())], ..by_code.clone() };
    visitor.page("step-up-code-wrong", &wrong, &signed_in(style));
    let by_passkey = StepUp { passkey: Some(passkey_form("/login/again")), has_app: false, ..by_code.clone() };
    visitor.page("step-up-passkey", &by_passkey, &signed_in(style));
    let by_password = StepUp { ask_code: false, ask_password: true, ..by_code };
    visitor.page("step-up-password", &by_password, &signed_in(style));
    let factor = SecondFactor {
        form: form("/login/factor"),
        errors: vec![error("code", say::step_up_code_wrong())],
        back_url: "/login".to_owned(),
    };
    visitor.page("second-factor", &SecondFactor { errors: Vec::new(), ..factor.clone() }, &signed_in(style));
    visitor.page("second-factor-wrong", &factor, &signed_in(style));
    visitor.page("step-up-nothing", &StepUp { ask_password: false, ..by_password }, &signed_in(style));
}

fn letters(visitor: &mut impl Visitor) {
    let letter = DeviceAuthorized {
        user_name: "Ada".to_owned(),
        app_name: "Acme CLI".to_owned(),
        app_verified: true,
        organization: "Acme Corp".to_owned(),
        accent: "#1f6feb".to_owned(),
        scopes: scopes(),
        approved: minutes_ago(0),
        ip: "198.51.100.23".to_owned(),
        place: Some(say::place_near_city_country("Lyon", "France")),
        program: Some("Doorward 0.1 on Linux".to_owned()),
        connections_url: "https://auth.acme.example/account/connections".to_owned(),
        public_host: "auth.acme.example".to_owned(),
    };
    visitor.letter("device-authorized", &letter);
    let bare = DeviceAuthorized {
        user_name: String::new(),
        app_name: "R&D <kiosk>".to_owned(),
        app_verified: false,
        accent: "transparent".to_owned(),
        scopes: Vec::new(),
        place: None,
        program: None,
        ..letter
    };
    visitor.letter("device-authorized-bare", &bare);
    let test = TestLetter { public_host: "auth.acme.example".to_owned(), sent: minutes_ago(0) };
    visitor.letter("test-letter", &test);
    account_changes(visitor);
    sign_in_letters(visitor);
}

fn account_changes(visitor: &mut impl Visitor) {
    let host = "auth.acme.example";
    for (change, lead, about) in [
        (say::letter_password_changed(), say::letter_password_changed_lead(host), None),
        (say::letter_email_changed(), say::letter_email_changed_lead(host, "ada@new.example"), None),
        (say::letter_account_deleted(), say::letter_account_deleted_lead(host), None),
        (say::letter_totp_added(), say::letter_totp_added_lead(host), None),
        (say::letter_totp_removed(), say::letter_totp_removed_lead(host), None),
        (say::letter_passkey_added(), say::letter_passkey_added_lead(host), Some("Work laptop")),
        (say::letter_passkey_removed(), say::letter_passkey_removed_lead(host), Some(RIGHT_TO_LEFT)),
        (say::letter_passkey_refused(), say::letter_passkey_refused_lead(host), Some("Work laptop")),
        (say::letter_identity_linked(), say::letter_identity_linked_lead(host, "Google"), None),
        (say::letter_identity_unlinked(), say::letter_identity_unlinked_lead(host, RIGHT_TO_LEFT), None),
        (say::letter_api_key_made(), say::letter_api_key_made_lead(host, "Nightly build", "Acme Corp"), None),
        (say::letter_mcp_token_made(), say::letter_mcp_token_made_lead(host, RIGHT_TO_LEFT, LONG), None),
        (say::letter_codes_made(), say::letter_codes_made_lead(host), None),
        (say::letter_code_used(), say::letter_code_used_lead(host, 9), None),
        (say::letter_attempts_spent(), say::letter_attempts_spent_lead(host), None),
        (say::letter_account_disabled(), say::letter_account_disabled_lead(host), None),
    ] {
        let (name, usual) = (change.key(), about != Some(RIGHT_TO_LEFT));
        let url = "https://auth.acme.example/account/security?from=letter".to_owned();
        let advice = match name.as_str() {
            "letter-password-changed" => Advice::NewPassword { url: "https://auth.acme.example/reset".to_owned() },
            "letter-totp-added" | "letter-passkey-added" | "letter-identity-linked" => Advice::Remove { url },
            "letter-api-key-made" | "letter-mcp-token-made" => {
                Advice::Revoke { url: "https://auth.acme.example/account/tokens?from=letter".to_owned() }
            }
            "letter-attempts-spent" => Advice::Guard { url },
            "letter-email-changed" | "letter-account-deleted" => Advice::TellOperator,
            "letter-account-disabled" => Advice::AskOperator,
            _ => Advice::Look { url },
        };
        let letter = AccountChanged {
            user_name: if usual { "Ada" } else { "" }.to_owned(),
            change,
            lead,
            advice,
            passkey: about.map(str::to_owned),
            changed: minutes_ago(0),
            ip: usual.then(|| "198.51.100.23".to_owned()),
            place: usual.then(|| say::place_near_city_country("Lyon", "France")),
            program: usual.then(|| "Firefox (Linux)".to_owned()),
            public_host: host.to_owned(),
        };
        visitor.letter(&name, &letter);
    }
}

fn sign_in_letters(visitor: &mut impl Visitor) {
    let link = |token: &str| format!("https://auth.acme.example/login/decision/{token}");
    let approval = LoginApproval {
        user_name: "Ada".to_owned(),
        at: minutes_ago(0),
        ip: "198.51.100.23".to_owned(),
        place: Some(say::place_near_city_country("Lyon", "France")),
        program: Some("Firefox (Linux)".to_owned()),
        approve_url: link("AZ9cAAA"),
        deny_url: link("AZ9cBBB"),
        public_host: "auth.acme.example".to_owned(),
    };
    visitor.letter("login-approval", &approval);
    let bare = LoginApproval { user_name: String::new(), place: None, program: None, ..approval };
    visitor.letter("login-approval-bare", &bare);
    let told = NewSignIn {
        user_name: "Ada".to_owned(),
        at: minutes_ago(0),
        ip: "198.51.100.23".to_owned(),
        place: Some(say::place_near_city_country("Lyon", "France")),
        program: Some("Firefox (Linux)".to_owned()),
        security_url: "https://auth.acme.example/account/security".to_owned(),
        public_host: "auth.acme.example".to_owned(),
    };
    visitor.letter("new-sign-in", &told);
    let bare = NewSignIn { user_name: String::new(), place: None, program: None, ..told };
    visitor.letter("new-sign-in-bare", &bare);
}
