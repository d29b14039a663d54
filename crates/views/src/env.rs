//! The template engine: what is loaded, what is escaped, what a page's template sees.

use crate::languages::{self, Messages};
use crate::letters::{LetterTemplate, RenderedLetter};
use crate::words::MESSAGE;
use crate::{Frame, Page};
use model::fault::Fault;
use model::language::Language;
use rust_embed::RustEmbed;
use serde_json::Value;
use std::sync::Arc;
use tera::{Context, Tera};

#[derive(RustEmbed)]
#[folder = "../../templates"]
struct Templates;

/// Renders pages and letters. Built once; rendering needs no lock.
pub struct Views {
    /// An engine for each language, in the order of [`Language::ALL`].
    engines: Vec<(Language, Tera)>,
}

impl Views {
    /// Reads the embedded templates and languages.
    ///
    /// # Errors
    /// A template that is not one, or that uses a template or component that does not exist; a language's file that is
    /// not one.
    pub fn new() -> Result<Self, Fault> {
        let engines = Language::ALL.into_iter().map(|language| Ok((language, Self::engine(language)?)));
        Ok(Self { engines: engines.collect::<Result<_, Fault>>()? })
    }

    fn engine(language: Language) -> Result<Tera, Fault> {
        let mut tera = Tera::new();
        languages::teach(&mut tera, &Arc::new(Messages::read(language)?));
        // Letters have a text part, where `&amp;` would be read as such.
        tera.autoescape_on([".html"]);
        tera.set_escape_fn(|text, out| {
            for piece in text.split(reorders_text) {
                tera::escape_html(piece, out)?;
            }
            Ok(())
        });
        tera.add_raw_templates(sources())
            .map_err(|error| Fault::broken("a template does not compile").because(error))?;
        Ok(tera)
    }

    /// The page as HTML, in the frame's language.
    ///
    /// # Errors
    /// A template that names what the page does not have.
    pub fn page(&self, page: &impl Page, frame: &Frame) -> Result<String, Fault> {
        let mut context = fields(page, page.template())?;
        context.insert("title", &page.title());
        context.insert("frame", frame);
        self.render(frame.language, page.template(), &context)
    }

    /// The letter in a language: subject in one line, text and HTML parts.
    ///
    /// # Errors
    /// A template that names what the letter does not have.
    pub fn letter(&self, letter: &impl LetterTemplate, language: Language) -> Result<RenderedLetter, Fault> {
        let name = letter.name();
        let mut values = serde_json::to_value(letter)
            .map_err(|error| Fault::broken(format!("letter {name} does not serialize")).because(error))?;
        flatten_lines(&mut values);
        unlink_names(&mut values);
        let mut context = fields(&values, name)?;
        context.insert("language", &language);
        let part = |part: &str| self.render(language, &format!("letters/{name}/{part}"), &context);
        Ok(RenderedLetter {
            subject: part("subject.txt")?.trim().to_owned(),
            text: part("body.txt")?,
            html: part("body.html")?,
        })
    }

    fn render(&self, language: Language, template: &str, context: &Context) -> Result<String, Fault> {
        let (_, engine) = self
            .engines
            .iter()
            .find(|(spoken, _)| *spoken == language)
            .ok_or_else(|| Fault::broken(format!("nothing speaks {}", language.tag())))?;
        engine
            .render(template, context)
            .map_err(|error| Fault::broken(format!("template {template} does not render")).because(error))
    }

    /// The names that a template, or one it extends, takes from its context.
    #[cfg(test)]
    pub(crate) fn names_used(&self, template: &str) -> std::collections::BTreeSet<String> {
        self.engines[0].1.get_template_variables(template).unwrap().into_iter().map(str::to_owned).collect()
    }
}

/// The templates, embedded when the binary was built, by name.
pub(crate) fn sources() -> Vec<(String, String)> {
    Templates::iter()
        .filter(|name| !name.starts_with("languages/"))
        .filter_map(|name| {
            let file = Templates::get(&name)?;
            Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect()
}

fn fields(values: &impl serde::Serialize, of: &str) -> Result<Context, Fault> {
    Context::from_serialize(values)
        .map_err(|error| Fault::broken(format!("{of} is not a struct of fields")).because(error))
}

/// Characters that change the order in which the text after them is shown: a stranger's name must not rearrange the
/// sentence around it. The marks that right-to-left scripts need (U+200E, U+200F) stay.
fn reorders_text(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Makes every text of a letter one line without reordering characters: a name with a line break in it must not be
/// able to add a line, or a header, to a letter.
fn flatten_lines(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.contains(|character: char| character.is_control() || reorders_text(character)) {
                let spaced = text.replace(char::is_control, " ").replace(reorders_text, "");
                *text = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(flatten_lines),
        Value::Object(values) => values.values_mut().for_each(flatten_lines),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What letters call that which somebody else than the operator has written: people, organizations, apps, providers,
/// passkeys, and what a scope means.
const GIVEN: [&str; 9] =
    ["app", "app_name", "inviter", "name", "organization", "passkey", "provider", "scopes", "user_name"];

/// Breaks up what mail programs would make a link of, wherever a letter repeats what somebody has written: a name that
/// reads `evil.example/pay-here` must not be a link in a letter from us, to whomever its bearer chooses.
fn unlink_names(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(unlink_names),
        Value::Object(values) => {
            for (name, value) in values {
                if GIVEN.contains(&name.as_str()) { unlink(value) } else { unlink_names(value) }
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unlink(value: &mut Value) {
    match value {
        Value::String(text) => *text = unlinked(text),
        Value::Array(values) => values.iter_mut().for_each(unlink),
        // A message of ours, whose arguments are not; its key stays.
        Value::Object(values) => {
            values.iter_mut().filter(|(name, _)| *name != MESSAGE).for_each(|(_, value)| unlink(value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text with a space behind each dot and colon by which a mail program would know an address: `evil. example`. Versions
/// and numbers stay as they are.
fn unlinked(text: &str) -> String {
    // The last three stand for a dot in names of hosts too (UTS #46 §2.3).
    let is_dot = |character: char| matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
    let word = |word: &str| {
        let is_address = word.chars().filter(|character| is_dot(*character)).count() >= 3;
        let mut broken = String::with_capacity(word.len() + 2);
        let mut characters = word.chars().peekable();
        while let Some(character) = characters.next() {
            broken.push(character);
            let before_name =
                characters.peek().is_some_and(|next| next.is_alphabetic() || is_address && next.is_numeric());
            let before_slashes = character == ':' && characters.peek() == Some(&'/');
            if before_slashes || is_dot(character) && before_name {
                broken.push(' ');
            }
        }
        broken
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
