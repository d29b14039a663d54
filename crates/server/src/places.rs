//! Where a network address is, by a file that the operator supplies (MaxMind DB). A help for whoever reviews a request, and
//! no more: nothing is decided by it.

use crate::config::Problem;
use maxminddb::{Reader, geoip2};
use model::context::plain_text;
use model::language::Language;
use std::net::IpAddr;
use std::path::Path;
use views::{Message, say};

/// The longest name of a city or a country that is shown, in characters.
const LONGEST_NAME: usize = 60;

/// What the type of a database is called that has cities or countries, whoever made it. Others, of carriers say, open just
/// as well and would never name a place.
const KINDS: [&str; 4] = ["City", "Country", "Location", "Enterprise"];

/// The places of addresses, in memory; none where no file was configured.
#[derive(Debug, Default)]
pub struct Places(Option<Reader<Vec<u8>>>);

impl Places {
    /// Reads the file, whole and once: a newer one is seen at the next start.
    ///
    /// # Errors
    /// A sentence that names the file where it can't be read, is no such database, or one without places.
    pub fn open(file: Option<&Path>) -> Result<Self, Problem> {
        let Some(file) = file else { return Ok(Self::default()) };
        let unusable = |why: &dyn std::fmt::Display| {
            Problem::new(format!(
                "geoip_file (DOORWARD_GEOIP_FILE) is {}, which can't be used: {why}. Name a MaxMind DB file with cities or countries, such as \
                 GeoLite2-City.mmdb, or leave the setting away.",
                file.display()
            ))
        };
        let bytes = std::fs::read(file).map_err(|error| unusable(&error))?;
        let reader = Reader::from_source(bytes).map_err(|error| unusable(&error))?;
        let kind = &reader.metadata().database_type;
        if !KINDS.iter().any(|known| kind.contains(known)) {
            return Err(unusable(&format!("its type is {:?}", plain_text(kind, LONGEST_NAME))));
        }
        Ok(Self(Some(reader)))
    }

    /// Where an address is, as sure as such a file can be: "near Lyon, France, by its network address". Nothing where that
    /// is not known.
    pub fn of(&self, address: IpAddr, language: Language) -> Option<Message> {
        let reader = self.0.as_ref()?;
        let found = reader.lookup(address).and_then(|found| found.decode::<geoip2::City<'_>>());
        // A damaged record must not take the page away on which somebody is to decide.
        let found = found.inspect_err(|error| tracing::debug!(%error, "a place can't be read")).unwrap_or_default()?;
        let name = |name: Option<&str>| name.map(|name| plain_text(name, LONGEST_NAME)).filter(|name| !name.is_empty());
        let named = |names: &geoip2::Names<'_>| match language {
            Language::English => name(names.english),
            Language::German => name(names.german).or_else(|| name(names.english)),
        };
        match (named(&found.city.names), named(&found.country.names)) {
            // Singapore is in Singapore.
            (Some(city), Some(country)) if city != country => Some(say::place_near_city_country(city, country)),
            (Some(city), _) => Some(say::place_near_city(city)),
            (None, Some(country)) => Some(say::place_in_country(country)),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/places.mmdb");

    fn places() -> Places {
        Places::open(Some(Path::new(FILE))).unwrap()
    }

    #[test]
    fn a_place_is_said_as_surely_as_it_is_known() {
        let places = places();
        let place = |address: &str| places.of(address.parse().unwrap(), Language::English);
        assert_eq!(place("192.0.2.7"), Some(say::place_near_city_country("Lyon", "France")));
        assert_eq!(place("2001:db8::7"), Some(say::place_near_city_country("Lyon", "France")));
        assert_eq!(place("198.51.100.7"), Some(say::place_in_country("Iceland")));
        // Where a network is registered is not where it is.
        for unknown in ["198.51.100.200", "127.0.0.1", "10.0.0.1", "::1", "2001:dead::1"] {
            assert_eq!(place(unknown), None, "{unknown}");
        }
        assert_eq!(Places::default().of("192.0.2.7".parse().unwrap(), Language::English), None);
    }

    #[test]
    fn a_name_in_the_file_plays_no_tricks() {
        let place = places().of("203.0.113.7".parse().unwrap(), Language::German);
        assert_eq!(place, Some(say::place_near_city_country("<b>Oslo</b>[2J", "Norway")), "pages escape the rest");
    }

    #[test]
    fn a_file_that_is_none_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let good = std::fs::read(FILE).unwrap();
        let at = |what: &[u8]| good.windows(what.len()).position(|window| window == what).unwrap();
        let mut carriers = good.clone();
        let kind = at(b"Doorward-Test-City");
        carriers[kind..kind + 18].copy_from_slice(b"Doorward-Test-ASN!");
        for (name, bytes) in [("empty", &[][..]), ("cut", &good[..200]), ("text", b"places"), ("carriers", &carriers)] {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            let said = Places::open(Some(&file)).unwrap_err().to_string();
            assert!(said.contains(&file.display().to_string()) && said.contains("DOORWARD_GEOIP_FILE"), "{said}");
        }
        for missing in [folder.path().join("missing"), folder.path().to_owned()] {
            assert!(Places::open(Some(&missing)).unwrap_err().to_string().contains("GeoLite2-City"), "{missing:?}");
        }
    }

    #[test]
    fn a_damaged_record_names_no_place() {
        let good = std::fs::read(FILE).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("damaged.mmdb");
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 0xff;
            std::fs::write(&file, &bad).unwrap();
            if let Ok(places) = Places::open(Some(&file)) {
                for address in ["192.0.2.7", "203.0.113.7", "2001:db8::7", "127.0.0.1"] {
                    // Whatever it says, it says it without a panic and briefly.
                    let said = places.of(address.parse().unwrap(), Language::English);
                    assert!(format!("{said:?}").chars().count() < 300, "{position}: {said:?}");
                }
            }
        }
    }
}
