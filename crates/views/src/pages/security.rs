use super::login::titled_by_errors;
use super::{Form, FormError, IdentityRow, PasskeyForm, ProviderButton, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Security*: the password, second factors, passkeys, recovery codes. Fields of the password's form: `current`,
/// `password`; of those of passkeys: `name`.
#[derive(Clone, Debug, Serialize)]
pub struct Security {
    /// The account's sections.
    pub side: Side,
    /// What has just happened: "The password is changed."
    pub notice: Option<Message>,
    /// What is wrong with a form as sent.
    pub errors: Vec<FormError>,
    /// The organizations that need a second factor which the account does not have.
    pub needed: Vec<FactorNeeded>,
    /// Where somebody was on the way to, who can go on now.
    pub onward: Option<String>,
    /// Changes the password.
    pub password: Form,
    /// Whether the password that is changed is asked for.
    pub ask_current: bool,
    /// The account's address, for password stores.
    pub email: String,
    /// The authenticator app.
    pub totp: TotpState,
    /// The passkeys; nothing where passkeys are off.
    pub passkeys: Option<Passkeys>,
    /// Accounts at other providers that let them in.
    pub identities: Vec<IdentityRow>,
    /// Providers at which one can be linked.
    pub linkable: Vec<ProviderButton>,
    /// The recovery codes; nothing where none were made.
    pub codes: Option<CodesLeft>,
    /// Makes new ones.
    pub make_codes: Form,
}

/// An organization that needs a second factor.
#[derive(Clone, Debug, Serialize)]
pub struct FactorNeeded {
    /// Its display name.
    pub organization: String,
    /// From when on nothing of it opens without; nothing where that is so already.
    pub due: Option<When>,
}

/// The authenticator app.
#[derive(Clone, Debug, Serialize)]
pub struct TotpState {
    /// Since when there is one.
    pub since: Option<When>,
    /// Sets one up, or removes the one there is.
    pub change: Form,
}

/// Passkeys.
#[derive(Clone, Debug, Serialize)]
pub struct Passkeys {
    /// Those there are, the oldest first.
    pub passkeys: Vec<PasskeyState>,
    /// Adds another.
    pub add: PasskeyForm,
    /// What it is called unless its owner says otherwise.
    pub proposed_name: String,
}

/// A passkey.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeyState {
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub added: When,
    /// When it was last used.
    pub used: Option<When>,
    /// Gives it another name.
    pub rename: Form,
    /// Removes it.
    pub remove: Form,
}

/// Recovery codes.
#[derive(Clone, Debug, Serialize)]
pub struct CodesLeft {
    /// How many are not used.
    pub left: usize,
    /// When they were made.
    pub made: When,
}

impl Page for Security {
    fn template(&self) -> &'static str {
        "account/security.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::security(), &self.errors)
    }
}
