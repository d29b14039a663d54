//! Signing keys of an organization.

use super::args::{KeyCommand, Place};
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use issuer::keys::{self, JWKS_MAX_AGE};
use jose::Algorithm;
use model::audit::{Action, Actor, AuditEntry};
use serde_json::json;
use std::time::Duration;
use store::tables::{audit, organizations, signing_keys};

/// Room for clocks and for answers under way, beyond what a list of keys may be kept.
const ROOM: Duration = Duration::from_secs(60);

pub(super) fn run(command: KeyCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        KeyCommand::Rotate { place, alg, now } => rotate(&place, alg, now, (config, output)),
        KeyCommand::List(place) => list(&place, config, output),
    }
}

fn rotate(
    place: &Place,
    alg: Option<Algorithm>,
    at_once: bool,
    (config, output): (&Config, &mut Output<'_>),
) -> Result<(), Failure> {
    let database = Database::open(config)?;
    let wanted = place.org.clone();
    let organization = database.read("organization", move |conn| organizations::by_id(conn, &wanted))?;
    let organization = organization.ok_or_else(|| Failure::no_org(&place.org))?;
    let unknown = |_| {
        Failure::refused(format!(
            "{} signs with an algorithm that this version does not know. Give one with --alg.",
            place.org
        ))
    };
    let alg = match alg {
        Some(alg) => alg,
        None => Algorithm::parse(&organization.signing_alg).map_err(unknown)?,
    };
    let moment = clock::moment();
    let now = moment.now();
    let signs_from = if at_once { now } else { now.after(JWKS_MAX_AGE).after(ROOM) };
    let made = keys::make(&organization.id, alg, database.keyring(), &moment, signs_from);
    let made = made.map_err(|fault| Failure::refused(format!("The signing key can't be made: {fault}.")))?;
    let org = organization.id.clone();
    let key = database.write("rotate key", move |conn| {
        let mut key = made.clone();
        // Where none signs yet there is nothing to take over from, and nobody who could know an older list.
        if !signing_keys::published(conn, &org, now)?.iter().any(|old| old.alg == key.alg && old.signs_from <= now) {
            key.signs_from = now;
        }
        keys::rotate(conn, &org, &key, now)?;
        let entry = AuditEntry::new(&moment, Some(&org), Actor::Operator, Action::KeyRotated, &key.kid);
        audit::insert(conn, &entry.with("alg", key.alg.as_str()).with("signs_from", key.signs_from.millis()))?;
        Ok(key)
    })?;
    let (org, signs_from) = (&organization.id, words::time(key.signs_from));
    let value = json!({"org_id": org, "kid": key.kid, "alg": key.alg, "signs_from": signs_from});
    output.done(
        &value,
        &format!("Made the {} key {} of {org}. It is published now and signs from {signs_from}.", key.alg, key.kid),
    )
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
