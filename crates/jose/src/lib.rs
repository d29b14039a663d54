//! The only crate that signs, verifies, seals and parses keys
