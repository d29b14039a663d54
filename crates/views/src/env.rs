//! The template engine: what is loaded, what is escaped, what a page's template sees.

use crate::letters::{LetterTemplate, RenderedLetter};
use crate::{Frame, Page};
use model::fault::Fault;
use rust_embed::RustEmbed;
use serde_json::Value;
use tera::{Context, Tera};

#[derive(RustEmbed)]
#[folder = "../../templates"]
struct Templates;

/// Renders pages and letters. Built once; rendering needs no lock.
pub struct Views {
    tera: Tera,
}

impl Views {
    /// Reads the embedded templates.
    ///
    /// # Errors
    /// A template that is not one, or that uses a template or component that does not exist.
    pub fn new() -> Result<Self, Fault> {
        let mut tera = Tera::new();
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
        Ok(Self { tera })
    }

    /// The page as HTML.
    ///
    /// # Errors
    /// A template that names what the page does not have.
    pub fn page(&self, page: &impl Page, frame: &Frame) -> Result<String, Fault> {
        let mut context = fields(page, page.template())?;
        let title = match &frame.org {
            Some(org) => format!("{} · {} · Doorward", page.title(), org.name),
            None => format!("{} · Doorward", page.title()),
        };
        context.insert("title", &title);
        context.insert("frame", frame);
        self.render(page.template(), &context)
    }

    /// The letter: subject in one line, text and HTML parts.
    ///
    /// # Errors
    /// A template that names what the letter does not have.
    pub fn letter(&self, letter: &impl LetterTemplate) -> Result<RenderedLetter, Fault> {
        let name = letter.name();
        let mut values = serde_json::to_value(letter)
            .map_err(|error| Fault::broken(format!("letter {name} does not serialize")).because(error))?;
        flatten_lines(&mut values);
        let context = fields(&values, name)?;
        let part = |part: &str| self.render(&format!("letters/{name}/{part}"), &context);
        Ok(RenderedLetter {
            subject: part("subject.txt")?.trim().to_owned(),
            text: part("body.txt")?,
            html: part("body.html")?,
        })
    }

    fn render(&self, template: &str, context: &Context) -> Result<String, Fault> {
        self.tera
            .render(template, context)
            .map_err(|error| Fault::broken(format!("template {template} does not render")).because(error))
    }

    /// The names that a template, or one it extends, takes from its context.
    #[cfg(test)]
    pub(crate) fn names_used(&self, template: &str) -> std::collections::BTreeSet<String> {
        self.tera.get_template_variables(template).unwrap().into_iter().map(str::to_owned).collect()
    }
}

/// The templates, embedded when the binary was built, by name.
pub(crate) fn sources() -> Vec<(String, String)> {
    Templates::iter()
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
