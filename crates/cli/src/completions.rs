//! Completions for shells.

use crate::args::Args;
use crate::failure::Failure;
use crate::out;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

/// Prints the completions for `shell`, to be read by it as its own documentation says.
pub(crate) fn print(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    // Into memory first: the library would panic where the output is gone, which is how `head` says that it has seen enough.
    generate(shell, &mut Args::command(), "doorward", &mut script);
    out::part(&String::from_utf8_lossy(&script))
}
