//! Letters: where they are posted, how they leave, and what they look like then.

pub mod post;
mod render;
mod send;

pub use post::Reader;
pub(crate) use render::render;
pub use send::send_due;
