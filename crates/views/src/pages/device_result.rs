use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// What was decided.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum DeviceResult {
    /// The device gets its access at its next poll.
    Approved {
        /// What the app calls itself.
        app_name: Words,
        /// The organization's display name.
        organization: String,
        /// The page where the access is ended.
        connections_url: String,
    },
    /// It gets none.
    Denied {
        /// What the app calls itself.
        app_name: Words,
    },
}

impl Page for DeviceResult {
    fn template(&self) -> &'static str {
        "pages/device_result.html"
    }

    fn title(&self) -> Words {
        match self {
            Self::Approved { .. } => say::device_approved().into(),
            Self::Denied { .. } => say::device_denied().into(),
        }
    }
}
