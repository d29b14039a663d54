//! One struct per page. URLs come ready from the server; times as [`crate::text::When`].
//!
//! Every form that posts carries its own `csrf_token`; where a page has several, each is a [`Form`].

mod accounts;
mod application;
mod applications;
mod audit;
mod browsers;
mod connections;
mod consent;
mod device_entry;
mod device_result;
mod device_review;
mod devices;
mod embedded;
mod error;
mod letters;
mod login;
mod members;
mod new_device;
mod org_settings;
mod organizations;
mod parts;
mod permissions;
mod profile;
mod recovery_codes;
mod resources;
mod second_factor;
mod security;
mod sign_in_settings;
mod signing_keys;
mod step_up;
mod stranger;
mod tokens;
mod totp_setup;
mod upstream;

pub use accounts::{AskByMail, CreateAccount, Declined, EmailCode, EmailConfirm, Join, LetterSent, NewPassword};
pub use application::{
    Application, CodeChoices, Credentials, DeletionForm, DeviceCodeSettings, EmbeddedChoices, ScopeChoice,
    SecretSnippets, Snippets, TokenChoices,
};
pub use applications::{ApplicationRow, Applications, CreateApplication};
pub use audit::{AuditDetail, AuditEntry, AuditLog, AuditName};
pub use browsers::{BrowserFace, KnownDeviceRow, KnownDevices, SessionRow, Sessions};
pub use connections::{Connection, Connections};
pub use consent::{AuthorizationForm, AuthorizationLink, Consent, SignOut};
pub use device_entry::DeviceEntry;
pub use device_result::DeviceResult;
pub use device_review::{DeviceReview, RequestOrigin, ReviewedOrganization, ReviewedOrganizations, ReviewedResource};
pub use devices::{ApprovedDevice, Devices, HeldKey, LiveRequest};
pub use embedded::{AccountChoice, CompletionStep, EmbeddedEnd};
pub use error::ErrorPage;
pub use letters::{LetterLink, LetterPage, LetterRow, Letters};
pub use login::Login;
pub use members::{InvitationRow, MemberRow, Members};
pub use new_device::{LoginDecided, LoginDecision, NewDevice, NewDeviceOver};
pub use org_settings::OrgSettings;
pub use organizations::{NewOrganization, OrganizationRow, Organizations};
pub use parts::{AppFace, Choice, Form, FormError, HiddenField, Link, PasskeyForm, Section, Side};
pub use permissions::{Permission, Permissions};
pub use profile::{DeleteAccount, EmailChangePage, Profile};
pub use recovery_codes::RecoveryCodes;
pub use resources::{ResourceRow, Resources, ScopeForm, ScopeRow};
pub use second_factor::SecondFactor;
pub use security::{CodesLeft, FactorNeeded, PasskeyState, Passkeys, Security, TotpState};
pub use sign_in_settings::{DeviceLoginForm, SignInSettings};
pub use signing_keys::{SigningKeyRow, SigningKeys};
pub use step_up::StepUp;
pub use stranger::Stranger;
pub use tokens::{KeyList, KeyMade, KeyRow, KeyScope, Keys, MakeKey};
pub use totp_setup::TotpSetup;
pub use upstream::{IdentityRow, LinkAccount, ProviderButton, ProviderForm, ProviderRow, Providers, UpstreamLeaving};
