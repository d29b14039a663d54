//! The outbox on both engines, and letters that leave.

#[cfg(test)]
mod folder;
#[cfg(test)]
mod outbox;
