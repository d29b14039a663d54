//! What makes a struct a page.

use crate::words::Words;
use serde::Serialize;

/// A page: its fields are what its template shows.
pub trait Page: Serialize {
    /// The template's name below `templates/`, such as `pages/login.html`.
    fn template(&self) -> &'static str;

    /// What this page is, for the browser's title. The layout appends the organization and Doorward.
    fn title(&self) -> Words;
}
