//! What was said in the file and in the environment, before anyone looks at what it means.

use super::keys::{KEYS, Key, OTHERS};
use super::{Problem, Warning};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Value;

const PREFIX: &str = "DOORWARD_";
const FILE: &str = "doorward.toml";

/// A value and where it was found.
pub(super) struct Given {
    pub(super) text: String,
    place: String,
}

impl Given {
    /// The sentence about a value that can't be used. A secret is not repeated.
    pub(super) fn refused(&self, key: &Key) -> Problem {
        let Self { text, place } = self;
        let allowed = key.allowed;
        Problem::new(if key.secret {
            format!("{place} can't be used: it must be {allowed}.")
        } else {
            format!("{place} is {text:?}, but it must be {allowed}.")
        })
    }
}

/// A key and what was said of it.
pub(super) type Setting = (&'static Key, Given);

/// Every key that was given, in the order of [`KEYS`]; the environment wins over the file.
///
/// # Errors
/// A file that can't be read, an unknown key in it, a value of a kind that no setting has.
pub(super) fn gather(
    folder: &Path,
    explicit: Option<&Path>,
    env: &BTreeMap<String, String>,
) -> Result<(Vec<Setting>, Vec<Warning>), Problem> {
    // A variable that is set to nothing is how compose files and shells say that it is not set.
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let mut file = match (explicit, set("DOORWARD_CONFIG")) {
        (Some(path), _) => read(&folder.join(path))?,
        (None, Some(path)) => read(&folder.join(path))?,
        (None, None) if folder.join(FILE).exists() => read(&folder.join(FILE))?,
        (None, None) => BTreeMap::new(),
    };
    let mut all = Vec::new();
    for key in KEYS {
        let from_file = file.remove(key.name);
        let variable = key.variable();
        let from_env = set(&variable).map(|text| Given { text: text.clone(), place: variable.clone() });
        all.extend(from_env.or(from_file).map(|given| (key, given)));
    }
    let known = |name: &str| KEYS.iter().any(|key| key.variable() == name) || OTHERS.contains(&name);
    let strangers = env.keys().filter(|name| name.starts_with(PREFIX) && !known(name));
    let warnings =
        strangers.map(|name| Warning::new(format!("{name} is not a setting of Doorward, and is ignored."))).collect();
    Ok((all, warnings))
}

fn read(path: &Path) -> Result<BTreeMap<String, Given>, Problem> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Problem::new(format!(
            "The configuration file {shown} can't be read: {error}. Check the path and its permissions."
        ))
    })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // The error's own rendering repeats the line, which may hold a password.
        let line =
            error.span().map_or(1, |span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
        Problem::new(format!(
            "{shown}, line {line}, is not TOML: {}.",
            error.message().lines().next().unwrap_or_default()
        ))
    })?;
    let mut given = BTreeMap::new();
    for (name, value) in table {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            return Err(Problem::new(format!(
                "{shown} has the key {name}, which is not a setting of Doorward. Remove it, or look up the right name in config.example.toml."
            )));
        };
        let place = format!("{name} in {shown}");
        let text = text_of(key, &value).ok_or_else(|| {
            Problem::new(format!("{place} has a value of the wrong kind: it must be {}.", key.allowed))
        })?;
        given.insert(name, Given { text, place });
    }
    Ok(given)
}

/// The value as the environment would spell it.
fn text_of(key: &Key, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Array(_) if key.is_tables() => Some(value.to_string()),
        Value::Array(items) if key.is_list() => {
            let texts: Option<Vec<&str>> =
                items.iter().map(|item| item.as_str().filter(|text| !text.contains(','))).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Array(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}
