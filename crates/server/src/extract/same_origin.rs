//! Whether a request was made by a page of ours: by `Sec-Fetch-Site`, or by `Origin` where a browser lacks that.

use crate::context::Context;
use crate::refused::Refused;
use actix_web::http::header;

/// Lets a form through that comes from our own pages.
///
/// # Errors
/// `Forged` for any other.
pub fn require_same_origin(context: &Context) -> Result<(), Refused> {
    let site = context.request.headers().get_all("sec-fetch-site").collect::<Vec<_>>();
    let own = match site.as_slice() {
        [] => context.header(header::ORIGIN) == Some(context.state.config.public_url.origin()),
        [only] => only.as_bytes() == b"same-origin",
        _ => false,
    };
    if own { Ok(()) } else { Err(Refused::Forged) }
}

/// Stops what a browser says another site made it ask for, also by a link. Programs say nothing, and a person who typed the
/// address says `none`.
///
/// # Errors
/// `Forged` for that.
pub fn refuse_other_sites(context: &Context) -> Result<(), Refused> {
    let own = |site: &header::HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
    if context.request.headers().get_all("sec-fetch-site").all(own) { Ok(()) } else { Err(Refused::Forged) }
}
