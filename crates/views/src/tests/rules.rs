//! Rules that every page keeps.

use super::gallery::{each_page, every_page};
use super::markup::{Tag, tags};
use std::collections::BTreeSet;

#[test]
fn one_heading_one_main_and_a_title() {
    each_page(|page, tags| {
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name && !tag.closing).count();
        assert_eq!(count("h1"), 1, "{}", page.name);
        assert_eq!(count("main"), 1, "{}", page.name);
        let title = page.html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        assert!(title.len() > " · Doorward".len() && title.ends_with(" · Doorward"), "{}: {title}", page.name);
        assert!(page.html.contains(&format!("<html lang=\"{}\">", page.language.tag())));
    });
}

#[test]
fn what_is_opened_is_closed_and_ids_are_unique() {
    each_page(|page, tags| {
        let mut open = Vec::new();
        let mut ids = BTreeSet::new();
        for tag in tags {
            if let Some(id) = tag.attribute("id") {
                assert!(ids.insert(id.to_owned()), "{}: id {id} twice", page.name);
            }
            if tag.closing {
                assert_eq!(open.pop().as_deref(), Some(tag.name.as_str()), "{}: </{}>", page.name, tag.name);
            } else if !tag.is_void() {
                open.push(tag.name.clone());
            }
        }
        assert!(open.is_empty(), "{}: {open:?}", page.name);
        for (attribute, id) in tags.iter().flat_map(Tag::references) {
            assert!(ids.contains(id), "{}: {attribute} names {id}, which is not there", page.name);
        }
    });
}

#[test]
fn nothing_inline_that_a_strict_policy_would_refuse() {
    let refused = |html: &str, name: &str| {
        for tag in tags(html) {
            assert_ne!(tag.name, "style", "{name}");
            assert!(tag.name != "script" || tag.closing || tag.attribute("src").is_some(), "{name}");
            for (attribute, value) in &tag.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute} in <{}>", tag.name);
                assert!(!value.to_lowercase().starts_with("javascript:"), "{name}: {value}");
            }
        }
    };
    for page in every_page() {
        refused(&page.html, &page.name);
        refused(&page.hostile, &page.name);
    }
}

#[test]
fn every_value_is_escaped_on_every_page() {
    for page in every_page() {
        let shape = |html: &str| tags(html).iter().map(|tag| (tag.closing, tag.name.clone())).collect::<Vec<_>>();
        let names = |html: &str| {
            let mut names = BTreeSet::new();
            tags(html).into_iter().for_each(|tag| names.extend(tag.attributes.into_iter().map(|(name, _)| name)));
            names
        };
        // Only which errors belong to which field depends on a text; so the elements are a subset, not the same list.
        let (ours, theirs) = (shape(&page.html), shape(&page.hostile));
        let known: BTreeSet<_> = ours.into_iter().collect();
        for tag in theirs {
            assert!(
                known.contains(&tag) || ["img", "link", "a"].contains(&tag.1.as_str()) || tag.1 == "option",
                "{}: {tag:?}",
                page.name
            );
        }
        assert!(!names(&page.hostile).contains("onmouseover"), "{}", page.name);
        assert!(!page.hostile.contains("<script>"), "{}", page.name);
        assert!(!page.hostile.contains('\u{202e}'), "{}", page.name);
        assert!(page.hostile.contains("&lt;script&gt;alert(1)"), "{}", page.name);
        let title = page.hostile.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        assert!(title.contains("&lt;script&gt;") && !title.contains('<'), "{}: {title}", page.name);
    }
}

#[test]
fn every_posted_form_carries_its_token() {
    let mut posted = 0;
    for page in every_page() {
        let mut form: Option<bool> = None;
        for tag in tags(&page.html) {
            if tag.name == "form" && !tag.closing {
                assert!(form.is_none(), "{}: a form in a form", page.name);
                let method = tag.attribute("method").unwrap();
                assert!(["post", "get"].contains(&method), "{}", page.name);
                // A form of another site's has nothing of ours.
                let elsewhere = tag.attribute("action").is_some_and(|action| action.starts_with("https://"));
                form = Some(method == "get" || elsewhere);
                posted += usize::from(method == "post");
            } else if tag.name == "form" {
                assert_eq!(form.take(), Some(true), "{}: a form without csrf_token", page.name);
            } else if tag.attribute("name") == Some("csrf_token") {
                assert!(!tag.attribute("value").unwrap().is_empty());
                form = Some(true);
            }
        }
    }
    assert!(posted > 30, "only {posted} forms");
}

#[test]
fn every_control_has_a_label_and_every_button_a_name() {
    each_page(|page, tags| {
        let labelled: BTreeSet<&str> =
            tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.attribute("for")).collect();
        for tag in
            tags.iter().filter(|tag| ["input", "select", "textarea"].contains(&tag.name.as_str()) && !tag.closing)
        {
            if tag.attribute("type") != Some("hidden") {
                let id = tag.attribute("id").unwrap_or_else(|| panic!("{}: {tag:?}", page.name));
                assert!(labelled.contains(id), "{}: {id} has no label", page.name);
            }
        }
        for tag in tags
            .iter()
            .filter(|tag| ["button", "a", "label", "h1", "h2", "th"].contains(&tag.name.as_str()) && !tag.closing)
        {
            assert!(!tag.text(&page.html).is_empty(), "{}: {tag:?} is empty", page.name);
        }
    });
}
