use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// What apps can ask for in an organization, for everybody.
#[derive(Clone, Debug, Serialize)]
pub struct Permissions {
    /// What people call the organization.
    pub organization: String,
    /// What lets an app see things.
    pub reads: Vec<Permission>,
    /// What lets it change things.
    pub writes: Vec<Permission>,
}

/// One thing that an app can ask for.
#[derive(Clone, Debug, Serialize)]
pub struct Permission {
    /// What programs call it.
    pub name: String,
    /// What people read.
    pub sentence: Words,
    /// What goes with it.
    pub implies: Vec<Words>,
}

impl Page for Permissions {
    fn template(&self) -> &'static str {
        "pages/permissions.html"
    }

    fn title(&self) -> Words {
        say::permissions().into()
    }
}
