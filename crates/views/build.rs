//! Builds the crate again when a template or a static file changes: both are part of the binary.

fn main() {
    println!("cargo::rerun-if-changed=../../templates");
    println!("cargo::rerun-if-changed=../../static");
}
