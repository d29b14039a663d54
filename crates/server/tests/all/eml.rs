//! Letters as they lie in the folder, read as a mail program does.

use crate::support::TestApp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::PathBuf;

/// A letter.
#[derive(Clone, Debug)]
pub struct Eml {
    /// Its header, unfolded.
    pub header: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl TestApp {
    /// Lets the job that sends letters take its turn.
    pub async fn send_letters(&self, holder: &str) {
        server::letters::send_due(self.state.clone(), holder.to_owned()).await.unwrap();
    }

    /// The letters that went out, oldest first.
    pub fn letters(&self) -> Vec<Eml> {
        let Ok(folder) = std::fs::read_dir(self.files().join("mail")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| Eml::read(&std::fs::read_to_string(file).unwrap())).collect()
    }
}

impl Eml {
    fn read(source: &str) -> Self {
        let source = source.replace("\r\n", "\n");
        let (header, body) = source.split_once("\n\n").unwrap();
        let header = header.replace("\n ", " ").replace("\n\t", " ");
        let boundary = header.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
        let parts: Vec<(String, String)> = body.split(&format!("--{boundary}")).filter_map(part).collect();
        let of = |kind: &str| parts.iter().find(|(known, _)| known.contains(kind)).unwrap().1.clone();
        Self { text: of("text/plain"), html: of("text/html"), header }
    }

    /// A line of the header.
    pub fn line(&self, name: &str) -> &str {
        let found = self.header.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.header))
    }
}

/// A part's header and its decoded text.
fn part(source: &str) -> Option<(String, String)> {
    let (header, body) = source.trim_start_matches('\n').split_once("\n\n")?;
    let lower = header.to_lowercase();
    let bytes = if lower.contains("transfer-encoding: base64") {
        STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
    } else if lower.contains("transfer-encoding: quoted-printable") {
        quoted_printable(body)
    } else {
        body.as_bytes().to_vec()
    };
    Some((lower, String::from_utf8(bytes).unwrap()))
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'=' {
            let (code, after) = rest.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(code).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    bytes
}
