//! Every sample, rendered: as it is, and with a hostile text in every place that holds one.

use super::markup::{Tag, tags};
use crate::samples::{self, Visitor};
use crate::{AssetUrls, Frame, LetterTemplate, Page, Views};
use serde::Serialize;
use serde_json::Value;

/// What a hostile name would try: markup, quotes of both kinds, an attribute, a change of direction, a new line.
pub(super) const HOSTILE: &str =
    "\u{202e}\"' onmouseover=x style=y><script>alert(1)</script>\nApprove Login: https://evil.example/ {{ frame }}";

pub(super) struct Rendered {
    pub(super) name: String,
    pub(super) template: &'static str,
    pub(super) values: Value,
    pub(super) html: String,
    pub(super) hostile: String,
}

pub(super) struct Letter {
    pub(super) name: &'static str,
    pub(super) values: Value,
    pub(super) rendered: crate::RenderedLetter,
    pub(super) hostile: crate::RenderedLetter,
}

pub(super) struct Gallery {
    pub(super) views: Views,
    pub(super) pages: Vec<Rendered>,
    pub(super) letters: Vec<Letter>,
}

/// A page or letter with other values in the same shape.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Changed {
    pub(super) values: Value,
    #[serde(skip)]
    pub(super) template: &'static str,
}

impl Page for Changed {
    fn template(&self) -> &'static str {
        self.template
    }

    fn title(&self) -> String {
        HOSTILE.to_owned()
    }
}

impl LetterTemplate for Changed {
    fn name(&self) -> &'static str {
        self.template
    }
}

impl Changed {
    fn hostile(values: &Value, template: &'static str) -> Self {
        let mut values = values.clone();
        poison(&mut values);
        Self { values, template }
    }
}

/// Replaces every text, except the one that is chosen among fixed words.
fn poison(value: &mut Value) {
    match value {
        Value::String(text) => *text = HOSTILE.to_owned(),
        Value::Array(values) => values.iter_mut().for_each(poison),
        Value::Object(values) => {
            values.iter_mut().filter(|(key, _)| *key != "outcome").for_each(|(_, value)| poison(value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn hostile_frame(frame: &Frame) -> Frame {
    let evil = || HOSTILE.to_owned();
    let mut frame = frame.clone();
    (frame.request_id, frame.public_host) = (evil(), evil());
    frame.style = AssetUrls { css: evil(), js: evil(), icon: evil() };
    if let Some(org) = &mut frame.org {
        (org.org_id, org.name, org.brand_css_url) = (evil(), evil(), Some(evil()));
    }
    if let Some(account) = &mut frame.account {
        (account.email, account.name, account.sign_out_action, account.sign_out_csrf) =
            (evil(), evil(), evil(), evil());
        for org in &mut account.orgs {
            (org.org_id, org.name, org.url) = (evil(), evil(), evil());
        }
        for link in &mut account.links {
            (link.label, link.url) = (evil(), evil());
        }
    }
    frame
}

impl Visitor for Gallery {
    fn page(&mut self, name: &str, page: &impl Page, frame: &Frame) {
        let template = page.template();
        let values = serde_json::to_value(page).unwrap();
        let html = self.views.page(page, frame).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let hostile = self.views.page(&Changed::hostile(&values, template), &hostile_frame(frame)).unwrap();
        self.pages.push(Rendered { name: name.to_owned(), template, values, html, hostile });
    }

    fn letter(&mut self, name: &str, letter: &impl LetterTemplate) {
        let values = serde_json::to_value(letter).unwrap();
        let rendered = self.views.letter(letter).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let hostile = self.views.letter(&Changed::hostile(&values, letter.name())).unwrap();
        self.letters.push(Letter { name: letter.name(), values, rendered, hostile });
    }
}

pub(super) fn gallery() -> Gallery {
    let style = AssetUrls { css: "/a.css".to_owned(), js: "/a.js".to_owned(), icon: "/a.svg".to_owned() };
    let mut gallery = Gallery { views: Views::new().unwrap(), pages: Vec::new(), letters: Vec::new() };
    samples::visit(&style, &mut gallery);
    gallery
}

pub(super) fn each_page(check: impl Fn(&Rendered, &[Tag])) {
    for page in gallery().pages {
        let tags = tags(&page.html);
        check(&page, &tags);
    }
}
