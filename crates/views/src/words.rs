//! What a page or a letter says, before a language is chosen.
//!
//! Whoever fills a page names a [`Message`] by a function of [`crate::say`]; the text is taken from the reader's language
//! when the page is rendered. Names that people have given are no messages: they stay as they are.

use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};

/// A message of `templates/languages`, with its arguments. Made by the functions of [`crate::say`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    name: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

impl Message {
    pub(crate) const fn new(name: &'static str, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self { name, arguments }
    }

    /// What the languages' files call it: the name of its function, with hyphens.
    pub fn key(&self) -> String {
        key_of(self.name)
    }
}

pub(crate) fn key_of(name: &str) -> String {
    name.replace('_', "-")
}

/// Something that a message says of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A name or another text, in nobody's language.
    Text(String),
    /// A number, by which a language may choose a form.
    Number(u64),
    /// Another message, or a text.
    Words(Box<Words>),
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Words> for Argument {
    fn from(words: Words) -> Self {
        Self::Words(Box::new(words))
    }
}

impl From<Message> for Argument {
    fn from(message: Message) -> Self {
        Words::from(message).into()
    }
}

/// A message, or a text in nobody's language: a name, a value, a sentence that an admin wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// Said in the reader's language.
    Message(Message),
    /// Shown as it is.
    Verbatim(String),
}

impl Words {
    /// A name, a value, or a sentence that somebody wrote for this server. Never a sentence of our own: those are
    /// messages.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self::Verbatim(text.into())
    }
}

impl From<Message> for Words {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let takes = usize::from(!self.arguments.is_empty());
        let mut map = serializer.serialize_struct("Message", 1 + takes)?;
        map.serialize_field(MESSAGE, &self.key())?;
        if takes > 0 {
            map.serialize_field(ARGUMENTS, &Arguments(&self.arguments))?;
        }
        map.end()
    }
}

/// The fields of a message as templates see it.
pub(crate) const MESSAGE: &str = "message";
pub(crate) const ARGUMENTS: &str = "arguments";

struct Arguments<'a>(&'a [(&'static str, Argument)]);

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, argument) in self.0 {
            map.serialize_entry(name, argument)?;
        }
        map.end()
    }
}

impl Serialize for Argument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Words(words) => words.serialize(serializer),
        }
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Message(message) => message.serialize(serializer),
            Self::Verbatim(text) => serializer.serialize_str(text),
        }
    }
}
