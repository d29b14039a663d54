//! Templates and the values they show agree on names.

use super::gallery::{Changed, gallery};
use super::markup;
use crate::samples::{self, Visitor};
use crate::{AssetUrls, Frame, LetterTemplate, Page, Views};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_template_has_a_sample() {
    let gallery = gallery();
    let shown: BTreeSet<&str> = gallery.pages.iter().map(|page| page.template).collect();
    let folder =
        |folder: &str| std::fs::read_dir(format!("{}/../../templates/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for name in ["pages", "account", "portal"] {
        for file in folder(name) {
            let template = format!("{name}/{}", file.unwrap().file_name().into_string().unwrap());
            assert!(shown.contains(template.as_str()), "{template} is rendered by no sample");
        }
    }
    let letters: BTreeSet<&str> = gallery.letters.iter().map(|letter| letter.name).collect();
    for entry in folder("letters") {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(letters.contains(name.as_str()), "the letter {name} is rendered by no sample");
    }
}

/// A name that is only asked for (`{% if nmae %}`) is no error to the engine, so the names are compared as well.
#[test]
fn templates_and_pages_know_the_same_names() {
    let gallery = gallery();
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for page in &gallery.pages {
        known.entry(page.template).or_default().extend(page.values.as_object().unwrap().keys().cloned());
    }
    for (template, names) in known {
        let mut used = gallery.views.names_used(template);
        used.remove("frame");
        used.remove("title");
        assert_eq!(used, names, "{template}: names that the template uses, and fields that its page has");
    }
}

/// The same for fields of fields: whatever a template takes after a dot is somewhere in the samples.
#[test]
fn templates_name_no_field_that_nothing_has() {
    fn keys(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| keys(value, into)),
            Value::Object(values) => {
                into.extend(values.keys().cloned());
                values.values().for_each(|value| keys(value, into));
            }
            _ => {}
        }
    }
    let gallery = gallery();
    let mut known: BTreeSet<String> = ["index", "last", "errors", "face"].map(str::to_owned).into();
    gallery.pages.iter().for_each(|page| keys(&page.values, &mut known));
    gallery.letters.iter().for_each(|letter| keys(&letter.values, &mut known));
    struct Frames(BTreeSet<String>);
    impl Visitor for Frames {
        fn page(&mut self, _: &str, _: &impl Page, frame: &Frame) {
            keys(&serde_json::to_value(frame).unwrap(), &mut self.0);
        }
        fn letter(&mut self, _: &str, _: &impl LetterTemplate) {}
    }
    let style = AssetUrls { css: String::new(), js: String::new(), icon: String::new() };
    let mut frames = Frames(known);
    samples::visit(&style, &mut frames);
    let mut checked = 0;
    for (template, source) in crate::env::sources() {
        for field in markup::fields_named(&source) {
            assert!(frames.0.contains(&field), "{template} takes .{field}, which nothing has");
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} were found");
}

#[test]
fn a_missing_value_is_a_fault() {
    let views = Views::new().unwrap();
    let page = Changed { values: serde_json::json!({ "heading": "Here" }), template: "pages/error.html" };
    let mut frame = None;
    struct First<'a>(&'a mut Option<Frame>);
    impl Visitor for First<'_> {
        fn page(&mut self, _: &str, _: &impl Page, frame: &Frame) {
            self.0.get_or_insert_with(|| frame.clone());
        }
        fn letter(&mut self, _: &str, _: &impl LetterTemplate) {}
    }
    let style = AssetUrls { css: String::new(), js: String::new(), icon: String::new() };
    samples::visit(&style, &mut First(&mut frame));
    let fault = views.page(&page, &frame.unwrap()).unwrap_err();
    assert!(fault.to_string().contains("pages/error.html"), "{fault}");
}
