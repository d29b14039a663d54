//! As much of HTML as a browser without scripts needs: forms with their controls, and the text that is left without tags.

use std::collections::BTreeMap;

/// A form and what it would send.
#[derive(Debug, Default, Clone)]
pub struct Form {
    /// Where it goes; empty for the page's own address.
    pub action: String,
    /// Whether it is sent by POST.
    pub post: bool,
    /// The fields with the values that they begin with: hidden, typed, ticked, selected.
    pub fields: Vec<(String, String)>,
    /// The names that a person can fill, tick or choose, whether they begin with a value or not.
    pub names: Vec<String>,
    /// Its buttons.
    pub buttons: Vec<Button>,
}

/// A button that sends its form.
#[derive(Debug, Default, Clone)]
pub struct Button {
    /// What it is called: its text, or its `aria-label`.
    pub label: String,
    /// The field that it adds.
    pub field: Option<(String, String)>,
    /// Where it sends the form instead.
    pub action: Option<String>,
}

/// One piece of a page.
enum Piece {
    Open(String, BTreeMap<String, String>),
    Close(String),
    Text(String),
}

/// The forms of a page, in its order.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms = Vec::<(String, Form)>::new();
    let mut inside = None;
    let mut button = None::<(usize, Button)>;
    let mut select = None::<(usize, String, Option<String>)>;
    let mut textarea = None::<(usize, String, String)>;
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag, attributes) => {
                let get = |name: &str| attributes.get(name).cloned();
                // A control may stand outside its form and name it.
                let owner = get("form").map_or(inside, |id| forms.iter().position(|(form, _)| *form == id));
                let name = get("name").filter(|_| !attributes.contains_key("disabled"));
                match (tag.as_str(), owner) {
                    ("form", _) => {
                        let post = get("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                        let form = Form { action: get("action").unwrap_or_default(), post, ..Form::default() };
                        forms.push((get("id").unwrap_or_default(), form));
                        inside = Some(forms.len() - 1);
                    }
                    ("input", Some(owner)) => input(&mut forms[owner].1, &attributes),
                    ("button", Some(owner)) if get("type").is_none_or(|kind| kind == "submit") => {
                        let field = name.map(|name| (name, get("value").unwrap_or_default()));
                        let label = get("aria-label").unwrap_or_default();
                        button = Some((owner, Button { label, field, action: get("formaction") }));
                    }
                    ("select", Some(owner)) => select = name.map(|name| (owner, name, None)),
                    ("option", _) => {
                        if let Some((_, _, chosen)) = &mut select
                            && (chosen.is_none() || attributes.contains_key("selected"))
                        {
                            *chosen = get("value");
                        }
                    }
                    ("textarea", Some(owner)) => textarea = name.map(|name| (owner, name, String::new())),
                    _ => {}
                }
            }
            Piece::Text(text) => {
                if let Some((_, button)) = &mut button
                    && !text.trim().is_empty()
                {
                    let space = if button.label.is_empty() { "" } else { " " };
                    button.label = format!("{}{space}{}", button.label, text.trim());
                }
                if let Some((_, _, value)) = &mut textarea {
                    value.push_str(&text);
                }
            }
            Piece::Close(tag) => match tag.as_str() {
                "form" => inside = None,
                "button" => {
                    if let Some((owner, button)) = button.take() {
                        forms[owner].1.buttons.push(button);
                    }
                }
                "select" => {
                    if let Some((owner, name, chosen)) = select.take() {
                        forms[owner].1.names.push(name.clone());
                        forms[owner].1.fields.extend(chosen.map(|value| (name, value)));
                    }
                }
                "textarea" => {
                    if let Some((owner, name, value)) = textarea.take() {
                        forms[owner].1.names.push(name.clone());
                        forms[owner].1.fields.push((name, value));
                    }
                }
                _ => {}
            },
        }
    }
    forms.into_iter().map(|(_, form)| form).collect()
}

fn input(form: &mut Form, attributes: &BTreeMap<String, String>) {
    let get = |name: &str| attributes.get(name).cloned();
    let kind = get("type").unwrap_or_else(|| "text".to_owned());
    let name = get("name").filter(|_| !attributes.contains_key("disabled"));
    let value = get("value");
    match (kind.as_str(), name) {
        ("submit", name) => {
            let label = value.clone().unwrap_or_default();
            let field = name.map(|name| (name, value.unwrap_or_default()));
            form.buttons.push(Button { label, field, action: get("formaction") });
        }
        ("button" | "reset" | "image" | "file", _) | (_, None) => {}
        ("checkbox" | "radio", Some(name)) => {
            form.names.push(name.clone());
            if attributes.contains_key("checked") {
                form.fields.push((name, value.unwrap_or_else(|| "on".to_owned())));
            }
        }
        (_, Some(name)) => {
            form.names.push(name.clone());
            form.fields.push((name, value.unwrap_or_default()));
        }
    }
}

/// The links of a page, in its order: what each is called (its text, or its `aria-label`), and where it leads.
pub fn links(html: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut open = None::<(String, String)>;
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag, mut attributes) if tag == "a" => {
                let label = attributes.remove("aria-label").unwrap_or_default();
                open = attributes.remove("href").map(|address| (label, address));
            }
            Piece::Text(text) => {
                if let Some((label, _)) = &mut open
                    && !text.trim().is_empty()
                {
                    let space = if label.is_empty() { "" } else { " " };
                    *label = format!("{label}{space}{}", text.trim());
                }
            }
            Piece::Close(tag) if tag == "a" => links.extend(open.take()),
            Piece::Open(..) | Piece::Close(_) => {}
        }
    }
    links
}

/// What a person reads: the text between the tags, with single spaces.
pub fn text(html: &str) -> String {
    let words = pieces(html).into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some(declaration) = rest.strip_prefix("<!") {
            rest = declaration.split_once('>').map_or("", |(_, after)| after);
        } else if let Some(close) = rest.strip_prefix("</") {
            let (name, after) = close.split_once('>').unwrap_or((close, ""));
            pieces.push(Piece::Close(name.trim().to_ascii_lowercase()));
            rest = after;
        } else if rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, attributes, after) = open_tag(&rest[1..]);
            rest = after;
            if tag == "script" || tag == "style" {
                rest = rest.split_once(&format!("</{tag}>")).map_or("", |(_, after)| after);
            } else {
                pieces.push(Piece::Open(tag, attributes));
            }
        } else {
            let end = rest[1..].find('<').map_or(rest.len(), |at| at + 1);
            pieces.push(Piece::Text(unescaped(&rest[..end])));
            rest = &rest[end..];
        }
    }
    pieces
}

fn open_tag(html: &str) -> (String, BTreeMap<String, String>, &str) {
    let end = html.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(html.len());
    let tag = html[..end].to_ascii_lowercase();
    let mut attributes = BTreeMap::new();
    let mut rest = &html[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return (tag, attributes, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, attributes, after);
        }
        let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c)).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let mut value = "";
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                _ => after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
            };
        } else if end == 0 {
            // A stray sign; without a step forward this would never end.
            rest = rest.split_at(rest.chars().next().map_or(0, char::len_utf8)).1;
            continue;
        }
        attributes.entry(name).or_insert_with(|| unescaped(value));
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, tail) = after.split_once(';').unwrap_or(("", after));
        let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
            None => number.parse().ok(),
        });
        let sign = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            _ => number.and_then(char::from_u32),
        };
        plain.push(sign.unwrap_or('&'));
        rest = if sign.is_some() { tail } else { after };
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><title>T</title><script>if (a < b) "<form>"</script>
        <!-- <form action=/no> --><form id=a method="POST" action='/go?x=1&amp;y=2'>
        <input type="hidden" name="csrf_token" value="a&#x2F;b&quot;"><input name=code>
        <input type=checkbox name=confirm value=yes><input type=checkbox name=kept checked>
        <select name=organization><option value=acme>Acme<option value=beta selected>Beta</select>
        <input name=gone disabled value=1><textarea name=note>1 &lt; 2</textarea>
        <button name="decision" value="approve"><svg></svg>Approve <b>now</b></button>
        <button type=button>Nothing</button></form>
        <button form=a formaction="/else" formnovalidate>Deny</button> A &amp; B &unknown; &"#;

    #[test]
    fn a_form_sends_what_a_browser_would() {
        let forms = forms(PAGE);
        assert_eq!(forms.len(), 1);
        let form = &forms[0];
        assert!(form.post);
        assert_eq!(form.action, "/go?x=1&y=2");
        let fields = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
        let expected =
            [("csrf_token", "a/b\""), ("code", ""), ("kept", "on"), ("organization", "beta"), ("note", "1 < 2")];
        assert_eq!(fields, expected);
        assert!(form.names.contains(&"confirm".to_owned()) && !form.names.contains(&"gone".to_owned()));
        assert_eq!(form.buttons.len(), 2);
        assert_eq!(form.buttons[0].label, "Approve now");
        assert_eq!(form.buttons[0].field, Some(("decision".to_owned(), "approve".to_owned())));
        assert_eq!(form.buttons[1].label, "Deny");
        assert_eq!(form.buttons[1].action.as_deref(), Some("/else"));
    }

    #[test]
    fn text_is_what_stands_between_the_tags() {
        let text = text(PAGE);
        assert!(text.ends_with("Deny A & B &unknown; &"), "{text}");
        assert!(!text.contains("form"), "{text}");
    }

    #[test]
    fn broken_pages_end_too() {
        for page in
            ["<", "<a", "<a b", "<a b=", "<a b='", "<a =x>", "<a \"=", "<!--", "</", "<script>", "&#xD800;", "<é ü=ö>"]
        {
            forms(page);
            text(page);
        }
    }
}
