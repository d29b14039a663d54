//! Signing keys of an organization.

use super::args::{KeyCommand, Place};
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use issuer::keys::{self, TakesOver};
use model::algorithm::Algorithm;
use model::audit::By;
use serde_json::json;
use store::tables::{organizations, signing_keys};

pub(super) fn run(command: KeyCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        KeyCommand::Rotate { place, alg, now, withdraw } => {
            let takes_over = match (now, withdraw) {
                (_, true) => TakesOver::AtOnceAlone,
                (true, false) => TakesOver::AtOnce,
                (false, false) => TakesOver::OnceKnown,
            };
            rotate(&place, alg, takes_over, (config, output))
        }
        KeyCommand::List(place) => list(&place, config, output),
    }
}

fn rotate(
    place: &Place,
    alg: Option<Algorithm>,
    takes_over: TakesOver,
    (config, output): (&Config, &mut Output<'_>),
) -> Result<(), Failure> {
    let database = Database::open(config)?;
    let wanted = place.org.clone();
    let organization = database.read("organization", move |conn| organizations::by_id(conn, &wanted))?;
    let organization = organization.ok_or_else(|| Failure::no_org(&place.org))?;
    let alg = alg.unwrap_or(organization.signing_alg);
    let moment = clock::moment();
    let made = keys::make(&organization.id, alg, database.keyring(), &moment);
    let made = made.map_err(|fault| Failure::refused(format!("The signing key can't be made: {fault}.")))?;
    let (org, by) = (organization.id.clone(), By::operator(&moment));
    let key = database.write("rotate key", move |conn| keys::rotate(conn, &org, &made, takes_over, &by))?;
    let (org, signs_from) = (&organization.id, words::time(key.signs_from));
    let value = json!({"org_id": org, "kid": key.kid, "alg": key.alg, "signs_from": signs_from});
    let mut sentence =
        format!("Made the {} key {} of {org}. It is published now and signs from {signs_from}.", key.alg, key.kid);
    if takes_over == TakesOver::AtOnceAlone {
        sentence.push_str(" The ones before it are withdrawn: what they signed is refused.");
    }
    output.done(&value, &sentence)
}

fn list(place: &Place, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, now) = (place.org.clone(), clock::now());
    let all = Database::open(config)?.read("list keys", move |conn| match organizations::by_id(conn, &org)? {
        None => Ok(None),
        Some(_) => signing_keys::published(conn, &org, now).map(Some),
    })?;
    let rows = all.ok_or_else(|| Failure::no_org(&place.org))?.into_iter().map(|key| {
        let [created_at, signs_from] = [key.created_at, key.signs_from].map(words::time);
        let published_until = key.published_until.map(words::time);
        let value = json!({
            "kid": key.kid, "alg": key.alg, "created_at": created_at, "signs_from": signs_from, "published_until": published_until,
        });
        (value, [key.kid, key.alg, created_at, signs_from, published_until.unwrap_or_default()])
    });
    output.list(["KID", "ALG", "CREATED", "SIGNS FROM", "PUBLISHED UNTIL"], rows.collect())
}
