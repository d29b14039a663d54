//! The life of a grant: opened by a device, claimed and decided by a person, redeemed once.

pub mod begin;
pub mod claim;
pub mod code;
pub mod decide;
pub mod embedded;
pub mod poll;
mod question;
mod standing;
