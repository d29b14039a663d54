//! What the directory promises, on both engines.

#[cfg(test)]
mod audit_chain;
