use super::Side;
use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// New recovery codes, shown this once.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryCodes {
    /// The account's sections.
    pub side: Side,
    /// The codes.
    pub codes: Vec<String>,
    /// Back to where one came from.
    pub back_url: String,
}

impl Page for RecoveryCodes {
    fn template(&self) -> &'static str {
        "account/recovery_codes.html"
    }

    fn title(&self) -> Words {
        say::recovery_codes().into()
    }
}
