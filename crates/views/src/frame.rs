//! What surrounds a page: whose page it is, who is signed in, which assets it loads.

use crate::pages::Link;
use model::language::Language;
use serde::Serialize;

/// What every page shows around its own content.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// What the page speaks.
    pub language: Language,
    /// The request's id, in the small print of error pages.
    pub request_id: String,
    /// The server's host, in the small print of decision pages, to be compared with the address bar.
    pub public_host: String,
    /// Where the assets are.
    pub style: AssetUrls,
    /// The organization whose page it is.
    pub org: Option<OrgBrand>,
    /// Who is signed in.
    pub account: Option<AccountMenu>,
}

/// URLs of the static files, under names that change with their content ([`crate::assets`]).
#[derive(Clone, Debug, Serialize)]
pub struct AssetUrls {
    /// The stylesheet.
    pub css: String,
    /// The script, which no page depends on.
    pub js: String,
    /// Doorward's mark.
    pub icon: String,
}

/// An organization as its pages show it.
#[derive(Clone, Debug, Serialize)]
pub struct OrgBrand {
    /// The organization's identifier.
    pub org_id: String,
    /// Its display name.
    pub name: String,
    /// Where [`crate::brand::stylesheet`] is served for it; absent where it has no colour of its own.
    pub brand_css_url: Option<String>,
    /// Where its logo is; absent where it has none.
    pub logo_url: Option<String>,
}

/// The signed-in account: the menu in the bar, the line on decision pages.
#[derive(Clone, Debug, Serialize)]
pub struct AccountMenu {
    /// The account's e-mail address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The organizations that the switcher offers, with the page that each leads to.
    pub orgs: Vec<OrgLink>,
    /// Further entries: connecting a device, the organization list, connected apps.
    pub links: Vec<Link>,
    /// Where the sign-out form posts to.
    pub sign_out_action: String,
    /// Its `csrf_token`.
    pub sign_out_csrf: String,
}

/// An organization in the switcher.
#[derive(Clone, Debug, Serialize)]
pub struct OrgLink {
    /// The organization's identifier.
    pub org_id: String,
    /// Its display name.
    pub name: String,
    /// Where choosing it leads.
    pub url: String,
}
