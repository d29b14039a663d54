//! `doorward token`.

use crate::args::Place;
use crate::failure::Failure;
use crate::{USER_AGENT, out};
use client::{Error, Login, Store};

pub(crate) async fn token(place: &Place) -> Result<(), Failure> {
    let (_, login) = fresh(place).await?;
    out::line(login.tokens.access_token.expose())
}

/// The sign-in that `place` means.
pub(crate) fn kept(place: &Place) -> Result<(Store, Login), Failure> {
    let selection = place.selection()?;
    let find = || {
        let store = Store::at(Store::usual_folder()?);
        let login = store.find(&selection)?.ok_or(Error::NotSignedIn)?;
        Ok((store, login))
    };
    find().map_err(|error: Error| match error {
        Error::NotSignedIn => Failure::nobody(place),
        error => Failure::from_client(&error, place),
    })
}

/// The sign-in that `place` means, with an access token that is good now.
pub(crate) async fn fresh(place: &Place) -> Result<(Store, Login), Failure> {
    let (store, login) = kept(place)?;
    let login = store.fresh(&login.key, USER_AGENT).await.map_err(|error| Failure::from_login(&error, &login.key))?;
    Ok((store, login))
}
