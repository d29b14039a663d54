//! Writes every sample page and letter as HTML into a folder, with the static files beside, to be looked at:
//! `cargo run -p doorward-views --example preview -- DIR [LANGUAGE]`.

#[path = "../samples/mod.rs"]
mod samples;

use model::language::Language;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use views::{AssetUrls, Frame, LetterTemplate, Page, Views};

struct Writer {
    views: Views,
    folder: PathBuf,
    language: Language,
    outcome: Result<(), Box<dyn Error>>,
}

impl Writer {
    fn write(&mut self, name: &str, content: Result<String, model::fault::Fault>) {
        let written: Result<(), Box<dyn Error>> = match content {
            Ok(content) => fs::write(self.folder.join(name), content).map_err(Into::into),
            Err(fault) => Err(fault.into()),
        };
        if let Err(error) = written {
            self.outcome = Err(format!("{name}: {error}").into());
        }
    }
}

impl samples::Visitor for Writer {
    fn page(&mut self, name: &str, page: &impl Page, frame: &Frame) {
        self.write(&format!("{name}.html"), self.views.page(page, &Frame { language: self.language, ..frame.clone() }));
    }

    fn letter(&mut self, name: &str, letter: &impl LetterTemplate) {
        let letter = self.views.letter(letter, self.language);
        let (text, html) = match letter {
            Ok(letter) => (Ok(format!("Subject: {}\n\n{}", letter.subject, letter.text)), Ok(letter.html)),
            Err(error) => (Err(error), Ok(String::new())),
        };
        self.write(&format!("letter-{name}.txt"), text);
        self.write(&format!("letter-{name}.html"), html);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("which folder? give it as an argument")?);
    let tag = std::env::args().nth(2).unwrap_or_else(|| Language::default().tag().to_owned());
    let language = Language::parse(&tag).ok_or("this language is not spoken")?;
    fs::create_dir_all(&folder)?;
    for asset in views::assets::all() {
        fs::write(folder.join(&asset.name), &asset.bytes)?;
    }
    fs::write(folder.join("brand.css"), views::brand::stylesheet("#d97706"))?;
    let style = AssetUrls { css: "app.css".to_owned(), js: "app.js".to_owned(), icon: "icon.svg".to_owned() };
    let mut writer = Writer { views: Views::new()?, folder, language, outcome: Ok(()) };
    samples::visit(&style, &mut writer);
    writer.outcome
}
