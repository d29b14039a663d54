//! The example file, made from the list of settings.

use super::keys::KEYS;
use std::fmt::Write as _;

/// How wide its comments are, in characters.
const WIDTH: usize = 110;

/// `config.example.toml`: every setting with what it does, what it may be and its default.
pub fn example() -> String {
    let mut text = String::new();
    let comment = |text: &mut String, words: &str| {
        let mut line = String::from("#");
        for word in words.split(' ') {
            if line.chars().count() + 1 + word.chars().count() > WIDTH {
                text.push_str(&line);
                text.push('\n');
                "#".clone_into(&mut line);
            }
            line.push(' ');
            line.push_str(word);
        }
        text.push_str(&line);
        text.push('\n');
    };
    comment(
        &mut text,
        "Doorward's settings, with their defaults. A copy named doorward.toml in the folder where the server starts is read; --config or \
         DOORWARD_CONFIG names another one. Each setting can also be given as an environment variable, which wins.",
    );
    for key in KEYS {
        text.push('\n');
        comment(&mut text, key.about);
        comment(&mut text, &format!("{}: {}.", key.variable(), key.allowed));
        // Writing to a String does not fail.
        let _ = writeln!(text, "#{} = {}", key.name, key.default);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_file_is_the_one_that_the_settings_make() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config.example.toml");
        let found = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            found == super::example(),
            "config.example.toml is stale: doorward-server config-example > config.example.toml"
        );
    }
}
