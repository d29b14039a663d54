//! The forms of a page, as a browser would send them.

use crate::support::{Answer, Browser};

/// What stands between the parts of a form that holds files.
pub const BOUNDARY: &str = "----doorward";

/// A form with what its fields hold.
#[derive(Clone, Debug)]
pub struct PageForm {
    /// Where it goes.
    pub action: String,
    /// What it sends, in order.
    pub fields: Vec<(String, String)>,
}

impl PageForm {
    /// All forms of a page that are sent by POST.
    pub fn all(page: &str) -> Vec<Self> {
        let forms = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap());
        forms.filter(|form| tag(form).contains("method=\"post\"")).map(Self::read).collect()
    }

    fn read(form: &str) -> Self {
        let inputs = form.split("<input").skip(1).map(tag);
        let sent = inputs.filter(|input| {
            let ticked = matches!(attribute(input, "type").as_deref(), Some("checkbox" | "radio"));
            !ticked || input.contains(" checked")
        });
        let fields =
            sent.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())));
        Self { action: attribute(tag(form), "action").unwrap(), fields: fields.collect() }
    }

    /// The form of `page` that goes to `action`.
    pub fn to(page: &Answer, action: &str) -> Self {
        let found = Self::all(&page.text).into_iter().find(|form| form.action == action);
        found.unwrap_or_else(|| panic!("no form for {action} in {} {}", page.status, page.text))
    }

    /// The same with `value` in the field `name`.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without the field `name`.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// What the field `name` holds.
    pub fn value(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no field {name} in {self:?}")).1
    }
}

impl Browser<'_> {
    /// Sends a form of a page that it shows.
    pub async fn submit(&self, form: &PageForm) -> Answer {
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&form.action, &fields).await
    }

    /// Sends a form that holds files, each in the field of its name.
    pub async fn submit_with(&self, form: &PageForm, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form.fields.iter().filter(|(name, _)| files.iter().all(|(file, _)| file != name)) {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (name, content) in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x.svg\"\r\nContent-Type: text/html\r\n\r\n"
            );
            body.extend(head.bytes().chain(content.iter().copied()).chain(*b"\r\n"));
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.submit_raw(&form.action, body).await
    }

    /// Sends a body as that of a form that holds files.
    pub async fn submit_raw(&self, action: &str, body: Vec<u8>) -> Answer {
        let request = self.request(reqwest::Method::POST, action).header("sec-fetch-site", "same-origin");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        Answer::of(request.header("content-type", kind).body(body)).await
    }
}

/// What stands before the first `>`.
fn tag(text: &str) -> &str {
    text.split('>').next().unwrap()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next().unwrap();
    let plain = [("&#x27;", "'"), ("&#39;", "'"), ("&#x2F;", "/"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">")];
    let value = plain.iter().fold(value.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    Some(value.replace("&amp;", "&"))
}
