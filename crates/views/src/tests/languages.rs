//! Languages are complete, and nothing is said but by them.

use super::gallery::{every_page, gallery_in};
use super::markup::tags;
use crate::env;
use crate::languages::{Messages, named, sources};
use fluent_bundle::FluentResource;
use model::language::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each message of a language takes, with those that it refers to.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (file, source) in sources(language) {
        for (key, pattern) in entries(&file, &source) {
            let after = |mark: &str| -> BTreeSet<String> {
                pattern.split(mark).skip(1).map(|rest| rest.chars().take_while(|c| is_name(*c)).collect()).collect()
            };
            let mut referred = after("{ ");
            referred.retain(|name| !name.is_empty());
            let before = found.insert(key.clone(), (after("$"), referred));
            assert!(before.is_none(), "{file}: {key} twice");
        }
    }
    let takes = |key: &String| {
        let (mut own, referred) = found[key].clone();
        referred
            .iter()
            .for_each(|other| own.extend(found.get(other).unwrap_or_else(|| panic!("{key}: {other}")).0.clone()));
        own
    };
    found.keys().map(|key| (key.clone(), takes(key))).collect()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// The messages of a file with their patterns' source. The files have one shape: a message begins a line, what belongs to
/// it is indented, or closes a brace.
fn entries(file: &str, source: &str) -> Vec<(String, String)> {
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(_, errors)| panic!("{file}: {errors:?}"));
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in source.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with([' ', '}']) {
            entries.last_mut().unwrap().1.push_str(line);
        } else {
            let (key, pattern) = line.split_once(" = ").unwrap_or_else(|| panic!("{file}: {line}"));
            entries.push((key.to_owned(), format!(" {pattern}")));
        }
    }
    entries
}

#[test]
fn every_language_says_the_same_messages_with_the_same_arguments() {
    let english = messages(Language::English);
    assert!(english.len() > 200, "{}", english.len());
    for language in Language::ALL {
        assert_eq!(messages(language), english, "{}", language.tag());
        let files = |language: Language| -> Vec<String> {
            sources(language).iter().map(|(name, _)| name.split_once('/').unwrap().1.to_owned()).collect()
        };
        assert_eq!(files(language), files(Language::English));
        let bundle = Messages::read(language).unwrap();
        for key in english.keys() {
            assert!(bundle.plain().has_message(key), "{}: {key}", language.tag());
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/languages");
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        Language::ALL.len(),
        "each folder is a language that is spoken"
    );
}

#[test]
fn the_functions_and_the_files_agree() {
    let english = messages(Language::English);
    for (key, arguments) in named() {
        let takes = english.get(&key).unwrap_or_else(|| panic!("{key} is in no file"));
        assert_eq!(arguments.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), *takes, "{key}");
    }
}

/// Texts between quotes after `key=` in a template, each with the names of the other arguments of its call.
fn spoken(template: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    for (at, _) in template.match_indices("t(key=\"") {
        let call = &template[at + 2..];
        let key = call["key=\"".len()..].split('"').next().unwrap().to_owned();
        found.push((key, arguments(call)));
    }
    found
}

/// The names before `=` in the outermost level of a call.
fn arguments(call: &str) -> BTreeSet<String> {
    let (mut depth, mut quoted, mut name, mut names) = (0, false, String::new(), BTreeSet::new());
    let mut before = ' ';
    for c in call.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '{' => depth += 1,
            '<' => depth += 1,
            '>' if before == '/' => depth -= 1,
            ')' if depth == 0 => break,
            ')' | '}' => depth -= 1,
            '=' if depth == 0 && !name.is_empty() => drop(names.insert(std::mem::take(&mut name))),
            _ => {}
        }
        if depth == 0 && !quoted && (c.is_ascii_alphanumeric() || c == '_') {
            name.push(c);
        } else {
            name.clear();
        }
        before = c;
    }
    names.remove("key");
    names
}

#[test]
fn templates_give_each_message_what_it_takes_and_no_message_is_unused() {
    let english = messages(Language::English);
    let mut used = BTreeSet::new();
    for (template, source) in env::sources() {
        for (key, given) in spoken(&source) {
            let takes = english.get(&key).unwrap_or_else(|| panic!("{template}: {key} is in no file"));
            assert_eq!(given, *takes, "{template}: {key}");
            used.insert(key);
        }
    }
    let mut rust = String::new();
    for folder in ["../views/src", "../server/src"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut rust);
    }
    for (key, _) in named() {
        let name = format!("say::{}", key.replace('-', "_"));
        let named = rust.match_indices(&name).any(|(at, _)| !rust[at + name.len()..].starts_with(is_name));
        assert!(named, "{name} is named by nobody");
        used.insert(key);
    }
    // A part of two others.
    used.insert("month".to_owned());
    let unused: Vec<_> = english.keys().filter(|key| !used.contains(*key)).collect();
    assert!(unused.is_empty(), "said by nobody: {unused:?}");
}

/// Fields hold messages by their type; this is the way around.
#[test]
fn no_handler_takes_a_sentence_for_a_name() {
    let mut rust = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src"), &mut rust);
    let mut seen = 0;
    for (at, found) in rust.match_indices("verbatim(\"").chain(rust.match_indices("Verbatim(\"")) {
        let literal = rust[at + found.len()..].split('"').next().unwrap();
        assert!(!literal.contains(' '), "\"{literal}\" is a sentence: make it a message");
        seen += 1;
    }
    assert!(seen > 2, "the way around has another name now");
}

fn read(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Words that templates may hold themselves: what is the same in every language.
const SAME_EVERYWHERE: [&str; 1] = ["Doorward"];

/// A template without its expressions, comments, tags and styles.
fn bare_text(template: &str) -> String {
    let mut text = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<style>", "</style>"), ("<!", ">"), ("<", ">")] {
        while let Some(start) = text.find(open) {
            let end = text[start..].find(close).unwrap_or_else(|| panic!("{open} is not closed: {}", &text[start..]));
            text.replace_range(start..start + end + close.len(), " ");
        }
    }
    text.replace("&amp;", " ")
}

/// Attributes and components' arguments that are read out or shown.
const SPOKEN_ATTRIBUTES: [&str; 12] = [
    "aria-label",
    "title",
    "alt",
    "placeholder",
    "data-label",
    "data-copied",
    "data-by-hand",
    "data-over",
    "label",
    "legend",
    "hint",
    "what",
];

#[test]
fn no_template_says_anything_by_itself() {
    let mut seen = 0;
    for (template, source) in env::sources() {
        seen += 1;
        // This component gives attributes, which have no words.
        let described =
            source.split("{% component ui.described").nth(1).and_then(|rest| rest.split("{%- endcomponent").next());
        let source = source.replace(described.unwrap_or("\0"), "");
        let text = SAME_EVERYWHERE.iter().fold(bare_text(&source), |text, word| text.replace(word, ""));
        let letters: Vec<&str> = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).collect();
        assert!(letters.is_empty(), "{template} says {letters:?}: make it a message, and call it by t(key=\"…\")");
        for attribute in SPOKEN_ATTRIBUTES {
            for (at, _) in source.match_indices(&format!(" {attribute}=\"")) {
                let value = &source[at + attribute.len() + 3..];
                let literal = value.split(['"', '{']).next().unwrap();
                let is_flag = attribute == "hint" && literal == "yes";
                assert!(is_flag || !literal.chars().any(char::is_alphabetic), "{template}: {attribute}=\"{literal}\"");
            }
        }
    }
    assert!(seen > 20);
}

#[test]
fn every_page_and_letter_speaks_every_language() {
    let english = gallery_in(Language::English);
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        let other = gallery_in(language);
        assert_eq!(other.pages.len(), english.pages.len());
        for (ours, theirs) in english.pages.iter().zip(&other.pages) {
            let shape = |html: &str| tags(html).into_iter().map(|tag| (tag.closing, tag.name)).collect::<Vec<_>>();
            assert_eq!(shape(&ours.html), shape(&theirs.html), "{}: the same elements in the same order", ours.name);
            assert_ne!(heading(&ours.html), heading(&theirs.html), "{}", ours.name);
        }
        for (ours, theirs) in english.letters.iter().zip(&other.letters) {
            assert_ne!(ours.rendered.subject, theirs.rendered.subject, "{}", ours.name);
            assert_eq!(ours.rendered.text.lines().count(), theirs.rendered.text.lines().count(), "{}", ours.name);
            assert!(theirs.rendered.html.contains(&format!("<html lang=\"{}\">", language.tag())), "{}", ours.name);
        }
    }
}

/// What the page says in its `main`, less what is the same in every language.
fn heading(html: &str) -> &str {
    html.split("<main").nth(1).unwrap()
}

#[test]
fn no_message_stays_unsaid_and_no_markup_gets_into_an_attribute() {
    for page in every_page() {
        for part in [&page.html, &page.hostile] {
            assert!(!part.contains("arguments"), "{}: a message is shown without `| said`", page.name);
            for tag in tags(part) {
                for (name, value) in &tag.attributes {
                    assert!(!value.contains('<'), "{}: {name}={value}", page.name);
                }
            }
        }
    }
}

/// The whole of a language's sentences, for the eye of whoever reviews a translation: no message is empty, none is the
/// English one by oversight.
#[test]
fn a_translation_translates() {
    let texts = |language| -> BTreeMap<String, String> {
        sources(language).iter().flat_map(|(file, source)| entries(file, source)).collect()
    };
    let english = texts(Language::English);
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        for (key, text) in texts(language) {
            assert!(!text.trim().is_empty(), "{key}");
            // Two words that are alike may be; two sentences are not.
            assert!(
                text != english[&key] || text.split(' ').count() < 6,
                "{}: {key} is not translated",
                language.tag()
            );
        }
    }
}
