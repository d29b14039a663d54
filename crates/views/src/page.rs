//! What makes a struct a page.

use serde::Serialize;

/// A page: its fields are what its template shows.
pub trait Page: Serialize {
    /// The template's name below `templates/`, such as `pages/login.html`.
    fn template(&self) -> &'static str;

    /// What this page is, for the browser's title. [`crate::Views::page`] appends the organization and Doorward.
    fn title(&self) -> String;
}
