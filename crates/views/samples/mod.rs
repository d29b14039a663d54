//! Every page and letter with sample values: usual ones, empty ones, errors, long and right-to-left names.

mod account;
mod audit;
mod beginnings;
mod decision;
mod portal;
mod resources;
mod tokens;
mod upstream;

use model::language::Language;
use model::time::Timestamp;
use views::pages::{Form, FormError, HiddenField, Link, PasskeyForm, Section};
use views::text::When;
use views::{AccountMenu, AssetUrls, Frame, LetterTemplate, Message, OrgBrand, OrgLink, Page, Words, say};

/// When the samples are.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
/// A name as long as an application's may be, without a space to break it at.
pub(crate) const LONG: &str = "Interplanetary-Synchronisation-and-Telemetry-Aggregation-Service-for-Deep-Space-1";
/// A name from right to left.
pub(crate) const RIGHT_TO_LEFT: &str = "שולחן העבודה של דנה";

/// Takes each sample in turn.
pub(crate) trait Visitor {
    /// A page in its frame, under a name that is good for a file.
    fn page(&mut self, name: &str, page: &impl Page, frame: &Frame);
    /// A letter, under a name that is good for a file.
    fn letter(&mut self, name: &str, letter: &impl LetterTemplate);
}

/// Shows every sample to `visitor`, with the assets at `style`.
pub(crate) fn visit(style: &AssetUrls, visitor: &mut impl Visitor) {
    decision::visit(style, visitor);
    account::visit(style, visitor);
    tokens::visit(style, visitor);
    beginnings::visit(style, visitor);
    portal::visit(style, visitor);
    resources::visit(style, visitor);
    audit::visit(style, visitor);
    upstream::visit(style, visitor);
}

fn stranger(style: &AssetUrls) -> Frame {
    Frame {
        language: Language::English,
        request_id: "01jd0z6v2m4q".to_owned(),
        public_host: "auth.acme.example".to_owned(),
        style: style.clone(),
        org: None,
        account: None,
    }
}

fn signed_in(style: &AssetUrls) -> Frame {
    let org = |org_id: &str, name: &str| OrgLink {
        org_id: org_id.to_owned(),
        name: name.to_owned(),
        url: format!("/orgs/{org_id}/portal/applications"),
    };
    let account = AccountMenu {
        email: "ada@acme.example".to_owned(),
        name: "Ada".to_owned(),
        orgs: vec![org("acme-corp", "Acme Corp"), org("beta", "Beta Laboratories")],
        links: vec![
            link(say::connect_device(), "/device"),
            link(say::organizations(), "/orgs"),
            link(say::connected_apps(), "/account/connections"),
        ],
        sign_out_action: "/logout".to_owned(),
        sign_out_csrf: "csrf-of-sign-out".to_owned(),
    };
    Frame { account: Some(account), ..stranger(style) }
}

fn of_acme(frame: Frame) -> Frame {
    let org =
        OrgBrand { org_id: "acme-corp".to_owned(), name: "Acme Corp".to_owned(), brand_css_url: None, logo_url: None };
    Frame { org: Some(org), ..frame }
}

fn of_branded(frame: Frame) -> Frame {
    let org = OrgBrand {
        org_id: "beta".to_owned(),
        name: format!("Beta {RIGHT_TO_LEFT}"),
        brand_css_url: Some("brand.css".to_owned()),
        logo_url: Some(frame.style.icon.clone()),
    };
    Frame { org: Some(org), ..frame }
}

fn link(label: Message, url: &str) -> Link {
    Link { label, url: url.to_owned() }
}

fn section(label: Message, url: &str, current: bool) -> Section {
    Section { label, url: url.to_owned(), current }
}

fn form(action: &str) -> Form {
    let hidden = vec![HiddenField { name: "id".to_owned(), value: "0199".to_owned() }];
    Form { action: action.to_owned(), csrf_token: format!("csrf-of-{action}"), hidden }
}

fn passkey_form(action: &str) -> PasskeyForm {
    PasskeyForm { form: form(action), options_url: format!("{action}/options") }
}

fn error(field: &str, sentence: Message) -> FormError {
    FormError::new(field, sentence)
}

fn minutes_ago(minutes: i64) -> When {
    When::past(Timestamp::from_seconds(NOW.seconds() - 60 * minutes), NOW)
}

fn in_minutes(minutes: i64) -> When {
    When::coming(Timestamp::from_seconds(NOW.seconds() + 60 * minutes), NOW)
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What shipped scopes and one of an organization's own say.
fn scopes() -> Vec<Words> {
    vec![
        say::scope_openid().into(),
        say::scope_email().into(),
        say::scope_offline_access().into(),
        Words::verbatim("Read invoices & payments"),
    ]
}
