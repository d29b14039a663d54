//! Just enough of an HTML reader for our own pages.

use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) closing: bool,
    pub(super) attributes: Vec<(String, String)>,
    end: usize,
}

impl Tag {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn is_void(&self) -> bool {
        let void = ["input", "meta", "link", "img", "path", "circle", "br", "hr"];
        void.contains(&self.name.as_str())
    }

    /// Ids of other elements that this one names.
    pub(super) fn references(&self) -> Vec<(&str, &str)> {
        ["for", "aria-describedby", "aria-labelledby", "data-copy"]
            .into_iter()
            .filter_map(|name| Some((name, self.attribute(name)?)))
            .flat_map(|(name, ids)| ids.split(' ').map(move |id| (name, id)))
            .chain(self.attribute("href").and_then(|href| href.strip_prefix('#')).map(|id| ("href", id)))
            .collect()
    }

    /// The text up to this element's end, without the elements in it.
    pub(super) fn text(&self, html: &str) -> String {
        let inside = html[self.end..].split(&format!("</{}>", self.name)).next().unwrap();
        let pieces: String = inside
            .split('<')
            .enumerate()
            .map(|(at, piece)| if at == 0 { piece } else { piece.split_once('>').unwrap().1 })
            .collect();
        pieces.trim().to_owned()
    }
}

/// The tags of a page, in order. Panics on what our pages never have.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<') {
        let mut rest = &html[at + start + 1..];
        if rest.starts_with('!') {
            at += start + 1;
            continue;
        }
        let closing = rest.starts_with('/');
        rest = rest.strip_prefix('/').unwrap_or(rest);
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
        assert!(name_end > 0, "a bare < before {:?}", rest.chars().take(40).collect::<String>());
        let name = rest[..name_end].to_owned();
        rest = &rest[name_end..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
                rest = after;
                break;
            }
            let end = rest.find(|c: char| c == '=' || c == '>' || c == '/' || c.is_whitespace()).unwrap();
            assert!(end > 0, "{:?}", rest.chars().take(40).collect::<String>());
            let attribute = rest[..end].to_owned();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let close = quoted.find('"').unwrap();
                quoted[..close].clone_into(&mut value);
                rest = &quoted[close + 1..];
            } else {
                assert!(!rest.starts_with('='), "{attribute} has no quotes");
            }
            assert!(attributes.iter().all(|(known, _)| *known != attribute), "{attribute} twice in <{name}>");
            attributes.push((attribute, value));
        }
        at = html.len() - rest.len();
        found.push(Tag { name, closing, attributes, end: at });
    }
    found
}

/// Every name after a dot in a template's own expressions.
pub(super) fn fields_named(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = source;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let body = &rest[start + 2..];
        let end = body.find("}}").into_iter().chain(body.find("%}")).min().unwrap();
        // Texts between quotes are words, not names; a component's own name (`<ui.field`) is none either.
        let code: String = body[..end].split('"').step_by(2).collect::<Vec<_>>().join(" ");
        if !code.contains("component ui.") {
            let code = code.replace("<ui.", "<");
            for piece in code.split('.').skip(1) {
                let name: String = piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
                    found.insert(name);
                }
            }
        }
        rest = &body[end + 2..];
    }
    found
}
