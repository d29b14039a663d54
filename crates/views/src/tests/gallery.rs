//! Every sample, rendered: as it is, and with a hostile text in every place that holds one.

use super::markup::{Tag, tags};
use crate::samples::{self, Visitor};
use crate::words::MESSAGE;
use crate::{AssetUrls, Frame, LetterTemplate, Page, Views, Words};
use model::language::Language;
use serde::Serialize;
use serde_json::Value;

/// What a hostile name would try: markup, quotes of both kinds, an attribute, a change of direction, a new line.
pub(super) const HOSTILE: &str =
    "\u{202e}\"' onmouseover=x style=y><script>alert(1)</script>\nApprove Login: https://evil.example/ {{ frame }}";

pub(super) struct Rendered {
    pub(super) name: String,
    pub(super) language: Language,
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
    pub(super) language: Language,
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

    fn title(&self) -> Words {
        Words::verbatim(HOSTILE)
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

/// Replaces every text, except those that are chosen among fixed words.
fn poison(value: &mut Value) {
    match value {
        Value::String(text) => *text = HOSTILE.to_owned(),
        Value::Array(values) => values.iter_mut().for_each(poison),
        Value::Object(values) => {
            let fixed = ["outcome", "how", MESSAGE];
            values.iter_mut().filter(|(key, _)| !fixed.contains(&key.as_str())).for_each(|(_, value)| poison(value));
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
        (org.org_id, org.name, org.brand_css_url, org.logo_url) = (evil(), evil(), Some(evil()), Some(evil()));
    }
    if let Some(account) = &mut frame.account {
        (account.email, account.name, account.sign_out_action, account.sign_out_csrf) =
            (evil(), evil(), evil(), evil());
        for org in &mut account.orgs {
            (org.org_id, org.name, org.url) = (evil(), evil(), evil());
        }
        for link in &mut account.links {
            link.url = evil();
        }
    }
    frame
}

impl Visitor for Gallery {
    fn page(&mut self, name: &str, page: &impl Page, frame: &Frame) {
        let template = page.template();
        let values = serde_json::to_value(page).unwrap();
        let html = self.views.page(page, &self.spoken(frame)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let hostile =
            self.views.page(&Changed::hostile(&values, template), &hostile_frame(&self.spoken(frame))).unwrap();
        self.pages.push(Rendered { name: name.to_owned(), language: self.language, template, values, html, hostile });
    }

    fn letter(&mut self, name: &str, letter: &impl LetterTemplate) {
        let values = serde_json::to_value(letter).unwrap();
        let rendered = self.views.letter(letter, self.language).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let hostile = self.views.letter(&Changed::hostile(&values, letter.name()), self.language).unwrap();
        self.letters.push(Letter { name: letter.name(), values, rendered, hostile });
    }
}

impl Gallery {
    fn spoken(&self, frame: &Frame) -> Frame {
        Frame { language: self.language, ..frame.clone() }
    }
}

pub(super) fn gallery() -> Gallery {
    gallery_in(Language::English)
}

pub(super) fn gallery_in(language: Language) -> Gallery {
    let style = AssetUrls { css: "/a.css".to_owned(), js: "/a.js".to_owned(), icon: "/a.svg".to_owned() };
    let mut gallery = Gallery { views: Views::new().unwrap(), language, pages: Vec::new(), letters: Vec::new() };
    samples::visit(&style, &mut gallery);
    gallery
}

pub(super) fn each_page(check: impl Fn(&Rendered, &[Tag])) {
    for page in every_page() {
        let tags = tags(&page.html);
        check(&page, &tags);
    }
}

/// Every sample page in every language, with its tag in the name.
pub(super) fn every_page() -> impl Iterator<Item = Rendered> {
    Language::ALL.into_iter().flat_map(|language| {
        let name = move |page: Rendered| Rendered { name: format!("{} ({})", page.name, language.tag()), ..page };
        gallery_in(language).pages.into_iter().map(name)
    })
}
