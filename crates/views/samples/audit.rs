//! The audit log.

use super::{LONG, RIGHT_TO_LEFT, Visitor, error, form, minutes_ago, of_acme, section, signed_in};
use views::pages::{AuditDetail, AuditEntry, AuditLog, AuditName, Choice, FormError, Side};
use views::{AssetUrls, Message, Words, say};

const URL: &str = "/orgs/acme-corp/portal/audit";

fn name(text: impl Into<Words>, beside: Option<&str>) -> AuditName {
    AuditName { name: text.into(), beside: beside.map(str::to_owned), is_id: false, former: false }
}

fn id(text: &str) -> AuditName {
    AuditName { is_id: true, ..name(Words::verbatim(text), None) }
}

fn action(value: &str, said: Message, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: said.into(), hint: None, chosen }
}

fn entry(who: AuditName, what: impl Into<Words>, object: AuditName, details: &[(&str, &str)]) -> AuditEntry {
    let detail =
        |(label, value): &(&str, &str)| AuditDetail { label: (*label).to_owned(), value: Words::verbatim(*value) };
    AuditEntry {
        at: minutes_ago(60 * 26),
        who,
        what: what.into(),
        object,
        ip: Some("198.51.100.23".to_owned()),
        place: Some(say::place_near_city_country("Lyon", "France")),
        program: Some("Firefox on Linux".to_owned()),
        details: details.iter().map(detail).collect(),
    }
}

fn rows() -> Vec<AuditEntry> {
    let ada = || name(Words::verbatim("Ada Lovelace"), Some("ada@acme.example"));
    let app = || name(Words::verbatim(LONG), Some("Zk3vJ1xPq0aT8mWc5RtYbg"));
    let grant = "019aa884-5b3c-7a51-9d02-6f0a2c1e7b44";
    let scope = ("scope", "email offline_access openid");
    vec![
        entry(ada(), say::audit_of_grant_approved(), id(grant), &[("application", LONG), scope]),
        AuditEntry {
            place: None,
            program: None,
            ..entry(app(), say::audit_of_grant_redeemed(), id(grant), &[scope, ("user", "ada@acme.example")])
        },
        entry(
            AuditName { former: true, ..name(Words::verbatim(RIGHT_TO_LEFT), None) },
            say::audit_of_application_changed(),
            app(),
            &[],
        ),
        AuditEntry {
            ip: None,
            place: None,
            program: None,
            ..entry(
                name(say::audit_operator(), None),
                say::audit_of_member_added(),
                name(say::audit_deleted_account(), None),
                &[("role", "admin")],
            )
        },
        entry(
            name(say::audit_stranger(), None),
            Words::verbatim("application.word_of_another_version"),
            name(Words::verbatim("grace@acme.example"), None),
            &[],
        ),
    ]
}

/// Shows its samples to `visitor`.
pub(super) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    let page = AuditLog {
        side: Side { label: say::portal(), sections: vec![section(say::audit(), URL, true)] },
        errors: Vec::new(),
        url: URL.to_owned(),
        actions: vec![
            action("", say::audit_any_action(), true),
            action("grant.withdrawn", say::audit_of_grant_withdrawn(), false),
        ],
        email: String::new(),
        from: String::new(),
        to: String::new(),
        filtered: false,
        rows: rows(),
        newest: Some(URL.to_owned()),
        older: Some(format!("{URL}?before=019aa884-5b3c-7a51-9d02-6f0a2c1e7b44")),
        export: form("/orgs/acme-corp/portal/audit/export"),
    };
    visitor.page("portal-audit", &page, &of_acme(signed_in(style)));
    let none = AuditLog { rows: Vec::new(), newest: None, older: None, ..page.clone() };
    visitor.page("portal-audit-empty", &none, &of_acme(signed_in(style)));
    let filtered = AuditLog {
        actions: vec![
            action("", say::audit_any_action(), false),
            action("grant.withdrawn", say::audit_of_grant_withdrawn(), true),
        ],
        email: "ada@acme.example".to_owned(),
        from: "2026-11-01".to_owned(),
        to: "2026-11-30".to_owned(),
        filtered: true,
        ..none.clone()
    };
    visitor.page("portal-audit-filtered", &filtered, &of_acme(signed_in(style)));
    let errors: Vec<FormError> = vec![
        error("action", say::audit_action_unknown()),
        error("email", say::audit_person_wrong()),
        error("from", say::audit_date_wrong()),
        error("to", say::audit_dates_turned()),
    ];
    let wrong = AuditLog { errors, email: RIGHT_TO_LEFT.to_owned(), from: "soon".to_owned(), ..filtered };
    visitor.page("portal-audit-wrong", &wrong, &of_acme(signed_in(style)));
}
