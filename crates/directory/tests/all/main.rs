//! What the directory promises, on both engines.

#[cfg(test)]
mod audit_chain;
#[cfg(test)]
mod members;
