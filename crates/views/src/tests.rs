//! Every sample page and letter, rendered and held against what all of them promise.

mod gallery;
mod languages;
mod letters;
mod markup;
mod names;
mod promises;
mod rules;
