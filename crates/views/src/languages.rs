//! The messages of each language, and how templates get them.
//!
//! 1. `templates/languages/{tag}/*.ftl` holds a language, in Fluent's syntax; all of them are read once, at the start.
//! 2. There is a template engine for each language, whose `t` and `said` speak it: `{{ t(key="sign-in") }}` for what the
//!    template itself says, `{{ error.sentence | said }}` for a [`crate::words::Message`] that came with the page.
//! 3. In HTML, a message's own text is escaped and so is each argument, except what a template has rendered before: a
//!    component in the place of an argument. So markup never stands in a message, and a name never becomes markup.

use crate::words::{ARGUMENTS, MESSAGE};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use model::fault::Fault;
use model::language::Language;
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use tera::value::Key;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};
use unic_langid::LanguageIdentifier;

#[derive(RustEmbed)]
#[folder = "../../templates/languages"]
struct Files;

/// The files of a language: name and text.
pub(crate) fn sources(language: Language) -> Vec<(String, String)> {
    let mut sources: Vec<_> = Files::iter()
        .filter(|name| name.split('/').next() == Some(language.tag()))
        .filter_map(|name| Some((name.to_string(), String::from_utf8_lossy(&Files::get(&name)?.data).into_owned())))
        .collect();
    sources.sort();
    sources
}

/// One language's messages: as plain text, and with their own text escaped for HTML.
pub(crate) struct Messages {
    plain: FluentBundle<Arc<FluentResource>>,
    html: FluentBundle<Arc<FluentResource>>,
    /// What takes no argument, said beforehand: most of a page is.
    fixed: HashMap<String, Fixed>,
}

/// A message that is always the same.
struct Fixed {
    plain: Value,
    html: Value,
}

impl Messages {
    /// Reads a language.
    ///
    /// # Errors
    /// `Broken` where a file is not Fluent, or two messages have one name.
    pub(crate) fn read(language: Language) -> Result<Self, Fault> {
        let tag: LanguageIdentifier = language
            .tag()
            .parse()
            .map_err(|error| Fault::broken(format!("{} is no language", language.tag())).because(error))?;
        let bundle = || {
            let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
            // Names are isolated by `<bdi>`; these marks would be stripped from a page, and shown by some mail readers.
            bundle.set_use_isolating(false);
            bundle
        };
        let mut messages = Self { plain: bundle(), html: bundle(), fixed: HashMap::new() };
        messages.html.set_transform(Some(escaped));
        let mut keys = Vec::new();
        for (name, source) in sources(language) {
            keys.extend(source.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.to_owned()));
            let resource = FluentResource::try_new(source)
                .map_err(|(_, errors)| Fault::broken(format!("languages/{name} is not Fluent: {errors:?}")))?;
            let resource = Arc::new(resource);
            for bundle in [&mut messages.plain, &mut messages.html] {
                bundle
                    .add_resource(resource.clone())
                    .map_err(|errors| Fault::broken(format!("languages/{name}: {errors:?}")))?;
            }
        }
        for key in keys {
            let none = FluentArgs::new();
            // What needs arguments fails without them, and is said when it has them.
            if let (Ok(plain), Ok(html)) = (messages.say(false, &key, &none), messages.say(true, &key, &none)) {
                messages.fixed.insert(key, Fixed { plain: Value::from(plain), html: Value::safe_string(&html) });
            }
        }
        Ok(messages)
    }

    /// Says a message.
    fn say(&self, html: bool, key: &str, arguments: &FluentArgs<'_>) -> TeraResult<String> {
        let bundle = if html { &self.html } else { &self.plain };
        let pattern = bundle
            .get_message(key)
            .and_then(|message| message.value())
            .ok_or_else(|| Error::message(format!("there is no message {key}")))?;
        let mut errors = Vec::new();
        let mut said = String::with_capacity(128);
        bundle
            .write_pattern(&mut said, pattern, Some(arguments), &mut errors)
            .map_err(|error| Error::message(format!("message {key}: {error}")))?;
        if errors.is_empty() { Ok(said) } else { Err(Error::message(format!("message {key}: {errors:?}"))) }
    }

    /// Says what a page or a template brought: a message with its arguments, or a text as it is.
    fn said(&self, words: &Value, state: &State<'_>) -> TeraResult<Value> {
        let field = |name| words.as_map().and_then(|map| map.get(&Key::Str(name)));
        let Some(key) = field(MESSAGE).and_then(Value::as_str) else {
            return if words.is_string() {
                Ok(words.clone())
            } else {
                Err(Error::message(format!("{} is neither a message nor a text", words.name())))
            };
        };
        let mut arguments = FluentArgs::with_capacity(4);
        if let Some(given) = field(ARGUMENTS).and_then(Value::as_map) {
            for (name, value) in given {
                arguments.set(name.as_str().unwrap_or_default(), self.argument(value, state)?);
            }
        }
        self.value(key, &arguments, state)
    }

    /// Says what a template itself says.
    fn spoken(&self, given: &Kwargs, state: &State<'_>) -> TeraResult<Value> {
        let key = given.must_get::<&str>("key")?;
        let mut arguments = FluentArgs::with_capacity(4);
        for (name, value) in given.iter() {
            match name.as_str() {
                Some("key") | None => {}
                Some(name) => arguments.set(name, self.argument(value, state)?),
            }
        }
        self.value(key, &arguments, state)
    }

    fn value(&self, key: &str, arguments: &FluentArgs<'_>, state: &State<'_>) -> TeraResult<Value> {
        let html = state.autoescaping_enabled();
        if let Some(fixed) = self.fixed.get(key) {
            return Ok(if html { fixed.html.clone() } else { fixed.plain.clone() });
        }
        let said = self.say(html, key, arguments)?;
        Ok(if html { Value::safe_string(&said) } else { Value::from(said) })
    }

    /// An argument as it may stand in the answer: escaped where it is to be.
    fn argument<'a>(&self, value: &'a Value, state: &State<'_>) -> TeraResult<FluentValue<'a>> {
        if let Some(text) = value.as_str() {
            let text = if value.is_safe() || !state.autoescaping_enabled() {
                Cow::Borrowed(text)
            } else {
                Cow::Owned(state.escape(text)?)
            };
            return Ok(FluentValue::String(text));
        }
        if let Some(number) = value.as_i128() {
            return i64::try_from(number)
                .map(FluentValue::from)
                .map_err(|_| Error::message(format!("{number} is beyond what a message says")));
        }
        let said = self.said(value, state)?;
        Ok(FluentValue::String(Cow::Owned(state.escape_if_needed(&said)?)))
    }

    /// Whether it is said in this language, and what it says with no arguments.
    #[cfg(test)]
    pub(crate) fn plain(&self) -> &FluentBundle<Arc<FluentResource>> {
        &self.plain
    }
}

/// Teaches a template engine to speak: `t` for its own words, `said` for those that come with a page.
pub(crate) fn teach(tera: &mut Tera, messages: &Arc<Messages>) {
    let (own, brought) = (messages.clone(), messages.clone());
    tera.register_function("t", move |given: Kwargs, state: &State<'_>| own.spoken(&given, state));
    tera.register_filter("said", move |words: &Value, _: Kwargs, state: &State<'_>| brought.said(words, state));
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut safe = Vec::with_capacity(text.len() + 16);
    match tera::escape_html(text, &mut safe).map(|()| String::from_utf8(safe)) {
        Ok(Ok(safe)) => Cow::Owned(safe),
        // Neither writing to memory nor escaping what is UTF-8 fails.
        _ => Cow::Borrowed(""),
    }
}

/// The functions of [`crate::say`] by what the languages' files call them, each with its arguments.
#[cfg(test)]
pub(crate) fn named() -> impl Iterator<Item = (String, &'static [&'static str])> {
    crate::say::ALL
        .iter()
        .chain(crate::say::audit::ALL)
        .map(|(name, arguments)| (crate::words::key_of(name), *arguments))
}
