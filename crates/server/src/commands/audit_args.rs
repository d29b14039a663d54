//! What the command line says of the audit log.

use crate::audit_file::Format;
use clap::{Args as ClapArgs, Subcommand};
use model::id::OrgId;

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Walk the chains of the logs, and name the first row of each that is not as it was sealed.
    Verify(Log),
    /// Print a log, newest rows first.
    Export {
        #[command(flatten)]
        log: Log,
        /// A JSON object a line, or comma-separated values.
        #[arg(long, value_parser = format, default_value = "ndjson", value_name = "ndjson|csv")]
        format: Format,
    },
}

#[derive(ClapArgs)]
pub(super) struct Log {
    /// The organization's id [default: every log to verify, the server's own to export].
    #[arg(long, value_name = "ID")]
    pub(super) org: Option<OrgId>,
}

fn format(text: &str) -> Result<Format, &'static str> {
    Format::parse(text).ok_or("a format is ndjson or csv")
}
