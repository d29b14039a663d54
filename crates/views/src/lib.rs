//! Pages and letters as typed values, rendered from templates.
//!
//! One struct per page or letter holds everything its template shows, already decided: URLs come ready from the
//! server, times as words (see [`text`]). Nothing here knows the database, a clock or a request.
//!
//! 1. The server fills a page's struct and a [`Frame`] (who is signed in, whose page it is, which assets).
//!    Sentences are messages, named by the functions of [`say`].
//! 2. [`Views::page`] renders it in the frame's language; every value is escaped, and a name that a template uses but the page does not have
//!    is a fault.
//! 3. [`Views::letter`] renders a letter three times: subject, text and HTML.

pub mod assets;
pub mod brand;
mod env;
mod frame;
mod languages;
pub mod letters;
mod page;
pub mod pages;
pub mod qr;
pub mod say;
pub mod text;
pub mod words;

pub use env::Views;
pub use frame::{AccountMenu, AssetUrls, Frame, OrgBrand, OrgLink};
pub use letters::{LetterTemplate, RenderedLetter};
pub use page::Page;
pub use words::{Message, Words};

#[cfg(test)]
extern crate self as views;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
mod tests;
